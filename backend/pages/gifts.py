"""Giving points away: choose, look at it once more, give; and who is whose relative."""

import uuid
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import volunteers_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.points_forms import ConfirmedGiftForm, GiftForm, RelativeForm
from backend.pages.visitor import VolunteerRequest
from points.gifts import queries, services
from points.gifts.choices import Recipient
from points.ledger.queries import balance


@require_http_methods(["GET", "POST"])
@never_cache
@volunteers_only
def give(request: VolunteerRequest) -> HttpResponse:
    """Choose whom to give how many points; then show it once more before anything moves."""
    if request.method == "GET":
        return _show(request, GiftForm())
    form = GiftForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = {"to": form.cleaned_data["to"], "points": form.cleaned_data["points"]}
    try:
        seen = services.preview(volunteer=request.volunteer, **chosen, at=timezone.now())
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _show(request, form, status=refusal.status)
    sure = ConfirmedGiftForm(initial={**chosen, "token": uuid.uuid4().hex})
    return render(request, "pages/volunteer/give_sure.html", {"preview": seen, "form": sure})


@by_button
@volunteers_only
def confirm(request: VolunteerRequest) -> HttpResponse:
    """Give for good."""
    sure = ConfirmedGiftForm(request.POST)
    if not sure.is_valid():
        return _show(request, GiftForm(request.POST), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    read = sure.cleaned_data
    try:
        gift = services.give(
            volunteer=request.volunteer,
            to=read["to"],
            points=read["points"],
            token=read["token"],
            at=timezone.now(),
        )
    except Refusal as refusal:
        form = GiftForm(request.POST)
        form.is_valid()
        form.add_refusal(refusal)
        return _show(request, form, status=refusal.status)
    note(request, _("已赠出 %(points)s 积分，谢谢您。") % {"points": gift.points})
    return redirect("pages:points")


@by_button
@volunteers_only
def declare(request: VolunteerRequest) -> HttpResponse:
    """Name my relative, who then confirms."""
    form = RelativeForm(request.POST)
    if not form.is_valid():
        return _show(request, GiftForm(), relative_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        services.declare_relative(
            volunteer=request.volunteer,
            number=form.cleaned_data["number"],
            relation=form.cleaned_data["relation"],
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _show(request, GiftForm(), relative_form=form, status=refusal.status)
    note(request, _("已登记，请亲属在自己的这个页面上确认。"))
    return redirect("pages:points-give")


@by_button
@volunteers_only
def confirm_relative(request: VolunteerRequest, relative_id: int) -> HttpResponse:
    """Say that I am that relative."""
    services.confirm_relative(relative_id=relative_id, by=request.volunteer, at=timezone.now())
    note(request, _("已确认。"))
    return redirect("pages:points-give")


@by_button
@volunteers_only
def end_relative(request: VolunteerRequest, relative_id: int) -> HttpResponse:
    """End a declaration from either side."""
    services.end_relative(relative_id=relative_id, by=request.volunteer, at=timezone.now())
    note(request, _("已解除登记。"))
    return redirect("pages:points-give")


def _show(
    request: VolunteerRequest,
    form: GiftForm,
    *,
    relative_form: RelativeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    volunteer, at = request.volunteer, timezone.now()
    policy = queries.policy_for(volunteer, at=at)
    relative = queries.relative_of(volunteer)
    sides = [Recipient.POOL] if policy.charity_pool else []
    if policy.relative and relative is not None and relative.confirmed_at is not None:
        sides.append(Recipient.RELATIVE)
    form.offer(sides)
    context = {
        "form": form,
        "sides": sides,
        "policy": policy,
        "balance": balance(volunteer, at=at),
        "relative": relative,
        "relative_form": relative_form or RelativeForm(),
        "declared": queries.declared_by_others(volunteer)[:20],
        "page_obj": page_of(request, queries.gifts_of(volunteer)),
    }
    return render(request, "pages/volunteer/give.html", context, status=status)
