"""`/points/rule-sets/`."""

import json

import pytest

from backend.accounts.scopes import Role
from points.scoring.models import RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.schema import SCHEMA
from tests.factories.accounts import make_staff
from tests.factories.ledger import default_rules, rules_in_force
from tests.factories.regions import CHENGDU_JINJIANG, GUIYANG, NANMING
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

RULE_SETS = "/api/v1/points/rule-sets/"


@pytest.fixture
def rules():
    return default_rules()


@pytest.fixture
def volunteer(api):
    return api(VolunteerFactory().user)


def ids(answer):
    return [found["id"] for found in answer.json()["results"]]


def drafted(now):
    return RuleSet.objects.create(
        region_id=GUIYANG, version=2, effective_from=now.date(), document=DEFAULT_DOCUMENT, created_at=now
    )


def test_anybody_who_is_logged_in_reads_the_rules_in_force(rules, volunteer):
    assert volunteer.get(RULE_SETS).json()["results"] == [
        {
            "id": rules.pk,
            "region": GUIYANG,
            "version": 1,
            "label": "5201.1",
            "effective_from": "2021-02-01",
            "status": "active",
            "document": DEFAULT_DOCUMENT,
        }
    ]
    assert volunteer.get(f"{RULE_SETS}{rules.pk}/").json()["id"] == rules.pk


def test_rules_can_be_asked_for_a_place(rules, volunteer):
    elsewhere = default_rules(CHENGDU_JINJIANG)

    assert [found["id"] for found in volunteer.get(RULE_SETS, {"region": NANMING}).json()["results"]] == [
        rules.pk
    ]
    assert [found["id"] for found in volunteer.get(RULE_SETS).json()["results"]] == [elsewhere.pk, rules.pk]


def test_a_draft_is_seen_by_the_staff_of_its_region_only(rules, volunteer, api, now):
    made = drafted(now)

    own = api(make_staff(Role.COMMUNITY_STAFF, "5201")).get(f"{RULE_SETS}{made.pk}/")
    other = api(make_staff(Role.COMMUNITY_STAFF, "5101")).get(f"{RULE_SETS}{made.pk}/")

    assert (own.status_code, other.status_code) == (200, 404)
    assert volunteer.get(f"{RULE_SETS}{made.pk}/").status_code == 404
    assert volunteer.post(f"{RULE_SETS}{made.pk}/preview/", {"minutes": 60}).status_code == 404


def test_a_preview_says_what_service_would_earn_and_why(rules, volunteer):
    answer = volunteer.post(f"{RULE_SETS}{rules.pk}/preview/", {"minutes": 150, "activity": "图书整理"})

    assert answer.json() == {
        "points": 25,
        "minutes_counted": 150,
        "lines": [{"code": "base", "points": 25, "text": "2 小时 30 分 × 10/小时"}],
        "sentence": "图书整理 2 小时 30 分，每小时 10 分，计 25 积分。",
    }


def test_a_preview_speaks_english_too(rules, volunteer):
    answer = volunteer.post(
        f"{RULE_SETS}{rules.pk}/preview/",
        {"minutes": 60, "activity": "Library"},
        HTTP_ACCEPT_LANGUAGE="en",
    )

    assert answer.json()["sentence"] == "Library: 1 h, 10 points an hour: 10 points."
    assert answer.json()["lines"] == [{"code": "base", "points": 10, "text": "1 h × 10 an hour"}]


def test_a_preview_knows_the_daily_cap_and_hours_entered_by_hand(rules, volunteer):
    address = f"{RULE_SETS}{rules.pk}/preview/"

    capped = volunteer.post(address, {"minutes": 120, "earlier_minutes": 450, "day": "2026-09-12"})
    by_hand = volunteer.post(address, {"minutes": 120, "manual": True})

    assert (capped.json()["points"], by_hand.json()["points"]) == (5, 0)


def test_a_preview_takes_everything_the_rules_can_ask_for(volunteer):
    multiplier = {
        "basis_points": 15_000,
        "label": {"zh": "夜间急救", "en": "night rescue"},
        "when": {
            "categories": ["rescue"],
            "recipients": ["patients"],
            "activity_types": ["emergency"],
            "days": ["holiday"],
            "difficulty": [3],
            "skilled": True,
            "organizer": True,
            "night": True,
        },
    }
    made = rules_in_force(
        multipliers=[multiplier], night={"from": "22:00", "until": "06:00"}, caps={"year": {"points": 500}}
    )
    body = {
        "minutes": 120,
        "day": "2026-10-01",
        "starts_at": "21:00",
        "category": "rescue",
        "recipient": "patients",
        "activity_type": "emergency",
        "difficulty": 3,
        "skilled": True,
        "organizer": True,
        "scheduled_minutes": 200,
        "year_points": 480,
    }

    answer = volunteer.post(f"{RULE_SETS}{made.pk}/preview/", body)

    assert [(line["code"], line["points"]) for line in answer.json()["lines"]] == [
        ("base", 20),
        ("multiplier", 5),
        ("yearly_cap", -5),
    ]
    assert (
        volunteer.post(f"{RULE_SETS}{made.pk}/preview/", {**body, "scheduled_minutes": 201}).json()["points"]
        == 0
    )
    assert (
        volunteer.post(f"{RULE_SETS}{made.pk}/preview/", {**body, "complaint_upheld": True}).json()["points"]
        == 0
    )


def test_anybody_reads_the_schema_of_rule_documents(api):
    answer = api(None).get(f"{RULE_SETS}schema/")

    assert answer.json() == json.loads(json.dumps(SCHEMA))


@pytest.mark.parametrize(
    "body",
    [
        {"minutes": 60, "difficulty": 4},
        {"minutes": 60, "starts_at": "25:00"},
        {"minutes": 60, "day": "9999-12-31", "starts_at": "23:30"},
        {"minutes": 60, "recipient": "cats"},
        {"minutes": 60, "lifetime_points": 10**12},
    ],
)
def test_a_preview_of_what_cannot_be_is_refused(rules, volunteer, body):
    assert volunteer.post(f"{RULE_SETS}{rules.pk}/preview/", body).status_code == 400


@pytest.mark.parametrize(
    "body", [{}, {"minutes": -1}, {"minutes": 1441}, {"minutes": 60, "category": "magic"}]
)
def test_a_preview_of_nonsense_is_refused(rules, volunteer, body):
    assert volunteer.post(f"{RULE_SETS}{rules.pk}/preview/", body).status_code == 400


def test_strangers_are_asked_to_log_in(rules, api):
    assert api(None).get(RULE_SETS).status_code == 401
