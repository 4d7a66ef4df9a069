"""What a detector looks at and what it returns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import make_aware

from volunteers.integrity.choices import SignalKind

MOST_LISTED = 500  # attendances in one piece of evidence; a reader needs no more

Fact = int | str | list[int]


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """A day in Asia/Shanghai, from midnight to midnight."""

    date: date

    @property
    def start(self) -> datetime:
        """Midnight."""
        return make_aware(datetime.combine(self.date, time.min))

    @property
    def end(self) -> datetime:
        """The next midnight, not included."""
        return self.start + timedelta(days=1)

    @property
    def shifts_from(self) -> datetime:
        """When the first shift that somebody may be in on this day can have begun: no shift is over 24 h."""
        return self.start - timedelta(hours=36)

    @property
    def shifts_until(self) -> datetime:
        """When the last shift that somebody may check in to on this day can begin."""
        return self.end + timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Finding:
    """A signal to be: what looks wrong, about whom, and why. `evidence` holds no name and no phone."""

    kind: SignalKind
    subject: str
    site_id: int
    attendances: Iterable[int]
    facts: Mapping[str, Fact]
    manager_id: int | None = None
    volunteer_id: int | None = None
    attendance_id: int | None = None

    @property
    def evidence(self) -> dict[str, Fact]:
        """Return the facts with the attendances they are about, once each and in order."""
        return {**self.facts, "attendances": sorted(set(self.attendances))[:MOST_LISTED]}
