"""What points are reckoned from is copied onto the record, and stays as it was."""

import pytest

from backend.accounts.scopes import Role
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.activities.models import Activity
from volunteers.people.choices import ServiceCategory
from volunteers.records import services
from volunteers.records.models import SCORED_FACTS, ServiceRecord

pytestmark = pytest.mark.django_db

HARD = {
    "category": ServiceCategory.RESCUE,
    "recipient": Recipient.ELDERS,
    "activity_type": ActivityType.HARDSHIP_AID,
    "difficulty": 3,
    "skilled": True,
}


def facts_of(record):
    return {name: getattr(record, name) for name in SCORED_FACTS}


@pytest.fixture
def attendance():
    return AttendanceFactory(
        shift__break_minutes=15, **{f"shift__activity__{name}": value for name, value in HARD.items()}
    )


@pytest.fixture
def manager(attendance):
    return make_actor(Role.SITE_MANAGER, attendance.site_id)


def approve(attendance, manager):
    return services.approve(attendance_id=attendance.pk, actor=manager, at=attendance.shift.ends_at)


def test_a_record_keeps_what_its_activity_was_when_it_was_approved(attendance, manager):
    record = approve(attendance, manager)

    Activity.objects.update(difficulty=1, skilled=False, category=ServiceCategory.OTHER)

    assert facts_of(ServiceRecord.objects.get(pk=record.pk)) == {
        **HARD,
        "organizer": False,
        "scheduled_minutes": 165,
    }


def test_whoever_organizes_the_activity_is_its_organizer_and_nobody_else(attendance, manager):
    Activity.objects.update(organizer=attendance.volunteer)
    other = AttendanceFactory(shift=attendance.shift)

    made = [approve(one, manager) for one in (attendance, other)]

    assert [record.organizer for record in made] == [True, False]


def test_a_reversal_says_the_same_as_its_record(attendance, manager):
    record = approve(attendance, manager)

    reversal = services.reverse_record(
        record_id=record.pk,
        actor=make_actor(Role.COMMUNITY_STAFF, "5201"),
        reason="登记有误",
        at=attendance.shift.ends_at,
    )

    assert facts_of(reversal) == facts_of(record)
