"""A donor's own pages: what I gave and where it is, what may be shown of me, and what I promise to bring."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import User
from backend.accounts.scopes import Actor
from backend.core.errors import Forbidden, Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import signed_in
from backend.pages.giving import consent_form, consent_step, pledge_page
from backend.pages.giving_forms import PictureForm, PledgeForm, ReasonForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import PageRequest
from points.giving import donor_files, intake_queries, intakes, queries, question_queries, signing
from points.giving.choices import IntakeStatus, Party
from points.giving.intake_models import Intake
from points.giving.models import Donor

_MOST_QUESTIONS = 20


@require_safe
@never_cache
@signed_in
def overview(request: PageRequest) -> HttpResponse:
    """Show my files, my promises and my gifts."""
    return _overview(request)


@by_button
@signed_in
def claim(request: PageRequest) -> HttpResponse:
    """Make the files entered with my phone my own."""
    try:
        claimed = donor_files.claim_donors(user=_me(request), at=timezone.now())
    except Refusal as refusal:
        return _overview(request, refusal=refusal, status=refusal.status)
    told = ngettext("找到 %(n)d 份捐赠档案。", "找到 %(n)d 份捐赠档案。", len(claimed))
    note(request, told % {"n": len(claimed)})
    return redirect("pages:my-giving")


@by_button
@signed_in
def consent(request: PageRequest, donor_id: int) -> HttpResponse:
    """Change what may be shown of me, or my picture."""
    mine = get_object_or_404(queries.donors_of(_me(request)), pk=donor_id)
    return consent_step(request, mine, answer=_again, to="pages:my-giving", actor_page=False)


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def pledge(request: PageRequest) -> HttpResponse:
    """Promise goods."""
    mine = queries.donors_of(_me(request))
    asked = whole_number(request.POST.get("donor", request.GET.get("donor", "")))
    donor = mine.filter(pk=asked).first() if asked is not None else mine.first()
    if donor is None:
        return redirect("pages:my-giving")
    form = PledgeForm(request.POST or None)
    return pledge_page(
        request, form, donor=donor, actor=_actor(request), to="pages:my-intake", extra={"staff": False}
    )


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def intake(request: PageRequest, intake_id: int) -> HttpResponse:
    """Show one promise: sign it, take it back, or be thanked for it."""
    found = get_object_or_404(intake_queries.intakes_of(_me(request)), pk=intake_id)
    if request.method == "GET":
        return _intake(request, found)
    actor, at = _actor(request), timezone.now()
    form = ReasonForm(request.POST)
    try:
        if request.POST.get("step") == "sign":
            waived = request.POST.get("waived") == "on"
            signing.sign_as_donor(intake_id=found.pk, waived=waived, actor=actor, at=at)
            note(request, _("您已签字。"))
        elif not form.is_valid():
            return _intake(request, found, reason=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        else:
            reason = form.cleaned_data["reason"]
            intakes.withdraw(intake_id=found.pk, reason=reason, actor=actor, at=at)
            note(request, _("已撤回。"))
    except Refusal as refusal:
        if refusal.field == "reason":
            form.add_refusal(refusal)
            return _intake(request, found, reason=form, status=refusal.status)
        return _intake(request, found, refusal=refusal, status=refusal.status)
    return redirect("pages:my-intake", found.pk)


def _overview(request: PageRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    user = _me(request)
    bad: Donor | None = shown.pop("bad", None)
    files = []
    mine = list(queries.donors_of(user))
    asked = {each.donor_id: each for each in queries.open_contact_requests().filter(donor__in=mine)}
    for donor in mine:
        forms = shown if donor == bad else {}
        files.append(
            {
                "donor": donor,
                "asked": asked.get(donor.pk),
                "consent_form": forms.get("consent_form") or consent_form(donor),
                "picture_form": forms.get("picture_form") or PictureForm(auto_id=f"p{donor.pk}_%s"),
            }
        )
    context = {
        "files": files,
        "waiting": queries.claimable_by(user).count(),
        "intakes": intake_queries.intakes_of(user).exclude(status=IntakeStatus.SIGNED)[:20],
        "page_obj": page_of(request, intake_queries.donations_of(user)),
        "list_address": reverse("pages:my-giving"),
        "questions": question_queries.questions_of(user)[:_MOST_QUESTIONS],
        "refusal": shown.get("refusal"),
    }
    return render(request, "pages/giving/mine.html", context, status=status)


def _again(request: PageRequest, donor: Donor, *, status: int, **forms: Any) -> HttpResponse:
    return _overview(request, bad=donor, status=status, **forms)


def _intake(
    request: PageRequest,
    found: Intake,
    *,
    reason: ReasonForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    sides = {signature.party for signature in found.signatures.all()}
    context = {
        "intake": found,
        "may_sign": found.status == IntakeStatus.INSPECTED
        and Party.DONOR not in sides
        and any(line.accepted for line in found.lines.all()),
        "have_signed": Party.DONOR in sides,
        "open": intake_queries.next_step(found) != "",
        "reason": reason or ReasonForm(),
        "refusal": refusal,
    }
    return render(request, "pages/giving/my_intake.html", context, status=status)


def _me(request: PageRequest) -> User:
    """Return who is signed in; the door has seen to it."""
    user = request.visitor.user
    if user is None:
        raise Forbidden
    return user


def _actor(request: PageRequest) -> Actor:
    actor = request.visitor.actor
    if actor is None:
        raise Forbidden
    return actor
