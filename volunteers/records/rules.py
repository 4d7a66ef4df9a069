"""How many minutes an approval may credit. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate
from django.utils.translation import gettext

from volunteers.attendance.presence import (
    Span,
    creditable_minutes,
    credited_span,
    is_short,
    within_shift,
    without,
)
from volunteers.records.errors import (
    AdjustmentReasonRequired,
    CreditedOverlap,
    DayIsFull,
    MinutesExceedShift,
    MinutesRequired,
    NothingToCredit,
    PresenceTooShort,
)


@dataclass(frozen=True, slots=True)
class Presence:
    """What the scans say, beside the shift they belong to."""

    checked_in_at: datetime
    checked_out_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    break_minutes: int

    @property
    def span(self) -> Span:
        """Presence ∩ shift; without a check-out up to the scheduled end, the most anybody may credit."""
        return within_shift(
            checked_in_at=self.checked_in_at,
            checked_out_at=self.ends_at if self.checked_out_at is None else self.checked_out_at,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )

    @property
    def minutes(self) -> int | None:
        """What the scans alone would credit; unknown without a check-out."""
        if self.checked_out_at is None:
            return None
        return creditable_minutes(self.span, break_minutes=self.break_minutes)


@dataclass(frozen=True, slots=True)
class Limits:
    """What else is known: minutes `spent` of each day, and the times other records cover already."""

    min_presence_percent: int = 0
    daily_minutes: int = 1440
    spent: Mapping[date, int] = field(default_factory=dict)
    taken: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """What is credited: so many minutes within this time; `on_word` when the scans show fewer.

    `trimmed` tells why it is less than was asked for, in words for the record; empty when it is not.
    """

    minutes: int
    span: Span
    on_word: bool = False
    trimmed: str = ""


def credit(presence: Presence, limits: Limits, *, minutes: int | None, reason: str) -> Credit:
    """Return what to credit: the scanned minutes, or `minutes` if the manager gives them with a reason.

    A manager may give more than the scans show (a phone that was flat at the door), never more than the
    shift was long; the record then stands on the manager's word and is graded so. What another record
    covers already is left out, and the day ends at its cap: no minute counts twice (rules.md D2).

    :raises MinutesRequired: there is no check-out and no minutes are given (no end is ever invented).
    :raises AdjustmentReasonRequired: `minutes` differ from the scans and nothing says why.
    :raises MinutesExceedShift: more than the shift was long; a break not taken may be given back.
    :raises PresenceTooShort: less than the policy's share of the shift, and nothing says why.
    :raises CreditedOverlap: all of it is credited already. :raises DayIsFull: the day has its cap.
    :raises NothingToCredit: not a single minute.
    """
    wanted = _wanted(presence, minutes=minutes, reason=reason)
    if not reason and is_short(
        wanted.minutes,
        starts_at=presence.starts_at,
        ends_at=presence.ends_at,
        break_minutes=presence.break_minutes,
        percent=limits.min_presence_percent,
    ):
        raise PresenceTooShort(field="reason", percent=limits.min_presence_percent)
    return _within_day(_once(wanted, presence, limits), presence, limits)


def _wanted(presence: Presence, *, minutes: int | None, reason: str) -> Credit:
    span = presence.span
    scanned = presence.minutes
    shift = Span(presence.starts_at, presence.ends_at)
    chosen = scanned if minutes is None else minutes
    if chosen is None:
        raise MinutesRequired(field="minutes", most=shift.minutes)
    if chosen != scanned and not reason:
        raise AdjustmentReasonRequired(field="reason")
    if chosen > shift.minutes:
        raise MinutesExceedShift(field="minutes", most=shift.minutes)
    if chosen < 1:
        raise NothingToCredit
    if chosen > span.minutes:
        return Credit(chosen, _widened(span, shift, minutes=chosen), on_word=True)
    return Credit(chosen, credited_span(span, minutes=chosen, break_minutes=presence.break_minutes))


def _widened(span: Span, shift: Span, *, minutes: int) -> Span:
    """Return `minutes` of the shift: up to the end of the presence, or from the start of the shift."""
    length = timedelta(minutes=minutes)
    end = min(max(span.end, shift.start + length), shift.end)
    return Span(end - length, end)


def _once(credit: Credit, presence: Presence, limits: Limits) -> Credit:
    """Leave out what other records cover."""
    if not limits.taken:
        return credit
    free = without(credit.span, limits.taken)
    if free == credit.span:
        return credit
    minutes = min(credit.minutes, creditable_minutes(free, break_minutes=presence.break_minutes))
    if minutes < 1:
        raise CreditedOverlap
    return replace(credit, minutes=minutes, span=free, trimmed=gettext("与其他服务记录重叠的时间已扣除"))


def _within_day(credit: Credit, presence: Presence, limits: Limits) -> Credit:
    """Keep the day on which the credited time begins within its cap."""
    left = limits.daily_minutes - limits.spent.get(localdate(credit.span.start), 0)
    if credit.minutes <= left:
        return credit
    if left < 1:
        raise DayIsFull(hours=limits.daily_minutes // 60)
    why = gettext("按每日最多 %(hours)s 小时计") % {"hours": limits.daily_minutes // 60}
    span = credited_span(credit.span, minutes=left, break_minutes=presence.break_minutes)
    trimmed = "；".join(filter(None, [credit.trimmed, why]))
    return replace(credit, minutes=left, span=span, trimmed=trimmed)
