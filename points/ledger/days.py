"""Closing a business day: nothing can be written into it any more, so it can be proven (docs/proof.md).

Whoever writes transfers holds a shared lock on their day until commit (`transfer_in_open_day`); closing asks
for the same lock alone and so waits for them. Writers of other days wait for nobody.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils.timezone import localdate

from points.ledger.models import ClosedDay, Transfer
from points.ledger.triggers import DAY_LOCKS, FIRST_DAY

# How long after midnight a day stays open: for transactions under way and for clocks that are a little off.
GRACE = timedelta(minutes=30)


def last_closed() -> date | None:
    """Return the last day that is closed."""
    last: date | None = ClosedDay.objects.aggregate(last=Max("day"))["last"]
    return last


def days_due(*, at: datetime) -> list[date]:
    """Return the days that can be closed at `at`, oldest first, from the first day with transfers on."""
    closed = last_closed()
    first = (
        closed + timedelta(days=1)
        if closed
        else Transfer.objects.aggregate(first=Min("business_day"))["first"]
    )
    if first is None:
        return []
    over = localdate(at - GRACE)
    return [first + timedelta(days=ahead) for ahead in range((over - first).days)]


def close_day(*, day: date, at: datetime) -> bool:
    """Close a day once whoever writes into it has finished; False when it was closed before.

    :raises IntegrityError: the day is not over (`closed_day_is_over`) or not the next (`closed_day_follows`).
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [DAY_LOCKS, (day - FIRST_DAY).days])
        if ClosedDay.objects.filter(day__gte=day).exists():
            return False
        ClosedDay.objects.create(day=day, closed_at=at)
    return True
