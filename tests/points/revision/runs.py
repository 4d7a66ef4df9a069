"""Rules that follow others, and runs carried to their end."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from backend.accounts.scopes import Actor, Role
from points.revision.models import RevisionRun
from points.revision.services import advance, start_dry_run, start_recompute
from points.scoring.models import Award, RuleSet, RuleSetStatus
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.services import award_records
from tests.factories.accounts import make_actor
from tests.factories.ledger import LONG_AGO
from tests.factories.regions import GUIYANG, RegionFactory
from volunteers.people.models import Volunteer
from volunteers.records.models import ServiceRecord

SEPTEMBER = date(2026, 9, 1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
TWELVE = {"points": 12, "per_minutes": 60, "step_minutes": 30}
SIX = {"points": 6, "per_minutes": 60, "step_minutes": 30}


def newer_rules(
    version: int = 2,
    *,
    region_code: str = GUIYANG,
    effective_from: date = SEPTEMBER,
    status: str = RuleSetStatus.ACTIVE,
    **changes: Any,
) -> RuleSet:
    """Put a later version of the preset with changes into force."""
    RegionFactory.create(code=region_code)
    return RuleSet.objects.create(
        region_id=region_code,
        version=version,
        effective_from=effective_from,
        status=status,
        document={**DEFAULT_DOCUMENT, **changes},
        created_at=LONG_AGO,
    )


def staff() -> Actor:
    """Make somebody who looks after Guiyang."""
    return make_actor(Role.COMMUNITY_STAFF, "5201")


def award(*records: ServiceRecord, at: datetime) -> None:
    """Award one after another, in this order."""
    for record in records:
        award_records(record_ids=[record.pk], at=at)


def finish(run: RevisionRun, *, at: datetime) -> RevisionRun:
    """Carry on until nothing is left to do."""
    while advance(at=at):
        pass
    run.refresh_from_db()
    return run


def dry_run(rule_set: RuleSet, *, at: datetime, actor: Actor | None = None, **asked: Any) -> RevisionRun:
    """Ask for a dry run over the year and finish it."""
    first, last = YEAR
    period = {"first_day": first, "last_day": last} | asked
    run = start_dry_run(rule_set_id=rule_set.pk, actor=actor or staff(), at=at, **period)
    return finish(run, at=at)


def recomputed(rule_set: RuleSet, *, at: datetime) -> RevisionRun:
    """Try the rules, recompute under them and finish."""
    actor = staff()
    dry_run(rule_set, at=at, actor=actor)
    return finish(start_recompute(rule_set_id=rule_set.pk, actor=actor, at=at), at=at)


def points_of(records: Iterable[ServiceRecord]) -> list[int]:
    """What each record stands at."""
    return [sum(Award.objects.filter(record=record).values_list("points", flat=True)) for record in records]


def standing_of(record: ServiceRecord) -> str:
    """Under which version a record stands."""
    return Award.objects.filter(record=record).order_by("-pk")[0].rule_set.label


def earned_by(volunteer: Volunteer) -> int:
    """What all records of a volunteer stand at."""
    return sum(Award.objects.filter(volunteer=volunteer).values_list("points", flat=True))
