"""Emit in the caller's transaction, drain in batches, retry with back-off, give up visibly.

Two drains serve the table: a nudge after commit (fast) and a sweep by the clock (certain). Delivery is
at-least-once towards the handlers, and the effect in PostgreSQL is exactly-once, because an event is marked
done in the very transaction that makes its effect.

Gotchas: handlers take batches and must be idempotent; a handler that talks to anything but PostgreSQL
may see an event again after a crash; a batch with one poisoned event is retried event by event.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from celery import current_app
from django.conf import settings
from django.db import OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from backend.core import metrics
from backend.core.outbox.models import OutboxEvent

log = structlog.get_logger(__name__)

NUDGE_TASK = "workers.drain_outbox"
_LONGEST_BACKOFF = timedelta(hours=1)
_ERROR_LENGTH = 500


class Handler(Protocol):
    """Makes the effect of a batch of payloads, at the time the drain was given."""

    def __call__(self, payloads: Sequence[Mapping[str, Any]], *, at: datetime) -> object:
        """Make the effect; may be called again with the same payloads."""


def emit(*, topic: str, key: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Write an event into the caller's transaction and nudge a worker once that commits.

    A broker that is away is no error: the sweep will find the row.

    :raises RuntimeError: called outside a transaction, where the fact and its event could part.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.emit needs the transaction of the fact it reports")
    OutboxEvent.objects.create(topic=topic, key=key, payload=dict(payload), created_at=at, due_at=at)
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

    Concurrent drains never take the same event (SKIP LOCKED).

    :raises RuntimeError: called inside a transaction (durable), which could undo deliveries others saw done.
    """
    with transaction.atomic(durable=True):
        events = list(
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, dead=False, due_at__lte=at)
            .order_by("due_at", "id")[: settings.OUTBOX_BATCH]
        )
        by_topic: dict[str, list[OutboxEvent]] = defaultdict(list)
        for event in events:
            by_topic[event.topic].append(event)
        for topic, batch in by_topic.items():
            _deliver(handlers.get(topic), batch, at=at)
    return len(events)


def _deliver(handler: Handler | None, batch: Sequence[OutboxEvent], *, at: datetime) -> None:
    """Hand over a batch; on any failure hand its events over one by one."""
    error = _try(handler, batch, at=at)
    if error is None:
        _mark_done(batch, at=at)
        return
    if len(batch) == 1:
        _postpone(batch[0], error, at=at)
        return
    for event in batch:
        _deliver(handler, [event], at=at)


def _try(handler: Handler | None, batch: Sequence[OutboxEvent], *, at: datetime) -> Exception | None:
    """Run the handler in a savepoint; return its error instead of raising it, unless the database is gone."""
    if handler is None:
        return LookupError(f"no handler for topic {batch[0].topic}")
    try:
        with transaction.atomic():
            handler([event.payload for event in batch], at=at)
    except OperationalError:
        raise  # connection lost or shutting down: nothing is committed, another drain will take the batch
    except Exception as error:  # noqa: BLE001 – whatever a handler raises, its event must not be lost
        return error
    return None


def _mark_done(batch: Sequence[OutboxEvent], *, at: datetime) -> None:
    OutboxEvent.objects.filter(pk__in=[event.pk for event in batch]).update(done_at=at)
    metrics.OUTBOX_DELIVERED.labels(batch[0].topic).inc(len(batch))


def _postpone(event: OutboxEvent, error: Exception, *, at: datetime) -> None:
    event.attempts += 1
    event.last_error = f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
    event.dead = event.attempts >= settings.OUTBOX_MAX_ATTEMPTS
    event.due_at = at + min(timedelta(seconds=2**event.attempts), _LONGEST_BACKOFF)
    event.save(update_fields=["attempts", "last_error", "dead", "due_at"])
    metrics.OUTBOX_FAILED.labels(event.topic).inc()
    log.error(
        "outbox_delivery_failed",
        topic=event.topic,
        event_id=event.pk,
        dead=event.dead,
        error=type(error).__name__,
    )


def retry_dead(*, event_ids: Sequence[int], at: datetime) -> int:
    """Give dead events another life; returns how many."""
    return OutboxEvent.objects.filter(pk__in=event_ids, dead=True).update(dead=False, attempts=0, due_at=at)


def purge(*, before: datetime) -> int:
    """Forget events delivered before `before`; their effects stay."""
    deleted, _ = OutboxEvent.objects.filter(done_at__lt=before).delete()
    return deleted
