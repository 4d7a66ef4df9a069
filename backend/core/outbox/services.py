"""Emit in the caller's transaction, drain in batches, retry with back-off, give up visibly.

Two drains serve the table: a nudge after commit (fast) and a sweep by the clock (certain). Delivery is
at-least-once towards the handlers, and the effect in PostgreSQL is exactly-once, because an event is marked
done in the very transaction that makes its effect.

Events of one key are delivered one after the other, in the order they were due (`lanes.py`). One that fails
steps back and does not hold up the later ones of its key: a handler gives the same result in any order.

Gotchas: handlers take batches and must be idempotent; a handler that talks to anything but PostgreSQL
may see an event again after a crash; a batch with one poisoned event is halved until it is alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from zlib import crc32

import structlog
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from backend.core import audit, metrics
from backend.core.clocks import CLOCK_TOLERANCE
from backend.core.logs import scrub
from backend.core.outbox import lanes
from backend.core.outbox.errors import EventNotDead
from backend.core.outbox.models import OutboxEvent

log = structlog.get_logger(__name__)

NUDGE_TASK = "workers.drain_outbox"
_LONGEST_BACKOFF = timedelta(hours=1)
_ERROR_LENGTH = 500
_MOST_REVIVED = 500
# Not the event's fault: the connection is gone, or this process was told to stop. Nothing is committed.
_NOT_ITS_FAULT = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
_JITTER_STEPS = 1 << 32  # crc32


class Handler(Protocol):
    """Makes the effect of a batch of payloads, at the time the drain was given."""

    def __call__(self, payloads: Sequence[Mapping[str, Any]], *, at: datetime) -> object:
        """Make the effect; may be called again with the same payloads."""


def emit(*, topic: str, key: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Write an event into the caller's transaction and nudge a worker once that commits.

    A broker that is away is no error: the sweep will find the row. It is due a little before `at`, for the
    clock of the server that delivers it may be behind ours.

    :raises RuntimeError: called outside a transaction, where the fact and its event could part.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.emit needs the transaction of the fact it reports")
    OutboxEvent.objects.create(
        topic=topic, key=key, payload=dict(payload), created_at=at, due_at=at - CLOCK_TOLERANCE
    )
    _nudge_after_commit()


def _nudge_after_commit() -> None:
    waiting = connection.run_on_commit  # (savepoints, callback, robust); the stubs know only two of the three
    if not any(entry[1] is _nudge for entry in waiting):
        transaction.on_commit(_nudge, robust=True)  # one nudge per transaction, however many facts


def _nudge() -> None:
    try:
        current_app.send_task(NUDGE_TASK, retry=False, ignore_result=True)
    except (BrokerUnavailable, RedisError, OSError) as error:
        log.warning("outbox_nudge_failed", error=type(error).__name__)


def drain(*, handlers: Mapping[str, Handler], at: datetime) -> int:
    """Deliver one batch of due events and return how many were taken; call again until it returns 0.

    Concurrent drains never hold events of the same key. 0 means that nothing is due, or that another drain
    holds its lane. Who held a lane looks again after letting it go, so nothing is left between two drains.

    :raises RuntimeError: called inside a transaction (durable), which could undo deliveries others saw done.
    """
    while True:
        with transaction.atomic(durable=True):
            held = lanes.take(at=at)
            events = _due(held, at=at)
            for batch in _rounds(events):
                _deliver(handlers.get(batch[0].topic), batch, at=at)
        if events or not held:
            return len(events)


def _due(held: Sequence[int], *, at: datetime) -> list[OutboxEvent]:
    if not held:
        return []
    # The lanes are the guard; the row locks keep out a drain of the release before, which knows no lanes.
    events = OutboxEvent.objects.select_for_update(no_key=True).filter(pk__in=lanes.due(held, at=at))
    return list(events.filter(done_at__isnull=True, dead=False).order_by("due_at", "id"))


def _rounds(events: Iterable[OutboxEvent]) -> list[list[OutboxEvent]]:
    """Put events of one topic together as far as the order within each key allows."""
    rounds: dict[tuple[int, str], list[OutboxEvent]] = defaultdict(list)
    latest: dict[str, tuple[int, str]] = {}
    for event in events:
        number, topic = latest.get(event.key, (0, event.topic))
        place = (number if topic == event.topic else number + 1, event.topic)
        latest[event.key] = place
        rounds[place].append(event)
    return [rounds[place] for place in sorted(rounds)]


def _deliver(handler: Handler | None, batch: Sequence[OutboxEvent], *, at: datetime) -> None:
    """Hand over a batch; when it fails, its halves: one poisoned event among 500 costs about 20 tries."""
    error = _try(handler, batch, at=at)
    if error is None:
        _mark_done(batch, at=at)
    elif len(batch) == 1:
        _postpone(batch[0], error, at=at)
    else:
        middle = len(batch) // 2
        _deliver(handler, batch[:middle], at=at)
        _deliver(handler, batch[middle:], at=at)


def _try(handler: Handler | None, batch: Sequence[OutboxEvent], *, at: datetime) -> Exception | None:
    """Run the handler in a savepoint; return its error instead of raising it, unless it is nobody's fault."""
    if handler is None:
        return LookupError(f"no handler for topic {batch[0].topic}")
    try:
        with transaction.atomic():
            handler([event.payload for event in batch], at=at)
    except _NOT_ITS_FAULT:
        raise  # nothing is committed, another drain will take the batch
    except Exception as error:  # noqa: BLE001 – whatever a handler raises, its event must not be lost
        return error
    return None


