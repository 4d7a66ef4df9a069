"""What volunteers change about themselves, and what they agree to."""

from datetime import timedelta

import pytest

from backend.core.models import AuditEntry, OutboxEvent
from backend.regions.errors import RegionUnknown
from tests.factories.regions import COMMUNITY, GUIYANG, RegionFactory
from tests.factories.volunteers import GuardianFactory, VolunteerFactory
from volunteers.people import services
from volunteers.people.choices import ConsentKind
from volunteers.people.errors import GuardianUnknown, ServiceCategoryUnknown
from volunteers.people.models import Consent
from volunteers.people.queries import consents_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def volunteer():
    return VolunteerFactory()


def test_only_what_was_changed_changes(volunteer, now):
    RegionFactory(code=GUIYANG)

    services.update_profile(volunteer=volunteer, changes={"region_code": GUIYANG, "skills": ["手语"]}, at=now)

    volunteer.refresh_from_db()
    assert (volunteer.region_id, volunteer.skills, volunteer.name) == (GUIYANG, ["手语"], "张晓明")
    assert AuditEntry.objects.get().detail == {"fields": ["region", "skills"]}


def test_times_and_categories_change_too(volunteer, now):
    changes = {"service_categories": ["tax"], "available_times": ["工作日晚上"]}

    services.update_profile(volunteer=volunteer, changes=changes, at=now)

    volunteer.refresh_from_db()
    assert (volunteer.service_categories, volunteer.available_times) == (["tax"], ["工作日晚上"])


def test_changing_nothing_writes_nothing(volunteer, now):
    services.update_profile(volunteer=volunteer, changes={}, at=now)

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"region_code": "0"}, RegionUnknown), ({"service_categories": ["x"]}, ServiceCategoryUnknown)],
)
def test_changes_that_cannot_be_leave_everything_as_it_was(volunteer, changes, refusal, now):
    with pytest.raises(refusal):
        services.update_profile(volunteer=volunteer, changes=changes, at=now)

    volunteer.refresh_from_db()
    assert (volunteer.region_id, volunteer.service_categories) == (COMMUNITY, [])


def test_a_consent_is_given_and_withdrawn_and_both_are_remembered(volunteer, now):
    later = now + timedelta(days=1)

    given = services.set_consent(volunteer=volunteer, kind=ConsentKind.LOCATION, granted=True, at=now)
    left = services.set_consent(volunteer=volunteer, kind=ConsentKind.LOCATION, granted=False, at=later)

    row = Consent.objects.get(kind=ConsentKind.LOCATION)
    assert (given, left) == ({ConsentKind.PRIVACY, ConsentKind.LOCATION}, {ConsentKind.PRIVACY})
    assert (row.granted_at, row.withdrawn_at) == (now, later)
    assert consents_of(volunteer) == {ConsentKind.PRIVACY}


def test_agreeing_again_makes_a_second_row(volunteer, now):
    for granted in (True, False, True):
        services.set_consent(volunteer=volunteer, kind=ConsentKind.LOCATION, granted=granted, at=now)

    assert Consent.objects.filter(kind=ConsentKind.LOCATION).count() == 2


@pytest.mark.parametrize("granted", [True, False])
def test_saying_the_same_twice_changes_nothing(volunteer, granted, now):
    services.set_consent(volunteer=volunteer, kind=ConsentKind.LOCATION, granted=True, at=now)
    services.set_consent(volunteer=volunteer, kind=ConsentKind.LOCATION, granted=granted, at=now)
    rows = Consent.objects.count(), AuditEntry.objects.count()

    services.set_consent(volunteer=volunteer, kind=ConsentKind.LOCATION, granted=granted, at=now)

    assert (Consent.objects.count(), AuditEntry.objects.count()) == rows


@pytest.mark.parametrize("granted", [True, False])
def test_a_change_of_the_board_consent_is_reported_for_both_boards(volunteer, granted, now):
    if not granted:
        Consent.objects.create(volunteer=volunteer, kind=ConsentKind.HONOR_BOARD, granted_at=now)

    services.set_consent(volunteer=volunteer, kind=ConsentKind.HONOR_BOARD, granted=granted, at=now)

    events = OutboxEvent.objects.order_by("id").values_list("topic", "payload")
    assert list(events) == [
        ("board.changed", {"board": "honors", "region": COMMUNITY}),
        ("board.changed", {"board": "hours", "region": COMMUNITY}),
    ]


def test_other_consents_do_not_touch_the_boards(volunteer, now):
    services.set_consent(volunteer=volunteer, kind=ConsentKind.PRIVACY, granted=False, at=now)

    assert not OutboxEvent.objects.exists()


def test_a_guardian_must_be_known_before_they_agree(volunteer, now):
    with pytest.raises(GuardianUnknown):
        services.set_consent(volunteer=volunteer, kind=ConsentKind.GUARDIAN, granted=True, at=now)

    GuardianFactory(volunteer=volunteer)
    held = services.set_consent(volunteer=volunteer, kind=ConsentKind.GUARDIAN, granted=True, at=now)
    assert held == {ConsentKind.PRIVACY, ConsentKind.GUARDIAN}
