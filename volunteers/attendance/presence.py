"""What part of a presence counts as service. Pure; whole minutes, never rounded up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, the end not included."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes; nothing when the end is not after the start."""
        return max(0, (self.end - self.start) // _MINUTE)


def within_shift(
    *, checked_in_at: datetime, checked_out_at: datetime, starts_at: datetime, ends_at: datetime
) -> Span:
    """Return presence ∩ shift. Coming early or staying on earns nothing: credit ends at the scheduled end."""
    return Span(max(checked_in_at, starts_at), min(checked_out_at, ends_at))


def creditable_minutes(span: Span, *, break_minutes: int) -> int:
    """Return the minutes of the span less the break, never below zero."""
    return max(0, span.minutes - break_minutes)


def credited_span(span: Span, *, minutes: int, break_minutes: int) -> Span:
    """Return the time that a record of `minutes` covers: all of the span, or its beginning when some was cut.

    The break belongs to the time covered, so that nothing else can be credited during it.
    """
    if minutes >= creditable_minutes(span, break_minutes=break_minutes):
        return span
    return Span(span.start, span.start + (minutes + break_minutes) * _MINUTE)
