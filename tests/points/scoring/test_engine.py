from datetime import date, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.scoring.documents import rules_from
from points.scoring.engine import Facts, Piece, SoFar, day_total, score
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.rules import BASIS_POINTS, UNIT, Rules, Served

TUESDAY = date(2026, 9, 15)
DEFAULT = rules_from(DEFAULT_DOCUMENT)


def factor(basis_points, zh, **when):
    return {"basis_points": basis_points, "label": {"zh": zh, "en": zh}, "when": when}


def event(points, zh, **when):
    return {"points": points, "per_event": True, "label": {"zh": zh, "en": zh}, "when": when}


WEEKEND = factor(12_000, "周末", days=["weekend"])
RESCUE = factor(15_000, "应急", activity_types=["emergency"])
NIGHT = factor(12_000, "夜间", night=True)
ESCORT = event(10, "陪同就医", recipients=["patients"])


def rules(**changes: object) -> Rules:
    return rules_from({**DEFAULT_DOCUMENT, "minimum_attendance_percent": 0, **changes})


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


# --- for all rules and all service ---

_points = st.none() | st.integers(0, 60)
_minutes = st.none() | st.integers(60, 600)
_service = st.fixed_dictionaries(
    {
        "minutes": st.integers(0, 720),
        "hour": st.integers(0, 23),
        "category": st.sampled_from(["health", "culture"]),
        "recipient": st.sampled_from(["patients", "public"]),
        "activity_type": st.sampled_from(["emergency", "other"]),
        "difficulty": st.integers(1, 3),
        "skilled": st.booleans(),
    }
)


def _cap(**limits: int | None) -> dict[str, int]:
    return {name: limit for name, limit in limits.items() if limit is not None}


@st.composite
def any_rules(draw, *, capped=True):
    periods = sorted(draw(st.lists(st.integers(0, 150), min_size=4, max_size=4)))
    caps = {
        "record": _cap(minutes=draw(_minutes)),
        "day": _cap(minutes=draw(_minutes), points=draw(st.none() | st.just(periods[0]))),
        "month": _cap(points=draw(st.none() | st.just(periods[1]))),
        "year": _cap(points=draw(st.none() | st.just(periods[2]))),
        "lifetime": _cap(points=draw(st.none() | st.just(periods[3]))),
    }
    if {"record", "day"} <= {name for name in caps if "minutes" in caps[name]}:
        caps["day"]["minutes"] = max(caps["record"]["minutes"], caps["day"]["minutes"])
    return rules(
        base={
            "points": draw(st.integers(0, 13)),
            "per_minutes": draw(st.sampled_from([30, 45, 60])),
            "step_minutes": draw(st.sampled_from([1, 15, 30, 45, 60])),
        },
        rates=draw(st.sampled_from([[], [ESCORT]])),
        multiplier_mode=draw(st.sampled_from(["highest", "product"])),
        multipliers=draw(
            st.lists(
                st.sampled_from([RESCUE, NIGHT, factor(7_000, "二级", difficulty=[2, 3])]),
                unique_by=lambda item: item["label"]["zh"],
            )
        ),
        night={"from": "22:00", "until": "06:00"},
        caps=caps if capped else {},
    )


def reckon(service, made, so_far=SoFar(), more=0):  # noqa: B008 – frozen
    facts = dict(service)
    minutes, hour = facts.pop("minutes") + more, facts.pop("hour")
    started = datetime(2026, 9, 15, hour)
    ended = datetime(2026, 9, 15 + (hour * 60 + minutes) // 1440, (hour + minutes // 60) % 24, minutes % 60)
    return score(
        Facts("x", minutes, TUESDAY, started=started, ended=ended, served=Served(**facts), so_far=so_far),
        made,
    )


def totals_of(order, made):
    """Award services (month, day, service) one after another; return the totals of their days and of all."""
    pieces, months, days = {}, {}, {}
    for month, day, service in order:
        earlier = pieces.get((month, day), ())
        total = sum(months.values())
        result = reckon(service, made, SoFar(earlier, months.get(month, 0), total, total))
        pieces[month, day] = (*earlier, *result.pieces)
        days[month, day] = days.get((month, day), 0) + result.points
        months[month] = months.get(month, 0) + result.points
    return days, months


@given(made=any_rules(), service=_service, earlier=st.lists(_service, max_size=3), room=st.integers(0, 150))
def test_an_award_is_never_negative_and_its_lines_sum_to_it(made, service, earlier, room):
    pieces = tuple(piece for one in earlier for piece in reckon(one, made).pieces)

    result = reckon(service, made, SoFar(pieces, room, room, room))

    assert result.points >= 0
    assert result.minutes_counted >= 0
    assert sum(line.points for line in result.lines) == result.points
    assert result == reckon(service, made, SoFar(pieces, room, room, room))


@given(made=any_rules(capped=False), service=_service, more=st.integers(0, 240))
def test_longer_service_never_earns_less(made, service, more):
    assert reckon(service, made, more=more).points >= reckon(service, made).points


@given(made=any_rules(), day=st.lists(_service, min_size=1, max_size=5))
def test_the_caps_of_a_record_and_a_day_hold(made, day):
    minutes = points = 0
    pieces = ()
    for service in day:
        result = reckon(service, made, SoFar(pieces, points, points, points))
        pieces = (*pieces, *result.pieces)
        minutes += result.minutes_counted
        points += result.points
        if made.caps.record_minutes is not None:
            assert sum(piece.minutes for piece in result.pieces) <= made.caps.record_minutes

    served = sum(piece.minutes for piece in pieces)
    assert minutes == (served if made.caps.day_minutes is None else min(made.caps.day_minutes, served))
    assert all(points <= cap for cap in (made.caps.day_points, made.caps.lifetime_points) if cap is not None)


@given(cap=st.integers(0, 60), service=_service, earlier=st.lists(_service, max_size=3))
def test_no_record_earns_more_than_its_own_cap(cap, service, earlier):
    document = {"record": {"points": cap}, "day": {"minutes": 480}}
    capped = rules(
        base={"points": 7, "per_minutes": 45, "step_minutes": 1},
        night={"from": "22:00", "until": "06:00"},
        multipliers=[NIGHT, RESCUE],
        caps=document,
    )
    pieces = tuple(piece for one in earlier for piece in reckon(one, capped).pieces)

    assert reckon(service, capped, SoFar(pieces)).points <= cap


@given(made=any_rules(), day=st.lists(_service, min_size=2, max_size=4))
def test_a_day_ends_with_the_same_points_in_whatever_order_it_was_approved(made, day):
    totals = set()
    for order in permutations(day):
        days, _ = totals_of([(9, 15, service) for service in order], made)
        totals.add(days[9, 15])

    assert len(totals) == 1


@given(
    made=any_rules(),
    services=st.lists(st.tuples(st.integers(1, 2), st.integers(1, 2), _service), min_size=2, max_size=4),
)
def test_month_year_and_lifetime_end_with_the_same_points_in_whatever_order(made, services):
    totals = set()
    for order in permutations(services):
        _, months = totals_of(order, made)
        totals.add(sum(months.values()))
        for points in months.values():
            assert made.caps.month_points is None or points <= made.caps.month_points
        for cap in (made.caps.year_points, made.caps.lifetime_points):
            assert cap is None or sum(months.values()) <= cap

    assert len(totals) == 1


def test_a_factor_of_one_is_ten_thousand_basis_points():
    assert serve(60, rules(multipliers=[factor(BASIS_POINTS, "一", skilled=True)]), skilled=True).points == 10
