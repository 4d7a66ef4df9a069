"""The Celery application on a server whose clock is wrong by CLOCK_OFFSET_SECONDS.

The business code asks `timezone.now()`, Celery's worker asks `datetime.now()` whether a message has expired.
"""

import os
from datetime import datetime, timedelta, tzinfo

from celery.worker import request
from django.utils import timezone

from workers.celery import app

__all__ = ["app"]

_OFFSET = timedelta(seconds=int(os.environ["CLOCK_OFFSET_SECONDS"]))
_right = timezone.now


class _WrongClock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain datetime, as callers expect
        return datetime.now(tz) + _OFFSET


request.datetime = _WrongClock  # for this process only
timezone.now = lambda: _right() + _OFFSET
