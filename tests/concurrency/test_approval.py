"""Two managers over one list."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Role
from backend.core.models import OutboxEvent
from tests.concurrency.rivals import Meeting, race
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory
from volunteers.attendance.models import Attendance
from volunteers.records import services
from volunteers.records.errors import AlreadyDecided, RecordExists
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db(transaction=True)


def approving(attendance):
    actor = make_actor(Role.SITE_MANAGER, attendance.site_id)
    at = attendance.shift.ends_at + timedelta(hours=1)
    return lambda: services.approve(attendance_id=attendance.pk, actor=actor, at=at)


def rejecting(attendance):
    actor = make_actor(Role.SITE_MANAGER, attendance.site_id)
    at = attendance.shift.ends_at + timedelta(hours=1)
    return lambda: services.reject(attendance_id=attendance.pk, actor=actor, at=at, reason="没有到场")


def test_without_the_lock_both_see_it_pending_and_the_database_refuses_one():
    attendance = AttendanceFactory()
    meeting = Meeting(2, ['FROM "volunteers_attendance"', "FOR NO KEY UPDATE"])

    def unguarded(approve):
        def run():
            with meeting.unguarded():
                return approve()

        return run

    outcome = race(unguarded(approving(attendance)), unguarded(approving(attendance)))

    assert sorted(type(result) for result in outcome if isinstance(result, Exception)) == [RecordExists]
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (1, 1)


def test_two_managers_approve_the_same_row_and_share_one_record():
    attendance = AttendanceFactory()

    outcome = race(*[approving(attendance) for _ in range(4)])

    assert {record.pk for record in outcome} == {ServiceRecord.objects.get().pk}
    assert OutboxEvent.objects.count() == 1


def test_approving_and_rejecting_at_once_leaves_one_decision():
    attendance = AttendanceFactory()

    approved, rejected = race(approving(attendance), rejecting(attendance))

    status = Attendance.objects.get().status
    lost = {"approved": rejected, "rejected": approved}[status]
    assert isinstance(lost, AlreadyDecided)
    assert ServiceRecord.objects.count() == (1 if status == "approved" else 0)


def test_two_lists_in_opposite_order_do_not_block_each_other():
    first = AttendanceFactory()
    second = AttendanceFactory(shift=first.shift)
    actor = make_actor(Role.SITE_MANAGER, first.site_id)
    at = first.shift.ends_at + timedelta(hours=1)

    def approving_all(ids):
        return lambda: services.approve_many(ids=ids, actor=actor, at=at)

    outcome = race(approving_all([first.pk, second.pk]), approving_all([second.pk, first.pk]))

    assert [[row.refusal for row in rows] for rows in outcome] == [[None, None], [None, None]]
    assert ServiceRecord.objects.count() == 2


def test_two_shifts_that_overlap_are_credited_to_one_person_once():
    first = AttendanceFactory()
    second = AttendanceFactory(shift=first.shift, volunteer=first.volunteer)

    outcome = race(approving(first), approving(second))

    codes = sorted(getattr(result, "code", "record") for result in outcome)
    assert codes == ["credited_overlap", "record"]
    assert ServiceRecord.objects.count() == 1
