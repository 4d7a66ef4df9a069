"""Ten working days: who is reminded when, what is overdue, and who sees it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from backend.accounts.scopes import Actor, Role
from tests.factories.accounts import make_actor
from tests.factories.attendance import ApprovedAttendanceFactory, AttendanceFactory, OpenAttendanceFactory
from tests.factories.volunteers import ShiftFactory
from volunteers.records import services
from volunteers.records.deadlines import warn_of_deadlines
from volunteers.records.queries import overdue, overdue_for, reminders_for
from volunteers.records.ticket_models import DeadlineNotice

pytestmark = pytest.mark.django_db

# The shift is on Tuesday 2026-09-15; Sunday the 20th is made up for Friday the 25th.
SEVENTH, TENTH, ELEVENTH = date(2026, 9, 23), date(2026, 9, 29), date(2026, 9, 30)
DAY = timedelta(days=1)


@pytest.fixture
def attendance():
    return AttendanceFactory()


def evening(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def told():
    return list(DeadlineNotice.objects.order_by("pk").values_list("stage", flat=True))


@pytest.mark.parametrize(
    ("day", "stages"),
    [
        (SEVENTH - DAY, []),
        (SEVENTH, ["warned"]),
        (TENTH - DAY, ["warned"]),
        (TENTH, ["warned", "escalated"]),
    ],
)
def test_managers_are_reminded_at_day_seven_and_the_community_at_day_ten(attendance, day, stages):
    warn_of_deadlines(at=evening(day))

    assert told() == stages


def test_everybody_is_told_once_however_often_the_clock_strikes(attendance):
    first = [warn_of_deadlines(at=evening(SEVENTH)), warn_of_deadlines(at=evening(TENTH))]
    again = warn_of_deadlines(at=evening(ELEVENTH))

    assert (first, again, told()) == ([1, 1], 0, ["warned", "escalated"])


@pytest.mark.parametrize("factory", [OpenAttendanceFactory, ApprovedAttendanceFactory])
def test_only_what_waits_for_a_decision_is_late(factory):
    factory()

    assert warn_of_deadlines(at=evening(ELEVENTH)) == 0
    assert not overdue(ELEVENTH).exists()


def test_a_decision_ends_it(attendance):
    warn_of_deadlines(at=evening(TENTH))
    staff = make_actor(Role.COMMUNITY_STAFF, "5201")
    before = reminders_for(staff)

    services.approve(attendance_id=attendance.pk, actor=staff, at=evening(TENTH))

    assert before == {"warned": 0, "escalated": 1}
    assert reminders_for(staff) == {"warned": 0, "escalated": 0}
    assert not overdue(ELEVENTH).exists()


def test_a_row_counts_as_warned_until_it_is_escalated(attendance):
    manager = make_actor(Role.SITE_MANAGER, attendance.site_id)
    warn_of_deadlines(at=evening(SEVENTH))

    assert reminders_for(manager) == {"warned": 1, "escalated": 0}
    assert reminders_for(make_actor(Role.SITE_MANAGER, attendance.site_id + 1))["warned"] == 0


def test_overdue_begins_the_day_after_the_last(attendance):
    assert not overdue(TENTH).exists()
    assert list(overdue(ELEVENTH)) == [attendance]


def test_what_waits_longest_comes_first(attendance):
    older = AttendanceFactory(
        shift=ShiftFactory(
            activity=attendance.shift.activity, starts_at=attendance.shift.starts_at - timedelta(days=2)
        )
    )

    assert list(overdue(ELEVENTH)) == [older, attendance]


@pytest.mark.parametrize(
    ("role", "scope", "seen"),
    [
        (Role.SITE_MANAGER, None, 1),
        (Role.SITE_MANAGER, 10**9, 0),
        (Role.COMMUNITY_STAFF, "520102", 1),
        (Role.COMMUNITY_STAFF, "5101", 0),
        (Role.SUPERVISOR, "5201", 1),
        (Role.PLATFORM_ADMIN, "", 1),
    ],
)
def test_everybody_sees_what_is_overdue_in_their_scope(attendance, role, scope, seen):
    actor = make_actor(role, attendance.site_id if scope is None else scope)

    assert overdue_for(actor, ELEVENTH).count() == seen


def test_a_volunteer_is_shown_nobodys(attendance):
    assert not overdue_for(Actor(user_id=attendance.volunteer.user_id), ELEVENTH).exists()


def test_prometheus_counts_them():
    none = REGISTRY.get_sample_value("jishan_attendances_overdue")
    AttendanceFactory(shift=ShiftFactory(starts_at=timezone.now() - timedelta(days=40)))

    assert (none, REGISTRY.get_sample_value("jishan_attendances_overdue")) == (0, 1)
