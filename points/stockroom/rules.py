"""The stockroom's rules that need no database. Pure."""

from datetime import date, timedelta

MOST_LINES = 50
SOON_DAYS = 7  # what is on the list of goods about to expire


def soon(today: date) -> date:
    """Return the last day that counts as about to expire."""
    return today + timedelta(days=SOON_DAYS)
