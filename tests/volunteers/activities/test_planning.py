"""Programmes, activities and shifts: who plans them, and what a plan must be."""

from datetime import date, timedelta

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from backend.regions.errors import RegionUnknown
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.regions import COMMUNITY, RegionFactory
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import (
    SHIFT_STARTS,
    ActivityFactory,
    ProgrammeFactory,
    ShiftFactory,
    SignUpFactory,
    VolunteerFactory,
)
from volunteers.activities import services
from volunteers.activities.choices import ActivityType, ProgrammeState, ShiftStatus, SignUpStatus
from volunteers.activities.errors import (
    CapacityInvalid,
    DifficultyUnknown,
    EmergencyAdultsOnly,
    ProgrammeClosed,
    ProgrammeDatesInvalid,
    ShiftCancelled,
    ShiftStarted,
    ShiftTimesInvalid,
    SiteNotYours,
)
from volunteers.activities.models import Activity, Programme, Shift, SignUp

pytestmark = pytest.mark.django_db

BEFORE = SHIFT_STARTS - timedelta(days=1)
STRANGERS = [
    (Role.COMMUNITY_STAFF, "51", NotFound),
    (Role.ORGANIZATION_MANAGER, 999_999, NotFound),
    (Role.SUPERVISOR, "52", Forbidden),
    (Role.STORE_CLERK, 1, Forbidden),
]


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def open_programme(organization, now):
    def open_with(**changes: object) -> Programme:
        facts = {
            "organization": organization,
            "region_code": COMMUNITY,
            "name": "导诊",
            "goal": "有人引路",
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "actor": None,
            "at": now,
        }
        return services.create_programme(**facts | changes)

    return open_with


@pytest.fixture
def plan(now):
    def plan_with(programme: Programme, **changes: object) -> Activity:
        facts = {
            "site": SiteFactory(organization=programme.organization),
            "name": "门诊导诊",
            "category": "health",
            "recipient": "patients",
            "activity_type": "volunteering",
            "content": "引导挂号",
            "responsible_name": "王芳",
            "actor": None,
            "at": now,
        }
        return services.create_activity(programme=programme, **facts | changes)

    return plan_with


@pytest.fixture
def open_shift(now):
    def open_with(**changes: object) -> Shift:
        facts = {
            "starts_at": SHIFT_STARTS,
            "ends_at": SHIFT_STARTS + timedelta(hours=3),
            "capacity": 2,
            "actor": None,
            "at": now,
        }
        return services.create_shift(
            **{"activity": changes.pop("activity", None) or ActivityFactory()} | facts | changes
        )

    return open_with


def test_the_organization_opens_a_programme(open_programme, organization):
    actor = make_actor(Role.ORGANIZATION_MANAGER, organization.pk)

    made = open_programme(actor=actor)

    entry = AuditEntry.objects.get()
    assert (made.organization, made.region_id, made.state) == (
        organization,
        COMMUNITY,
        ProgrammeState.RUNNING,
    )
    assert (entry.action, entry.actor_id) == ("programme.created", actor.user_id)


@pytest.mark.parametrize(("role", "scope", "refusal"), [*STRANGERS, (Role.SITE_MANAGER, 1, Forbidden)])
def test_nobody_else_opens_one(open_programme, role, scope, refusal):
    with pytest.raises(refusal):
        open_programme(actor=make_actor(role, scope))

    assert not Programme.objects.exists()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"ends_on": date(2025, 12, 31)}, ProgrammeDatesInvalid), ({"region_code": "1"}, RegionUnknown)],
)
def test_a_programme_that_cannot_be_is_refused(open_programme, changes, refusal):
    with pytest.raises(refusal):
        open_programme(**changes)


def test_a_programme_may_last_one_day(open_programme):
    assert open_programme(ends_on=date(2026, 1, 1)).pk


def test_an_activity_says_what_recruitment_must_state(plan):
    programme = ProgrammeFactory()

    made = plan(programme, risks="人流密集", protection="保险", minors_allowed=True, min_age=16)

    made.refresh_from_db()
    assert (made.programme, made.content, made.risks) == (programme, "引导挂号", "人流密集")
    assert (made.protection, made.minors_allowed, made.min_age) == ("保险", True, 16)
    assert made.walk_in_allowed is False


@pytest.mark.parametrize(("role", "scope", "refusal"), [*STRANGERS, (Role.SITE_MANAGER, 1, Forbidden)])
def test_nobody_else_plans_an_activity(plan, role, scope, refusal):
    programme = ProgrammeFactory()

    with pytest.raises(refusal):
        plan(programme, actor=make_actor(role, scope))

    assert not Activity.objects.exists()


def test_an_organization_plans_at_its_own_sites_only(plan):
    programme = ProgrammeFactory()
    actor = make_actor(Role.ORGANIZATION_MANAGER, programme.organization_id)

    assert plan(programme, actor=actor).pk
    with pytest.raises(SiteNotYours):
        plan(programme, actor=actor, site=SiteFactory())


def test_staff_plan_at_every_site_of_their_region(plan):
    assert plan(ProgrammeFactory(), actor=make_actor(Role.COMMUNITY_STAFF, "52"), site=SiteFactory()).pk


def test_a_closed_programme_gets_nothing_new(plan, open_shift):
    closed = ProgrammeFactory(state=ProgrammeState.CLOSED)

    with pytest.raises(ProgrammeClosed):
        plan(closed)
    with pytest.raises(ProgrammeClosed):
        open_shift(activity=ActivityFactory(programme=closed))


