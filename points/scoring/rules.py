"""A rule document, checked: what `documents.rules_from` makes of it. Pure and frozen.

Points are reckoned in units, `UNIT` to a point, so that every rate and every factor is a whole number of
units a minute and nothing is rounded before the end of the day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

BASIS_POINTS: Final = 10_000  # a factor of 1.0
MINUTES_A_DAY: Final = 24 * 60
UNIT: Final = MINUTES_A_DAY * BASIS_POINTS  # one point; `per_minutes` divides a day, factors are basis points


class MultiplierMode(StrEnum):
    """What happens where several multipliers apply."""

    HIGHEST = "highest"
    PRODUCT = "product"


class ExpiryPolicy(StrEnum):
    """When points are gone: after the n-th calendar year, n months after that of the award, never."""

    END_OF_YEAR = "end_of_year"
    MONTHS = "months"
    NEVER = "never"


class OtherKind(StrEnum):
    """What earns points and is not service: it never becomes hours (Order 67 Art 19)."""

    LECTURE = "lecture"
    REFERRAL = "referral"
    TRAINING = "training"
    DONATED_GOODS = "donated_goods"


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Served:
    """What conditions ask about a piece of service; `day_kind` is a `backend.core.workdays.DayKind`."""

    category: str = ""
    recipient: str = ""
    activity_type: str = ""
    day_kind: str = "workday"
    difficulty: int = 1
    skilled: bool = False
    organizer: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold, all of it; an empty list asks for nothing."""

    categories: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    activity_types: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    difficulty: frozenset[int] = frozenset()
    skilled: bool = False
    organizer: bool = False
    night: bool = False

    def fits(self, served: Served, *, night: bool) -> bool:
        """Whether everything holds for the minutes served by day, or by night."""
        return (
            _in(served.category, self.categories)
            and _in(served.recipient, self.recipients)
            and _in(served.activity_type, self.activity_types)
            and _in(served.day_kind, self.days)
            and _in(served.difficulty, self.difficulty)
            and (served.skilled or not self.skilled)
            and (served.organizer or not self.organizer)
            and (night or not self.night)
        )

    def covers(self, other: Condition) -> bool:
        """Whether this holds wherever the other does, as far as the three kinds of service go."""
        return all(
            not mine or (bool(theirs) and theirs <= mine)
            for mine, theirs in (
                (self.categories, other.categories),
                (self.recipients, other.recipients),
                (self.activity_types, other.activity_types),
            )
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """Points for so many minutes, or for the event when `per_minutes` is None."""

    points: int
    per_minutes: int | None
    label: Label | None = None
    when: Condition = field(default_factory=Condition)

    @property
    def units_a_minute(self) -> int:
        """What a minute is worth, in units; 0 for a rate by the event."""
        return self.points * UNIT // self.per_minutes if self.per_minutes else 0


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A factor in basis points for the minutes its condition holds for."""

    basis_points: int
    label: Label
    when: Condition


@dataclass(frozen=True, slots=True)
class Night:
    """The hours that count as night, in minutes of the day; it may pass midnight."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class MonthsInARow:
    """Points for the n-th month in a row with service."""

    months: int
    points: int


@dataclass(frozen=True, slots=True)
class OtherAward:
    """Points for something that is not service, up to a limit of points a month."""

    points: int
    monthly_limit: int


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that counts; None is no cap. Minutes are in full steps."""

    record_minutes: int | None = None
    record_points: int | None = None
    day_minutes: int | None = None
    day_points: int | None = None
    month_points: int | None = None
    year_points: int | None = None
    lifetime_points: int | None = None

    @property
    def look_back(self) -> bool:
        """Whether what was earned on other days matters."""
        return (self.month_points, self.year_points, self.lifetime_points) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Expiry:
    """When points are gone; `count` is years or months, by the policy."""

    policy: ExpiryPolicy
    count: int = 0


@dataclass(frozen=True, slots=True)
class Transfers:
    """Whom points may be given to. `relative_monthly_points` is None where relatives get none."""

    charity_pool: bool = False
    relative_monthly_points: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a rule document says."""

    base: Rate
    step_minutes: int
    expiry: Expiry
    rates: tuple[Rate, ...] = ()
    multiplier_mode: MultiplierMode = MultiplierMode.HIGHEST
    multipliers: tuple[Multiplier, ...] = ()
    night: Night | None = None
    first_service_points: int = 0
    months_in_a_row: tuple[MonthsInARow, ...] = ()
    other_awards: dict[OtherKind, OtherAward] = field(default_factory=dict)
    caps: Caps = field(default_factory=Caps)
    minimum_attendance_percent: int = 0
    manual_earns: bool = False
    complaint_upheld_earns: bool = False
    may_owe: bool = True
    transfers: Transfers = field(default_factory=Transfers)

    def rate_for(self, served: Served) -> Rate:
        """Return the first rate that claims this service, else the base."""
        return next((rate for rate in self.rates if rate.when.fits(served, night=False)), self.base)

    def multipliers_for(self, served: Served, *, night: bool) -> tuple[Multiplier, ...]:
        """Return the multipliers that count: all that apply, or the highest of them."""
        fitting = tuple(item for item in self.multipliers if item.when.fits(served, night=night))
        if self.multiplier_mode == MultiplierMode.PRODUCT or not fitting:
            return fitting
        return (max(fitting, key=lambda item: item.basis_points),)


def _in(value: str | int, wanted: frozenset[str] | frozenset[int]) -> bool:
    return not wanted or value in wanted
