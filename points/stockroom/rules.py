"""The stockroom's rules that need no database. Pure."""

from datetime import date, timedelta

from backend.core.words import is_plain, spelled

MOST_LINES = 50
SOON_DAYS = 7  # what is on the list of goods about to expire


def plain(text: str, *, most: int) -> str | None:
    """Return the text in one normal form, or None when it is too long, or holds markup or invisible signs."""
    text = spelled(text)
    return text if is_plain(text) and len(text) <= most else None


def soon(today: date) -> date:
    """Return the last day that counts as about to expire."""
    return today + timedelta(days=SOON_DAYS)
