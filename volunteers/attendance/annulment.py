"""Taking back a scan that was a mistake, within minutes. The scan stays; a new row says it was annulled."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from backend.core.errors import NotFound, refusal_for
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade, Intent
from volunteers.attendance.errors import AnnulReasonRequired, AnnulTooLate, NothingToAnnul
from volunteers.attendance.facts import policy_of
from volunteers.attendance.models import Attendance, Scan, ScanAnnulment
from volunteers.attendance.reasons import ReasonCode
from volunteers.people.models import Volunteer

# Which reason of a scan raised which flag; a flag goes with the scan, unless the check-in raised it too.
_RAISED = {
    ReasonCode.LATE_CHECK_OUT: Flag.LATE_CHECK_OUT,
    ReasonCode.SHORT: Flag.SHORT,
    ReasonCode.OFFLINE_CODE: Flag.OFFLINE,
    ReasonCode.LOCATION_FAR: Flag.LOCATION_FAR,
    ReasonCode.POSTER: Flag.POSTER,
    ReasonCode.STAFF_CARD: Flag.STAFF_CARD,
}


def annul(*, user_id: int, nonce: str, reason: str, at: datetime) -> Attendance:
    """Undo one scan: an annulled check-in never happened, after an annulled check-out the service goes on.

    By the volunteer, or by the member of staff who scanned for them; measured from when the scan reached us.
    Annulling again changes nothing. What it did has to be the last thing that happened to the attendance.

    :raises AnnulReasonRequired: nothing says why. :raises NotFound: no scan of this number by this user.
    :raises AnnulTooLate: more than `annul_minutes` ago.
    :raises NothingToAnnul: it was refused, is decided about, or something came after it.
    """
    why = reason.strip()
    if not why:
        raise AnnulReasonRequired(field="reason")
    mine = Q(volunteer__user_id=user_id, scanned_by__isnull=True) | Q(scanned_by_id=user_id)
    found = Scan.objects.filter(mine, nonce=nonce).order_by("-pk").first()
    if found is None:
        raise NotFound
    with transaction.atomic():
        Volunteer.objects.select_for_update(no_key=True).get(pk=found.volunteer_id)
        attendance = _attendance_of(found)
        if ScanAnnulment.objects.filter(scan=found).exists():
            return attendance
        _check_last(found, attendance)
        minutes = policy_of(attendance).annul_minutes
        if at > found.received_at + timedelta(minutes=minutes):
            raise AnnulTooLate(minutes=minutes)
        try:
            with transaction.atomic():
                ScanAnnulment.objects.create(scan=found, reason=why, annulled_by_id=user_id, annulled_at=at)
                _undo(found, attendance)
        except IntegrityError as error:
            raise refusal_for(error) from error
    return attendance


def annullable_until(*, volunteer_id: int, nonce: str) -> datetime | None:
    """Return until when the volunteer's own scan can be taken back, or None when it did nothing (one query).

    Whether something came after it is looked at when it is taken back.
    """
    scans = Scan.objects.filter(volunteer_id=volunteer_id, nonce=nonce, scanned_by__isnull=True)
    details = scans.select_related("attendance__shift__activity__programme", "attendance__site")
    found = details.filter(attendance__isnull=False, annulment__isnull=True).first()
    if found is None or found.attendance is None:
        return None
    return found.received_at + timedelta(minutes=policy_of(found.attendance).annul_minutes)


def _attendance_of(scan: Scan) -> Attendance:
    attendance = (
        Attendance.objects.select_for_update(of=("self",), no_key=True)
        .select_related("shift__activity__programme", "site")
        .filter(pk=scan.attendance_id or 0)
        .first()
    )
    if attendance is None:
        raise NothingToAnnul
    return attendance


def _check_last(scan: Scan, attendance: Attendance) -> None:
    wanted = AttendanceStatus.OPEN if scan.intent == Intent.IN else AttendanceStatus.PENDING
    latest = (
        Scan.objects.filter(attendance=attendance, annulment__isnull=True).order_by("-pk").values_list("pk")
    ).first()
    if attendance.status != wanted or latest != (scan.pk,):
        raise NothingToAnnul


def _undo(scan: Scan, attendance: Attendance) -> None:
    """Write what the attendance is without the scan."""
    if scan.intent == Intent.IN:
        attendance.status = AttendanceStatus.ANNULLED
        attendance.save(update_fields=["status"])
        return
    entry = Scan.objects.filter(attendance=attendance, intent=Intent.IN, annulment__isnull=True).last()
    attendance.status = AttendanceStatus.OPEN
    attendance.checked_out_at = None
    attendance.minutes = None
    attendance.grade = Grade(entry.grade) if entry is not None else attendance.grade
    gone = _flags_of(scan) - (_flags_of(entry) if entry is not None else set())
    attendance.flags = [flag for flag in attendance.flags if flag not in gone]
    attendance.save(update_fields=["status", "checked_out_at", "minutes", "grade", "flags"])


def _flags_of(scan: Scan) -> set[Flag]:
    return {flag for reason, flag in _RAISED.items() if reason in scan.reasons}
