"""Reminding whoever is still checked in when their shift is over (rules.md E, “Forgot check-out”)."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from backend.accounts import sms
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance

log = structlog.get_logger(__name__)

_BATCH = 500
_LATE = timedelta(hours=1)  # a reminder later than this says nothing new: the page has said it since


def remind_forgotten(*, at: datetime) -> int:
    """Remind everybody whose shift has just ended and who has not checked out; return how many.

    Once each: a row is marked before its message is sent. A message the carrier does not take is not
    repeated, because the volunteer's page shows the reminder as long as it is needed.
    """
    reminded = 0
    while due := _claim(at):
        for attendance in due:
            _send(attendance)
        reminded += len(due)
    return reminded


def _claim(at: datetime) -> list[Attendance]:
    """Mark the next ones as reminded and return them; rows a scan is working on are left to the next run."""
    with transaction.atomic():
        due = list(
            Attendance.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(
                status=AttendanceStatus.OPEN,
                reminded_at__isnull=True,
                shift__ends_at__lte=at,
                shift__ends_at__gt=at - _LATE,
            )
            .select_related("volunteer__user", "site")
            .order_by("pk")[:_BATCH]
        )
        Attendance.objects.filter(pk__in=[attendance.pk for attendance in due]).update(reminded_at=at)
    return due


def _send(attendance: Attendance) -> None:
    phone = attendance.volunteer.user.phone
    if phone is None:
        return
    try:
        sms.sender().send_reminder(phone=phone.open(), place=attendance.site.name)
    except OSError as error:
        log.warning("reminder_not_sent", attendance=attendance.pk, error=type(error).__name__)
