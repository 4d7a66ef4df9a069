from datetime import date, datetime
from itertools import permutations

import pytest

from points.scoring.documents import rules_from
from points.scoring.engine import Facts, Piece, SoFar, day_total, score
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.rules import BASIS_POINTS, UNIT, Rules, Served
from tests.points.scoring.engine_rules import ESCORT, NIGHT, RESCUE, WEEKEND, factor, rules

TUESDAY = date(2026, 9, 15)
DEFAULT = rules_from(DEFAULT_DOCUMENT)


def serve(minutes: int, under: Rules = DEFAULT, **facts: object):
    served = Served(**{name: facts.pop(name) for name in Served.__slots__ if name in facts})
    return score(Facts(activity="图书整理", minutes=minutes, day=TUESDAY, served=served, **facts), under)


def lines_of(result):
    return [(line.code, line.points) for line in result.lines]


def plain(minutes: int) -> Piece:
    return Piece(minutes, minutes * DEFAULT.base.units_a_minute)


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


def test_a_rate_for_other_minutes_is_told_as_it_is_written():
    result = serve(90, rules(base={"points": 5, "per_minutes": 45, "step_minutes": 15}))

    assert result.sentence_zh == "图书整理 1 小时 30 分，每 45 分钟 5 分，计 10 积分。"
    assert result.lines[0].text_zh == "1 小时 30 分 × 5/45 分"


def test_the_daily_cap_counts_what_was_earned_earlier_that_day():
    result = serve(180, so_far=SoFar(day=(plain(420),)))

    assert (result.points, result.minutes_counted) == (10, 60)
    assert lines_of(result) == [("base", 30), ("daily_cap", -20)]
    assert result.sentence_zh == (
        "图书整理 3 小时，当日累计以 8 小时为限，本次计 1 小时，每小时 10 分，计 10 积分。"
    )


def test_fractions_of_a_day_are_put_together():
    quarters = rules(base={"points": 10, "per_minutes": 60, "step_minutes": 15})

    result = serve(15, quarters, so_far=SoFar(day=(plain(15),)))

    assert lines_of(result) == [("base", 2), ("day_rounding", 1)]


def test_hours_entered_by_hand_earn_nothing_by_default():
    result = serve(150, manual=True)

    assert (result.points, result.minutes_counted, result.pieces) == (0, 0, ())
    assert result.sentence_zh == "图书整理 2 小时 30 分，手工补录的时长计入服务时间，不计积分。"


def test_an_upheld_complaint_earns_nothing_by_default():
    result = serve(150, complaint_upheld=True)

    assert lines_of(result) == [("complaint_upheld", 0)]
    assert result.sentence_zh == "图书整理 2 小时 30 分，有关投诉已查实，不计积分。"


def test_a_region_may_say_that_both_earn():
    generous = rules(exclusions={"manual": False, "complaint_upheld": False})

    assert serve(150, generous, manual=True, complaint_upheld=True).points == 25


@pytest.mark.parametrize(("minutes", "points"), [(143, 0), (144, 20), (240, 40)])
def test_less_than_sixty_percent_of_the_scheduled_time_earns_nothing(minutes, points):
    assert serve(minutes, scheduled_minutes=240).points == points


def test_too_little_attendance_says_so():
    assert serve(60, scheduled_minutes=240).sentence_zh == (
        "图书整理 1 小时，不到班次 4 小时的 60%，不计积分。"
    )


def test_a_multiplier_is_a_line_of_its_own():
    result = serve(150, rules(multipliers=[WEEKEND]), day_kind="weekend")

    assert lines_of(result) == [("base", 25), ("multiplier", 5)]
    assert result.sentence_zh == "图书整理 2 小时 30 分，每小时 10 分，周末 ×1.2，计 30 积分。"
    assert serve(150, rules(multipliers=[WEEKEND]), day_kind="holiday").points == 25


def test_of_two_multipliers_the_higher_counts_or_both():
    facts = {"day_kind": "weekend", "activity_type": "emergency"}
    both = [WEEKEND, RESCUE]

    highest = serve(60, rules(multipliers=both), **facts)
    product = serve(60, rules(multipliers=both, multiplier_mode="product"), **facts)

    assert (highest.points, lines_of(highest)) == (15, [("base", 10), ("multiplier", 5)])
    assert (product.points, lines_of(product)) == (18, [("base", 10), ("multiplier", 2), ("multiplier", 6)])
    assert product.sentence_zh.endswith("每小时 10 分，周末 ×1.2，应急 ×1.5，计 18 积分。")


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ({"categories": ["health"]}, {"category": "health"}),
        ({"recipients": ["elders"]}, {"recipient": "elders"}),
        ({"activity_types": ["emergency"]}, {"activity_type": "emergency"}),
        ({"days": ["holiday", "weekend"]}, {"day_kind": "holiday"}),
        ({"difficulty": [2, 3]}, {"difficulty": 3}),
        ({"skilled": True}, {"skilled": True}),
        ({"organizer": True}, {"organizer": True}),
        ({"skilled": True, "difficulty": [3]}, {"skilled": True, "difficulty": 3}),
    ],
)
def test_a_multiplier_applies_where_all_of_its_conditions_hold(when, facts):
    doubled = rules(multipliers=[factor(20_000, "加倍", **when)])

    assert serve(60, doubled, **facts).points == 20
    for name in facts:
        assert serve(60, doubled, **{key: facts[key] for key in facts if key != name}).points == 10


