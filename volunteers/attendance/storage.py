"""Writing the two rows of a scan, in one statement. Plain SQL: it halves what a check-in costs the server.

The constraints and triggers of models.py judge these rows like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from backend.core.crypto import blind_index
from volunteers.attendance.choices import AttendanceStatus, Channel, Grade, Intent, ScanResult
from volunteers.attendance.models import Attendance
from volunteers.attendance.situation import CheckIn, Fix

_INSERT_SCAN = """
    INSERT INTO volunteers_scan
           (volunteer_id, nonce, intent, result, reasons, site_id, attendance_id, received_at, captured_at,
            grade, distance_m, accuracy_m, device, answer, channel, scanned_by_id, clock_offset_s)
    VALUES (%(volunteer)s, %(nonce)s, %(intent)s, %(result)s, %(reasons)s, %(site)s, %(attendance)s, %(at)s,
            %(captured)s, %(grade)s, %(distance)s, %(accuracy)s, %(device)s, %(answer)s, %(channel)s,
            %(scanned_by)s, %(offset)s)
"""
# Its key was drawn when the facts were read, so that the scan's answer could name it.
_INSERT_BOTH = f"""
    WITH opened AS (
    INSERT INTO volunteers_attendance
           (id, volunteer_id, sign_up_id, shift_id, site_id, status, checked_in_at, grade, flags,
            decision_reason)
    VALUES (%(attendance)s, %(volunteer)s, %(sign_up)s, %(shift)s, %(site)s, %(status)s, %(checked_in_at)s,
            %(grade)s, %(flags)s, ''))
    {_INSERT_SCAN}
"""  # noqa: S608 – two constants


def opened(
    decision: CheckIn, *, key: int, volunteer_id: int, site_id: int, checked_in_at: datetime
) -> Attendance:
    """Return the attendance a check-in opens, to be written together with its scan."""
    shift = decision.shift
    return Attendance(
        pk=key,
        volunteer_id=volunteer_id,
        sign_up_id=shift.sign_up_id if shift.confirmed else None,
        shift_id=shift.shift_id,
        site_id=site_id,
        status=AttendanceStatus.OPEN.value,
        checked_in_at=checked_in_at,
        grade=decision.grade.value,
        flags=[flag.value for flag in decision.flags],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """A scan as it will be kept; `attendance` is what it opened or ended."""

    volunteer_id: int
    nonce: str
    intent: Intent
    result: ScanResult
    reasons: Sequence[str]
    site_id: int | None
    attendance: Attendance | None
    received_at: datetime
    captured_at: datetime | None
    grade: Grade | None
    fix: Fix | None
    device: str
    answer: str
    channel: Channel
    scanned_by: int | None
    clock_offset_s: int | None


def insert_scan(row: ScanRow) -> None:
    """Keep a scan for ever, and with it the attendance it opens, if that is not written yet.

    Of the device, whatever the phone calls itself, only a keyed hash is written.
    """
    attendance = row.attendance
    given = _columns(row)
    with connection.cursor() as cursor:
        if attendance is None or not attendance._state.adding:  # noqa: SLF001 – Django documents it
            cursor.execute(_INSERT_SCAN, given)
            return
        given |= {
            "sign_up": attendance.sign_up_id,
            "shift": attendance.shift_id,
            "status": attendance.status,
            "checked_in_at": attendance.checked_in_at,
            "flags": attendance.flags,
        }
        cursor.execute(_INSERT_BOTH, given)
    attendance._state.adding = False  # noqa: SLF001 – same
    attendance._state.db = connection.alias  # noqa: SLF001 – same


def _columns(row: ScanRow) -> dict[str, Any]:
    return {
        "volunteer": row.volunteer_id,
        "nonce": row.nonce,
        "intent": row.intent.value,
        "result": row.result.value,
        "reasons": list(row.reasons),
        "site": row.site_id,
        "attendance": row.attendance.pk if row.attendance else None,
        "at": row.received_at,
        "captured": row.captured_at,
        "grade": row.grade.value if row.grade else "",
        "distance": row.fix.distance_m if row.fix else None,
        "accuracy": row.fix.accuracy_m if row.fix else None,
        "device": blind_index(row.device, purpose="attendance.device") if row.device else "",
        "answer": row.answer,
        "channel": row.channel.value,
        "scanned_by": row.scanned_by,
        "offset": row.clock_offset_s,
    }
