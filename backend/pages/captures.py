"""When a code was scanned, in words the browser cannot change.

Opening `/s/<token>` is the scan. Until the person has signed in or the network has come back, the code on the
screen has long changed; so the page carries the time of its first opening, signed by us.
"""

from datetime import UTC, datetime

from django.core import signing

_SALT = "pages.scan.captured"


def stamp(token: str, at: datetime) -> str:
    """Return a text for an address or a form that says: this token was opened at `at`."""
    return signing.dumps([token, round(at.timestamp())], salt=_SALT, compress=False)


def stamped_at(token: str, text: str) -> datetime | None:
    """Return the time of a stamp, or None when it is not ours or belongs to another token."""
    try:
        stamped, seconds = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return datetime.fromtimestamp(seconds, tz=UTC) if stamped == token else None
