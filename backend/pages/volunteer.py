"""A volunteer's own pages: who I am, what I do, what I did, what it earned."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.errors import Invalid, Refusal
from backend.pages.addresses import next_address
from backend.pages.buttons import by_button
from backend.pages.doors import anyone, volunteers_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.shift_page import show_shift
from backend.pages.timeline import presence_of
from backend.pages.visitor import PageRequest, VolunteerRequest
from points.ledger import queries as ledger
from points.market.counter_queries import to_agree
from volunteers.activities import queries as activities
from volunteers.activities import services as sign_ups
from volunteers.activities.choices import SignUpStatus
from volunteers.attendance import queries as attendance
from volunteers.people import services as people
from volunteers.people.choices import ConsentKind
from volunteers.people.queries import consents_of
from volunteers.records import queries as records

_AWAITING_SHOWN = 5
_OWN_CONSENTS = (ConsentKind.LOCATION, ConsentKind.HONOR_BOARD)


@require_GET
@never_cache
@volunteers_only
def me(request: VolunteerRequest) -> HttpResponse:
    """Show who I am, my hours and points, and what comes next."""
    volunteer, at = request.volunteer, timezone.now()
    held = consents_of(volunteer)
    current = attendance.open_attendance(volunteer)
    upcoming = activities.shifts_of(volunteer, at)
    if current is not None:
        upcoming = upcoming.exclude(shift_id=current.shift_id)
    context = {
        "volunteer": volunteer,
        "minutes": records.totals_of(volunteer),
        "balance": ledger.balance(volunteer, at=at),
        "open_attendance": current,
        "shift_over": current is not None and current.shift.ends_at <= at,
        "to_agree": to_agree(volunteer, at=at),
        "awaiting": [presence_of(each) for each in attendance.awaiting(volunteer)[:_AWAITING_SHOWN]],
        "next_sign_up": upcoming.first(),
        "consents": [
            {"kind": kind.value, "label": kind.label, "granted": kind in held} for kind in _OWN_CONSENTS
        ],
    }
    return render(request, "pages/volunteer/me.html", context)


@by_button
@volunteers_only
def consent(request: VolunteerRequest) -> HttpResponse:
    """Give or withdraw one consent."""
    try:
        kind = ConsentKind(request.POST.get("kind", ""))
    except ValueError:
        raise Invalid(field="kind") from None
    people.set_consent(
        volunteer=request.volunteer,
        kind=kind,
        granted=request.POST.get("granted") == "yes",
        at=timezone.now(),
    )
    return redirect(next_address(request, default="pages:me"))


@require_GET
@never_cache
@volunteers_only
def shifts(request: VolunteerRequest) -> HttpResponse:
    """List my sign-ups and the shifts I can sign up for."""
    at = timezone.now()
    mine = list(activities.shifts_of(request.volunteer, at))
    open_shifts = activities.open_shifts(at=at).exclude(pk__in=[sign_up.shift_id for sign_up in mine])
    context = {"mine": mine, "page_obj": page_of(request, open_shifts)}
    return render(request, "pages/volunteer/shifts.html", context)


@require_GET
@never_cache
@anyone
def shift(request: PageRequest, shift_id: int) -> HttpResponse:
    """Show one shift: when, where, the risks (Order 685 Art 12), and the way in."""
    return show_shift(request, shift_id, at=timezone.now())


@by_button
@volunteers_only
def sign_up(request: VolunteerRequest, shift_id: int) -> HttpResponse:
    """Sign up for a shift, or queue for it when it is full."""
    at = timezone.now()
    try:
        place = sign_ups.sign_up(shift_id=shift_id, volunteer=request.volunteer, at=at)
    except Refusal as refusal:
        return show_shift(request, shift_id, at=at, refusal=refusal)
    waiting = place.status == SignUpStatus.WAITING
    note(request, _("已加入候补，有空位时自动补上。") if waiting else _("报名成功，到时见。"))
    return redirect("pages:shift", shift_id)


@by_button
@volunteers_only
def cancel_sign_up(request: VolunteerRequest, sign_up_id: int) -> HttpResponse:
    """Give my place back."""
    place = sign_ups.cancel_sign_up(sign_up_id=sign_up_id, volunteer=request.volunteer, at=timezone.now())
    note(request, _("已取消报名，名额让给了别人。"))
    return redirect("pages:shift", place.shift_id)
