"""From minutes to points, with the reason. Pure: the same facts and rules always give the same answer.

The daily cap looks at a whole business day. The points of a day are a function of the set of its pieces of
service (`day_total`), the best paid minutes first; what one record earns is by how much it raises that total.
So the day ends with the same points in whatever order its records were approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from points.scoring.errors import RuleDocumentInvalid
from points.scoring.wording import Wording

BASIS_POINTS = 10_000  # a factor of 1.0
_PER_HOUR = 60 * BASIS_POINTS
_SATURDAY = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A factor in basis points, for what its conditions name. Of several that apply the highest counts."""

    basis_points: int
    label_zh: str
    label_en: str
    weekend: bool = False
    categories: tuple[str, ...] = ()

    def applies(self, *, day: date, category: str) -> bool:
        """Whether every condition holds; one without conditions always applies."""
        return (not self.weekend or day.weekday() >= _SATURDAY) and (
            not self.categories or category in self.categories
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule document, checked."""

    points_per_hour: int
    step_minutes: int
    daily_cap_minutes: int
    lots_expire_after_years: int
    manual_earns: bool
    multipliers: tuple[Multiplier, ...] = ()

    @property
    def plain_rate(self) -> int:
        """Points per hour without a multiplier, in basis points."""
        return self.points_per_hour * BASIS_POINTS

    @property
    def cap_minutes(self) -> int:
        """The daily cap in full steps; of a cap that is no multiple of the step, those that fit in."""
        return self.daily_cap_minutes // self.step_minutes * self.step_minutes

    def multiplier(self, *, day: date, category: str) -> Multiplier | None:
        """Return the highest multiplier that applies."""
        fitting = [item for item in self.multipliers if item.applies(day=day, category=category)]
        return max(fitting, key=lambda item: item.basis_points, default=None)


@dataclass(frozen=True, slots=True)
class Piece:
    """Minutes in full steps at one rate (points per hour, in basis points)."""

    minutes: int
    rate: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be scored, and the pieces the volunteer has earned with on that day already."""

    activity: str
    minutes: int
    day: date
    category: str = ""
    manual: bool = False
    same_day: tuple[Piece, ...] = ()


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
    piece: Piece
    lines: tuple[Line, ...]
    sentence_zh: str
    sentence_en: str


def rules_from(document: Mapping[str, Any]) -> Rules:
    """Check a rule document and return it as rules.

    :raises RuleDocumentInvalid: a field is missing, unknown or out of its range.
    """
    fields = dict(document)
    multipliers = tuple(_multiplier_from(item) for item in fields.pop("multipliers", ()))
    rules = _build(Rules, {**fields, "multipliers": multipliers})
    ranges = {
        "points_per_hour": (rules.points_per_hour, 0, 1000),
        "step_minutes": (rules.step_minutes, 1, 240),
        "daily_cap_minutes": (rules.daily_cap_minutes, 0, 1440),
        "lots_expire_after_years": (rules.lots_expire_after_years, 1, 20),
    }
    for name, (value, low, high) in ranges.items():
        _check_range(name, value, low, high)
    if not isinstance(rules.manual_earns, bool):
        raise RuleDocumentInvalid(part="manual_earns")
    return rules


def day_total(pieces: Iterable[Piece], *, cap: int) -> tuple[int, int]:
    """Return the counted minutes and the points of a day: the best paid minutes first, up to the cap.

    One rounding for the whole day, so the result depends on the set of pieces and never on their order, and
    one piece more never lowers it.
    """
    left = cap
    earned = 0
    for piece in sorted(pieces, key=lambda item: -item.rate):
        counted = min(piece.minutes, left)
        left -= counted
        earned += counted * piece.rate
    return cap - left, earned // _PER_HOUR


def score(facts: Facts, rules: Rules) -> Result:
    """Return what these minutes earn on this day under these rules (rules.md D, default policy)."""
    wording = Wording(facts.activity, facts.minutes)
    if facts.manual and not rules.manual_earns:
        zh, en = wording.manual()
        return Result(0, 0, Piece(0, 0), (Line("manual", 0, zh, en),), zh, en)
    multiplier = rules.multiplier(day=facts.day, category=facts.category)
    factor = multiplier.basis_points if multiplier else BASIS_POINTS
    full = facts.minutes // rules.step_minutes * rules.step_minutes
    piece = Piece(full, rules.points_per_hour * factor)
    minutes_before, points_before = day_total(facts.same_day, cap=rules.cap_minutes)
    minutes_after, points_after = day_total((*facts.same_day, piece), cap=rules.cap_minutes)
    points = points_after - points_before
    counted = minutes_after - minutes_before
    lines = _lines(piece, points, rules, multiplier)
    zh, en = wording.award(
        full=full,
        counted=counted,
        points=points,
        per_hour=rules.points_per_hour,
        step=rules.step_minutes,
        cap=rules.daily_cap_minutes,
        factor=(multiplier.label_zh, multiplier.label_en, factor / BASIS_POINTS) if multiplier else None,
    )
    return Result(points, counted, piece, lines, zh, en)


def _lines(piece: Piece, points: int, rules: Rules, multiplier: Multiplier | None) -> tuple[Line, ...]:
    base = piece.minutes * rules.points_per_hour // 60
    with_factor = piece.minutes * piece.rate // _PER_HOUR
    zh, en = Wording.rate(piece.minutes, rules.points_per_hour)
    lines = [Line("base", base, zh, en)]
    if multiplier is not None:
        factor = f"×{multiplier.basis_points / BASIS_POINTS:g}"
        lines.append(
            Line(
                "multiplier",
                with_factor - base,
                f"{multiplier.label_zh} {factor}",
                f"{multiplier.label_en} {factor}",
            )
        )
    rest = points - with_factor
    if rest < 0:
        zh, en = Wording.cap(rules.daily_cap_minutes)
        lines.append(Line("daily_cap", rest, zh, en))
    elif rest > 0:
        lines.append(Line("day_rounding", rest, "当日零头合并计算", "fractions of the day put together"))
    return tuple(lines)


def _multiplier_from(item: Mapping[str, Any]) -> Multiplier:
    if not isinstance(item, Mapping):
        raise RuleDocumentInvalid(part="multipliers")
    multiplier = _build(Multiplier, {**item, "categories": tuple(item.get("categories", ()))})
    _check_range("basis_points", multiplier.basis_points, 0, 10 * BASIS_POINTS)
    return multiplier


def _build(kind: type[_T], fields: Mapping[str, Any]) -> _T:
    try:
        return kind(**fields)
    except TypeError as error:
        raise RuleDocumentInvalid(part=str(error).rsplit(" ", maxsplit=1)[-1]) from error


def _check_range(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise RuleDocumentInvalid(part=name)
