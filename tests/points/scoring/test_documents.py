"""A rule document is checked by its published schema and beyond; every fault is named by its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from points.scoring.documents import faults_of, rules_from
from points.scoring.errors import RuleDocumentInvalid
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.rules import Caps, Expiry, ExpiryPolicy, MonthsInARow, Night, OtherAward, OtherKind
from points.scoring.schema import SCHEMA
from tests.architecture.sources import ROOT

BARE: dict[str, Any] = {
    "base": {"points": 10, "per_minutes": 60, "step_minutes": 30},
    "expiry": {"policy": "end_of_year", "years": 2},
}
LABEL = {"zh": "周末", "en": "weekend"}
HEALTH = {"points": 12, "per_minutes": 60, "label": LABEL, "when": {"categories": ["health"]}}
WEEKEND = {"basis_points": 12_000, "label": LABEL, "when": {"days": ["weekend"]}}
NIGHT = {"basis_points": 12_000, "label": LABEL, "when": {"night": True}}


def places(**changes: object) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults_of({**BARE, **changes})]


def test_the_published_schema_is_the_one_that_is_used():
    published = json.loads((ROOT / "docs" / "rule-set.schema.json").read_text(encoding="utf-8"))

    assert published == json.loads(json.dumps(SCHEMA)), "manage.py rule_schema > docs/rule-set.schema.json"
    Draft202012Validator.check_schema(published)


def test_the_smallest_document_leaves_everything_else_out():
    rules = rules_from(BARE)

    assert (rules.base.points, rules.step_minutes, rules.expiry) == (
        10,
        30,
        Expiry(ExpiryPolicy.END_OF_YEAR, 2),
    )
    assert (rules.rates, rules.multipliers, rules.caps, rules.other_awards) == ((), (), Caps(), {})
    assert (rules.manual_earns, rules.complaint_upheld_earns, rules.may_owe) == (False, False, True)
    assert (rules.transfers.charity_pool, rules.transfers.relative_monthly_points) == (False, None)


def test_a_full_document_says_it_all():
    rules = rules_from(
        {
            **DEFAULT_DOCUMENT,
            "rates": [HEALTH],
            "multipliers": [WEEKEND, NIGHT],
            "night": {"from": "22:30", "until": "06:00"},
            "bonuses": {
                "first_service": 5,
                "months_in_a_row": [{"months": 6, "points": 20}, {"months": 3, "points": 10}],
            },
            "other_awards": {"referral": {"points": 2, "monthly_limit": 10}},
            "caps": {
                "record": {"minutes": 250, "points": 30},
                "day": {"minutes": 480, "points": 80},
                "month": {"points": 300},
                "year": {"points": 2000},
                "lifetime": {"points": 9000},
            },
            "exclusions": {"manual": False},
            "clawback": {"may_owe": False},
        }
    )

    assert rules.night == Night(22 * 60 + 30, 6 * 60)
    assert (rules.first_service_points, rules.months_in_a_row) == (
        5,
        (MonthsInARow(3, 10), MonthsInARow(6, 20)),
    )
    assert rules.other_awards == {OtherKind.REFERRAL: OtherAward(2, 10)}
    assert rules.caps == Caps(240, 30, 480, 80, 300, 2000, 9000)
    assert (rules.manual_earns, rules.complaint_upheld_earns, rules.may_owe) == (True, False, False)
    assert (rules.transfers.charity_pool, rules.transfers.relative_monthly_points) == (True, 100)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"base": {"points": 10, "per_minutes": 60}}, ("/base/step_minutes", "required")),
        ({"base": {**BARE["base"], "points": -1}}, ("/base/points", "minimum")),
        ({"base": {**BARE["base"], "points": True}}, ("/base/points", "type")),
        ({"base": {**BARE["base"], "per_minutes": 50}}, ("/base/per_minutes", "enum")),
        ({"bonus": 3}, ("/bonus", "unknown")),
        ({"base": {**BARE["base"], "a/b~c": 3}}, ("/base/a~1b~0c", "unknown")),
        ({"caps": {"day": {"minutes": 1441}}}, ("/caps/day/minutes", "maximum")),
        ({"expiry": {"policy": "end_of_year"}}, ("/expiry/years", "required")),
        ({"expiry": {"policy": "months", "years": 2, "months": 3}}, ("/expiry/years", "unknown")),
        ({"expiry": {"policy": "never", "months": 3}}, ("/expiry/months", "unknown")),
        ({"expiry": {"policy": "one_day"}}, ("/expiry/policy", "enum")),
        ({"exclusions": {"manual": 1}}, ("/exclusions/manual", "type")),
        ({"multipliers": {}}, ("/multipliers", "type")),
        ({"multipliers": [WEEKEND] * 41}, ("/multipliers", "maxItems")),
        (
            {"multipliers": [WEEKEND, {**NIGHT, "basis_points": 200_000}]},
            ("/multipliers/1/basis_points", "maximum"),
        ),
        ({"multipliers": [{**WEEKEND, "when": {}}]}, ("/multipliers/0/when", "minProperties")),
        (
            {"multipliers": [{**WEEKEND, "when": {"skilled": False}}]},
            ("/multipliers/0/when/skilled", "const"),
        ),
        ({"multipliers": [{**WEEKEND, "when": {"days": []}}]}, ("/multipliers/0/when/days", "minItems")),
        (
            {"multipliers": [{**WEEKEND, "when": {"difficulty": [2, 2]}}]},
            ("/multipliers/0/when/difficulty", "uniqueItems"),
        ),
        (
            {"multipliers": [{**WEEKEND, "label": {"zh": "", "en": "x"}}]},
            ("/multipliers/0/label/zh", "minLength"),
        ),
        (
            {"multipliers": [{**WEEKEND, "label": {"zh": "长" * 41, "en": "x"}}]},
            ("/multipliers/0/label/zh", "maxLength"),
        ),
        ({"rates": [{**HEALTH, "per_event": True}]}, ("/rates/0", "oneOf")),
        ({"night": {"from": "24:00", "until": "06:00"}}, ("/night/from", "pattern")),
        (
            {"bonuses": {"months_in_a_row": [{"months": 1, "points": 5}]}},
            ("/bonuses/months_in_a_row/0/months", "minimum"),
        ),
        ({"other_awards": {"hours": {"points": 1, "monthly_limit": 2}}}, ("/other_awards/hours", "unknown")),
        # what the schema cannot say
        (
            {"rates": [HEALTH, {**HEALTH, "when": {"categories": ["health"], "recipients": ["elders"]}}]},
            ("/rates/1/when", "never_used"),
        ),
        ({"multipliers": [WEEKEND, {**NIGHT, "when": WEEKEND["when"]}]}, ("/multipliers/1/when", "twice")),
        ({"multipliers": [NIGHT]}, ("/multipliers/0/when/night", "night_unknown")),
        ({"night": {"from": "22:00", "until": "22:00"}}, ("/night/until", "empty")),
        (
            {"bonuses": {"months_in_a_row": [{"months": 3, "points": 5}, {"months": 3, "points": 6}]}},
            ("/bonuses/months_in_a_row/1/months", "twice"),
        ),
        (
            {"other_awards": {"lecture": {"points": 5, "monthly_limit": 4}}},
            ("/other_awards/lecture/monthly_limit", "below_one"),
        ),
        ({"caps": {"day": {"minutes": 29}}}, ("/caps/day/minutes", "below_step")),
        (
            {"caps": {"record": {"minutes": 500}, "day": {"minutes": 480}}},
            ("/caps/day/minutes", "below_shorter"),
        ),
        ({"caps": {"day": {"points": 80}, "year": {"points": 60}}}, ("/caps/year/points", "below_shorter")),
    ],
)
def test_a_fault_is_named_by_its_place_and_told_in_chinese(changes, place):
    faults = faults_of({**BARE, **changes})

    assert [(fault.pointer, fault.code) for fault in faults] == [place]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in faults[0].message)


def test_a_narrower_rate_before_a_wider_one_is_no_fault():
    narrow = {**HEALTH, "when": {"categories": ["health"], "recipients": ["elders"]}}

    assert places(rates=[narrow, HEALTH]) == []


def test_every_fault_is_named_at_once():
    found = places(
        base={"points": -1, "per_minutes": 60, "step_minutes": 30},
        rates=[HEALTH, HEALTH],
        multipliers=[{**WEEKEND, "basis_points": 0}],
        magic=1,
    )

    assert found == [
        ("/base/points", "minimum"),
        ("/magic", "unknown"),
        ("/multipliers/0/basis_points", "minimum"),
        ("/rates/1/when", "never_used"),
    ]


@pytest.mark.parametrize("document", [None, [], "rules", 3])
def test_what_is_no_object_is_no_document(document):
    with pytest.raises(RuleDocumentInvalid) as refusal:
        rules_from(document)

    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("", "type")]


def test_a_refused_document_is_a_problem_with_a_pointer_for_each_fault():
    class Refusing(APIView):
        permission_classes = ()

        def get(self, request):
            rules_from({**BARE, "magic": 1, "caps": {"day": {"minutes": 20}}})

    answer = Refusing.as_view()(APIRequestFactory().get("/api/v1/"))

    assert answer.status_code == 400
    assert answer.data == {
        "type": "urn:jishan:problem:rule_document_invalid",
        "title": "Bad Request",
        "status": 400,
        "code": "rule_document_invalid",
        "detail": "积分规则有 2 处需要修改。",
        "errors": [
            {
                "pointer": "/caps/day/minutes",
                "code": "below_step",
                "detail": "上限低于计分的最小单位 30 分钟，任何服务都得不到积分。",
            },
            {"pointer": "/magic", "code": "unknown", "detail": "没有这一项，请删去或检查拼写。"},
        ],
    }


_VALIDATOR = Draft202012Validator(SCHEMA)
_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2000) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(SCHEMA["properties"])), value=_json)
def test_no_document_breaks_the_check(name, value):
    document = {**DEFAULT_DOCUMENT, name: value}

    assert bool(faults_of(document)) != _VALIDATOR.is_valid(document)
