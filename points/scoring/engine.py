"""From a piece of service to points, with the reason. Pure: the same facts and rules give the same answer.

The points of a day are a function of the *set* of its pieces (`day_total`): the best paid minutes count
first, up to the cap, and are rounded once. Month, year and lifetime cap the sum of their days. What one
record earns is by how much it raises these totals; so every cap holds, and the totals are the same in
whatever order records are approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from points.scoring import wording
from points.scoring.rules import BASIS_POINTS, MINUTES_A_DAY, UNIT, Caps, Multiplier, Rate, Rules, Served
from points.scoring.wording import Text


@dataclass(frozen=True, slots=True)
class Piece:
    """Minutes in full steps and what they are worth in units (`rules.UNIT`); an event has 0 minutes."""

    minutes: int
    worth: int


@dataclass(frozen=True, slots=True)
class SoFar:
    """What counts already: the pieces of the same day; the points of its month, its year, of a lifetime."""

    day: tuple[Piece, ...] = ()
    month: int = 0
    year: int = 0
    lifetime: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be scored.

    `minutes` are the approved ones, `scheduled_minutes` those of the shift (0: unknown, and nothing is asked
    of the attendance). `started` and `ended` are what the clock on the wall said, for the hours of the night.
    """

    activity: str
    minutes: int
    day: date
    scheduled_minutes: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    served: Served = field(default_factory=Served)
    manual: bool = False
    complaint_upheld: bool = False
    so_far: SoFar = field(default_factory=SoFar)


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the reckoning; the lines sum to the award."""

    code: str
    points: int
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Result:
    """The award and its reason. `minutes_counted` is by how much the day's counted minutes grew."""

    points: int
    minutes_counted: int
    pieces: tuple[Piece, ...]
    lines: tuple[Line, ...]
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Minutes of a record that have the same multipliers: those of the night, and the others."""

    minutes: int
    multipliers: tuple[Multiplier, ...]

    def worth(self, rate: Rate, counted: Sequence[Multiplier] | None = None) -> int:
        """Units at this rate with these multipliers only, or with all of them."""
        factor = BASIS_POINTS
        for item in self.multipliers:
            if counted is None or item in counted:
                factor = factor * item.basis_points // BASIS_POINTS
        plain = self.minutes * rate.units_a_minute if rate.per_minutes else rate.points * UNIT
        return plain * factor // BASIS_POINTS


def score(facts: Facts, rules: Rules) -> Result:
    """Return what this piece of service earns under these rules."""
    nothing = _excluded(facts, rules)
    if nothing is not None:
        code, text = nothing
        return Result(0, 0, (), (Line(code, 0, *text),), *text)
    rate = rules.rate_for(facts.served)
    full = facts.minutes // rules.step_minutes * rules.step_minutes
    stretches = _stretches(facts, rules, full if rate.per_minutes else None)
    pieces = tuple(_pieces(stretches, rate, rules.caps))
    minutes, limits = _limits(pieces, facts.so_far, rules.caps)
    earning = list(_earning(stretches, rate))
    cuts = list(_cuts(limits, sum(line.points for line in earning), rules.caps))
    points = limits[-1][1]
    short = minutes < sum(piece.minutes for piece in pieces)
    text = wording.sentence(
        wording.service(facts.activity, facts.minutes),
        wording.steps(facts.minutes, full, rules.step_minutes) if rate.per_minutes else None,
        *(Text(line.text_zh, line.text_en) for line in cuts if line.code == "record_cap"),
        wording.day_cap(rules.caps.day_minutes, minutes) if short and rules.caps.day_minutes else None,
        wording.rate(rate),
        *(_factor_text(item, stretches) for item in _multipliers(stretches)),
        *(Text(line.text_zh, line.text_en) for line in cuts if line.code in _POINT_CAPS),
        points=points,
    )
    return Result(points, minutes, pieces, (*earning, *cuts), *text)


def day_total(pieces: Iterable[Piece], *, minutes: int | None, points: int | None = None) -> tuple[int, int]:
    """Return the counted minutes and the points of a day under its two caps (None: no cap).

    The best paid minutes count first, with one rounding for the whole day: the result depends on the set of
    pieces and never on their order, and one piece more never lowers it.
    """
    items = list(pieces)
    served = sum(piece.minutes for piece in items)
    worth = sum(piece.worth for piece in items)
    if minutes is not None and served > minutes:
        served, worth = minutes, _best_paid(items, minutes)
    total = worth // UNIT
    return served, total if points is None else min(total, points)


def _best_paid(pieces: Iterable[Piece], left: int) -> int:
    worth = 0
    for piece in sorted(pieces, key=_worth_a_minute, reverse=True):
        if piece.minutes > left:
            return worth + piece.worth * left // piece.minutes
        left -= piece.minutes
        worth += piece.worth
    return worth


def _worth_a_minute(piece: Piece) -> tuple[bool, Fraction]:
    return (True, Fraction(0)) if piece.minutes == 0 else (False, Fraction(piece.worth, piece.minutes))


def _excluded(facts: Facts, rules: Rules) -> tuple[str, Text] | None:
    """Why this service earns nothing at all, if so."""
    if facts.manual and not rules.manual_earns:
        return "manual", wording.manual(facts.activity, facts.minutes)
    if facts.complaint_upheld and not rules.complaint_upheld_earns:
        return "complaint_upheld", wording.complaint_upheld(facts.activity, facts.minutes)
    percent = rules.minimum_attendance_percent
    if facts.minutes * 100 < facts.scheduled_minutes * percent:
        return "short_attendance", wording.short_attendance(
            facts.activity, facts.minutes, scheduled=facts.scheduled_minutes, percent=percent
        )
    return None


def _stretches(facts: Facts, rules: Rules, full: int | None) -> list[_Stretch]:
    """Split the full minutes into night and day, the better paid first; an event (None) is one stretch."""
    night = _night_minutes(facts, rules)
    found = [
        _Stretch(minutes, rules.multipliers_for(facts.served, night=at_night))
        for minutes, at_night in ((night, True), (facts.minutes - night, False))
        if minutes
    ]
    any_rate = Rate(1, None)
    found.sort(key=lambda stretch: stretch.worth(any_rate), reverse=True)
    if full is None:
        return [_Stretch(0, found[0].multipliers)] if found else []
    kept = []
    for stretch in found:
        kept.append(_Stretch(min(stretch.minutes, full), stretch.multipliers))
        full -= kept[-1].minutes
    return [stretch for stretch in kept if stretch.minutes] or [_Stretch(0, ())]


def _night_minutes(facts: Facts, rules: Rules) -> int:
    """How many of the minutes were served at night; breaks are taken to have been by day."""
    if rules.night is None or facts.started is None or facts.ended is None:
        return 0
    begins, ends = rules.night.begins, rules.night.ends
    length = (ends - begins) % MINUTES_A_DAY
    start = facts.started.hour * 60 + facts.started.minute
    end = start + int((facts.ended - facts.started).total_seconds()) // 60
    nights = range(begins - MINUTES_A_DAY, end, MINUTES_A_DAY)
    return min(facts.minutes, sum(max(0, min(end, night + length) - max(start, night)) for night in nights))


def _pieces(stretches: Iterable[_Stretch], rate: Rate, caps: Caps) -> Iterator[Piece]:
    """What of the record may count, under the caps of a record."""
    left = MINUTES_A_DAY if caps.record_minutes is None else caps.record_minutes
    worth_left = None if caps.record_points is None else caps.record_points * UNIT
    for stretch in stretches:
        counted = _Stretch(min(stretch.minutes, left), stretch.multipliers)
        minutes, worth = counted.minutes, counted.worth(rate)
        if worth_left is not None and worth > worth_left:
            minutes, worth = minutes * worth_left // worth, worth_left
        left -= minutes
        worth_left = None if worth_left is None else worth_left - worth
        if minutes or worth:
            yield Piece(minutes, worth)


def _limits(pieces: Sequence[Piece], so_far: SoFar, caps: Caps) -> tuple[int, list[tuple[str, int]]]:
    """Return the minutes this adds to the day, and the points that are left after each cap in turn."""
    own = sum(piece.worth for piece in pieces) // UNIT
    minutes_before, before = day_total(so_far.day, minutes=caps.day_minutes)
    minutes_after, after = day_total((*so_far.day, *pieces), minutes=caps.day_minutes)
    limits = [("record_cap", own), ("daily_cap", after - before)]
    if caps.day_points is not None:
        limits.append(("daily_points_cap", min(after, caps.day_points) - min(before, caps.day_points)))
    for code, cap, given in (
        ("monthly_cap", caps.month_points, so_far.month),
        ("yearly_cap", caps.year_points, so_far.year),
        ("lifetime_cap", caps.lifetime_points, so_far.lifetime),
    ):
        if cap is not None:
            limits.append((code, min(limits[-1][1], max(cap - given, 0))))
    return minutes_after - minutes_before, limits


def _earning(stretches: Sequence[_Stretch], rate: Rate) -> Iterator[Line]:
    """The rate, and each multiplier by what it adds."""
    minutes = sum(stretch.minutes for stretch in stretches)
    points = sum(stretch.worth(rate, ()) for stretch in stretches) // UNIT
    yield Line("base" if rate.per_minutes else "event", points, *wording.rate_line(rate, minutes))
    counted: list[Multiplier] = []
    for item in _multipliers(stretches):
        counted.append(item)
        more = sum(stretch.worth(rate, counted) for stretch in stretches) // UNIT
        yield Line("multiplier", more - points, *_factor_text(item, stretches))
        points = more


def _multipliers(stretches: Sequence[_Stretch]) -> list[Multiplier]:
    return list(dict.fromkeys(item for stretch in stretches for item in stretch.multipliers))


def _factor_text(item: Multiplier, stretches: Sequence[_Stretch]) -> Text:
    minutes = [stretch.minutes for stretch in stretches if item in stretch.multipliers]
    part = sum(minutes) if len(minutes) < len(stretches) else None
    return wording.factor(item, part)


def _cuts(limits: Iterable[tuple[str, int]], points: int, caps: Caps) -> Iterator[Line]:
    """One line for every cap that made a difference."""
    for code, left in limits:
        if left > points:
            yield Line("day_rounding", left - points, *wording.DAY_ROUNDING)
        elif left < points:
            yield Line(code, left - points, *wording.cap(code, caps))
        points = left


_POINT_CAPS = ("daily_points_cap", "monthly_cap", "yearly_cap", "lifetime_cap")
