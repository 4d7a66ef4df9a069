"""What a manager reviews at six o'clock: the attendances of a shift, and the shifts with something to review.

Every function costs the same number of statements for one row as for five hundred.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from backend.accounts.scopes import Actor, Role, region_q
from volunteers.activities.models import Shift
from volunteers.attendance.choices import STAFF_CHANNELS, AttendanceStatus, Channel
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.paper_models import PaperSheet
from volunteers.attendance.queries import decidable_by

SAME_DAY = timedelta(hours=16)  # how far apart scans of one phone still belong together
_REVIEWED = (AttendanceStatus.PENDING, AttendanceStatus.APPROVED, AttendanceStatus.REJECTED)
# Not the whole volunteer: every sealed column that is loaded is decrypted.
_PERSON = ("volunteer__name", "volunteer__number", "volunteer__user_id")
_TIMES = ("shift__starts_at", "shift__ends_at", "shift__break_minutes")


@dataclass(frozen=True)
class Signals:
    """What the scans behind some attendances tell beside them, by attendance."""

    phones: Mapping[int, int]  # how many other volunteers used the same phone
    channels: Mapping[int, list[Channel]]  # how they were taken down, where not from the screen


@dataclass(frozen=True)
class Workload:
    """How much one shift asks of its manager: rows to approve at a glance, and rows to look at."""

    shift: Shift
    clean: int
    flagged: int

    @property
    def waiting(self) -> int:
        """Everything undecided."""
        return self.clean + self.flagged


def reviewable_shifts(actor: Actor) -> QuerySet[Shift]:
    """Return the shifts whose attendances this actor decides about, with activity and site loaded."""
    return Shift.objects.filter(
        Q(activity__site_id__in=actor.sites(Role.SITE_MANAGER))
        | Q(activity__programme__organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN), "activity__site__region")
    ).select_related("activity__site")


def on_shift(actor: Actor, shift: Shift) -> QuerySet[Attendance]:
    """Return the shift's attendances that are or were to be decided, in the order they began.

    The actor's own are among them, for somebody else to decide; those still in service are not.
    """
    rows = decidable_by(actor).filter(shift=shift, status__in=_REVIEWED)
    everything = [field.attname for field in Attendance._meta.concrete_fields]
    return rows.select_related("volunteer", "shift").only(*everything, *_PERSON, *_TIMES).order_by("id")


def waiting_for(actor: Actor) -> QuerySet[Attendance]:
    """Return the undecided attendances this actor may decide: not their own, not what they entered."""
    waiting = decidable_by(actor).filter(status=AttendanceStatus.PENDING)
    return waiting.exclude(volunteer__user_id=actor.user_id).exclude(
        entered_by__isnull=False, entered_by_id=actor.user_id
    )


def shifts_to_review(actor: Actor, *, site_id: int | None = None) -> QuerySet[Shift]:
    """Return the shifts on which somebody waits for this actor, longest waiting first."""
    waiting = waiting_for(actor)
    if site_id is not None:
        waiting = waiting.filter(site_id=site_id)
    shifts = Shift.objects.filter(pk__in=waiting.order_by().values("shift_id"))
    return shifts.select_related("activity__site").order_by("ends_at", "id")


def workloads(actor: Actor, shifts: Sequence[Shift]) -> list[Workload]:
    """Return how many rows of each shift are clean and how many are to be looked at, in the order given."""
    waiting = list(
        waiting_for(actor)
        .filter(shift__in=shifts)
        .only("shift_id", "site_id", "volunteer_id", "checked_in_at", "minutes", "flags")
        .order_by()
    )
    shared = signals([row for row in waiting if is_plain(row)]).phones
    clean: dict[int, int] = defaultdict(int)
    flagged: dict[int, int] = defaultdict(int)
    for row in waiting:
        counted = clean if is_plain(row) and row.pk not in shared else flagged
        counted[row.shift_id] += 1
    return [Workload(shift, clean[shift.pk], flagged[shift.pk]) for shift in shifts]


def reviewable_sheets(actor: Actor) -> QuerySet[PaperSheet]:
    """Return the paper sheets of shifts this actor decides about."""
    return PaperSheet.objects.filter(shift__in=reviewable_shifts(actor))


def in_service_on(shift: Shift) -> int:
    """Return how many people have not left this shift yet."""
    return Attendance.objects.filter(shift=shift, status=AttendanceStatus.OPEN).count()


def is_plain(row: Attendance) -> bool:
    """Return whether nothing in the row itself asks for a look."""
    return not row.flags and bool(row.minutes)


def signals(rows: Iterable[Attendance]) -> Signals:
    """Return what the scans of these attendances tell. Two statements however many rows.

    One phone for many people at a site on a day is a sign of proxy check-in (rules.md E);
    `queries.with_details` asks the same for one row at a time. A phone staff scan with counts for nobody.
    """
    by_pk = {row.pk: row for row in rows}
    if not by_pk:
        return Signals({}, {})
    scans = Scan.objects.filter(attendance_id__in=by_pk).order_by("pk")
    phones: set[tuple[int, str]] = set()
    channels: dict[int, list[Channel]] = {}
    for attendance_id, device, channel in scans.values_list("attendance_id", "device", "channel"):
        if channel != Channel.SCREEN and channel not in channels.setdefault(attendance_id, []):
            channels[attendance_id].append(Channel(channel))
        if device and channel not in STAFF_CHANNELS:
            phones.add((attendance_id, device))
    return Signals(_shared(phones, by_pk), channels)


def _shared(phones: set[tuple[int, str]], by_pk: Mapping[int, Attendance]) -> dict[int, int]:
    """Return, by attendance, how many other volunteers scanned with its phones there and then."""
    users = _users_of({device for _, device in phones}, by_pk.values())
    people: dict[int, set[int]] = defaultdict(set)
    for attendance_id, device in phones:
        row = by_pk[attendance_id]
        for volunteer_id, scanned_at in users.get((device, row.site_id), ()):
            if volunteer_id != row.volunteer_id and abs(scanned_at - row.checked_in_at) <= SAME_DAY:
                people[attendance_id].add(volunteer_id)
    return {attendance_id: len(found) for attendance_id, found in people.items()}


def _users_of(
    devices: set[str], rows: Iterable[Attendance]
) -> Mapping[tuple[str, int], list[tuple[int, datetime]]]:
    """Return who scanned with each phone at each place, and when, around the time of the rows."""
    if not devices:
        return {}
    began = [row.checked_in_at for row in rows]
    scans = Scan.objects.filter(
        device__in=devices,
        attendance__isnull=False,
        received_at__range=(min(began) - SAME_DAY, max(began) + SAME_DAY),
    ).exclude(channel__in=STAFF_CHANNELS)
    users: dict[tuple[str, int], list[tuple[int, datetime]]] = defaultdict(list)
    columns = scans.order_by().values_list("device", "site_id", "volunteer_id", "received_at")
    for device, site_id, volunteer_id, received_at in columns:
        if site_id is not None:
            users[device, site_id].append((volunteer_id, received_at))
    return users