def test_an_emergency_is_for_adults(plan):
    with pytest.raises(EmergencyAdultsOnly):
        plan(ProgrammeFactory(), activity_type=ActivityType.EMERGENCY, minors_allowed=True)

    assert plan(ProgrammeFactory(), activity_type=ActivityType.EMERGENCY).pk


def test_a_shift_opens_empty(open_shift):
    made = open_shift(break_minutes=30)

    made.refresh_from_db()
    assert (made.capacity, made.taken, made.break_minutes, made.status) == (2, 0, 30, ShiftStatus.OPEN)


def test_who_keeps_the_site_opens_shifts_there(open_shift):
    activity = ActivityFactory()

    assert open_shift(activity=activity, actor=make_actor(Role.SITE_MANAGER, activity.site_id)).pk


@pytest.mark.parametrize(("role", "scope", "refusal"), [*STRANGERS, (Role.SITE_MANAGER, 999_999, NotFound)])
def test_nobody_else_opens_shifts(open_shift, role, scope, refusal):
    with pytest.raises(refusal):
        open_shift(actor=make_actor(role, scope))

    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ends_at": SHIFT_STARTS}, ShiftTimesInvalid),
        ({"ends_at": SHIFT_STARTS - timedelta(hours=1)}, ShiftTimesInvalid),
        ({"ends_at": SHIFT_STARTS + timedelta(hours=24, seconds=1)}, ShiftTimesInvalid),
        ({"break_minutes": 180}, ShiftTimesInvalid),
        ({"break_minutes": -1}, ShiftTimesInvalid),
        ({"capacity": 0}, CapacityInvalid),
    ],
)
def test_a_shift_that_cannot_be_is_refused(open_shift, changes, refusal):
    with pytest.raises(refusal):
        open_shift(**changes)

    assert not Shift.objects.exists()


def test_new_places_go_to_those_who_wait(now):
    shift = ShiftFactory(capacity=1)
    for _ in range(4):
        services.sign_up(shift_id=shift.pk, volunteer=VolunteerFactory(), at=BEFORE)

    changed = services.change_capacity(
        shift_id=shift.pk, capacity=3, actor=make_actor(Role.PLATFORM_ADMIN), at=BEFORE
    )

    statuses = list(SignUp.objects.order_by("id").values_list("status", flat=True))
    changed.refresh_from_db()
    assert statuses == ["confirmed", "confirmed", "confirmed", "waiting"]
    assert (changed.capacity, changed.taken) == (3, 3)


@pytest.mark.parametrize("capacity", [0, 1, -5])
def test_places_taken_are_not_taken_away(capacity):
    shift = ShiftFactory(capacity=3)
    SignUpFactory.create_batch(2, shift=shift)

    with pytest.raises(CapacityInvalid):
        services.change_capacity(
            shift_id=shift.pk, capacity=capacity, actor=make_actor(Role.PLATFORM_ADMIN), at=BEFORE
        )


def test_calling_a_shift_off_cancels_every_place():
    shift = ShiftFactory(capacity=1)
    SignUpFactory(shift=shift)
    SignUpFactory(shift=shift, status=SignUpStatus.WAITING)
    actor = make_actor(Role.SITE_MANAGER, shift.activity.site_id)

    services.cancel_shift(shift_id=shift.pk, actor=actor, at=BEFORE)

    shift.refresh_from_db()
    assert (shift.status, shift.taken) == (ShiftStatus.CANCELLED, 0)
    assert set(SignUp.objects.values_list("status", "cancelled_at")) == {("cancelled", BEFORE)}


def test_a_shift_is_called_off_once_and_not_after_it_began():
    shift, actor = ShiftFactory(), make_actor(Role.PLATFORM_ADMIN)

    with pytest.raises(ShiftStarted):
        services.cancel_shift(shift_id=shift.pk, actor=actor, at=SHIFT_STARTS)
    services.cancel_shift(shift_id=shift.pk, actor=actor, at=BEFORE)
    with pytest.raises(ShiftCancelled):
        services.cancel_shift(shift_id=shift.pk, actor=actor, at=BEFORE)


@pytest.mark.parametrize(("role", "scope", "refusal"), [*STRANGERS, (Role.SITE_MANAGER, 999_999, NotFound)])
def test_nobody_else_changes_or_calls_off_a_shift(role, scope, refusal):
    shift, actor = ShiftFactory(), make_actor(role, scope)

    with pytest.raises(refusal):
        services.cancel_shift(shift_id=shift.pk, actor=actor, at=BEFORE)
    with pytest.raises(refusal):
        services.change_capacity(shift_id=shift.pk, capacity=20, actor=actor, at=BEFORE)

    shift.refresh_from_db()
    assert (shift.status, shift.capacity) == (ShiftStatus.OPEN, 10)


@pytest.fixture(autouse=True)
def community():
    return RegionFactory()


def test_an_activity_says_how_hard_it_is_and_who_organizes_it(open_programme, plan):
    organizer = VolunteerFactory()

    made = plan(open_programme(), difficulty=3, skilled=True, organizer=organizer)

    made.refresh_from_db()
    assert (made.difficulty, made.skilled, made.organizer) == (3, True, organizer)


@pytest.mark.parametrize("difficulty", [0, 4])
def test_a_difficulty_without_a_name_is_refused(open_programme, plan, difficulty):
    with pytest.raises(DifficultyUnknown):
        plan(open_programme(), difficulty=difficulty)
