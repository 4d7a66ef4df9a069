"""From approval to points: how many a second, how long one takes, and what bare inserts would do."""

import time
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from backend.accounts.scopes import Role
from backend.core import outbox
from backend.core.outbox.models import OutboxEvent
from points.ledger.models import Entry, TransferKind
from points.scoring.models import Award
from points.scoring.services import ensure_default_rule_set
from tests.benchmarks import crowd, stage
from tests.factories.accounts import make_actor
from tests.factories.regions import COMMUNITY, GUIYANG, make_path
from volunteers.attendance.choices import AttendanceStatus, Grade
from volunteers.attendance.models import Attendance
from volunteers.records.services import approve
from workers.celery import app as celery

_DRAIN_SECONDS = 300
_LOOK_EVERY = 0.005
_LONGEST_WAIT = 30
_SHARE = 0.95


def awards(home: Path, *, people: int, each: int, approvals: int) -> dict[str, float]:
    """Approved records become points, through the outbox and a Celery worker."""
    make_path(COMMUNITY)
    ensure_default_rule_set(region_code=GUIYANG, at=timezone.now())
    with stage.worker(home):
        crowd.approved_records(crowd.volunteers(20, prefix="W"), each=1)
        _drained(20)
        total = crowd.approved_records(crowd.volunteers(people, prefix="A"), each=each)
        seconds = _drained(total)
        raw = _raw_inserts()
        waits = _one_by_one(approvals)
    return {
        "award_per_s": round(total / seconds, 1),
        "raw_insert_per_s": round(raw, 1),
        "approve_to_points_p95_ms": round(waits[int(len(waits) * _SHARE)], 1),
    }


def _drained(expected: int) -> float:
    """Nudge the worker once; the value is how long the outbox took to be empty.

    :raises RuntimeError: events are left, or earned nothing.
    """
    before = Entry.objects.filter(transfer__kind=TransferKind.AWARD).count()
    waiting = OutboxEvent.objects.filter(done_at__isnull=True)
    begun = time.perf_counter()
    for _process in range(stage.WORKER_PROCESSES):
        celery.send_task(outbox.services.NUDGE_TASK)
    while waiting.exists():
        if time.perf_counter() - begun > _DRAIN_SECONDS:
            raise RuntimeError(f"{waiting.count()} events were not delivered: {waiting.first()!r}")
        time.sleep(0.02)
    seconds = time.perf_counter() - begun
    entries = Entry.objects.filter(transfer__kind=TransferKind.AWARD).count() - before
    if entries != 2 * expected:
        raise RuntimeError(f"{expected} records became {entries} entries")
    return seconds


def _raw_inserts() -> float:
    """Copy the rows of all awards so far into tables with the same columns, indexes and checks; per second.

    No foreign key, no trigger, no row sent by a client: nothing that awards can be faster than.
    """
    tables = ("points_transfer", "points_entry", "points_lot", "points_award")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE raw_{table} (LIKE {table} INCLUDING ALL)")
        awarded = Award.objects.exclude(transfer=None)
        count = awarded.count()
        begun = time.perf_counter()
        with transaction.atomic():
            for table in tables:
                column = "id" if table == "points_transfer" else "transfer_id"
                cursor.execute(
                    f"INSERT INTO raw_{table} SELECT * FROM {table}"  # noqa: S608 – our own names
                    f" WHERE {column} IN (SELECT transfer_id FROM points_award WHERE transfer_id IS NOT NULL)"
                )
        seconds = time.perf_counter() - begun
        for table in tables:
            cursor.execute(f"DROP TABLE raw_{table}")
    return count / seconds


def _one_by_one(count: int) -> list[float]:
    """Approve one attendance after the other; how long each took until it was points, ms, sorted."""
    actor = make_actor(Role.PLATFORM_ADMIN)
    waits = []
    for attendance_id in _pending(count):
        record = approve(attendance_id=attendance_id, actor=actor, at=timezone.now())
        committed = time.perf_counter()
        while not Award.objects.filter(record=record).exists():
            if time.perf_counter() - committed > _LONGEST_WAIT:
                raise RuntimeError(f"no points after {_LONGEST_WAIT} s")
            time.sleep(_LOOK_EVERY)
        waits.append((time.perf_counter() - committed) * 1000)
    return sorted(waits)


def _pending(count: int) -> list[int]:
    """So many attendances of different people that wait for their decision."""
    people = crowd.volunteers(count, prefix="L")
    (shift,) = crowd.shifts_now(1)
    begun = timezone.now().replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(days=2)
    shift.starts_at, shift.ends_at = begun, begun + timedelta(hours=2)
    shift.save(update_fields=["starts_at", "ends_at"])
    made = Attendance.objects.bulk_create(
        Attendance(
            volunteer=person,
            shift=shift,
            site=shift.activity.site,
            status=AttendanceStatus.PENDING,
            checked_in_at=begun,
            checked_out_at=begun + timedelta(hours=2),
            grade=Grade.A,
        )
        for person in people
    )
    return [attendance.pk for attendance in made]
