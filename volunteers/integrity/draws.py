"""Drawing a week's sample so that anybody can draw it again. Pure.

The seed is the SHA-256 of a public text: `jishan-audit:<week>:<number of records>`. Every record of the
week has the ticket SHA-256(`<seed>:<record number>`), in hexadecimal; the smallest tickets are drawn. Nobody
chooses, and who has the numbers of the week's records can check it with any tool that computes SHA-256.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from django.utils.timezone import make_aware

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Week:
    """A business week, Monday to Sunday in Asia/Shanghai; `name` is its ISO number, such as 2026-W38."""

    monday: date

    @classmethod
    def before(cls, day: date) -> "Week":
        """Return the last week that is over on a day."""
        return cls(day - timedelta(days=day.weekday() + 7))

    @property
    def name(self) -> str:
        """Return the ISO year and week."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def start(self) -> datetime:
        """Monday at midnight."""
        return make_aware(datetime.combine(self.monday, time.min))

    @property
    def end(self) -> datetime:
        """The following Monday at midnight, not included."""
        return make_aware(datetime.combine(self.monday + timedelta(days=7), time.min))


def text_of(*, period: str, population: int) -> str:
    """Return the public text the seed is made from."""
    return f"jishan-audit:{period}:{population}"


def seed_of(*, period: str, population: int) -> str:
    """Return the seed of a draw, 64 hexadecimal characters."""
    return sha256(text_of(period=period, population=population).encode()).hexdigest()


def size_of(*, population: int, percent: int) -> int:
    """Return how many records are drawn: `percent` of them, rounded up, at least one when there are any."""
    return math.ceil(population * percent / _WHOLE)


def ticket_of(*, seed: str, record_id: int) -> str:
    """Return the ticket of a record, 64 hexadecimal characters."""
    return sha256(f"{seed}:{record_id}".encode()).hexdigest()


def drawn(*, seed: str, record_ids: Iterable[int], size: int) -> list[int]:
    """Return the drawn records in the order of their tickets."""
    return sorted(record_ids, key=lambda record_id: ticket_of(seed=seed, record_id=record_id))[:size]
