"""Which records a run is about: those its rules govern in a region and a period."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from backend.regions.codes import prefix_of
from points.revision.models import RevisionRun
from points.revision.states import RunKind
from points.scoring.models import RuleSet, RuleSetStatus
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

MOST_VOLUNTEERS = 400
MOST_RECORDS = 4000  # of one chunk, so that its locks are short


@dataclass(frozen=True, slots=True)
class Rival:
    """Other rules that win in a region from a day on."""

    prefix: str
    from_day: date


@dataclass(frozen=True, slots=True)
class Scope:
    """Records of a region and a period, without those other rules win over."""

    prefix: str
    first_day: date
    last_day: date | None
    rivals: tuple[Rival, ...] = ()

    def records(self) -> QuerySet[ServiceRecord]:
        """Return the service records in scope, awarded or not."""
        found = ServiceRecord.objects.filter(
            kind=RecordKind.SERVICE,
            region__code__startswith=self.prefix,
            service_date__gte=self.first_day,
        )
        if self.last_day is not None:
            found = found.filter(service_date__lte=self.last_day)
        for rival in self.rivals:
            found = found.exclude(Q(region__code__startswith=rival.prefix, service_date__gte=rival.from_day))
        return found

    def sql(self) -> tuple[str, list[object]]:
        """Return the same as a condition on `record`, with its parameters."""
        parts = ["record.kind = %s", "record.region_id LIKE %s", "record.service_date >= %s"]
        params: list[object] = [RecordKind.SERVICE.value, f"{self.prefix}%", self.first_day]
        if self.last_day is not None:
            parts.append("record.service_date <= %s")
            params.append(self.last_day)
        for rival in self.rivals:
            parts.append("NOT (record.region_id LIKE %s AND record.service_date >= %s)")
            params += [f"{rival.prefix}%", rival.from_day]
        return " AND ".join(parts), params

    def chunk(self, *, after: int) -> tuple[list[int], int]:
        """Return the next volunteers by key, and how many records of theirs are in scope."""
        rows = (
            self.records()
            .filter(volunteer_id__gt=after)
            .order_by("volunteer_id")
            .values_list("volunteer_id")
            .annotate(count=Count("pk"))[:MOST_VOLUNTEERS]
        )
        chosen: list[int] = []
        total = 0
        for volunteer_id, count in rows:
            if chosen and total + count > MOST_RECORDS:
                break
            chosen.append(volunteer_id)
            total += count
        return chosen, total


def scope_of(run: RevisionRun) -> Scope:
    """Return what the run is about.

    A recomputation takes what its rules really govern today. A dry run asks “what if these rules had held
    then”: only regions below with rules of their own are left out, where they would not have held anyhow.
    """
    return Scope(
        prefix=prefix_of(run.region_id),
        first_day=run.first_day,
        last_day=run.last_day,
        rivals=_rivals(run.to_rule_set, later=run.kind == RunKind.RECOMPUTE),
    )


def _rivals(rule_set: RuleSet, *, later: bool) -> tuple[Rival, ...]:
    """Rules in force that win over these: those of regions below, and with `later` newer ones of the same."""
    active = RuleSet.objects.filter(
        status=RuleSetStatus.ACTIVE, region__code__startswith=prefix_of(rule_set.region_id)
    ).exclude(pk=rule_set.pk)
    below = ~Q(region_id=rule_set.region_id)
    newer = Q(region_id=rule_set.region_id, effective_from__gt=rule_set.effective_from)
    found = active.filter(below | newer) if later else active.filter(below)
    return tuple(
        Rival(prefix_of(code), day)
        for code, day in found.order_by("pk").values_list("region_id", "effective_from")
    )


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a rule document, whatever the order of its members."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
