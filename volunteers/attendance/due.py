"""Until when a service has to be recorded (Order 67 Art 11). Pure."""

from datetime import date, datetime

from django.utils.timezone import localdate

from backend.core.workdays import after_working_days

RECORD_WITHIN = 10  # working days after the activity
WARN_AT = 7  # working days: time to remind whoever decides (rules.md C2)


def due_on(service_date: date) -> date:
    """Return the last day on which a service of that day is recorded in time: its tenth working day.

    The day of the service does not count. Holidays and make-up days do as `backend.core.workdays` says;
    in a year whose calendar is not known yet, Monday to Friday count.
    """
    return after_working_days(service_date, RECORD_WITHIN)


def due_after(ends_at: datetime) -> date:
    """Return the last day for a service that ended at this moment, by the business clock."""
    return due_on(localdate(ends_at))
