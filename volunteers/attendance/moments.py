"""When something was scanned, by a phone's clock that may be wrong. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_OLDEST = timedelta(days=3650)  # nothing we keep depends on which year before that it was
_CALENDAR = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_INT4 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Capture:
    """When a scan kept on a phone happened, as well as can be told."""

    when: datetime  # by our clock
    claimed_at: datetime  # by the phone's, within the calendar the database keeps
    offset_s: int | None = None  # how far the phone's clock was behind ours when it uploaded
    ahead: timedelta = timedelta(0)  # by how much the phone says it scanned later than it sent


def capture_of(captured_at: datetime | None, *, sent_at: datetime | None, at: datetime) -> Capture | None:
    """Return what to make of the phone's times, or None when it sent none.

    With `sent_at`, the phone's clock at the moment of sending, a wrong clock does no harm: the age of the
    scan is taken from the phone and subtracted from ours. Without it the phone's time is believed, up to now.
    """
    if captured_at is None:
        return None
    claimed_at = min(max(captured_at, _CALENDAR[0]), _CALENDAR[1])
    if sent_at is None:
        when = max(min(captured_at, at), at - _OLDEST)
        return Capture(when, claimed_at, ahead=captured_at - at)
    age = min(max(sent_at - captured_at, timedelta(0)), _OLDEST)
    offset = round((at - sent_at).total_seconds())
    return Capture(
        at - age,
        claimed_at,
        offset_s=min(max(offset, -_INT4), _INT4),
        ahead=captured_at - sent_at,
    )
