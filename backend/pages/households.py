"""Households: kept by community staff, who find people by number; and what a volunteer sees of their own."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.cascade import chosen_code, home_code, steps_for
from backend.pages.doors import roles_only, volunteers_only
from backend.pages.forms import PageForm, ReasonForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import ActorRequest, VolunteerRequest
from volunteers.people import households as services
from volunteers.people.choices import RequestState
from volunteers.people.queries import (
    REVIEWERS,
    home_of,
    household_requests,
    households_kept_by,
    last_request,
    with_members,
)

_REQUESTS = 20
_LONGEST = 200  # reasons and answers, as the columns


class HouseholdForm(PageForm):
    """Who stands for the household, and where it is."""

    name = forms.CharField(
        label=gettext_lazy("户主姓名"), max_length=60, widget=forms.TextInput(attrs={"data-testid": "name"})
    )
    contact = forms.CharField(
        label=gettext_lazy("联系方式（可以不填）"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("姓名和联系方式加密保存，每次查看完整内容都会留痕。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-testid": "contact"}),
    )
    region = forms.CharField(
        label=gettext_lazy("家庭所在的社区"),
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("请选择家庭所在的社区。")},
    )


class MemberForm(PageForm):
    """Whom to count in."""

    number = forms.RegexField(
        label=gettext_lazy("志愿者编号"),
        regex=r"^[1-9][0-9]{11}$",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-testid": "number"}),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*REVIEWERS)
def households(request: ActorRequest) -> HttpResponse:
    """List the households of my regions, find one by its number, answer requests, enter another one."""
    region = chosen_code(request.POST) or home_code(request.actor.regions(*REVIEWERS))
    form = HouseholdForm({**request.POST.dict(), "region": region} if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.open_household(
                name=given["name"],
                contact=given["contact"],
                region_code=given["region"],
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已登记，家庭编号 %(number)s。") % {"number": made.number})
            return redirect("pages:household", made.pk)
    number = request.GET.get("q", "").replace("\x00", "").strip()
    mine = with_members(households_kept_by(request.actor)).order_by("-pk")
    requests = household_requests(request.actor).filter(state=RequestState.OPEN)
    context = {
        "form": form,
        "steps": steps_for(region),
        "page_obj": page_of(request, mine.filter(number=number) if number else mine),
        "requests": requests[:_REQUESTS],
        "q": number,
    }
    return render(request, "pages/manager/households.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*REVIEWERS)
def household(request: ActorRequest, household_id: int) -> HttpResponse:
    """Show one household; add or remove who lives there, close it, read its full name or contact."""
    if request.method == "GET":
        return _show(request, household_id)
    acts = {"add": _add, "remove": _remove, "close": _close, "reveal": _reveal}
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        raise Invalid(field="do")
    return act(request, household_id)


def _add(request: ActorRequest, household_id: int) -> HttpResponse:
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            services.add_member(
                household_id=household_id,
                number=form.cleaned_data["number"],
                actor=request.actor,
                at=timezone.now(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已登记在这一户。"))
            return redirect("pages:household", household_id)
    return _show(request, household_id, form=form, status=400)


def _remove(request: ActorRequest, household_id: int) -> HttpResponse:
    volunteer_id = whole_number(request.POST.get("volunteer", ""))
    if volunteer_id is None:
        raise Invalid(field="volunteer")
    services.remove_member(
        household_id=household_id, volunteer_id=volunteer_id, actor=request.actor, at=timezone.now()
    )
    note(request, _("已从这一户移出。"))
    return redirect("pages:household", household_id)


def _close(request: ActorRequest, household_id: int) -> HttpResponse:
    services.close_household(household_id=household_id, actor=request.actor, at=timezone.now())
    note(request, _("这一户已注销。"))
    return redirect("pages:household", household_id)


def _reveal(request: ActorRequest, household_id: int) -> HttpResponse:
    reason = _text(request, "reason")
    shown = [
        services.reveal(
            household_id=household_id, field=field, reason=reason, actor=request.actor, at=timezone.now()
        )
        for field in services.FIELDS
    ]
    return _show(request, household_id, shown=shown)


@by_button
@roles_only(*REVIEWERS)
def answer(request: ActorRequest, request_id: int) -> HttpResponse:
    """Answer a volunteer who says that they are counted in the wrong household."""
    services.answer_request(
        request_id=request_id,
        fixed=request.POST.get("decision") == "fixed",
        answer=_text(request, "answer"),
        actor=request.actor,
        at=timezone.now(),
    )
    note(request, _("已答复。"))
    return redirect("pages:households")


@require_http_methods(["GET", "POST"])
@never_cache
@volunteers_only
def my_household(request: VolunteerRequest) -> HttpResponse:
    """Show where I am counted, and let me say that it is wrong."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_correction(
                volunteer=request.volunteer, reason=form.cleaned_data["reason"], at=timezone.now()
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已告诉社区，答复后会显示在这里。"))
            return redirect("pages:my-household")
    home = home_of(request.volunteer)
    context = {
        "form": form,
        "home": home,
        "people": home.household.members.filter(left_at=None).count() if home else 0,
        "asked": last_request(request.volunteer),
    }
    return render(request, "pages/volunteer/household.html", context, status=400 if form.errors else 200)


def _text(request: ActorRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")[:_LONGEST]


def _show(
    request: ActorRequest,
    household_id: int,
    *,
    form: MemberForm | None = None,
    shown: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = with_members(households_kept_by(request.actor)).filter(pk=household_id).first()
    if found is None:
        raise Http404
    context: dict[str, Any] = {"household": found, "form": form or MemberForm(), "shown": shown}
    return render(request, "pages/manager/household.html", context, status=status)
