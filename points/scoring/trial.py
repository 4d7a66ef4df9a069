"""What rules would give: tried on real records of late, and on service made up. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Sum

from backend.core.errors import Invalid
from backend.core.workdays import kind_of
from backend.regions.codes import prefix_of
from points.scoring.awarding import ScoredRecord, facts_of, to_score
from points.scoring.engine import Facts, Piece, Result, SoFar, score
from points.scoring.models import Award
from points.scoring.queries import Earnings
from points.scoring.rules import Rules, Served
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Trial:
    """A record that counts, what it has earned (None: not yet), and what it would under other rules."""

    record: ServiceRecord
    earned: int | None
    running: Result | None
    draft: Result

    @property
    def before(self) -> int | None:
        """What it gives under the rules of today, if there are any."""
        return self.running.points if self.running else None

    @property
    def change(self) -> int:
        """By how much the draft gives more, or less."""
        return self.draft.points - (self.before or 0)


def try_on_recent(*, region_code: str, draft: Rules, running: Rules | None, most: int = SHOWN) -> list[Trial]:
    """Score the region's newest records that count under both rules, beside what each has earned.

    A day is scored as a whole and in the order of approval, so that caps are shared as they would be; what
    other days count towards caps of months, years and lifetimes is what they have earned really.
    """
    shown = list(_counting(prefix_of(region_code)).order_by("-pk")[:most])
    days = {(record.volunteer_id, record.service_date) for record in shown}
    same_days = _of_days(days)
    earnings = _earnings_before(days) if draft.caps.look_back or (running and running.caps.look_back) else {}
    drafted = _scored(same_days, draft, earnings)
    run = _scored(same_days, running, earnings) if running else {}
    earned = dict(
        Award.objects.filter(record__in=shown)
        .order_by()
        .values_list("record_id")
        .annotate(points=Sum("points"))
    )
    return [Trial(record, earned.get(record.pk), run.get(record.pk), drafted[record.pk]) for record in shown]


def made_up_facts(given: Mapping[str, Any], rules: Rules, *, today: date) -> Facts:
    """Return the facts of a service that need not exist; what is not given is plain.

    `earlier_minutes` were counted on that day already, at the plain rate of these rules.

    :raises Invalid: it would end after the last day there is.
    """
    earlier = int(given.get("earlier_minutes") or 0)
    piece = Piece(earlier, earlier * rules.base.units_a_minute)
    day = given.get("day") or today
    # Not made aware: it is what the clock on the wall says, and a day may be as far away as dates go.
    clock = given.get("starts_at")
    started = datetime.combine(day, clock.replace(tzinfo=None)) if clock else None
    return Facts(
        activity=given["activity"],
        minutes=given["minutes"],
        day=day,
        scheduled_minutes=given.get("scheduled_minutes") or 0,
        started=started,
        ended=_later(started, given["minutes"]),
        served=Served(
            category=given.get("category") or "",
            recipient=given.get("recipient") or "",
            activity_type=given.get("activity_type") or "",
            day_kind=kind_of(day),
            difficulty=given.get("difficulty") or 1,
            skilled=bool(given.get("skilled")),
            organizer=bool(given.get("organizer")),
        ),
        manual=bool(given.get("manual")),
        complaint_upheld=bool(given.get("complaint_upheld")),
        so_far=SoFar(
            day=(piece,) if earlier else (),
            month=given.get("month_points") or 0,
            year=given.get("year_points") or 0,
            lifetime=given.get("lifetime_points") or 0,
        ),
    )


def _later(started: datetime | None, minutes: int) -> datetime | None:
    try:
        return started + timedelta(minutes=minutes) if started else None
    except OverflowError as error:
        raise Invalid(field="day") from error


Day = tuple[int, date]  # volunteer, business day


def _counting(prefix: str = "") -> Any:
    """Return service records that were not taken back, with their volunteers."""
    taken_back = ServiceRecord.objects.filter(reverses=OuterRef("pk"))
    return ServiceRecord.objects.filter(
        ~Exists(taken_back), kind=RecordKind.SERVICE, region__code__startswith=prefix
    ).select_related("volunteer")


def _of_days(days: Iterable[Day]) -> dict[Day, list[ScoredRecord]]:
    found: dict[Day, list[ScoredRecord]] = defaultdict(list)
    wanted = set(days)
    rows = _counting().filter(
        volunteer_id__in={volunteer for volunteer, _ in wanted}, service_date__in={day for _, day in wanted}
    )
    for record in to_score(rows):
        if (record.volunteer_id, record.day) in wanted:
            found[record.volunteer_id, record.day].append(record)
    return found


def _earnings_before(days: Iterable[Day]) -> dict[Day, Earnings]:
    """Return for each of these days what its volunteer has earned on the days before it."""
    wanted = set(days)
    rows = list(
        Award.objects.filter(volunteer_id__in={volunteer for volunteer, _ in wanted})
        .order_by()
        .values_list("volunteer_id", "business_day")
        .annotate(points=Sum("points"))
    )
    found: dict[Day, Earnings] = {key: Earnings() for key in wanted}
    for volunteer, day in wanted:
        for owner, earned_on, points in rows:
            if owner == volunteer and earned_on < day:
                found[volunteer, day].add(earned_on, points)
    return found


def _scored(
    days: Mapping[Day, Sequence[ScoredRecord]], rules: Rules, earnings: Mapping[Day, Earnings]
) -> dict[int, Result]:
    scored: dict[int, Result] = {}
    for key, records in days.items():
        pieces: tuple[Piece, ...] = ()
        earned = Earnings()
        before = earnings.get(key) or Earnings()
        for record in records:
            so_far, today = before.so_far(record.day), sum(earned.by_month.values())
            counted = SoFar(pieces, so_far.month + today, so_far.year + today, so_far.lifetime + today)
            result = score(facts_of(record, counted), rules)
            pieces += result.pieces
            earned.add(record.day, result.points)
            scored[record.pk] = result
    return scored
