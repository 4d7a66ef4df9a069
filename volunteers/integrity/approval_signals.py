"""Detectors over approvals: who approved, how fast, for whom. What they find is a question, no verdict."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest, Left

from volunteers.integrity.choices import SignalKind
from volunteers.integrity.findings import MOST_LISTED, BusinessDay, Finding
from volunteers.integrity.thresholds import Thresholds
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

_SUNDAY = 6
_COUNTY_DIGITS = 6
_WHOLE = 100


def quick_approval(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """Approvals within seconds of what they rest on, again and again by one person at one site.

    That is the last scan, the entry of the paper sheet, or the volunteer's own word, whichever came last.
    """
    limit = timedelta(seconds=limits.quick_seconds)
    rows = (
        _records(day.start, day.end)
        .annotate(
            entered_at=Greatest(  # PostgreSQL leaves out what there is not
                Max("attendance__scans__received_at"),
                F("attendance__sheet__entered_at"),
                F("attendance__proposed_at"),
            )
        )
        .filter(recorded_at__gte=F("entered_at"), recorded_at__lt=F("entered_at") + limit)
        .order_by("recorded_by_id", "attendance__site_id", "id")
        .values_list("recorded_by_id", "attendance__site_id", "attendance_id", "recorded_at", "entered_at")
    )
    for (manager_id, site_id), group in groupby(rows, key=lambda row: (row[0], row[1])):
        quick = list(group)
        if len(quick) >= limits.quick_approvals:
            fastest = min(recorded - entered for *_, recorded, entered in quick)
            yield Finding(
                kind=SignalKind.QUICK_APPROVAL,
                subject=f"manager:{manager_id}:site:{site_id}",
                site_id=site_id,
                manager_id=manager_id,
                attendances=[attendance_id for _, _, attendance_id, _, _ in quick],
                facts={
                    "approvals": len(quick),
                    "within_seconds": limits.quick_seconds,
                    "fastest_seconds": int(fastest.total_seconds()),
                },
            )


@dataclass
class _Share:
    """What one manager recorded in one county."""

    minutes: int = 0
    manual: int = 0
    records: int = 0
    sites: dict[int, int] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        """How much of it was entered by hand."""
        return self.manual * _WHOLE // self.minutes if self.minutes else 0


def manual_share(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """A manager who credits far more hours entered by hand than the others of the county (rules.md E).

    Asked on Sundays only: a share over a month changes little from one day to the next.
    """
    if day.date.weekday() != _SUNDAY:
        return
    start = day.end - timedelta(days=limits.manual_days)
    shares = _shares(start, day.end)
    for (county, manager_id), own in shares.items():
        peers = _peers(shares, county, manager_id)
        if (
            own.records >= limits.manual_least
            and own.percent >= limits.manual_percent
            and own.percent >= limits.manual_times_peers * peers.percent
        ):
            by_hand = _records(start, day.end).filter(
                manual=True, recorded_by_id=manager_id, region__code__startswith=county
            )
            yield Finding(
                kind=SignalKind.MANUAL_SHARE,
                subject=f"manager:{manager_id}:county:{county}",
                site_id=max(own.sites, key=lambda site_id: (own.sites[site_id], -site_id)),
                manager_id=manager_id,
                attendances=by_hand.order_by("-id").values_list("attendance_id", flat=True)[:MOST_LISTED],
                facts={
                    "days": limits.manual_days,
                    "minutes": own.minutes,
                    "manual_minutes": own.manual,
                    "records": own.records,
                    "percent": own.percent,
                    "peers_percent": peers.percent,
                },
            )


def _shares(start: datetime, end: datetime) -> dict[tuple[str, int], _Share]:
    """Return what everybody recorded, by county and recorder; what was taken back does not count."""
    by_hand = Q(manual=True)
    rows = (
        _records(start, end)
        .filter(reversal__isnull=True)
        .annotate(county=Left("region_id", _COUNTY_DIGITS))
        .order_by("county", "recorded_by_id", "attendance__site_id")
        .values_list("county", "recorded_by_id", "attendance__site_id")
        .annotate(
            total=Sum("minutes"),
            manual_total=Coalesce(Sum("minutes", filter=by_hand), 0),
            manual_records=Count("pk", filter=by_hand),
        )
    )
    shares: dict[tuple[str, int], _Share] = defaultdict(_Share)
    for county, manager_id, site_id, total, manual, records in rows:
        share = shares[county, manager_id]
        share.minutes += total
        share.manual += manual
        share.records += records
        share.sites[site_id] = manual
    return shares


def _peers(shares: dict[tuple[str, int], _Share], county: str, manager_id: int) -> _Share:
    """Return what the others of the county recorded together."""
    peers = _Share()
    for (where, who), share in shares.items():
        if where == county and who != manager_id:
            peers.minutes += share.minutes
            peers.manual += share.manual
    return peers


def related_phone(day: BusinessDay, _limits: Thresholds) -> Iterator[Finding]:
    """An approver whose phone is the phone of the volunteer's guardian."""
    related = _records(day.start, day.end).filter(
        volunteer__guardian__phone_index=F("recorded_by__phone_index")
    )
    yield from _for_kin(SignalKind.RELATED_PHONE, related)


def same_household(day: BusinessDay, _limits: Thresholds) -> Iterator[Finding]:
    """An approver who is a volunteer too, where both have one guardian, or one is the other's."""
    records = _records(day.start, day.end)
    approvers_guardian = F("recorded_by__volunteer__guardian__phone_index")
    related = records.filter(
        Q(volunteer__guardian__phone_index=approvers_guardian)
        | Q(volunteer__user__phone_index=approvers_guardian)
    )
    yield from _for_kin(SignalKind.SAME_HOUSEHOLD, related)


def _for_kin(kind: SignalKind, records: QuerySet[ServiceRecord]) -> Iterator[Finding]:
    """Yield one signal per approver, volunteer and site."""
    rows = records.order_by("recorded_by_id", "volunteer_id", "attendance__site_id", "id").values_list(
        "recorded_by_id", "volunteer_id", "attendance__site_id", "attendance_id", "minutes"
    )
    for (manager_id, volunteer_id, site_id), group in groupby(rows, key=lambda row: row[:3]):
        approved = list(group)
        yield Finding(
            kind=kind,
            subject=f"manager:{manager_id}:volunteer:{volunteer_id}:site:{site_id}",
            site_id=site_id,
            manager_id=manager_id,
            volunteer_id=volunteer_id,
            attendances=[attendance_id for *_, attendance_id, _ in approved],
            facts={"records": len(approved), "minutes": sum(minutes for *_, minutes in approved)},
        )


def _records(start: datetime, end: datetime) -> QuerySet[ServiceRecord]:
    """Return the service rows written in a time, those since taken back included."""
    return ServiceRecord.objects.filter(kind=RecordKind.SERVICE, recorded_at__gte=start, recorded_at__lt=end)
