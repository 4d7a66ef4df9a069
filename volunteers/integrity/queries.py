"""Reading signals, samples and scores: by the region of the site or of the record."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Sum, Value, When
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor, Role, region_q
from backend.core.masking import mask_name
from volunteers.integrity.choices import SignalState
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.integrity.thresholds import WEIGHTS, current_thresholds
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import with_details as with_record_details

REVIEWERS = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
READERS = (*REVIEWERS, Role.SUPERVISOR)
_MOST_SCORES = 100


@dataclass(frozen=True)
class Score:
    """What the signals of the last months weigh for one manager or site, those cleared left out."""

    about: str  # "manager" or "site"
    id: int
    name: str
    points: int
    signals: int
    confirmed: int


def visible_signals(actor: Actor) -> QuerySet[Signal]:
    """Return the signals this actor may read: staff and supervisors, inside their regions."""
    return Signal.objects.filter(region_q(actor.regions(*READERS), "site__region"))


def reviewable_signals(actor: Actor) -> QuerySet[Signal]:
    """Return the signals this actor may review: staff in their regions. Supervisors only read."""
    return Signal.objects.filter(region_q(actor.regions(*REVIEWERS), "site__region"))


def with_details(signals: QuerySet[Signal]) -> QuerySet[Signal]:
    """Load what a row shows."""
    return signals.select_related("site", "manager", "volunteer")


def records_behind(signals: Iterable[Signal]) -> dict[int, list[ServiceRecord]]:
    """Return the service records the evidence of each signal touches, by the signal's key (one query)."""
    touched = {signal.pk: signal.evidence["attendances"] for signal in signals}
    records = ServiceRecord.objects.filter(
        kind=RecordKind.SERVICE, attendance_id__in={pk for pks in touched.values() for pk in pks}
    )
    of_attendance: dict[int, list[ServiceRecord]] = defaultdict(list)
    for record in with_record_details(records).order_by("attendance_id", "version"):
        of_attendance[record.attendance_id].append(record)
    return {key: [record for pk in pks for record in of_attendance[pk]] for key, pks in touched.items()}


def visible_items(actor: Actor) -> QuerySet[AuditItem]:
    """Return the sampled records this actor may read about."""
    return AuditItem.objects.filter(region_q(actor.regions(*READERS), "record__region"))


def reviewable_items(actor: Actor) -> QuerySet[AuditItem]:
    """Return the sampled records this actor may check: staff in their regions."""
    return AuditItem.objects.filter(region_q(actor.regions(*REVIEWERS), "record__region"))


def draws_for(actor: Actor) -> QuerySet[AuditDraw]:
    """Return every draw, newest first; `seen_items` of each are those in the actor's regions.

    A draw is public with its seed; the records in it are not.
    """
    items = visible_items(actor).select_related("record__volunteer").order_by("place")
    return AuditDraw.objects.prefetch_related(Prefetch("items", items, to_attr="seen_items"))


def scores(actor: Actor, *, at: datetime) -> list[Score]:
    """Return the scores of managers and sites in reach, heaviest first, at most a hundred of each.

    A score says where to look first. It is the sum of the weights by kind over the last 90 days
    (`thresholds.WEIGHTS`), less what was cleared.
    """
    since = localdate(at) - timedelta(days=current_thresholds().score_days)
    counted = visible_signals(actor).filter(day__gt=since).exclude(state=SignalState.CLEARED).order_by()
    managers = _summed(counted.filter(manager__isnull=False), "manager_id", "manager__display_name")
    sites = _summed(counted, "site_id", "site__name")
    return [
        *(Score("manager", pk, mask_name(name) if name else f"#{pk}", *rest) for pk, name, *rest in managers),
        *(Score("site", pk, name, *rest) for pk, name, *rest in sites),
    ]


def _summed(signals: QuerySet[Any, Any], key: str, name: str) -> QuerySet[Any, Any]:
    """Return (key, name, points, signals, confirmed) for each key, heaviest first."""
    weight = Case(
        *(When(kind=kind, then=Value(points)) for kind, points in WEIGHTS.items()),
        output_field=IntegerField(),
    )
    sums: QuerySet[Any, Any] = signals.values_list(key, name).annotate(
        points=Sum(weight),
        signals=Count("pk"),
        confirmed=Count("pk", filter=Q(state=SignalState.CONFIRMED)),
    )
    return sums.order_by("-points", key)[:_MOST_SCORES]