def _mark_done(batch: Sequence[OutboxEvent], *, at: datetime) -> None:
    OutboxEvent.objects.filter(pk__in=[event.pk for event in batch]).update(done_at=at)
    metrics.OUTBOX_DELIVERED.labels(batch[0].topic).inc(len(batch))


def _postpone(event: OutboxEvent, error: Exception, *, at: datetime) -> None:
    event.attempts += 1
    # The first line only: the details PostgreSQL adds on the next ones are values of the row.
    told = str(error).partition("\n")[0]
    event.last_error = scrub(f"{type(error).__name__}: {told}")[:_ERROR_LENGTH]
    event.dead = event.attempts >= settings.OUTBOX_MAX_ATTEMPTS
    event.due_at = at + backoff(event_id=event.pk, attempts=event.attempts)
    event.save(update_fields=["attempts", "last_error", "dead", "due_at"])
    metrics.OUTBOX_FAILED.labels(event.topic).inc()
    log.error(
        "outbox_delivery_failed",
        topic=event.topic,
        event_id=event.pk,
        dead=event.dead,
        error=type(error).__name__,
    )


def backoff(*, event_id: int, attempts: int) -> timedelta:
    """How long an event waits after so many failures: doubling up to an hour, of which half is spread.

    Events that failed together do not come back together; the same event always waits the same.
    """
    whole = min(timedelta(seconds=2**attempts), _LONGEST_BACKOFF)
    share = crc32(f"{event_id}:{attempts}".encode()) / _JITTER_STEPS
    return whole / 2 + whole / 2 * share


def retry_dead(*, event_ids: Sequence[int] | None, actor: audit.HasUserId | None = None, at: datetime) -> int:
    """Give dead events another life, the oldest 500 when `event_ids` is None; returns how many.

    An audit row names each, and who did it. A nudge follows, and the sweep.
    """
    with transaction.atomic():
        chosen = OutboxEvent.objects.select_for_update(no_key=True).filter(dead=True)
        if event_ids is not None:
            chosen = chosen.filter(pk__in=event_ids)
        events = list(chosen.order_by("pk")[:_MOST_REVIVED])
        for event in events:
            detail = {"topic": event.topic, "attempts": event.attempts}
            audit.record(actor=actor, action="outbox.retried", target=event, at=at, detail=detail)
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(
            dead=False, attempts=0, due_at=at - CLOCK_TOLERANCE
        )
        if events:
            _nudge_after_commit()
    return len(events)


def retry_one(*, event_id: int, actor: audit.HasUserId, at: datetime) -> None:
    """Give one dead event another life.

    :raises EventNotDead: it waits, is tried again, or is done.
    """
    if not retry_dead(event_ids=[event_id], actor=actor, at=at):
        raise EventNotDead


def purge(*, before: datetime) -> int:
    """Forget events delivered before `before`; their effects stay."""
    deleted, _ = OutboxEvent.objects.filter(done_at__lt=before).delete()
    return deleted