def test_only_the_minutes_of_the_night_get_the_factor_of_the_night():
    night = rules(multipliers=[NIGHT], night={"from": "22:00", "until": "06:00"})

    late = serve(180, night, started=datetime(2026, 9, 15, 21), ended=datetime(2026, 9, 16))
    early = serve(120, night, started=datetime(2026, 9, 15, 5), ended=datetime(2026, 9, 15, 7))
    by_day = serve(120, night, started=datetime(2026, 9, 15, 9), ended=datetime(2026, 9, 15, 11))

    assert (late.points, early.points, by_day.points) == (34, 22, 20)
    assert late.sentence_zh == "图书整理 3 小时，每小时 10 分，夜间 ×1.2（2 小时），计 34 积分。"
    assert late.pieces[0].minutes == 120


def test_the_best_paid_minutes_of_a_record_come_first_under_the_cap():
    night = rules(
        multipliers=[NIGHT], night={"from": "22:00", "until": "06:00"}, caps={"day": {"minutes": 60}}
    )

    result = serve(180, night, started=datetime(2026, 9, 15, 20), ended=datetime(2026, 9, 15, 23))

    assert (result.points, result.minutes_counted) == (12, 60)


def test_the_first_rate_that_fits_is_paid_instead_of_the_base():
    rated = {
        "points": 20,
        "per_minutes": 60,
        "label": {"zh": "卫生健康", "en": "health"},
        "when": {"categories": ["health"]},
    }
    made = rules(rates=[rated, ESCORT])

    assert serve(60, made, category="health", recipient="patients").points == 20
    assert serve(60, made, category="culture").points == 10
    assert (
        serve(60, made, category="health").sentence_zh
        == "图书整理 1 小时，卫生健康每小时 20 分，计 20 积分。"
    )


def test_a_rate_by_the_event_pays_once_however_long_it_was():
    made = rules(rates=[ESCORT], multipliers=[RESCUE])

    result = serve(200, made, recipient="patients", activity_type="emergency")

    assert lines_of(result) == [("event", 10), ("multiplier", 5)]
    assert result.sentence_zh == "图书整理 3 小时 20 分，陪同就医每次 10 分，应急 ×1.5，计 15 积分。"
    assert (result.minutes_counted, serve(10, made, recipient="patients").points) == (0, 10)
    assert serve(0, made, recipient="patients").points == 0


@pytest.mark.parametrize(
    ("caps", "so_far", "points", "code", "sentence"),
    [
        ({"record": {"minutes": 120}}, SoFar(), 20, "record_cap", "单次以 2 小时为限"),
        ({"record": {"points": 12}}, SoFar(), 12, "record_cap", "单次以 12 分为限"),
        ({"day": {"points": 50}}, SoFar(day=(plain(240),)), 10, "daily_points_cap", "当日累计以 50 分为限"),
        ({"month": {"points": 100}}, SoFar(month=95), 5, "monthly_cap", "当月累计以 100 分为限"),
        ({"year": {"points": 100}}, SoFar(year=100), 0, "yearly_cap", "当年累计以 100 分为限"),
        ({"lifetime": {"points": 1500}}, SoFar(lifetime=1492), 8, "lifetime_cap", "终身累计以 1500 分为限"),
        ({"month": {"points": 100}}, SoFar(month=130), 0, "monthly_cap", "当月累计以 100 分为限"),
    ],
)
def test_every_cap_is_a_line_and_is_told(caps, so_far, points, code, sentence):
    result = serve(180, rules(caps=caps), so_far=so_far)

    assert lines_of(result) == [("base", 30), (code, points - 30)]
    assert sentence in result.sentence_zh
    assert result.points == points


def test_the_best_paid_pieces_of_a_day_come_first_and_the_last_in_part():
    pieces = [Piece(300, 300 * UNIT // 60), Piece(240, 240 * UNIT // 30), Piece(0, 3 * UNIT)]

    assert {day_total(order, minutes=480) for order in permutations(pieces)} == {(480, 8 + 4 + 3)}
    assert day_total(pieces, minutes=None) == (540, 8 + 5 + 3)
    assert day_total(pieces, minutes=480, points=9) == (480, 9)


def test_a_factor_of_one_is_ten_thousand_basis_points():
    assert serve(60, rules(multipliers=[factor(BASIS_POINTS, "一", skilled=True)]), skilled=True).points == 10
