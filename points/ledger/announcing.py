"""Telling volunteers in time that points are about to expire (rules.md D, E “points vanish”)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import connection, transaction
from django.db.models import F, OuterRef, Sum
from django.utils.timezone import localdate

from backend.accounts import sms
from points.ledger.models import WARNING_STAGES, ExpiryWarning, Lot

if TYPE_CHECKING:
    from volunteers.people.models import Volunteer

log = structlog.get_logger(__name__)

_BATCH = 500
_NEW_WARNINGS = """
    INSERT INTO points_expirywarning (account_id, stage, expires_at, points, warned_at)
    SELECT lot.account_id, %s, lot.expires_at, sum(lot.remaining), %s
      FROM points_lot AS lot
     WHERE lot.remaining > 0 AND lot.expires_at > %s AND lot.expires_at <= %s
       AND NOT EXISTS (
           SELECT 1 FROM points_expirywarning AS told
            WHERE told.account_id = lot.account_id AND told.stage = %s AND told.expires_at = lot.expires_at)
     GROUP BY lot.account_id, lot.expires_at
     ORDER BY lot.account_id, lot.expires_at
     LIMIT %s
        ON CONFLICT DO NOTHING
    RETURNING id
"""


def warn_of_expiry(*, at: datetime) -> int:
    """Warn everybody of what expires within 30 days, and again within 7; return how many warnings are new.

    Once per account, expiry and stage, however often it runs and beside whom: the row is written first. When
    the first run finds only days left, the later stage is told and the earlier is not made up for. A message
    the carrier does not take is not repeated, because the points page shows the warning.
    """
    warned = 0
    for stage in WARNING_STAGES:
        while fresh := _claim(stage, at=at):
            for warning in fresh:
                _send(warning)
            warned += len(fresh)
    return warned


def _claim(stage: int, *, at: datetime) -> list[ExpiryWarning]:
    """Write the next missing warnings of a stage and return those that are ours.

    Another run may be at the same ones: it waits at the unique key, and only one of the two gets the row.
    """
    nearer = max((other for other in WARNING_STAGES if other < stage), default=0)
    begin, end = at + timedelta(days=nearer), at + timedelta(days=stage)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_NEW_WARNINGS, [stage, at, begin, end, stage, _BATCH])
            keys = [pk for (pk,) in cursor.fetchall()]
        found = ExpiryWarning.objects.filter(pk__in=keys).select_related("account__volunteer__user")
        return list(found.order_by("pk"))


def _send(warning: ExpiryWarning) -> None:
    volunteer = warning.account.volunteer
    phone = volunteer.user.phone if volunteer else None
    if phone is None:
        return
    last_day = localdate(warning.expires_at - timedelta(microseconds=1))
    try:
        sms.sender().send_expiry(phone=phone.open(), points=warning.points, day=last_day.isoformat())
    except OSError as error:
        log.warning("expiry_warning_not_sent", warning=warning.pk, error=type(error).__name__)


def open_warnings(volunteer: Volunteer, *, at: datetime) -> list[ExpiryWarning]:
    """Return the latest warning of each expiry still ahead for which points are left, soonest first.

    `points` of each is what is left now, which may be less than when the warning was written.
    """
    left = (
        Lot.objects.filter(account=OuterRef("account"), expires_at=OuterRef("expires_at"), remaining__gt=0)
        .values("expires_at")
        .annotate(total=Sum("remaining"))
        .values("total")
    )
    rows = (
        ExpiryWarning.objects.filter(account__volunteer=volunteer, expires_at__gt=at)
        .annotate(left=left)
        .filter(left__gt=0)
        .order_by("expires_at", F("stage").asc())
    )
    latest: dict[datetime, ExpiryWarning] = {}
    for row in rows:
        row.points = row.left  # the page says what is left
        latest.setdefault(row.expires_at, row)
    return list(latest.values())
