from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.scoring.engine import BASIS_POINTS, Facts, Piece, Rules, day_total, rules_from, score
from points.scoring.errors import RuleDocumentInvalid
from points.scoring.presets import DEFAULT_DOCUMENT

TUESDAY = date(2026, 9, 15)
SATURDAY = date(2026, 9, 19)
DEFAULT = rules_from(DEFAULT_DOCUMENT)
WEEKEND = {"basis_points": 12_000, "label_zh": "周末", "label_en": "weekend", "weekend": True}
RESCUE = {"basis_points": 15_000, "label_zh": "应急", "label_en": "rescue", "categories": ["rescue"]}


def serve(minutes: int, rules: Rules = DEFAULT, **facts: object):
    return score(Facts(activity="图书整理", minutes=minutes, day=facts.pop("day", TUESDAY), **facts), rules)


@pytest.mark.parametrize(
    ("minutes", "points"), [(0, 0), (29, 0), (30, 5), (59, 5), (60, 10), (150, 25), (480, 80), (600, 80)]
)
def test_ten_points_an_hour_for_full_half_hours_up_to_eight_hours(minutes, points):
    assert serve(minutes).points == points


def test_the_sentence_tells_time_rate_and_points():
    result = serve(150)

    assert result.sentence_zh == "图书整理 2 小时 30 分，每小时 10 分，计 25 积分。"
    assert result.sentence_en == "图书整理: 2 h 30 min, 10 points an hour: 25 points."


def test_minutes_beyond_the_last_full_half_hour_are_named_in_the_sentence():
    assert (
        serve(149).sentence_zh == "图书整理 2 小时 29 分，按整 30 分钟计 2 小时，每小时 10 分，计 20 积分。"
    )


def test_too_short_a_service_says_so():
    assert serve(20).sentence_zh == "图书整理 20 分，不足 30 分钟，每小时 10 分，计 0 积分。"


def test_the_daily_cap_counts_what_was_earned_earlier_that_day():
    earlier = (Piece(420, DEFAULT.plain_rate),)

    result = serve(180, same_day=earlier)

    assert (result.points, result.minutes_counted) == (10, 60)
    assert [(line.code, line.points) for line in result.lines] == [("base", 30), ("daily_cap", -20)]
    assert result.sentence_zh == (
        "图书整理 3 小时，当日累计以 8 小时为限，本次计 1 小时，每小时 10 分，计 10 积分。"
    )


def test_hours_entered_by_hand_earn_nothing_by_default():
    result = serve(150, manual=True)

    assert (result.points, result.minutes_counted) == (0, 0)
    assert result.sentence_zh == "图书整理 2 小时 30 分，手工补录的时长计入服务时间，不计积分。"


def test_hours_entered_by_hand_earn_where_a_region_says_so():
    rules = rules_from({**DEFAULT_DOCUMENT, "manual_earns": True})

    assert serve(150, rules, manual=True).points == 25


def test_a_weekend_multiplier_is_a_line_of_its_own():
    rules = rules_from({**DEFAULT_DOCUMENT, "multipliers": [WEEKEND]})

    result = serve(150, rules, day=SATURDAY)

    assert [(line.code, line.points) for line in result.lines] == [("base", 25), ("multiplier", 5)]
    assert result.sentence_zh == "图书整理 2 小时 30 分，每小时 10 分，周末 ×1.2，计 30 积分。"
    assert serve(150, rules, day=TUESDAY).points == 25


def test_of_two_multipliers_the_higher_counts():
    rules = rules_from({**DEFAULT_DOCUMENT, "multipliers": [WEEKEND, RESCUE]})

    assert serve(60, rules, day=SATURDAY, category="rescue").points == 15
    assert serve(60, rules, day=SATURDAY, category="culture").points == 12


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"points_per_hour": -1}, "points_per_hour"),
        ({"points_per_hour": True}, "points_per_hour"),
        ({"step_minutes": 0}, "step_minutes"),
        ({"daily_cap_minutes": 1441}, "daily_cap_minutes"),
        ({"lots_expire_after_years": "2"}, "lots_expire_after_years"),
        ({"manual_earns": 1}, "manual_earns"),
        ({"bonus": 3}, "'bonus'"),
        ({"multipliers": ["weekend"]}, "multipliers"),
        ({"multipliers": [{**WEEKEND, "basis_points": 200_000}]}, "basis_points"),
    ],
)
def test_a_document_with_a_wrong_field_is_refused(change, part):
    with pytest.raises(RuleDocumentInvalid) as refusal:
        rules_from({**DEFAULT_DOCUMENT, **change})

    assert refusal.value.data == {"part": part}


def test_a_document_without_a_field_is_refused():
    with pytest.raises(RuleDocumentInvalid):
        rules_from({"points_per_hour": 10})


any_rules = st.builds(
    Rules,
    points_per_hour=st.integers(0, 50),
    step_minutes=st.sampled_from([1, 15, 30, 45, 60]),
    daily_cap_minutes=st.integers(0, 1440),
    lots_expire_after_years=st.just(2),
    manual_earns=st.booleans(),
)
any_piece = st.builds(
    Piece,
    minutes=st.integers(0, 48).map(lambda steps: steps * 30),
    rate=st.sampled_from([7, 10, 12, 15]).map(lambda points: points * BASIS_POINTS),
)
any_minutes = st.integers(0, 1440)


@given(rules=any_rules, minutes=any_minutes, manual=st.booleans(), earlier=st.lists(any_piece, max_size=4))
def test_an_award_is_never_negative_and_its_lines_sum_to_it(rules, minutes, manual, earlier):
    result = serve(minutes, rules, manual=manual, same_day=tuple(earlier))

    assert result.points >= 0
    assert result.minutes_counted >= 0
    assert sum(line.points for line in result.lines) == result.points


@given(rules=any_rules, minutes=any_minutes, more=st.integers(0, 120))
def test_longer_service_never_earns_less(rules, minutes, more):
    assert serve(minutes + more, rules).points >= serve(minutes, rules).points


@given(rules=any_rules, day=st.lists(any_minutes, min_size=1, max_size=6))
def test_a_day_never_counts_more_than_the_cap(rules, day):
    total = 0
    pieces: tuple[Piece, ...] = ()
    for minutes in day:
        result = serve(minutes, rules, same_day=pieces)
        pieces = (*pieces, result.piece)
        total += result.minutes_counted

    assert total <= rules.daily_cap_minutes
    assert total == min(rules.cap_minutes, sum(piece.minutes for piece in pieces))


@given(
    minutes=st.lists(st.tuples(any_minutes, st.sampled_from(["rescue", "culture"])), min_size=2, max_size=4),
    per_hour=st.integers(0, 13),
)
def test_a_day_ends_with_the_same_points_in_whatever_order_it_was_approved(minutes, per_hour):
    rules = rules_from({**DEFAULT_DOCUMENT, "points_per_hour": per_hour, "multipliers": [RESCUE]})

    totals = set()
    for order in permutations(minutes):
        pieces: tuple[Piece, ...] = ()
        points = 0
        for served, category in order:
            result = serve(served, rules, category=category, same_day=pieces)
            pieces = (*pieces, result.piece)
            points += result.points
        totals.add(points)

    assert totals == {day_total(pieces, cap=rules.cap_minutes)[1]}
