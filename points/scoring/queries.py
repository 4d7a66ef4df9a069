"""Which rules hold where, and what days and months have earned so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from backend.accounts.scopes import Actor, Role, region_q
from backend.regions.codes import ancestors_of
from points.scoring.documents import rules_from
from points.scoring.engine import Piece, SoFar
from points.scoring.errors import RuleSetMissing
from points.scoring.models import Award, AwardKind, RuleSet, RuleSetStatus
from points.scoring.rules import Rules

WRITERS = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
READERS = (*WRITERS, Role.SUPERVISOR)
Day = tuple[int, date]  # volunteer, business day


class RuleBook:
    """The active rule sets that can matter for some regions, read once for a whole batch."""

    def __init__(self, region_codes: Iterable[str]) -> None:
        wanted = {code for region in set(region_codes) for code in ancestors_of(region)}
        self._by_region: dict[str, list[RuleSet]] = defaultdict(list)
        for rule_set in RuleSet.objects.filter(status=RuleSetStatus.ACTIVE, region_id__in=wanted).order_by(
            "-effective_from"
        ):
            self._by_region[rule_set.region_id].append(rule_set)
        self._rules: dict[int, Rules] = {}

    def rule_set_for(self, region_code: str, day: date) -> RuleSet:
        """Return the rule set in force on a day in the nearest region that has one.

        :raises RuleSetMissing: neither the region nor one above it has rules for that day.
        """
        for code in reversed(ancestors_of(region_code)):
            for rule_set in self._by_region.get(code, ()):
                if rule_set.effective_from <= day:
                    return rule_set
        raise RuleSetMissing(region=region_code, day=day)

    def rules_of(self, rule_set: RuleSet) -> Rules:
        """Return its document as rules, parsed once."""
        if rule_set.pk not in self._rules:
            self._rules[rule_set.pk] = rules_from(rule_set.document)
        return self._rules[rule_set.pk]


@dataclass(slots=True)
class RecordAward:
    """What a record has earned so far, over all its award rows."""

    record_id: int
    rule_set_id: int
    pieces: tuple[Piece, ...]
    points: int = 0
    minutes_counted: int = 0
    transfer_ids: list[int] = field(default_factory=list)
    award_id: int = 0  # of its first row: the order in which records were awarded

    @property
    def transfer_id(self) -> int | None:
        """The first transfer, which a reversal names."""
        return self.transfer_ids[0] if self.transfer_ids else None


@dataclass(slots=True)
class DayAwards:
    """The records of one volunteer and day that still count, in the order they were awarded."""

    records: dict[int, RecordAward] = field(default_factory=dict)

    def pieces(self) -> tuple[Piece, ...]:
        """What the caps of the day have to be shared among."""
        return tuple(piece for award in self.records.values() for piece in award.pieces)


@dataclass(slots=True)
class Earnings:
    """What one volunteer's service has earned, by month; caps of months, years and lifetimes look at it."""

    by_month: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, day: date, points: int) -> None:
        """Count points of that day's month."""
        self.by_month[day.year, day.month] += points

    def so_far(self, day: date, pieces: tuple[Piece, ...] = ()) -> SoFar:
        """Return what counts in the day's month, its year and altogether."""
        return SoFar(
            day=pieces,
            month=self.by_month[day.year, day.month],
            year=sum(points for (year, _), points in self.by_month.items() if year == day.year),
            lifetime=sum(self.by_month.values()),
        )


def day_awards(days: Collection[Day]) -> dict[Day, DayAwards]:
    """Return what counts on each of these days; records whose award was reversed are left out."""
    found = _by_day(
        Award.objects.filter(
            volunteer_id__in={volunteer_id for volunteer_id, _ in days},
            business_day__in={day for _, day in days},
        )
    )
    return {day: found.get(day) or DayAwards() for day in days}


def awards_of(*volunteer_ids: int) -> dict[Day, DayAwards]:
    """Return everything that counts for these volunteers, day by day."""
    return _by_day(Award.objects.filter(volunteer_id__in=volunteer_ids))


def _by_day(awards: QuerySet[Award]) -> dict[Day, DayAwards]:
    found: dict[Day, DayAwards] = defaultdict(DayAwards)
    reversed_ones = Award.objects.filter(record=OuterRef("record"), kind=AwardKind.REVERSAL)
    for row in awards.filter(~Exists(reversed_ones)).order_by("pk").defer("breakdown"):
        day = found[row.volunteer_id, row.business_day]
        if row.kind == AwardKind.SERVICE:
            pieces = tuple(Piece(minutes, worth) for minutes, worth in row.pieces)
            day.records[row.record_id] = RecordAward(row.record_id, row.rule_set_id, pieces, award_id=row.pk)
        award = day.records[row.record_id]
        if row.kind == AwardKind.RECOMPUTE:
            award.rule_set_id = row.rule_set_id
            award.pieces = tuple(Piece(minutes, worth) for minutes, worth in row.pieces)
        award.points += row.points
        award.minutes_counted += row.minutes_counted
        if row.transfer_id:
            award.transfer_ids.append(row.transfer_id)
    return found


def earnings_of(volunteer_ids: Collection[int]) -> dict[int, Earnings]:
    """Return what each volunteer's service has earned by month, in one query."""
    found = {volunteer_id: Earnings() for volunteer_id in volunteer_ids}
    rows = (
        Award.objects.filter(volunteer_id__in=volunteer_ids)
        .order_by()
        .values_list("volunteer_id", "business_day__year", "business_day__month")
        .annotate(total=Sum("points"))
    )
    for volunteer_id, year, month, total in rows:
        found[volunteer_id].by_month[year, month] = total
    return found


def rule_set_for(region_code: str, day: date) -> RuleSet:
    """Return the rule set in force on a day in the nearest region that has one.

    :raises RuleSetMissing: neither the region nor one above it has rules for that day.
    """
    return RuleBook([region_code]).rule_set_for(region_code, day)


def rules_of(rule_set: RuleSet) -> Rules:
    """Return the document of a rule set as rules."""
    return rules_from(rule_set.document)


def visible_to(actor: Actor) -> QuerySet[RuleSet]:
    """Return the rule sets that are or were in force, and drafts inside the actor's own regions."""
    published = Q(status__in=(RuleSetStatus.ACTIVE, RuleSetStatus.RETIRED))
    return RuleSet.objects.filter(published | region_q(actor.regions(*READERS)))


def writable_by(actor: Actor) -> QuerySet[RuleSet]:
    """Return the rule sets of the regions this actor makes rules for."""
    return RuleSet.objects.filter(region_q(actor.regions(*WRITERS)))


def successor_of(rule_set: RuleSet) -> RuleSet | None:
    """Return what would hold on an active rule set's first day without it: an older one here, else above.

    What holds on its first day holds on all later ones, so there is a gap only where this is None.
    """
    above = RuleSet.objects.filter(
        status=RuleSetStatus.ACTIVE,
        region_id__in=ancestors_of(rule_set.region_id),
        effective_from__lte=rule_set.effective_from,
    )
    # A code sorts after those above it, so the nearest region comes first.
    return above.exclude(pk=rule_set.pk).order_by("-region_id", "-effective_from").first()
