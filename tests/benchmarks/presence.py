"""A manager's evening and a full table: uploads from a scanner, the screen of one shift, a million scans."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from http import cookies
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.benchmarks import crowd, stage
from tests.factories.accounts import make_staff
from volunteers.activities.models import Shift
from volunteers.attendance.choices import AttendanceStatus, Grade
from volunteers.attendance.models import Attendance
from volunteers.people.models import Volunteer
from volunteers.people.passes import passes

ROWS = 500
_LOOKS = 20
_BACKEND = "django.contrib.auth.backends.ModelBackend"

# Refused scans of people who are there already: the table grows, nothing else does.
_MANY_SCANS = """
    INSERT INTO volunteers_scan (volunteer_id, nonce, intent, result, reasons, site_id, received_at, grade,
                                 device, answer)
    SELECT people.id, 'bench-' || number, 'in', 'refused', '{not_signed_up}', %(site)s,
           now() - number * interval '1 second', '', '', '{}'
      FROM generate_series(1, %(count)s) number
      JOIN (SELECT id, row_number() OVER () - 1 AS place, count(*) OVER () AS everybody
              FROM volunteers_volunteer) people ON people.place = number %% people.everybody
"""


def uploads(home: Path, port: int, *, batches: int) -> dict[str, float]:
    """A scanner without network sends what it kept: five hundred rows a time, each a check-in by pass."""
    people = crowd.volunteers(ROWS * (batches + 1), prefix="U")
    shifts = crowd.shifts_now(-(-len(people) // crowd.PER_SITE))
    sites = crowd.signed_up(people, shifts)
    region_staff = make_staff(Role.COMMUNITY_STAFF, "52")
    jwt = str(crowd.AccessToken.for_user(region_staff))
    begun = timezone.now() - timedelta(minutes=3)

    def batch(place: int) -> dict[str, Any]:
        chosen = range(place * ROWS, (place + 1) * ROWS)
        rows = [_row(people[index], sites[index].pk, at=begun) for index in chosen]
        body = {"scans": rows}
        return {"method": "POST", "path": "/api/v1/scans/batch/", "jwt": jwt, "body": body}

    stage.play(home, port, {"expect": '"provisional"', "clients": [[batch(batches)]]})
    plan = {"expect": '"provisional"', "clients": [[batch(place) for place in range(batches)]]}
    seconds = stage.play(home, port, plan).seconds
    taken = Attendance.objects.filter(volunteer__in=people).count()
    if taken != len(people):
        raise RuntimeError(f"{taken} of {len(people)} rows were taken in")
    return {"scan_batch_rows_per_s": round(batches * ROWS / seconds, 1)}


def pending_page(home: Path, port: int) -> dict[str, float]:
    """One manager looks at one shift with five hundred rows to decide."""
    people = crowd.volunteers(ROWS, prefix="P")
    (shift,) = crowd.shifts_now(1)
    _presences(people, shift)
    browser = Client()
    browser.force_login(make_staff(Role.SITE_MANAGER, shift.activity.site_id), backend=_BACKEND)
    session: cookies.Morsel[str] = browser.cookies[settings.SESSION_COOKIE_NAME]
    look = {
        "method": "GET",
        "path": f"/manage/shifts/{shift.pk}/",
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session.value}",
    }
    result = stage.play(home, port, {"expect": "</html>", "clients": [[look] * _LOOKS]})
    if result.matched != _LOOKS:
        raise RuntimeError(f"the page did not come: {result.statuses}, {result.unexpected[:500]}")
    return {"pending_page_ms_500": round(result.percentile(0.5), 1)}


def fill_scans(count: int) -> None:
    """Put so many scans into the table."""
    (shift,) = crowd.shifts_now(1)
    with connection.cursor() as cursor:
        cursor.execute(_MANY_SCANS, {"site": shift.activity.site_id, "count": count})
        cursor.execute("ANALYZE volunteers_scan")


def _row(person: Volunteer, site_id: int, *, at: Any) -> dict[str, Any]:
    (code,) = passes(person, at=at)
    moment = at.isoformat()
    return {
        "token": code.token,
        "site": site_id,
        "intent": "in",
        "nonce": uuid.uuid4().hex,
        "captured_at": moment,
    }


def _presences(people: Sequence[Volunteer], shift: Shift) -> None:
    Attendance.objects.bulk_create(
        Attendance(
            volunteer=person,
            shift=shift,
            site=shift.activity.site,
            status=AttendanceStatus.PENDING,
            checked_in_at=shift.starts_at,
            checked_out_at=shift.starts_at + timedelta(hours=2),
            minutes=120,
            grade=Grade.A,
        )
        for person in people
    )
