"""The rules of relief that need no database. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from backend.core.small_cells import FEWEST

LONGEST_REVIEW = timedelta(days=366)
MOST_KEPT = 1_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How a region helps: days after the review date, units a household gets a month, hours they wait."""

    grace_days: int = 14
    monthly_items: int = 10
    hold_hours: int = 72


def last_day(review_on: date, policy: Policy) -> date:
    """Return the last day on which goods are given out although the review is due."""
    return review_on + timedelta(days=policy.grace_days)


def is_review_day(review_on: date, *, at: datetime) -> bool:
    """Whether a next review may be set to that day: from tomorrow, within a year."""
    today = localdate(at)
    return today < review_on <= today + LONGEST_REVIEW


def told(number: int) -> int | None:
    """Return a figure as the public is told it: None stands for “少于 3”."""
    return number if number >= FEWEST else None


def months_told(at: datetime) -> tuple[date, date]:
    """Return the first and the last day of the twelve whole months before this one.

    Months that are over do not change from one day to the next, so that nobody sees a neighbour join.
    """
    this = localdate(at).replace(day=1)
    return this.replace(year=this.year - 1), this - timedelta(days=1)
