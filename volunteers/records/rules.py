"""How many minutes an approval may credit. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from volunteers.attendance.presence import Span, creditable_minutes, credited_span, within_shift
from volunteers.records.errors import (
    AdjustmentReasonRequired,
    MinutesExceedShift,
    MinutesRequired,
    NothingToCredit,
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
class Credit:
    """What is credited: so many minutes within this time; `on_word` when the scans show fewer."""

    minutes: int
    span: Span
    on_word: bool = False


def credit(presence: Presence, *, minutes: int | None, reason: str) -> Credit:
    """Return what to credit: the scanned minutes, or `minutes` if the manager gives them with a reason.

    A manager may give more than the scans show (a phone that was flat at the door), never more than the
    shift was long; the record then stands on the manager's word and is graded so.

    :raises MinutesRequired: there is no check-out and no minutes are given (no end is ever invented).
    :raises AdjustmentReasonRequired: `minutes` differ from the scans and nothing says why.
    :raises MinutesExceedShift: more than the shift was long; a break not taken may be given back.
    :raises NothingToCredit: not a single minute.
    """
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
