"""What PostgreSQL reckons for thousands of records is what the engine reckons for each."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.revision import sets
from points.revision.scope import Scope
from points.scoring.awarding import facts_of, to_score
from points.scoring.documents import rules_from
from points.scoring.engine import SoFar, score
from points.scoring.models import RuleSet
from points.scoring.presets import PRESETS
from tests.factories.ledger import rules_in_force, serve
from tests.factories.volunteers import VolunteerFactory
from tests.points.revision.runs import award
from tests.points.scoring.engine_rules import ESCORT, RESCUE, WEEKEND, event, factor, rules
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

SCOPE = Scope("5201", date(2026, 1, 1), None)
UNTIL = date(2026, 12, 31)
RATES = [
    ESCORT,
    event(5, "宣传", categories=["culture"]),
    {
        "points": 7,
        "per_minutes": 45,
        "label": {"zh": "应急", "en": "e"},
        "when": {"activity_types": ["emergency"]},
    },
]
FACTORS = [
    WEEKEND,
    RESCUE,
    factor(8_000, "节日", days=["holiday"]),
    factor(13_333, "医", categories=["health"], days=["workday"]),
    factor(20_000, "难", difficulty=[3]),
    factor(11_000, "易", difficulty=[1, 2]),
    factor(90_000, "专业", skilled=True),
    factor(40_000, "组织", organizer=True, difficulty=[2]),
]


@st.composite
def any_document(draw):
    minutes, points = st.none() | st.integers(60, 600), st.none() | st.integers(0, 90)
    low, high = sorted(draw(st.lists(st.integers(0, 90), min_size=2, max_size=2)))
    shorter, longer = sorted(draw(st.lists(st.integers(60, 600), min_size=2, max_size=2)))
    caps = {
        "record": {"minutes": shorter} if draw(minutes) else {},
        "day": {"minutes": longer} if draw(minutes) else {},
    }
    if draw(points) is not None:
        caps["record"]["points"] = low
    if draw(points) is not None:
        caps["day"]["points"] = high
    return {
        "base": {
            "points": draw(st.integers(0, 13)),
            "per_minutes": draw(st.sampled_from([1, 30, 45, 60])),
            "step_minutes": draw(st.sampled_from([1, 15, 30, 45, 60])),
        },
        "rates": draw(st.lists(st.sampled_from(RATES), unique_by=lambda rate: rate["label"]["zh"])),
        "multipliers": draw(st.lists(st.sampled_from(FACTORS), unique_by=lambda item: item["label"]["zh"])),
        "minimum_attendance_percent": draw(st.sampled_from([0, 60, 90])),
        "exclusions": {"manual": draw(st.booleans())},
        "caps": caps,
    }


@pytest.fixture
def awarded(now) -> list[ServiceRecord]:
    """Records of every sort, each alone on its day."""
    rules_in_force()
    made = []
    for volunteer in VolunteerFactory.create_batch(2):
        for number, minutes in enumerate((10, 29, 30, 44, 60, 95, 150, 240, 241, 479, 480, 700)):
            made.append(
                serve(
                    minutes,
                    volunteer=volunteer,
                    day=date(2026, 9, 18) + timedelta(days=number),
                    manual=number % 7 == 6,
                    attendance__shift__activity__category=("health", "culture", "community")[number % 3],
                    attendance__shift__activity__recipient=("patients", "public")[number // 3 % 2],
                    attendance__shift__activity__activity_type=("emergency", "other")[number // 5 % 2],
                    attendance__shift__break_minutes=number % 4 * 5,
                    difficulty=number % 3 + 1,
                    skilled=number % 4 == 0,
                    organizer=number % 5 == 0,
                )
            )
    award(*made, at=now)
    return made


def by_the_engine(records, made):
    found = []
    for record in records:
        result = score(facts_of(record, SoFar()), made)
        pieces = tuple((piece.minutes, piece.worth) for piece in result.pieces)
        found.append(sets.Reckoned(record.pk, result.points, result.minutes_counted, pieces))
    return found


def by_postgresql(records, made):
    return sets.reckon(
        volunteers={record.volunteer_id for record in records},
        scope=SCOPE,
        rule_set=RuleSet(pk=0),
        rules=made,
        until=UNTIL,
    )


def test_both_agree_whatever_the_rules(awarded):
    records = to_score(ServiceRecord.objects.all())
    seen = set()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(document=any_document())
    def agree(document):
        made = rules(**document)
        assert sets.fits(made)
        expected = by_the_engine(records, made)
        assert by_postgresql(records, made) == expected
        seen.update(one.points for one in expected)

    agree()

    assert len(records) == 24
    assert len(seen) > 20


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.key)
def test_both_agree_on_the_presets(awarded, preset):
    records, made = to_score(ServiceRecord.objects.all()), rules_from(preset.document)

    if sets.fits(made):
        assert by_postgresql(records, made) == by_the_engine(records, made)
    else:
        assert made.night or made.caps.look_back or made.multiplier_mode == "product"


def test_the_largest_figures_a_document_can_have_do_not_overflow(awarded):
    made = rules(
        base={"points": 1000, "per_minutes": 1, "step_minutes": 1},
        multipliers=[factor(100_000, "全", activity_types=["emergency", "other"])],
        caps={"record": {"points": 1_000_000}, "day": {"minutes": 61}},
        exclusions={"manual": False},
    )
    records = to_score(ServiceRecord.objects.all())

    expected = by_the_engine(records, made)

    assert by_postgresql(records, made) == expected
    assert max(one.points for one in expected) == 610_000


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"night": {"from": "22:00", "until": "06:00"}}, False),
        ({"caps": {"month": {"points": 10}}}, False),
        ({"multiplier_mode": "product", "multipliers": [WEEKEND]}, True),
        ({"multiplier_mode": "product", "multipliers": [WEEKEND, RESCUE]}, False),
    ],
)
def test_what_only_the_engine_can_reckon_is_left_to_it(changes, fits):
    assert sets.fits(rules(**changes)) is fits
