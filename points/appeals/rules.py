"""When an appeal has to be reported on (慈善法 Arts 72, 79). Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

EVERY = timedelta(days=5)  # Art 72: while rescue goes on, at least every five days
MONTHS = 3  # Art 79: every three months after that; a full report within three months of the end
WARN_BEFORE = timedelta(days=1)
WARN_BEFORE_LONG = timedelta(days=7)
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Course:
    """The days of an appeal's life that decide when its next report is due."""

    opened_on: date
    rescue_ended_on: date | None
    closed_on: date | None
    reported_on: date | None
    finished: bool  # its final report is published


def due_on(course: Course) -> date | None:
    """Return the last day for the next report; None when nothing is owed any more."""
    if course.finished:
        return None
    if course.closed_on is not None:
        return months_after(course.closed_on, MONTHS)
    if course.rescue_ended_on is None:
        return (course.reported_on or course.opened_on) + EVERY
    last = max(course.reported_on or course.opened_on, course.rescue_ended_on)
    return months_after(last, MONTHS)


def warn_on(course: Course) -> date | None:
    """Return from which day on somebody is reminded."""
    due = due_on(course)
    if due is None:
        return None
    rescue = course.closed_on is None and course.rescue_ended_on is None
    return due - (WARN_BEFORE if rescue else WARN_BEFORE_LONG)


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    count = day.year * _MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(count, _MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def still_missing(needed: int, received: int) -> int:
    """Return how much is still asked for; more than enough is nothing missing."""
    return max(0, needed - received)
