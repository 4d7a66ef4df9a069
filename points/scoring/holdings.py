"""Which rules hold in a region, which come next, what is inherited, and what was done to a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from backend.accounts.models import User
from backend.accounts.scopes import Actor
from backend.core.models import AuditEntry
from backend.regions.codes import CODE_LENGTH, ancestors_of, prefix_of
from backend.regions.models import Region
from points.scoring.errors import RuleSetMissing
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.queries import READERS, WRITERS, rule_set_for, visible_to

_MOST_REGIONS = 200
_MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds in a region today, and what its next version is and from when."""

    now: RuleSet | None
    next: RuleSet | None


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a version's history; `name` is whole, whoever shows it masks it."""

    at: datetime
    action: str
    name: str
    reason: str


def running(region_code: str, day: date) -> RuleSet | None:
    """Return the rule set in force in a region on a day, if there is one."""
    try:
        return rule_set_for(region_code, day)
    except RuleSetMissing:
        return None


def holding(region_code: str, day: date) -> Holding:
    """Return what holds in a region on a day and the next one to come, of its own or from above.

    A version that comes above a region with rules of its own changes nothing there.
    """
    now = running(region_code, day)
    coming = (
        _named(RuleSet.objects.all())
        .filter(
            status=RuleSetStatus.ACTIVE,
            region_id__in=ancestors_of(region_code),
            region_id__gte=now.region_id if now else "",
            effective_from__gt=day,
        )
        .order_by("effective_from", "-region_id")
    )
    if now is not None:
        now = _named(RuleSet.objects.all()).get(pk=now.pk)
    return Holding(now, coming.first())


def regions_of(actor: Actor) -> list[Region]:
    """Return the regions this actor looks after, and those below that have versions of their own."""
    prefixes = actor.regions(*READERS)
    own = [prefix.ljust(CODE_LENGTH, "0") for prefix in prefixes if prefix]
    codes = set(Region.objects.filter(code__in=own).values_list("code", flat=True))
    for prefix in prefixes:
        made = RuleSet.objects.filter(region__code__startswith=prefix).order_by("region_id")
        codes |= set(made.values_list("region_id", flat=True).distinct()[:_MOST_REGIONS])
    return list(Region.objects.filter(code__in=codes).order_by("code")[:_MOST_REGIONS])


def readable_region(actor: Actor, code: str) -> Region | None:
    """Return the region if it lies in one of the actor's."""
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isdecimal():
        return None
    if not any(code.startswith(prefix) for prefix in actor.regions(*READERS)):
        return None
    return Region.objects.filter(code=code).first()


def may_write(actor: Actor, region_code: str) -> bool:
    """Whether the actor makes rules for this region."""
    return any(region_code.startswith(prefix) for prefix in actor.regions(*WRITERS))


def readable_by(actor: Actor) -> QuerySet[RuleSet]:
    """Return the versions staff may open: all that are or were in force, drafts of their own regions."""
    return _named(visible_to(actor))


def versions_of(region_code: str, actor: Actor) -> QuerySet[RuleSet]:
    """Return a region's own versions, newest first."""
    return readable_by(actor).filter(region_id=region_code).order_by("-version")


def versions_above(region_code: str) -> list[RuleSet]:
    """Return what is in force above a region, the nearest first."""
    above = ancestors_of(region_code)[:-1]
    rows = _named(RuleSet.objects.all()).filter(status=RuleSetStatus.ACTIVE, region_id__in=above)
    return list(rows.order_by("-region_id", "-effective_from")[:_MOST_VERSIONS])


def own_below(region_code: str) -> list[Region]:
    """Return the regions below that have rules of their own in force: what changes here passes them by."""
    active = RuleSet.objects.filter(
        status=RuleSetStatus.ACTIVE, region__code__startswith=prefix_of(region_code)
    ).exclude(region_id=region_code)
    codes = active.order_by().values("region_id").distinct()
    return list(Region.objects.filter(code__in=codes).order_by("code")[:_MOST_REGIONS])


def to_begin_from(region_code: str) -> list[RuleSet]:
    """Return the versions of a region and of those above that a new one can begin from."""
    rows = _named(RuleSet.objects.all()).filter(region_id__in=ancestors_of(region_code))
    published = rows.filter(status__in=(RuleSetStatus.ACTIVE, RuleSetStatus.RETIRED))
    own = rows.filter(region_id=region_code)
    return list((published | own).order_by("-region_id", "-version")[:_MOST_VERSIONS])


def history_of(rule_set: RuleSet) -> list[Act]:
    """Return what was done to a version, the oldest first."""
    entries = list(
        AuditEntry.objects.filter(
            target_type=rule_set._meta.label_lower,
            target_id=str(rule_set.pk),
            action__startswith="rule_set.",
        ).order_by("pk")
    )
    people = User.objects.in_bulk({entry.actor_id for entry in entries if entry.actor_id})
    return [
        Act(
            entry.at,
            entry.action,
            str(people[entry.actor_id]) if entry.actor_id in people else "",
            entry.detail.get("reason", ""),
        )
        for entry in entries
    ]


def _named(rule_sets: QuerySet[RuleSet]) -> QuerySet[RuleSet]:
    """Load what a line about a version shows."""
    return rule_sets.select_related("region", "created_by", "reviewed_by")
