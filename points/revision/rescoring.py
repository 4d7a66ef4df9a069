"""Records scored anew by the engine, as if they had been awarded under these rules in the same order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from points.scoring.awarding import ScoredRecord, facts_of, to_score
from points.scoring.engine import Piece, Result, score
from points.scoring.queries import Day, DayAwards, Earnings, RecordAward, earnings_of
from points.scoring.rules import Rules
from volunteers.records.models import ServiceRecord


@dataclass(frozen=True, slots=True)
class Rescored:
    """A record, what it stands at, and what the rules give it."""

    record: ScoredRecord
    standing: RecordAward
    result: Result

    @property
    def difference(self) -> int:
        """By how many points it changes."""
        return self.result.points - self.standing.points


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one volunteer that share caps: those of a day, or all of them under longer caps."""

    standing: tuple[tuple[ScoredRecord, RecordAward], ...]  # in the order they were awarded
    fixed: dict[Day, tuple[Piece, ...]]  # of other records on the same days
    earnings: Earnings  # of everything else

    def rescored(self, rules: Rules) -> list[Rescored]:
        """Score the records one after another, on top of what stays."""
        pieces = dict(self.fixed)
        earned = Earnings()
        earned.by_month.update(self.earnings.by_month)
        made = []
        for record, award in self.standing:
            day = (record.volunteer_id, record.day)
            before = pieces.get(day, ())
            result = score(facts_of(record, earned.so_far(record.day, before)), rules)
            pieces[day] = (*before, *result.pieces)
            earned.add(record.day, result.points)
            made.append(Rescored(record, award, result))
        return made


def groups(
    days: dict[Day, DayAwards],
    governed: QuerySet[ServiceRecord],
    *,
    look_back: bool,
    volunteers: Collection[int],
) -> Iterator[Group]:
    """Sort standing awards into groups; `governed` are the records that change their rules.

    With `look_back` a group is everything of a volunteer, and `days` must then hold all of it.
    """
    awards = [award.record_id for day in days.values() for award in day.records.values()]
    records = {record.pk: record for record in to_score(governed.filter(pk__in=awards))}
    chosen: dict[object, list[tuple[ScoredRecord, RecordAward]]] = defaultdict(list)
    fixed: dict[Day, tuple[Piece, ...]] = defaultdict(tuple)
    earnings = earnings_of(volunteers) if look_back else defaultdict(Earnings)
    for day, standing in days.items():
        for award in standing.records.values():
            record = records.get(award.record_id)
            if record is None:
                fixed[day] = (*fixed[day], *award.pieces)
                continue
            chosen[record.volunteer_id if look_back else day].append((record, award))
            earnings[record.volunteer_id].add(record.day, -award.points)
    for members in chosen.values():
        ordered = sorted(members, key=lambda member: member[1].award_id)
        first = ordered[0][0]
        own = {(record.volunteer_id, record.day) for record, _ in ordered}
        yield Group(
            tuple(ordered),
            {day: fixed[day] for day in own},
            earnings[first.volunteer_id] if look_back else Earnings(),
        )
