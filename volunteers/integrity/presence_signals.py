"""Detectors over scans and presences: one day each, set by set. What they find is a question, no verdict."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, DurationField, F, Func, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, Lag

from venues.sites.hours import is_open
from venues.sites.models import Site
from volunteers.activities.choices import ShiftStatus
from volunteers.activities.models import Shift
from volunteers.attendance.choices import AttendanceStatus, Intent
from volunteers.attendance.geo import distance_m
from volunteers.attendance.models import Attendance, Scan
from volunteers.integrity.choices import SignalKind
from volunteers.integrity.findings import BusinessDay, Finding
from volunteers.integrity.thresholds import Thresholds

_SECONDS_AN_HOUR = 3600
_METRES_A_KILOMETRE = 1000
_FASTEST_KMH = 99_999  # two places in the same second: fast enough, and a number that can be read
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class _Use:
    """One scan with a phone."""

    at: datetime
    volunteer_id: int
    attendance_id: int


def same_device(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """One phone that scans for several people at a site within a short time (rules.md E, proxy check-in).

    A staff member's phone that scans volunteers' passes and cards is no such phone.
    """
    own = _scans(day).filter(scanned_by__isnull=True)
    scans = own.filter(when__gte=day.start, when__lt=day.end).exclude(device="")
    crowded = (
        scans.order_by()
        .values("site_id", "device")
        .annotate(people=Count("volunteer_id", distinct=True))
        .filter(people__gte=limits.same_device_people)
    )
    rows = (
        scans.filter(device__in=crowded.values("device"))
        .order_by("site_id", "device", "when", "id")
        .values_list("site_id", "device", "when", "volunteer_id", "attendance_id")
    )
    for (site_id, device), group in groupby(rows, key=lambda row: (row[0], row[1])):
        uses = _crowd([_Use(*row[2:]) for row in group], limits)
        if uses:
            yield Finding(
                kind=SignalKind.SAME_DEVICE,
                subject=f"site:{site_id}:device:{device[:12]}",
                site_id=site_id,
                attendances=[use.attendance_id for use in uses],
                facts={
                    "people": len({use.volunteer_id for use in uses}),
                    "from_at": uses[0].at.isoformat(),
                    "until_at": uses[-1].at.isoformat(),
                },
            )


def _crowd(uses: Sequence[_Use], limits: Thresholds) -> list[_Use]:
    """Return the uses, in order of time, that lie in a stretch with too many people."""
    stretch = timedelta(minutes=limits.same_device_minutes)
    times = [use.at for use in uses]
    suspect: set[int] = set()
    for first, use in enumerate(uses):
        last = bisect_right(times, use.at + stretch)
        if len({other.volunteer_id for other in uses[first:last]}) >= limits.same_device_people:
            suspect.update(range(first, last))
    return [uses[place] for place in sorted(suspect)]


def fast_travel(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """One volunteer who scans at two sites sooner than anybody gets from one to the other."""
    steps = (
        _scans(day)
        .annotate(
            site_before=_before("site_id"),
            when_before=_before("when"),
            attendance_before=_before("attendance_id"),
        )
        .filter(site_before__isnull=False)
        .exclude(site_before=F("site_id"))
        .order_by("when", "id")
        .values_list(
            "volunteer_id",
            "attendance_id",
            "attendance_before",
            "site_before",
            "site_id",
            "when_before",
            "when",
        )
    )
    moves = [step for step in steps if day.start <= step[-1] < day.end]
    sites = Site.objects.in_bulk({site_id for move in moves for site_id in move[3:5]})
    for volunteer_id, attendance_id, attendance_before, from_id, to_id, left, came in moves:
        metres = _way_between(sites[from_id], sites[to_id])
        seconds = int((came - left).total_seconds())
        kmh = _kmh(metres, seconds)
        if metres >= limits.travel_least_m and kmh > limits.travel_kmh:
            yield Finding(
                kind=SignalKind.FAST_TRAVEL,
                subject=f"attendance:{attendance_id}",
                site_id=to_id,
                volunteer_id=volunteer_id,
                attendance_id=attendance_id,
                attendances=[attendance_before, attendance_id],
                facts={"from_site": from_id, "metres": metres, "seconds": seconds, "kmh": kmh},
            )


def _before(name: str) -> Window:
    """Return what the volunteer's scan before this one said."""
    return Window(Lag(name), partition_by="volunteer_id", order_by=("when", "id"))


