"""The rules of ballots that need no database. Pure."""

import secrets
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from points.market.rules import end_of_day

HOLD = timedelta(hours=72)  # how long a winner's goods wait
LONGEST_WINDOW = timedelta(days=60)
LONGEST_AHEAD = timedelta(days=366)  # that entries may open after today
MOST_UNITS = 1000
LONGEST_REASON = 200  # the column
# When the head of the closing day can be there: the day is closed half an hour after it is over.
HEAD_AFTER = timedelta(minutes=30)
_SECRET_BYTES = 32
_TICKET_DIGITS = 10


def new_secret() -> str:
    """Draw the half of the seed that is published last."""
    return secrets.token_hex(_SECRET_BYTES)


def new_ticket() -> str:
    """Draw a ticket: ten random digits that do not begin with 0, and say nothing of whose it is or when."""
    lowest = 10 ** (_TICKET_DIGITS - 1)
    return str(lowest + secrets.randbelow(9 * lowest))


def head_day(closes_at: datetime) -> date:
    """Return the business day whose head is the other half of the seed: the day the entries close."""
    return localdate(closes_at)


def earliest_draw(closes_at: datetime) -> datetime:
    """Return the first moment at which the seed can be known."""
    return end_of_day(head_day(closes_at)) + HEAD_AFTER


def times_fit(opens_at: datetime, closes_at: datetime, draw_at: datetime, *, at: datetime) -> bool:
    """Whether a ballot opens from now on, closes later, and is drawn when its seed can be known."""
    if not at <= opens_at <= at + LONGEST_AHEAD or not opens_at < closes_at <= opens_at + LONGEST_WINDOW:
        return False
    return earliest_draw(closes_at) <= draw_at <= closes_at + LONGEST_WINDOW


def kept_until(draw_at: datetime) -> date:
    """Return the day until which the goods on offer must be usable: a winner may come on the last one."""
    return localdate(draw_at + HOLD)
