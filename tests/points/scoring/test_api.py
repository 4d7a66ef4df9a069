"""`/points/rule-sets/`."""

import json

import pytest
from django.utils import timezone

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
            "edition": rules.edition,
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


# --- from draft to retirement ---


@pytest.fixture
def maker(rules, api):
    return api(make_staff(Role.COMMUNITY_STAFF, "5201"))


@pytest.fixture
def checker(rules, api):
    return api(make_staff(Role.COMMUNITY_STAFF, "52"))


def today():
    return timezone.localdate().isoformat()


def drafted_by(maker, **changes):
    body = {"region": GUIYANG, "effective_from": today(), "document": DEFAULT_DOCUMENT, **changes}
    return maker.post(RULE_SETS, body)


def test_rules_go_from_draft_into_force_and_out_of_it(maker, checker):
    made = drafted_by(maker).json()
    address = f"{RULE_SETS}{made['id']}/"
    document = {**DEFAULT_DOCUMENT, "minimum_attendance_percent": 50}

    changed = maker.patch(address, {"edition": made["edition"], "document": document}).json()
    reviewed = checker.post(f"{address}review/", {"edition": changed["edition"]}).json()
    active = maker.post(f"{address}activate/").json()
    retired = maker.post(f"{address}retire/", {"reason": "换回原来的办法"}).json()

    assert [found["status"] for found in (made, changed, reviewed, active, retired)] == [
        "draft",
        "draft",
        "reviewed",
        "active",
        "retired",
    ]
    assert RuleSet.objects.get(pk=made["id"]).document == document


def test_a_reviewed_version_goes_back(maker, checker):
    made = drafted_by(maker).json()
    address = f"{RULE_SETS}{made['id']}/"
    checker.post(f"{address}review/", {"edition": made["edition"]})

    answer = maker.post(f"{address}return/", {"reason": "日期要改"})

    assert (answer.status_code, answer.json()["status"]) == (200, "draft")


def test_a_stale_change_is_a_conflict(maker, checker):
    made = drafted_by(maker).json()
    address = f"{RULE_SETS}{made['id']}/"
    checker.patch(address, {"edition": made["edition"], "effective_from": "2030-01-01"})

    answer = maker.patch(address, {"edition": made["edition"], "effective_from": "2031-01-01"})

    assert (answer.status_code, answer.json()["code"]) == (409, "rule_set_stale")
    assert maker.get(address).json()["effective_from"] == "2030-01-01"


def test_a_draft_is_written_once_for_one_key(maker):
    body = {"region": GUIYANG, "effective_from": today(), "document": DEFAULT_DOCUMENT}

    twice = [maker.post(RULE_SETS, body, HTTP_IDEMPOTENCY_KEY="k1").json()["id"] for _ in range(2)]

    assert twice[0] == twice[1]
    assert RuleSet.objects.filter(status="draft").count() == 1


def test_faults_are_named_by_their_pointers(maker):
    answer = drafted_by(maker, document={**DEFAULT_DOCUMENT, "base": {"points": -1}})

    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "/base/per_minutes",
        "/base/points",
        "/base/step_minutes",
    ]


@pytest.mark.parametrize(
    "change",
    [{"region": "52"}, {"region": "贵阳"}, {"effective_from": "soon"}, {"document": []}, {"document": {}}],
)
def test_a_draft_of_nonsense_is_refused(maker, change):
    assert drafted_by(maker, **change).status_code == 400


def test_rules_for_a_region_nobody_knows_are_not_found(rules, api):
    admin = api(make_staff(Role.PLATFORM_ADMIN))

    assert drafted_by(admin, region="999999999999").status_code == 404
