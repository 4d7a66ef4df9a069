"""For all rules and all service: caps hold, sums agree, and the order of approval does not matter."""

from datetime import date, datetime
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from points.scoring.engine import Facts, SoFar, score
from points.scoring.rules import Served
from tests.points.scoring.engine_rules import ESCORT, NIGHT, RESCUE, factor, rules

TUESDAY = date(2026, 9, 15)

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