def _way_between(one: Site, other: Site) -> int:
    """Return the metres between two sites from edge to edge: a site is no point."""
    metres = distance_m(one.latitude, one.longitude, other.latitude, other.longitude)
    return max(0, int(metres) - one.radius_m - other.radius_m)


def _kmh(metres: int, seconds: int) -> int:
    if seconds <= 0:
        return _FASTEST_KMH
    return min(_FASTEST_KMH, metres * _SECONDS_AN_HOUR // (seconds * _METRES_A_KILOMETRE))


def same_duration(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """Many presences of one shift that are equally long to the second.

    A group that comes and goes together is normal and differs by seconds, because each scans for themselves;
    equal to the second are presences that something else has scanned. In a crowd some are equal by chance,
    so the group must also be a good part of its shift. A paper sheet knows no seconds and is left out.
    """
    ended = _attendances(day).filter(checked_out_at__isnull=False, manual=False)
    length = Func(
        Value("second"),
        F("checked_out_at") - F("checked_in_at"),
        function="date_trunc",
        output_field=DurationField(),
    )
    groups = (
        ended.annotate(length=length)
        .order_by()
        .values("shift_id", "site_id", "length")
        .annotate(people=Count("volunteer_id", distinct=True), attendances=ArrayAgg("id"))
        .filter(people__gte=limits.same_duration_people)
    )
    found = list(groups)
    shifts = {group["shift_id"] for group in found}
    sizes = dict(
        ended.filter(shift_id__in=shifts).order_by().values_list("shift_id").annotate(Count("pk")).iterator()
    )
    for group in found:
        least = math.ceil(sizes[group["shift_id"]] * limits.same_duration_percent / _WHOLE)
        if group["people"] >= least:
            seconds = int(group["length"].total_seconds())
            yield Finding(
                kind=SignalKind.SAME_DURATION,
                subject=f"shift:{group['shift_id']}:seconds:{seconds}",
                site_id=group["site_id"],
                attendances=group["attendances"],
                facts={"shift": group["shift_id"], "people": group["people"], "seconds": seconds},
            )


def closed_hours(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """Check-ins at a site that states its hours, well outside of them; one signal per shift."""
    margin = timedelta(minutes=limits.closed_margin_minutes)
    rows = (
        _attendances(day)
        .exclude(site__opening_hours={})
        .order_by("shift_id", "checked_in_at", "id")
        .values_list("shift_id", "site_id", "id", "checked_in_at", "site__opening_hours")
    )
    for (shift_id, site_id), group in groupby(rows, key=lambda row: (row[0], row[1])):
        strange = [(pk, at) for _, _, pk, at, hours in group if not _open_around(hours, at, margin)]
        if strange:
            yield Finding(
                kind=SignalKind.CLOSED_HOURS,
                subject=f"site:{site_id}:shift:{shift_id}",
                site_id=site_id,
                attendances=[pk for pk, _ in strange],
                facts={"shift": shift_id, "people": len(strange), "first_at": strange[0][1].isoformat()},
            )


def _open_around(hours: Mapping[str, Sequence[Sequence[str]]], at: datetime, margin: timedelta) -> bool:
    return any(is_open(hours, moment) for moment in (at, at + margin, at - margin))


@dataclass(frozen=True, slots=True)
class _Stay:
    """One presence, as long as it can be believed."""

    attendance_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Room:
    """The places of one shift, and while they count."""

    start: datetime
    end: datetime
    places: int


def over_capacity(day: BusinessDay, limits: Thresholds) -> Iterator[Finding]:
    """A site with more people in service at once than its shifts have places; the fullest moment of the day.

    Somebody who did not check out is counted until their shift was over, and a late check-out no longer than
    the margin.
    """
    margin = timedelta(minutes=limits.capacity_margin_minutes)
    stays = _stays(day, margin)
    rooms = _rooms(day, margin, stays)
    for site_id, present in stays.items():
        peak = _peak(present, rooms[site_id], day, limits)
        if peak is None:
            continue
        moment, places = peak
        there = [stay.attendance_id for stay in present if stay.start <= moment < stay.end]
        yield Finding(
            kind=SignalKind.OVER_CAPACITY,
            subject=f"site:{site_id}",
            site_id=site_id,
            attendances=there,
            facts={"peak_at": moment.isoformat(), "people": len(there), "places": places},
        )


def _stays(day: BusinessDay, margin: timedelta) -> dict[int, list[_Stay]]:
    rows = (
        Attendance.objects.filter(
            shift__starts_at__gte=day.shifts_from,
            shift__starts_at__lt=day.shifts_until,
            checked_in_at__lt=day.end,
        )
        .exclude(status=AttendanceStatus.ANNULLED)
        .order_by("id")
        .values_list("site_id", "id", "checked_in_at", "checked_out_at", "shift__ends_at")
    )
    stays: dict[int, list[_Stay]] = defaultdict(list)
    for site_id, pk, came, left, shift_ends in rows:
        end = shift_ends if left is None else min(left, shift_ends + margin)
        stays[site_id].append(_Stay(pk, came, max(came, end)))
    return stays


def _rooms(day: BusinessDay, margin: timedelta, site_ids: Iterable[int]) -> dict[int, list[_Room]]:
    rows = Shift.objects.filter(
        activity__site_id__in=site_ids,
        status=ShiftStatus.OPEN,
        starts_at__gte=day.shifts_from,
        starts_at__lt=day.shifts_until,
    ).values_list("activity__site_id", "starts_at", "ends_at", "capacity")
    rooms: dict[int, list[_Room]] = defaultdict(list)
    for site_id, starts_at, ends_at, places in rows.order_by("id"):
        rooms[site_id].append(_Room(starts_at - margin, ends_at + margin, places))
    return rooms


def _peak(
    stays: Sequence[_Stay], rooms: Sequence[_Room], day: BusinessDay, limits: Thresholds
) -> tuple[datetime, int] | None:
    """Return the fullest moment of the day, with the places there were; None if there was room all day."""
    starts = sorted(stay.start for stay in stays)
    ends = sorted(stay.end for stay in stays)
    worst, peak = 0, None
    for moment in starts:
        if not day.start <= moment < day.end:
            continue
        places = sum(room.places for room in rooms if room.start <= moment < room.end)
        people = bisect_right(starts, moment) - bisect_right(ends, moment)
        allowed = places * (_WHOLE + limits.capacity_spare_percent) // _WHOLE
        if people - allowed > worst:
            worst, peak = people - allowed, (moment, places)
    return peak


def _attendances(day: BusinessDay) -> QuerySet[Attendance]:
    """Return the presences that began on the day; the bound on the shift lets an index find them."""
    return Attendance.objects.filter(
        shift__starts_at__gte=day.shifts_from,
        shift__starts_at__lt=day.shifts_until,
        checked_in_at__gte=day.start,
        checked_in_at__lt=day.end,
    ).exclude(status=AttendanceStatus.ANNULLED)


def _scans(day: BusinessDay) -> QuerySet[Any]:
    """Return the scans that counted and were not annulled, of shifts around the day.

    `when` is the time the scan stands for, as it was decided: a phone's clock may be wrong.
    """
    left = Coalesce("attendance__checked_out_at", "received_at")
    return Scan.objects.filter(
        attendance__shift__starts_at__gte=day.shifts_from,
        attendance__shift__starts_at__lt=day.shifts_until,
        annulment__isnull=True,
    ).annotate(when=Case(When(intent=Intent.IN, then=F("attendance__checked_in_at")), default=left))
