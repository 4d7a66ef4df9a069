"""Writing the two rows of a scan. Plain SQL: it halves what an accepted check-in costs the web server.

The constraints and triggers of models.py judge these rows like any other.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from backend.core.crypto import blind_index
from volunteers.attendance.choices import AttendanceStatus, Channel, Flag, Grade, Intent, ScanResult
from volunteers.attendance.models import Attendance
from volunteers.attendance.situation import Fix

_INSERT_ATTENDANCE = """
    INSERT INTO volunteers_attendance
           (volunteer_id, sign_up_id, shift_id, site_id, status, checked_in_at, grade, flags, decision_reason)
    VALUES (%(volunteer)s, %(sign_up)s, %(shift)s, %(site)s, %(status)s, %(at)s, %(grade)s, %(flags)s, '')
 RETURNING id
"""
_INSERT_SCAN = """
    INSERT INTO volunteers_scan
           (volunteer_id, nonce, intent, result, reasons, site_id, attendance_id, received_at, captured_at,
            grade, distance_m, accuracy_m, device, answer, channel, scanned_by_id, clock_offset_s)
    VALUES (%(volunteer)s, %(nonce)s, %(intent)s, %(result)s, %(reasons)s, %(site)s, %(attendance)s, %(at)s,
            %(captured)s, %(grade)s, %(distance)s, %(accuracy)s, %(device)s, %(answer)s, %(channel)s,
            %(scanned_by)s, %(offset)s)
"""


def insert_attendance(
    *,
    volunteer_id: int,
    sign_up_id: int | None,
    shift_id: int,
    site_id: int,
    checked_in_at: datetime,
    grade: Grade,
    flags: Sequence[Flag],
) -> Attendance:
    """Open an attendance and return it as if it had been read."""
    words = [flag.value for flag in flags]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT_ATTENDANCE,
            {
                "volunteer": volunteer_id,
                "sign_up": sign_up_id,
                "shift": shift_id,
                "site": site_id,
                "status": AttendanceStatus.OPEN.value,
                "at": checked_in_at,
                "grade": grade.value,
                "flags": words,
            },
        )
        (key,) = cursor.fetchone() or (None,)
    attendance = Attendance(
        pk=key,
        volunteer_id=volunteer_id,
        sign_up_id=sign_up_id,
        shift_id=shift_id,
        site_id=site_id,
        checked_in_at=checked_in_at,
        grade=grade.value,
        flags=words,
    )
    attendance._state.adding = False  # noqa: SLF001 – Django documents it for rows made elsewhere
    attendance._state.db = connection.alias  # noqa: SLF001 – same
    return attendance


def insert_scan(
    *,
    volunteer_id: int,
    nonce: str,
    intent: Intent,
    result: ScanResult,
    reasons: Sequence[str],
    site_id: int | None,
    attendance_id: int | None,
    received_at: datetime,
    captured_at: datetime | None,
    grade: Grade | None,
    fix: Fix | None,
    device: str,
    answer: str,
    channel: Channel,
    scanned_by: int | None,
    clock_offset_s: int | None,
) -> None:
    """Keep a scan for ever. Of `device`, whatever the phone calls itself, only a keyed hash is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT_SCAN,
            {
                "volunteer": volunteer_id,
                "nonce": nonce,
                "intent": intent.value,
                "result": result.value,
                "reasons": list(reasons),
                "site": site_id,
                "attendance": attendance_id,
                "at": received_at,
                "captured": captured_at,
                "grade": grade.value if grade else "",
                "distance": fix.distance_m if fix else None,
                "accuracy": fix.accuracy_m if fix else None,
                "device": blind_index(device, purpose="attendance.device") if device else "",
                "answer": answer,
                "channel": channel.value,
                "scanned_by": scanned_by,
                "offset": clock_offset_s,
            },
        )
