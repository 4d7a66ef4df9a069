"""Planning programmes, activities and shifts; taking places and giving them back."""

from datetime import date, datetime, timedelta

from django.db import transaction

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, Refusal
from backend.regions.queries import get_region
from venues.sites.models import Site
from venues.sites.queries import managed_by
from volunteers.activities.choices import (
    LIVE,
    ActivityType,
    Difficulty,
    ProgrammeState,
    ShiftStatus,
    SignUpStatus,
)
from volunteers.activities.errors import (
    CapacityInvalid,
    DifficultyUnknown,
    EmergencyAdultsOnly,
    OverlappingShift,
    ProgrammeClosed,
    ProgrammeDatesInvalid,
    ShiftCancelled,
    ShiftStarted,
    ShiftTimesInvalid,
    SignUpSettled,
    SiteNotYours,
)
from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.activities.queries import programmes_run_by, waiting_list
from volunteers.activities.rules import Applicant, Offer, admit
from volunteers.people.choices import ConsentKind, VolunteerStatus
from volunteers.people.models import Volunteer
from volunteers.people.queries import consents_of

_PLANNERS = (Role.ORGANIZATION_MANAGER, Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
_LONGEST_SHIFT = timedelta(days=1)


def sign_up(*, shift_id: int, volunteer: Volunteer, at: datetime) -> SignUp:
    """Give the volunteer a place on the shift, or one in its waiting list when it is full.

    Asking again returns the live sign-up that is already there. The volunteer is locked, so that nobody asks
    for two shifts at one time at once, then the shift, while its places are counted; PostgreSQL checks both
    once more (sign_up_no_overlap, shift_not_overfull).

    :raises NotFound: no such shift. :raises OverlappingShift: a place on another shift at that time.
    :raises Refusal: the volunteer may not have a place (rules.admit).
    """
    applicant = _applicant(volunteer)
    with transaction.atomic():
        Volunteer.objects.select_for_update(no_key=True).get(pk=volunteer.pk)
        shift = _locked_shift(shift_id)
        live = SignUp.objects.filter(shift=shift, volunteer=volunteer, status__in=LIVE).first()
        if live is not None:
            return live
        admit(applicant, _offer(shift), at=at)
        _check_free(volunteer, shift)
        free = shift.taken < shift.capacity
        return SignUp.objects.create(
            shift=shift,
            volunteer=volunteer,
            status=SignUpStatus.CONFIRMED if free else SignUpStatus.WAITING,
            created_at=at,
            period=(shift.starts_at, shift.ends_at),
        )


def cancel_sign_up(*, sign_up_id: int, volunteer: Volunteer, at: datetime) -> SignUp:
    """Give a place back before the shift starts; the first who waits and still may come gets it.

    :raises NotFound: not a sign-up of this volunteer. :raises ShiftStarted: too late (Order 685 Art 22).
    :raises SignUpSettled: cancelled before.
    """
    mine = SignUp.objects.filter(pk=sign_up_id, volunteer=volunteer).first()
    if mine is None:
        raise NotFound
    with transaction.atomic():
        shift = _locked_shift(mine.shift_id)
        mine.refresh_from_db()  # promoted or cancelled while we waited for the lock
        if mine.status == SignUpStatus.CANCELLED:
            raise SignUpSettled
        if at >= shift.starts_at:
            raise ShiftStarted
        mine.status = SignUpStatus.CANCELLED
        mine.cancelled_at = at
        mine.save(update_fields=["status", "cancelled_at"])
        _promote(shift, at=at)
    return mine


def create_programme(
    *,
    organization: Organization,
    region_code: str,
    name: str,
    goal: str,
    starts_on: date,
    ends_on: date,
    competent_department: str = "",
    state: ProgrammeState = ProgrammeState.RUNNING,
    actor: Actor | None,
    at: datetime,
) -> Programme:
    """Open a programme of an organization. `actor` is None only for installation.

    :raises Forbidden: a role that plans nothing. :raises NotFound: organization and region outside the scope.
    :raises RegionUnknown: no such region. :raises ProgrammeDatesInvalid: ends before it starts.
    """
    region = get_region(region_code)
    if actor is not None:
        _check_planner(actor)
        in_region = any(
            region.code.startswith(prefix)
            for prefix in actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
        )
        if not in_region and organization.pk not in actor.organizations(Role.ORGANIZATION_MANAGER):
            raise NotFound
    if ends_on < starts_on:
        raise ProgrammeDatesInvalid(field="ends_on")
    with transaction.atomic():
        programme = Programme.objects.create(
            organization=organization,
            region=region,
            name=name,
            goal=goal,
            starts_on=starts_on,
            ends_on=ends_on,
            state=state,
            competent_department=competent_department,
        )
        audit.record(actor=actor, action="programme.created", target=programme, at=at)
    return programme


def create_activity(
    *,
    programme: Programme,
    site: Site,
    name: str,
    category: str,
    recipient: str,
    activity_type: str,
    content: str,
    responsible_name: str,
    risks: str = "",
    protection: str = "",
    minors_allowed: bool = False,
    min_age: int = 0,
    walk_in_allowed: bool = False,
    difficulty: int = Difficulty.ORDINARY,
    skilled: bool = False,
    organizer: Volunteer | None = None,
    actor: Actor | None,
    at: datetime,
) -> Activity:
    """Plan an activity of a programme at a site (Order 685 Art 12: recruitment states content and risks).

    `organizer` organizes it and serves on it; records copy it, difficulty and skill for rules of points.
    :raises Forbidden, NotFound, SiteNotYours, ProgrammeClosed: see `_check_plan`.
    :raises EmergencyAdultsOnly: minors in emergency response. :raises DifficultyUnknown: not from 1 to 3.
    """
    _check_plan(actor, programme=programme, site=site)
    _check_sound(activity_type, minors_allowed=minors_allowed, difficulty=difficulty)
    with transaction.atomic():
        activity = Activity.objects.create(
            programme=programme,
            site=site,
            name=name,
            category=category,
            recipient=recipient,
            activity_type=activity_type,
            content=content,
            responsible_name=responsible_name,
            risks=risks,
            protection=protection,
            minors_allowed=minors_allowed,
            min_age=min_age,
            walk_in_allowed=walk_in_allowed,
            difficulty=difficulty,
            skilled=skilled,
            organizer=organizer,
        )
        audit.record(actor=actor, action="activity.created", target=activity, at=at)
    return activity


def create_shift(
    *,
    activity: Activity,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    break_minutes: int = 0,
    actor: Actor | None,
    at: datetime,
) -> Shift:
    """Open a shift of an activity, at most 24 hours long and longer than its break (minutes).

    :raises Forbidden, NotFound: as for planning. :raises ProgrammeClosed: already closed.
    :raises ShiftTimesInvalid: the times do not fit. :raises CapacityInvalid: no place at all.
    """
    if actor is not None:
        _check_may_run(actor, activity)
    if activity.programme.state == ProgrammeState.CLOSED:
        raise ProgrammeClosed
    length = ends_at - starts_at
    if break_minutes < 0 or not timedelta(minutes=break_minutes) < length <= _LONGEST_SHIFT:
        raise ShiftTimesInvalid(field="ends_at")
    if capacity < 1:
        raise CapacityInvalid(field="capacity")
    with transaction.atomic():
        shift = Shift.objects.create(
            activity=activity,
            starts_at=starts_at,
            ends_at=ends_at,
            capacity=capacity,
            break_minutes=break_minutes,
        )
        audit.record(actor=actor, action="shift.created", target=shift, at=at)
    return shift


def change_capacity(*, shift_id: int, capacity: int, actor: Actor, at: datetime) -> Shift:
    """Change how many places a shift has; new places go to the waiting list first.

    :raises Forbidden, NotFound: as for planning. :raises CapacityInvalid: fewer than are taken.
    """
    with transaction.atomic():
        shift = _locked_shift(shift_id)
        _check_may_run(actor, shift.activity)
        if capacity < max(shift.taken, 1):
            raise CapacityInvalid(field="capacity")
        shift.capacity = capacity
        shift.save(update_fields=["capacity"])
        _promote(shift, at=at)
        audit.record(
            actor=actor, action="shift.capacity_changed", target=shift, detail={"capacity": capacity}, at=at
        )
    return shift


def cancel_shift(*, shift_id: int, actor: Actor, at: datetime) -> Shift:
    """Call a shift off before it starts, with all its sign-ups.

    :raises Forbidden, NotFound: as for planning. :raises ShiftCancelled: called off before.
    :raises ShiftStarted: people are there already.
    """
    with transaction.atomic():
        shift = _locked_shift(shift_id)
        _check_may_run(actor, shift.activity)
        if shift.status == ShiftStatus.CANCELLED:
            raise ShiftCancelled
        if at >= shift.starts_at:
            raise ShiftStarted
        SignUp.objects.filter(shift=shift, status__in=LIVE).update(
            status=SignUpStatus.CANCELLED, cancelled_at=at
        )
        shift.refresh_from_db(fields=["taken"])
        shift.status = ShiftStatus.CANCELLED
        shift.save(update_fields=["status"])
        audit.record(actor=actor, action="shift.cancelled", target=shift, at=at)
    return shift


def _locked_shift(shift_id: int) -> Shift:
    """Lock the row whose places are about to shrink; no-key, so scans that refer to it need not wait."""
    shifts = Shift.objects.select_for_update(of=("self",), no_key=True)
    shift = shifts.select_related("activity__programme").filter(pk=shift_id).first()
    if shift is None:
        raise NotFound
    return shift


def _applicant(volunteer: Volunteer) -> Applicant:
    consents = consents_of(volunteer)
    return Applicant(
        active=volunteer.status == VolunteerStatus.ACTIVE,
        birth_date=volunteer.birth_date,
        privacy_agreed=ConsentKind.PRIVACY in consents,
        guardian_agreed=ConsentKind.GUARDIAN in consents,
    )


def _offer(shift: Shift) -> Offer:
    activity = shift.activity
    return Offer(
        open=shift.status == ShiftStatus.OPEN,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        activity_type=activity.activity_type,
        minors_allowed=activity.minors_allowed,
        min_age=activity.min_age,
    )


def _check_free(volunteer: Volunteer, shift: Shift) -> None:
    """Refuse a second place at the same time; true as long as the volunteer is locked."""
    others = SignUp.objects.filter(
        volunteer=volunteer, status__in=LIVE, period__overlap=(shift.starts_at, shift.ends_at)
    )
    if others.exists():
        raise OverlappingShift


def _promote(shift: Shift, *, at: datetime) -> None:
    """Hand free places to those who wait, in order, passing over whoever may no longer come."""
    shift.refresh_from_db(fields=["taken"])
    free = shift.capacity - shift.taken
    if free <= 0 or at >= shift.ends_at or shift.status != ShiftStatus.OPEN:
        return
    for waiting in waiting_list(shift):
        try:
            admit(_applicant(waiting.volunteer), _offer(shift), at=at)
        except Refusal:
            continue
        waiting.status = SignUpStatus.CONFIRMED
        waiting.save(update_fields=["status"])
        free -= 1
        if not free:
            return


def _check_planner(actor: Actor) -> None:
    if not actor.has(*_PLANNERS):
        raise Forbidden


def _check_plan(actor: Actor | None, *, programme: Programme, site: Site) -> None:
    """Let installation and planners pass.

    :raises Forbidden: a role that plans nothing. :raises NotFound: the programme is outside the scope.
    :raises SiteNotYours: neither the organization's site nor managed by the actor.
    :raises ProgrammeClosed: already closed.
    """
    if actor is not None:
        _check_may_plan(actor, programme=programme, site=site)
    if programme.state == ProgrammeState.CLOSED:
        raise ProgrammeClosed


def _check_sound(activity_type: str, *, minors_allowed: bool, difficulty: int) -> None:
    if activity_type == ActivityType.EMERGENCY and minors_allowed:
        raise EmergencyAdultsOnly(field="minors_allowed")
    if difficulty not in Difficulty.values:
        raise DifficultyUnknown(field="difficulty")


def _check_may_plan(actor: Actor, *, programme: Programme, site: Site) -> None:
    _check_planner(actor)
    if not programmes_run_by(actor).filter(pk=programme.pk).exists():
        raise NotFound
    if (
        site.organization_id != programme.organization_id
        and not managed_by(actor).filter(pk=site.pk).exists()
    ):
        raise SiteNotYours


def _check_may_run(actor: Actor, activity: Activity) -> None:
    """Shifts are opened by who plans the programme and by who keeps the site."""
    if not actor.has(*_PLANNERS, Role.SITE_MANAGER):
        raise Forbidden
    plans = programmes_run_by(actor).filter(pk=activity.programme_id).exists()
    if not plans and not managed_by(actor).filter(pk=activity.site_id).exists():
        raise NotFound
