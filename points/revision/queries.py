"""Reading runs: staff and supervisors, inside their regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.accounts.scopes import Actor, region_q
from backend.regions.codes import prefix_of
from backend.regions.models import Region
from points.revision.models import RevisionRun
from points.revision.scope import digest_of
from points.revision.states import RunKind, RunState
from points.scoring.models import RuleSet
from points.scoring.queries import READERS, WRITERS
from volunteers.people.choices import ServiceCategory
from volunteers.people.models import Volunteer

_KEPT = 4


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """What one category of service earned before and after."""

    name: str
    records: int
    changed: int
    before: int
    after: int

    @property
    def difference(self) -> int:
        """By how many points."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What one volunteer had before and after; the number is masked."""

    number: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """By how many points."""
        return self.after - self.before


def visible_to(actor: Actor) -> QuerySet[RevisionRun]:
    """Return the runs over regions this actor may read."""
    return RevisionRun.objects.filter(region_q(actor.regions(*READERS)))


def runs_of(rule_set: RuleSet, actor: Actor) -> QuerySet[RevisionRun]:
    """Return the runs with these rules the actor may read, newest first."""
    found = visible_to(actor).filter(to_rule_set=rule_set)
    return found.select_related("to_rule_set", "from_rule_set", "region").order_by("-pk")


def regions_to_choose(rule_set: RuleSet, actor: Actor) -> list[Region]:
    """Return the regions the actor may try these rules in: their own, inside that of the rules."""
    own = prefix_of(rule_set.region_id)
    codes = {
        longer.ljust(len(rule_set.region_id), "0")
        for prefix in actor.regions(*WRITERS)
        for longer in [max(prefix, own, key=len)]
        if longer.startswith(prefix) and longer.startswith(own)
    }
    return list(Region.objects.filter(code__in=codes).order_by("code"))


def rules_to_compare(rule_set: RuleSet, candidates: QuerySet[RuleSet]) -> QuerySet[RuleSet]:
    """Return the other rules of the region and of those above it, newest first."""
    own = prefix_of(rule_set.region_id)
    above = [own[:length].ljust(len(rule_set.region_id), "0") for length in range(2, len(own) + 1)]
    return candidates.filter(region_id__in=above).exclude(pk=rule_set.pk).order_by("-pk")


def dry_run_of(rule_set: RuleSet) -> RevisionRun | None:
    """Return the last dry run that was finished with exactly these rules."""
    return (
        RevisionRun.objects.filter(
            kind=RunKind.DRY_RUN,
            state=RunState.DONE,
            to_rule_set=rule_set,
            digest=digest_of(rule_set.document),
        )
        .order_by("-pk")
        .first()
    )


def categories_of(run: RevisionRun) -> list[CategoryRow]:
    """Return what a dry run found by category, the largest first."""
    names = dict(ServiceCategory.choices)
    rows = [
        CategoryRow(name=str(names.get(ServiceCategory(key), key)), **figures)
        for key, figures in run.result.get("categories", {}).items()
    ]
    return sorted(rows, key=lambda row: (-max(row.before, row.after), row.name))


def largest_of(run: RevisionRun) -> list[PersonRow]:
    """Return the largest changes a dry run found, with masked volunteer numbers (one query)."""
    rows: Sequence[dict[str, int]] = run.result.get("largest", ())
    numbers = dict(
        Volunteer.objects.filter(pk__in=[row["volunteer"] for row in rows]).values_list("pk", "number")
    )
    return [
        PersonRow(mask_number(numbers.get(row["volunteer"], "")), row["before"], row["after"]) for row in rows
    ]


def mask_number(number: str) -> str:
    """`118273640551` → `1182****0551`."""
    return f"{number[:_KEPT]}****{number[-_KEPT:]}" if len(number) > 2 * _KEPT else "****"
