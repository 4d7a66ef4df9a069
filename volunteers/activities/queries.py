"""Reading about programmes, activities, shifts and sign-ups."""

from datetime import datetime

from django.db.models import Q, QuerySet

from backend.accounts.scopes import Actor, Role, region_q
from volunteers.activities.choices import LIVE, ProgrammeState, ShiftStatus, SignUpStatus
from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.people.models import Volunteer

_SHIFT_DETAILS = ("activity__programme__organization", "activity__site__region")


def public_activities() -> QuerySet[Activity]:
    """Return the activities anybody may see: those of programmes not closed, with what a list shows."""
    running = Activity.objects.exclude(programme__state=ProgrammeState.CLOSED)
    return running.select_related("programme__organization", "site__region")


def open_shifts(*, at: datetime, region_prefix: str | None = None) -> QuerySet[Shift]:
    """Return the shifts that take place and have not ended, soonest first, with activity and site loaded."""
    shifts = Shift.objects.filter(status=ShiftStatus.OPEN, ends_at__gt=at)
    if region_prefix:
        shifts = shifts.filter(activity__site__region__code__startswith=region_prefix)
    return shifts.select_related(*_SHIFT_DETAILS).order_by("starts_at", "id")


def public_shifts() -> QuerySet[Shift]:
    """Return every shift, also past and cancelled ones, with activity and site loaded."""
    return Shift.objects.select_related(*_SHIFT_DETAILS)


def shifts_of(volunteer: Volunteer, at: datetime) -> QuerySet[SignUp]:
    """Return the volunteer's live sign-ups for shifts not ended, soonest first, with their details."""
    live = SignUp.objects.filter(volunteer=volunteer, status__in=LIVE, shift__ends_at__gt=at)
    return live.select_related(*(f"shift__{path}" for path in _SHIFT_DETAILS)).order_by(
        "shift__starts_at", "id"
    )


def sign_ups_of(volunteer: Volunteer) -> QuerySet[SignUp]:
    """Return every sign-up of the volunteer, with shift and site loaded."""
    return SignUp.objects.filter(volunteer=volunteer).select_related(
        *(f"shift__{path}" for path in _SHIFT_DETAILS)
    )


def waiting_list(shift: Shift) -> QuerySet[SignUp]:
    """Return who waits for a place on the shift, first come first."""
    waiting = SignUp.objects.filter(shift=shift, status=SignUpStatus.WAITING)
    return waiting.select_related("volunteer").order_by("created_at", "id")


def programmes_run_by(actor: Actor) -> QuerySet[Programme]:
    """Return the programmes this actor may plan for: the organization's, or all in the region."""
    return Programme.objects.filter(
        Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN))
    )
