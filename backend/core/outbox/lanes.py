"""Lanes keep one person's events serial while different people's go on in parallel.

Every event lies in the lane its key hashes to (a column PostgreSQL computes, so nobody can write another).
A drain delivers from lanes it holds by advisory locks of its transaction, and from no others. The lock ends
with the transaction, after its effects are visible, and who takes the lane next reads after taking it: so of
two events of one key, the second is not even looked at before the first is delivered or postponed.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection

from backend.core.outbox.models import LANES

LANES_AT_ONCE = LANES // 4  # of one drain: four find work in a full outbox, and one still fills its batch
_SPACE = 0x6F757462  # “outb”: the key space of these locks

# The lanes with something due, the longest waiting first: one probe of the index each. They are found before
# any lock is asked for (MATERIALIZED), and the LIMIT stops the asking once enough are held.
_TAKE = """
WITH waiting AS MATERIALIZED (
    SELECT lane, head.due_at, head.id
    FROM generate_series(0, %(lanes)s - 1) AS lane
    CROSS JOIN LATERAL (
        SELECT due_at, id FROM core_outboxevent AS event
        WHERE event.lane = lane.lane AND done_at IS NULL AND NOT dead AND due_at <= %(at)s
        ORDER BY due_at, id LIMIT 1
    ) AS head
    ORDER BY head.due_at, head.id
)
SELECT lane FROM waiting WHERE pg_try_advisory_xact_lock(%(space)s, lane) LIMIT %(most)s
"""

# A share of each lane, so that a long outbox is read no further than a batch.
_DUE = """
SELECT head.id
FROM unnest(%(held)s::int[]) AS held (lane)
CROSS JOIN LATERAL (
    SELECT due_at, id FROM core_outboxevent AS event
    WHERE event.lane = held.lane AND done_at IS NULL AND NOT dead AND due_at <= %(at)s
    ORDER BY due_at, id LIMIT %(share)s
) AS head
ORDER BY head.due_at, head.id LIMIT %(batch)s
"""


def take(*, at: datetime) -> list[int]:
    """Lock some free lanes in which something is due, for the rest of the caller's transaction.

    An empty answer means that nothing is due, or that others hold the lanes in which it is. What is due may
    be delivered by the time the lock is had: read it now, in a statement of its own.
    """
    most = min(LANES_AT_ONCE, settings.OUTBOX_BATCH)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"lanes": LANES, "at": at, "space": _SPACE, "most": most})
        return [lane for (lane,) in cursor.fetchall()]


def due(held: Sequence[int], *, at: datetime) -> list[int]:
    """Return the keys of one batch of what is due in the lanes held, each lane's earliest events first."""
    batch = settings.OUTBOX_BATCH
    share = -(-batch // len(held))
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"held": list(held), "at": at, "share": share, "batch": batch})
        return [pk for (pk,) in cursor.fetchall()]
