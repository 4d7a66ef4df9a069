"""`/points/gifts/`."""

import pytest
from django.utils import timezone

from tests.factories.accounts import StaffFactory
from tests.factories.ledger import account, default_rules, give
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

GIFTS = "/api/v1/points/gifts/"


@pytest.fixture
def zhang():
    default_rules()
    volunteer = VolunteerFactory()
    give(volunteer, 60, key="award", at=timezone.now())
    return volunteer


def test_points_are_given_and_listed(api, zhang):
    answer = api(zhang.user).post(GIFTS, {"to": "pool", "points": 20}, format="json")

    assert answer.status_code == 201
    assert {key: answer.json()[key] for key in ("to", "points")} == {"to": "pool", "points": 20}
    assert [row["points"] for row in api(zhang.user).get(GIFTS).json()["results"]] == [20]
    assert account(zhang).balance == 40


def test_the_same_request_gives_once(api, zhang):
    body, key = {"to": "pool", "points": 20}, {"HTTP_IDEMPOTENCY_KEY": "k"}

    first = api(zhang.user).post(GIFTS, body, format="json", **key)
    second = api(zhang.user).post(GIFTS, body, format="json", **key)

    assert (first.json(), second["Idempotency-Replayed"]) == (second.json(), "true")
    assert account(zhang).balance == 40


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "relative", "points": 5}, 409, "relative_missing"),
        ({"to": "pool", "points": 61}, 409, "insufficient_points"),
        ({"to": "pool", "points": 0}, 400, "invalid"),
        ({"to": "store", "points": 5}, 400, "invalid"),
        ({}, 400, "invalid"),
    ],
)
def test_what_cannot_be_given_is_refused_and_nothing_moves(api, zhang, body, status, code):
    answer = api(zhang.user).post(GIFTS, body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert account(zhang).balance == 60


def test_who_is_no_volunteer_gives_nothing(api):
    assert api(StaffFactory()).post(GIFTS, {"to": "pool", "points": 5}, format="json").status_code == 404
    assert api(None).post(GIFTS, {"to": "pool", "points": 5}, format="json").status_code == 401
