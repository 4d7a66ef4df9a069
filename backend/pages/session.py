"""Coming in and going out: phone and code, staff password, registration."""

from typing import cast

from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts import services as accounts
from backend.accounts.models import User
from backend.core.errors import Refusal
from backend.core.masking import mask_phone
from backend.core.network import client_address
from backend.pages.addresses import next_address, wished_address
from backend.pages.buttons import by_button
from backend.pages.cascade import chosen_code, steps_for
from backend.pages.doors import anyone, signed_in
from backend.pages.forms import CodeForm, PhoneForm, RegisterForm, StaffForm
from backend.pages.visitor import PageRequest, Visitor
from volunteers.people import services as people
from volunteers.people.choices import ConsentKind

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("phone", "code")
@anyone
def phone_login(request: PageRequest) -> HttpResponse:
    """Sign in with a phone: the number, then the code; both at one address, nothing in the URL."""
    if request.method == "GET":
        return _phone_step(request, PhoneForm())
    if "code" in request.POST:
        return _check_code(request)
    return _send_code(request)


def _phone_step(request: PageRequest, form: PhoneForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": wished_address(request)}
    return render(request, "pages/session/login.html", context, status=status)


def _send_code(request: PageRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _phone_step(request, form, 400)
    try:
        sent = accounts.request_code(
            phone=form.cleaned_data["phone"], address=client_address(request), at=timezone.now()
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _phone_step(request, form, refusal.status)
    again = CodeForm(initial={"phone": form.cleaned_data["phone"]})
    return _code_step(request, again, demo_code=sent.demo_code, fresh=True)


def _code_step(
    request: PageRequest,
    form: CodeForm,
    *,
    demo_code: str | None = None,
    fresh: bool = False,
    status: int = 200,
) -> HttpResponse:
    phone = str(form["phone"].value() or "")
    context = {
        "form": form,
        "phone": phone,
        "masked": mask_phone(phone),
        "demo_code": demo_code,
        "fresh": fresh,
        "next": wished_address(request),
    }
    return render(request, "pages/session/code.html", context, status=status)


def _check_code(request: PageRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_step(request, form, status=400)
    try:
        user = accounts.verify_code(
            phone=form.cleaned_data["phone"],
            code=form.cleaned_data["code"],
            address=client_address(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _code_step(request, form, status=refusal.status)
    return _enter(request, user)


def _enter(request: PageRequest, user: User) -> HttpResponse:
    """Start the session and lead the person to what they came for, else to their own first page."""
    login(request, user, backend=_BACKEND)
    visitor = Visitor(request)
    if visitor.volunteer:
        home = "pages:me"
    elif visitor.manages:
        home = "pages:manage"
    elif visitor.serves:
        home = "pages:counter"
    elif user.is_staff:
        home = "admin:index"
    else:
        home = "pages:register"
    return redirect(next_address(request, default=home))


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("password")
@anyone
def staff_login(request: PageRequest) -> HttpResponse:
    """Sign in with username and password."""
    form = StaffForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return _enter(request, accounts.verify_password(request=request, **form.cleaned_data))
            except Refusal as refusal:
                form.add_refusal(refusal)
                status = refusal.status
    context = {"form": form, "next": wished_address(request)}
    return render(request, "pages/session/staff_login.html", context, status=status)


@by_button
@anyone
def leave(request: PageRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("pages:home")


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("id_number", "name", "guardian_name", "guardian_phone")
@signed_in
def register(request: PageRequest) -> HttpResponse:
    """Register as a volunteer (Order 67 Art 5)."""
    if request.visitor.volunteer:
        return redirect(next_address(request, default="pages:me"))
    if request.method == "GET":
        return _register_page(request, RegisterForm(), "")
    code = chosen_code(request.POST.dict())
    form = RegisterForm({**request.POST.dict(), **_lists(request), "region": code})
    if not form.is_valid():
        return _register_page(request, form, code, 400)
    try:
        _register(cast("User", request.user), form)
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _register_page(request, form, code, refusal.status)
    return redirect(next_address(request, default="pages:me"))


def _lists(request: PageRequest) -> dict[str, list[str]]:
    return {name: request.POST.getlist(name) for name in ("service_categories", "available_times")}


def _register(user: User, form: RegisterForm) -> None:
    data = form.cleaned_data
    consents = [
        kind for kind in (ConsentKind.PRIVACY, ConsentKind.LOCATION, ConsentKind.HONOR_BOARD) if data[kind]
    ]
    guardian = None
    if data["guardian_name"]:
        guardian = people.GuardianInput(
            name=data["guardian_name"], phone=data["guardian_phone"], relation=data["guardian_relation"]
        )
        consents += [ConsentKind.GUARDIAN] if data["guardian_consent"] else []
    people.register(
        user=user,
        name=data["name"],
        id_type=data["id_type"],
        id_number=data["id_number"],
        region_code=data["region"],
        skills=data["skills"],
        service_categories=data["service_categories"],
        available_times=data["available_times"],
        consents=consents,
        guardian=guardian,
        sex=data["sex"] or None,
        birth_date=data["birth_date"],
        at=timezone.now(),
    )


def _register_page(request: PageRequest, form: RegisterForm, code: str, status: int = 200) -> HttpResponse:
    user = request.visitor.user
    context = {
        "form": form,
        "steps": steps_for(code),
        "phone": mask_phone(user.phone.open()) if user and user.phone else "",
        "next": wished_address(request),
    }
    return render(request, "pages/session/register.html", context, status=status)


@require_GET
@signed_in
def region_steps(request: PageRequest) -> HttpResponse:
    """Return the selects of the region picker for the choices made so far."""
    steps = steps_for(chosen_code(request.GET.dict()))
    return render(request, "pages/part_region_steps.html", {"steps": steps})
