"""Taking a record back: by somebody else, with a reason, once, and so that it can be decided anew."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import OutboxEvent
from tests.factories.accounts import MembershipFactory, make_actor
from tests.factories.attendance import AttendanceFactory, ForgottenAttendanceFactory
from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.records import services
from volunteers.records.choices import RecordKind
from volunteers.records.errors import (
    NotReversible,
    OwnAttendance,
    OwnRecord,
    ReversalReasonRequired,
)
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import records_of, totals_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def attendance():
    return AttendanceFactory()


@pytest.fixture
def later(attendance):
    return attendance.shift.ends_at + HOUR


@pytest.fixture
def manager(attendance):
    return make_actor(Role.SITE_MANAGER, attendance.site_id)


@pytest.fixture
def colleague(attendance):
    return make_actor(Role.COMMUNITY_STAFF, "520102001001")


@pytest.fixture
def record(attendance, manager, later):
    return services.approve(attendance_id=attendance.pk, actor=manager, at=later, minutes=120, reason="早退")


def test_a_reversal_is_a_row_that_cancels_the_record(record, colleague, later):
    reversal = services.reverse_record(record_id=record.pk, actor=colleague, reason=" 重复 ", at=later + HOUR)

    assert (reversal.kind, reversal.reverses, reversal.version) == (RecordKind.REVERSAL, record, 1)
    assert (reversal.minutes, reversal.reason, reversal.recorded_by_id, reversal.recorded_at) == (
        -120,
        "重复",
        colleague.user_id,
        later + HOUR,
    )
    assert (reversal.activity_name, reversal.service_date, reversal.started_at) == (
        record.activity_name,
        record.service_date,
        record.started_at,
    )
    assert totals_of(record.volunteer) == 0


def test_a_reversal_reports_both_rows(record, colleague, later):
    reversal = services.reverse_record(record_id=record.pk, actor=colleague, reason="重复", at=later)

    event = OutboxEvent.objects.get(topic="record.reversed")
    assert (event.key, event.payload) == (
        f"volunteer:{record.volunteer_id}",
        {"record_id": record.pk, "reversal_id": reversal.pk},
    )


def test_the_attendance_waits_for_a_decision_again_with_what_was_scanned(
    record, colleague, later, attendance
):
    services.reverse_record(record_id=record.pk, actor=colleague, reason="重复", at=later)

    attendance.refresh_from_db()
    assert (attendance.status, attendance.minutes, attendance.credited, attendance.flags) == (
        AttendanceStatus.PENDING,
        180,
        None,
        [Flag.REVERSED],
    )
    assert (attendance.decided_by, attendance.decided_at, attendance.decision_reason) == (None, None, "")


def test_the_time_is_free_again(record, colleague, later, attendance):
    twin = AttendanceFactory(shift=attendance.shift, volunteer=attendance.volunteer)
    services.reverse_record(record_id=record.pk, actor=colleague, reason="重复", at=later)

    services.approve(attendance_id=twin.pk, actor=colleague, at=later)

    assert totals_of(attendance.volunteer) == 180


def test_deciding_anew_makes_the_next_version(record, colleague, manager, later, attendance):
    services.reverse_record(record_id=record.pk, actor=colleague, reason="时长有误", at=later)

    second = services.approve(attendance_id=attendance.pk, actor=manager, at=later + HOUR)

    assert (second.version, second.minutes, totals_of(attendance.volunteer)) == (2, 180, 180)
    assert [(row.kind, row.is_reversed) for row in records_of(attendance.volunteer)] == [
        ("service", False),
        ("reversal", False),
        ("service", True),
    ]


def test_deciding_anew_may_also_be_a_rejection(record, colleague, manager, later, attendance):
    services.reverse_record(record_id=record.pk, actor=colleague, reason="代签", at=later)

    services.reject(attendance_id=attendance.pk, actor=manager, at=later, reason="代签")

    attendance.refresh_from_db()
    assert (attendance.status, totals_of(attendance.volunteer)) == (AttendanceStatus.REJECTED, 0)


def test_the_second_version_can_be_taken_back_too(record, colleague, manager, later, attendance):
    services.reverse_record(record_id=record.pk, actor=colleague, reason="一", at=later)
    second = services.approve(attendance_id=attendance.pk, actor=manager, at=later)

    services.reverse_record(record_id=second.pk, actor=colleague, reason="二", at=later)
    third = services.approve(attendance_id=attendance.pk, actor=colleague, at=later)

    attendance.refresh_from_db()
    assert (third.version, totals_of(attendance.volunteer), attendance.flags) == (3, 180, [Flag.REVERSED])


def test_a_forgotten_check_out_is_unknown_again(colleague, manager, later, attendance):
    forgotten = ForgottenAttendanceFactory(shift=attendance.shift)
    record = services.approve(attendance_id=forgotten.pk, actor=manager, at=later, minutes=60, reason="核实")

    services.reverse_record(record_id=record.pk, actor=colleague, reason="有误", at=later)

    forgotten.refresh_from_db()
    assert (forgotten.minutes, forgotten.flags) == (None, [Flag.FORGOT_CHECK_OUT, Flag.REVERSED])


def test_taking_back_twice_is_the_same_row(record, colleague, later):
    first = services.reverse_record(record_id=record.pk, actor=colleague, reason="重复", at=later)

    again = services.reverse_record(record_id=record.pk, actor=colleague, reason="重复", at=later + HOUR)

    assert (again, again.recorded_at) == (first, later)
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (2, 2)


# --- who may not ---


def refused(record, actor, at, reason="重复"):
    with pytest.raises(Exception) as caught:  # noqa: PT011 – the caller compares the class
        services.reverse_record(record_id=record.pk, actor=actor, reason=reason, at=at)
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (1, 1)
    return type(caught.value)


def test_whoever_wrote_it_does_not_take_it_back(record, manager, later):
    assert refused(record, manager, later) is OwnRecord


def test_the_volunteer_does_not_take_it_back(record, later):
    MembershipFactory(user=record.volunteer.user)

    assert refused(record, actor_for(record.volunteer.user), later) is OwnAttendance


def test_a_reason_is_needed(record, colleague, later):
    assert refused(record, colleague, later, reason="  ") is ReversalReasonRequired


def test_a_supervisor_only_reads(record, later):
    assert refused(record, make_actor(Role.SUPERVISOR, "52"), later) is Forbidden


def test_outside_the_scope_there_is_no_record(record, later):
    assert refused(record, make_actor(Role.COMMUNITY_STAFF, "51"), later) is NotFound


def test_a_record_that_does_not_exist_is_not_found(colleague, later):
    with pytest.raises(NotFound):
        services.reverse_record(record_id=10**30, actor=colleague, reason="x", at=later)


def test_a_reversal_is_not_reversed(record, colleague, manager, later):
    reversal = services.reverse_record(record_id=record.pk, actor=colleague, reason="重复", at=later)

    with pytest.raises(NotReversible):
        services.reverse_record(record_id=reversal.pk, actor=manager, reason="反悔", at=later)
