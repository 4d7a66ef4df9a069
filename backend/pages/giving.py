"""Receiving donated goods at a store's door: who gives, what they promise, and what to do next."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.core.errors import Refusal
from backend.pages.donor_contact import CONTACT_STEPS
from backend.pages.doors import roles_only
from backend.pages.giving_forms import (
    ROWS,
    ConsentForm,
    ContactForm,
    CountForm,
    DonorForm,
    FindingForm,
    OfferForm,
    PictureForm,
    PledgeForm,
    ReasonForm,
    SignForm,
)
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import ActorRequest
from backend.regions.queries import get_region
from points.giving import donor_files, intake_queries, intakes, queries, signing
from points.giving.choices import IntakeStatus, Publicity
from points.giving.intake_models import Intake
from points.giving.models import Donor
from points.market.models import Product

_MOST_QUERY = 100
_LAST_CHANGES = 20
_CONSENTS = dict(Publicity.choices) | {"yes": gettext_lazy("公开"), "no": gettext_lazy("不公开")}


@require_safe
@never_cache
@roles_only(*queries.READERS)
def overview(request: ActorRequest) -> HttpResponse:
    """List the intakes of my stores, by state."""
    state = request.GET.get("state", "")
    rows = intake_queries.intakes_at_stores_of(request.actor)
    if state in IntakeStatus.values:
        rows = rows.filter(status=state)
    context = {"page_obj": page_of(request, rows), "state": state, "states": IntakeStatus.choices}
    return render(request, "pages/giving/overview.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.READERS)
def donors(request: ActorRequest) -> HttpResponse:
    """Find a donor, or enter one."""
    if request.method == "GET":
        return _donors(request, DonorForm(actor=request.actor))
    form = DonorForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _donors(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    read = dict(form.cleaned_data)
    try:
        donor = donor_files.add_donor(
            **read | {"region": get_region(read["region"])}, actor=request.actor, at=timezone.now()
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _donors(request, form, status=refusal.status)
    note(request, _("已登记捐赠人。"))
    return redirect("pages:giving-donor", donor.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.READERS)
def donor(request: ActorRequest, donor_id: int) -> HttpResponse:
    """Show a donor; write down their consent or picture, or read what is sealed, for a reason."""
    found = get_object_or_404(_files(request), pk=donor_id)
    if request.method == "GET":
        return _donor(request, found)
    step = request.POST.get("step", "")
    if step == "identity":
        return _identity(request, found)
    if step in CONTACT_STEPS:
        return CONTACT_STEPS[step](request, found, answer=_donor)
    return consent_step(request, found, answer=_donor, to="pages:giving-donor", actor_page=True)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.KEEPERS)
def pledge(request: ActorRequest) -> HttpResponse:
    """Write down what a donor promises."""
    asked = whole_number(request.POST.get("donor", request.GET.get("donor", "")))
    donor = get_object_or_404(queries.donors_kept_by(request.actor), pk=asked or 0)
    form = PledgeForm(request.POST or None, actor=request.actor)
    return pledge_page(
        request, form, donor=donor, actor=request.actor, to="pages:giving-intake", extra={"staff": True}
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.READERS)
def intake(request: ActorRequest, intake_id: int) -> HttpResponse:
    """Show one intake with its next step only, and make that step."""
    found = get_object_or_404(intake_queries.intakes_at_stores_of(request.actor), pk=intake_id)
    if request.method == "GET":
        return _intake(request, found)
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        return _intake(request, found, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return step(request, found)


def _receive(request: ActorRequest, found: Intake) -> HttpResponse:
    forms = {line.pk: CountForm(request.POST, prefix=f"l{line.pk}") for line in found.lines.all()}
    if not all(form.is_valid() for form in forms.values()):
        return _intake(request, found, forms=forms, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    counted = {pk: form.cleaned_data["counted"] for pk, form in forms.items()}
    intakes.receive(intake_id=found.pk, counted=counted, actor=request.actor, at=timezone.now())
    note(request, _("已收货，下一步验货。"))
    return redirect("pages:giving-intake", found.pk)


def _inspect(request: ActorRequest, found: Intake) -> HttpResponse:
    forms = _finding_forms(found, request.POST)
    if not all(form.is_valid() for form in forms.values()):
        return _intake(request, found, forms=forms, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        intakes.inspect(
            intake_id=found.pk,
            findings={pk: form.finding for pk, form in forms.items()},
            actor=request.actor,
            at=timezone.now(),
        )
    except Refusal as refusal:
        if not any(form.take(refusal) for form in forms.values()):
            raise
        return _intake(request, found, forms=forms, status=refusal.status)
    note(request, _("已验货，下一步双方签收。"))
    return redirect("pages:giving-intake", found.pk)


def _sign(request: ActorRequest, found: Intake) -> HttpResponse:
    form = SignForm(request.POST)
    if not form.is_valid():
        return _intake(request, found, sign=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    read = form.cleaned_data
    alone = request.POST.get("who") == "alone"
    hand = None if alone else signing.Hand(name=read["representative"], drawing=read["drawing"])
    try:
        done = signing.sign_as_handler(
            intake_id=found.pk,
            hand=hand,
            valuation_fen=form.fen,
            official_ticket=read["official_ticket"],
            ticket_code=read["ticket_code"],
            waived=read["receipt_waived"],
            actor=request.actor,
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _intake(request, found, sign=form, status=refusal.status)
    signed = done.status == IntakeStatus.SIGNED
    note(request, _("双方已签收，物资已入库。") if signed else _("您已签字，等捐赠人在手机上签字。"))
    return redirect("pages:giving-intake", found.pk)


def _refuse(request: ActorRequest, found: Intake) -> HttpResponse:
    return close_step(request, found, intakes.refuse, said=_("已谢绝，请把物资退还捐赠人。"))


def _withdraw(request: ActorRequest, found: Intake) -> HttpResponse:
    return close_step(request, found, intakes.withdraw, said=_("已撤回。"))


STEPS: Mapping[str, Callable[[ActorRequest, Intake], HttpResponse]] = {
    "receive": _receive,
    "inspect": _inspect,
    "sign": _sign,
    "refuse": _refuse,
    "withdraw": _withdraw,
}


def close_step(
    request: ActorRequest, found: Intake, act: Callable[..., Intake], *, said: str
) -> HttpResponse:
    """Refuse or withdraw for a reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _intake(request, found, reason=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        act(
            intake_id=found.pk,
            reason=form.cleaned_data["reason"],
            actor=request.actor,
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _intake(request, found, reason=form, status=refusal.status)
    note(request, said)
    return redirect("pages:giving-intake", found.pk)


def pledge_page(
    request: Any, form: PledgeForm, *, donor: Donor, actor: Any, to: str, extra: dict[str, Any]
) -> HttpResponse:
    """Show the form of a pledge, or write the pledge down; staff and donors share it."""
    sent = request.POST if request.method == "POST" else None
    rows = [OfferForm(sent, prefix=f"r{place}") for place in range(ROWS)]
    status = 200
    if sent is not None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if all([form.is_valid(), *[row.is_valid() for row in rows]]):
            offers = [offer for row in rows if (offer := row.offer) is not None]
            try:
                made = intakes.pledge(
                    donor=donor,
                    store=form.cleaned_data["store"],
                    offers=offers,
                    purpose=form.cleaned_data["purpose"],
                    meant=form.meant,
                    planned_on=form.cleaned_data["planned_on"],
                    actor=actor,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                form.add_refusal(refusal)
                status = refusal.status
            else:
                note(request, _("已登记认捐。"))
                return redirect(to, made.pk)
    context = {"form": form, "rows": rows, "donor": donor, **extra}
    return render(request, "pages/giving/pledge.html", context, status=status)


def consent_step(
    request: Any, found: Donor, *, answer: Callable[..., HttpResponse], to: str, actor_page: bool
) -> HttpResponse:
    """Change consent or picture of a donor's file, from the staff's page or the donor's own."""
    actor = request.actor if actor_page else request.visitor.actor
    at = timezone.now()
    form: ConsentForm | PictureForm
    if request.POST.get("step") == "picture":
        form = PictureForm(request.POST, request.FILES)
        name = "picture_form"
    else:
        form = ConsentForm(request.POST)
        name = "consent_form"
    if not form.is_valid():
        return answer(request, found, **{name: form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        if name == "picture_form":
            upload = form.cleaned_data["picture"].read()
            donor_files.set_donor_picture(donor=found, upload=upload, actor=actor, at=at)
        else:
            donor_files.set_donor_consent(donor=found, **form.cleaned_data, actor=actor, at=at)
    except Refusal as refusal:
        form.add_refusal(refusal)
        return answer(request, found, **{name: form}, status=refusal.status)
    note(request, _("已保存，马上生效。"))
    return redirect(to, found.pk) if actor_page else redirect(to)


def _identity(request: ActorRequest, found: Donor) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _donor(request, found, reason_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    opened = donor_files.read_identity(
        donor=found, reason=form.cleaned_data["reason"], actor=request.actor, at=timezone.now()
    )
    return _donor(request, found, opened=opened)


def _files(request: ActorRequest) -> QuerySet[Donor]:
    return queries.donors_visible_to(request.actor).select_related("region", "picture")


def _donors(request: ActorRequest, form: DonorForm, *, status: int = 200) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\x00", "")[:_MOST_QUERY].strip()
    rows = _files(request).annotate(
        contact_asked=Exists(queries.open_contact_requests().filter(donor=OuterRef("pk")))
    )
    if typed:
        rows = rows.filter(name__icontains=typed)
    context = {"form": form, "typed": typed, "page_obj": page_of(request, rows)}
    return render(request, "pages/giving/donors.html", context, status=status)


def _donor(request: ActorRequest, found: Donor, *, status: int = 200, **shown: Any) -> HttpResponse:
    asked = queries.open_contact_requests().filter(donor=found).first()
    context = {
        "donor": found,
        "page_obj": page_of(request, queries.donations_visible_to(request.actor).filter(donor=found)),
        "list_address": reverse("pages:giving-donor", args=[found.pk]),
        "consent_form": consent_form(found),
        "picture_form": PictureForm(),
        "reason_form": ReasonForm(),
        "contact_form": ContactForm(auto_id="contact_%s"),
        "asked": asked,
        "asked_by_me": asked is not None and asked.asked_by_id == request.actor.user_id,
        "records_money": request.actor.has(*queries.RECORDERS),
        "keeps": request.actor.has(*queries.KEEPERS),
        "history": [
            (change, _CONSENTS[change.old], _CONSENTS[change.new])
            for change in found.consent_changes.order_by("-pk")[:_LAST_CHANGES]
        ],
        **shown,
    }
    return render(request, "pages/giving/donor.html", context, status=status)


def consent_form(donor: Donor) -> ConsentForm:
    """Return the form of what a donor agrees to now."""
    now = {
        "consent": donor.consent,
        "show_amount": donor.show_amount,
        "show_picture": donor.show_picture,
    }
    return ConsentForm(initial=now, auto_id=f"d{donor.pk}_%s")


def _finding_forms(found: Intake, sent: Any = None) -> dict[int, FindingForm]:
    products = list(Product.objects.filter(store_id=found.store_id).order_by("name", "pk"))
    return {
        line.pk: FindingForm(sent, prefix=f"l{line.pk}", line=line, products=products)
        for line in found.lines.all()
    }


def _intake(
    request: ActorRequest,
    found: Intake,
    *,
    forms: Mapping[int, Any] | None = None,
    sign: SignForm | None = None,
    reason: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    step = intake_queries.next_step(found)
    if forms is None and step == "receive":
        forms = {
            line.pk: CountForm(prefix=f"l{line.pk}", initial={"counted": line.quantity})
            for line in found.lines.all()
        }
    elif forms is None and step == "inspect":
        forms = _finding_forms(found)
    today = timezone.localdate()
    context = {
        "intake": found,
        "step": step,
        "lines": [
            {
                "line": line,
                "form": (forms or {}).get(line.pk),
                "short": intake_queries.short_lived(line, today=today),
            }
            for line in found.lines.all()
        ],
        "sign": sign or SignForm(),
        "reason": reason or ReasonForm(),
        "sides": {signature.party for signature in found.signatures.all()},
        "acceptable": any(line.accepted for line in found.lines.all()),
    }
    return render(request, "pages/giving/intake.html", context, status=status)
