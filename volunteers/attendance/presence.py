"""What part of a presence counts as service. Pure; whole minutes, never rounded up."""

from collections.abc import Iterable
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


def is_short(
    minutes: int, *, starts_at: datetime, ends_at: datetime, break_minutes: int, percent: int
) -> bool:
    """Return whether `minutes` are less than `percent` of the shift without its break (rules.md D2)."""
    scheduled = creditable_minutes(Span(starts_at, ends_at), break_minutes=break_minutes)
    return minutes * 100 < scheduled * percent


def without(span: Span, taken: Iterable[Span]) -> Span:
    """Return the longest piece of the span that none of the taken ones covers; the earliest of equals.

    No minute counts twice: what another record covers already is left out (design.md §4.1).
    """
    pieces = [span]
    for other in taken:
        pieces = [
            piece
            for whole in pieces
            for piece in (
                Span(whole.start, min(whole.end, max(whole.start, other.start))),
                Span(max(whole.start, min(whole.end, other.end)), whole.end),
            )
            if piece.end > piece.start
        ]
    return max(pieces, key=lambda piece: piece.end - piece.start, default=Span(span.start, span.start))
