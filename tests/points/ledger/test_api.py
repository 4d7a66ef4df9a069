"""`/points/balance/` and `/points/entries/`."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import StaffFactory, make_staff
from tests.factories.ledger import give, hold
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

BALANCE = "/api/v1/points/balance/"
ENTRIES = "/api/v1/points/entries/"


@pytest.fixture
def zhang():
    """A volunteer with 60 points until tomorrow, 44 of them held."""
    volunteer = VolunteerFactory()
    at = timezone.now()
    give(volunteer, 60, key="award", at=at, expires_at=at + timedelta(days=1))
    hold(volunteer, 44, key="hold", at=at)
    return volunteer


def test_a_volunteer_sees_their_balance(api, zhang):
    body = api(zhang.user).get(BALANCE).json()

    assert body.pop("next_expiry") is not None
    assert body == {"available": 16, "held": 44, "expiring_soon": 16, "next_expiry_points": 16}


def test_a_volunteer_without_points_has_zero(api):
    assert api(VolunteerFactory().user).get(BALANCE).json() == {
        "available": 0,
        "held": 0,
        "expiring_soon": 0,
        "next_expiry": None,
        "next_expiry_points": 0,
    }


def test_a_volunteer_sees_their_statement_newest_first(api, zhang):
    give(VolunteerFactory(), 5, key="somebody else")

    lines = api(zhang.user).get(ENTRIES).json()["results"]

    assert [(line["points"], line["kind"], line["sentence"]) for line in lines] == [
        (-44, "hold", "预约兑换 大米"),
        (60, "award", "award，计 60 积分。"),
    ]
    assert set(lines[0]) == {
        "id",
        "points",
        "kind",
        "at",
        "business_day",
        "sentence",
        "source_type",
        "source_id",
        "rule_version",
    }


def test_the_sentences_come_in_the_language_asked_for(api, zhang):
    lines = api(zhang.user).get(ENTRIES, HTTP_ACCEPT_LANGUAGE="en").json()["results"]

    assert [line["sentence"] for line in lines] == ["Reserved: rice", "award: 60 points."]


def test_a_statement_is_read_page_by_page(api, zhang):
    first = api(zhang.user).get(ENTRIES, {"page_size": 1}).json()
    second = api(zhang.user).get(first["next"]).json()

    assert [line["points"] for line in (*first["results"], *second["results"])] == [-44, 60]
    assert second["next"] is None


@pytest.mark.parametrize("size", [1, 3])
def test_a_page_costs_the_same_however_long(api, zhang, size, django_assert_num_queries):
    for number in range(size):
        give(zhang, 1, key=f"more {number}")
    client = api(zhang.user)

    with django_assert_num_queries(3):  # user, volunteer, page
        client.get(ENTRIES)


@pytest.mark.parametrize("role", [Role.COMMUNITY_STAFF, Role.SUPERVISOR])
@pytest.mark.parametrize("address", [BALANCE, ENTRIES])
def test_staff_read_the_points_of_volunteers_of_their_region(api, zhang, role, address):
    staff = make_staff(role, zhang.region_id[:6])

    assert api(staff).get(address, {"volunteer": zhang.pk}).json() == api(zhang.user).get(address).json()


@pytest.mark.parametrize("address", [BALANCE, ENTRIES])
def test_volunteers_of_another_region_are_not_found(api, zhang, address):
    staff = make_staff(Role.COMMUNITY_STAFF, "5101")

    answer = api(staff).get(address, {"volunteer": zhang.pk})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("address", [BALANCE, ENTRIES])
def test_a_volunteer_never_reads_the_points_of_another(api, zhang, address):
    answer = api(VolunteerFactory().user).get(address, {"volunteer": zhang.pk})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_volunteer_may_name_themself(api, zhang):
    assert api(zhang.user).get(BALANCE, {"volunteer": zhang.pk}).json()["available"] == 16


@pytest.mark.parametrize("text", ["zhang", "0", "-1", "99999999999999999999"])
def test_a_volunteer_is_named_by_a_number(api, zhang, text):
    answer = api(zhang.user).get(BALANCE, {"volunteer": text})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_staff_without_points_of_their_own_have_to_say_whose(api):
    assert api(StaffFactory()).get(BALANCE).status_code == 404


@pytest.mark.parametrize("address", [BALANCE, ENTRIES])
def test_strangers_are_asked_to_log_in(api, address):
    assert api(None).get(address).status_code == 401
