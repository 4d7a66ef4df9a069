"""Who reads which records, and what counts."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from tests.factories.accounts import StaffFactory, make_actor
from tests.factories.attendance import (
    ApprovedAttendanceFactory,
    ServiceRecordFactory,
)
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.volunteers import ShiftFactory, VolunteerFactory
from volunteers.records.choices import RecordKind
from volunteers.records.queries import live_record_of, records_of, totals_of, visible_to

pytestmark = pytest.mark.django_db

READERS = {
    Role.SITE_MANAGER: lambda record: record.attendance.site_id,
    Role.ORGANIZATION_MANAGER: lambda record: record.organization_id,
    Role.COMMUNITY_STAFF: lambda _: "520102",
    Role.SUPERVISOR: lambda _: "52",
    Role.PLATFORM_ADMIN: lambda _: "",
}


@pytest.fixture
def record():
    return ServiceRecordFactory()


@pytest.fixture
def elsewhere():
    """A record of another organization, in Chengdu."""
    return ServiceRecordFactory(region=RegionFactory(code=CHENGDU_JINJIANG))


def taken_back(record):
    return ServiceRecordFactory(
        attendance=record.attendance,
        kind=RecordKind.REVERSAL,
        reverses=record,
        minutes=-record.minutes,
        reason="重复",
        recorded_by=StaffFactory(),
    )


@pytest.mark.parametrize("role", sorted(READERS))
def test_staff_read_the_records_of_their_scope(role, record, elsewhere):
    actor = make_actor(role, READERS[role](record))

    everything = {record, elsewhere} if role == Role.PLATFORM_ADMIN else {record}
    assert set(visible_to(actor)) == everything


def test_a_volunteer_reads_their_own(record, elsewhere):
    assert set(visible_to(actor_for(record.volunteer.user))) == {record}


def test_a_clerk_reads_none(record):
    assert list(visible_to(make_actor(Role.STORE_CLERK, 1))) == []


def test_the_minutes_that_count_are_the_plain_sum(record):
    next_shift = ShiftFactory(starts_at=record.ended_at)
    second = ServiceRecordFactory(
        attendance=ApprovedAttendanceFactory(
            volunteer=record.volunteer,
            shift=next_shift,
            checked_out_at=record.ended_at + timedelta(minutes=30),
        )
    )
    before = totals_of(record.volunteer)

    taken_back(second)

    assert (before, totals_of(record.volunteer)) == (210, 180)


def test_nobody_starts_with_minutes():
    assert totals_of(VolunteerFactory()) == 0


def test_the_record_that_counts(record):
    before = live_record_of(record.attendance_id)

    taken_back(record)

    assert (before, live_record_of(record.attendance_id)) == (record, None)


def test_records_come_newest_first_and_say_whether_they_count(record, django_assert_num_queries):
    reversal = taken_back(record)

    with django_assert_num_queries(1):
        rows = [(row, row.is_reversed, row.volunteer.number) for row in records_of(record.volunteer)]

    number = record.volunteer.number
    assert rows == [(reversal, False, number), (record, True, number)]
