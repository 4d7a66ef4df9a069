"""Reading the outbox: how long it is, how old, how fast, and what waits under a key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Count, Min, Q, QuerySet, Value

from backend.core.outbox.models import OutboxEvent, lane_of
from backend.core.outbox.states import EventState

MOST_COUNTED = 10_000  # of the events ahead of one: nobody needs to know more exactly
RATE_OVER = timedelta(minutes=1)
_SAMPLE = 200  # of the latest deliveries
_USUAL_SHARE = 0.95
_WHERE: dict[EventState, Q] = {
    EventState.WAITING: Q(done_at__isnull=True, dead=False, attempts=0),
    EventState.RETRYING: Q(done_at__isnull=True, dead=False, attempts__gt=0),
    EventState.DEAD: Q(dead=True),
    EventState.DONE: Q(done_at__isnull=False),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """The outbox at a glance. `oldest_seconds` is the age of the oldest that was never tried."""

    waiting: int
    retrying: int
    dead: int
    oldest_seconds: float
    drained_last_minute: int


def queue(*, at: datetime) -> Queue:
    """Return how the outbox is; two statements."""
    row = OutboxEvent.objects.filter(done_at__isnull=True).aggregate(
        waiting_count=Count("id", filter=_WHERE[EventState.WAITING]),
        retrying_count=Count("id", filter=_WHERE[EventState.RETRYING]),
        dead_count=Count("id", filter=_WHERE[EventState.DEAD]),
        oldest=Min("created_at", filter=_WHERE[EventState.WAITING]),
    )
    oldest = row["oldest"]
    return Queue(
        waiting=row["waiting_count"],
        retrying=row["retrying_count"],
        dead=row["dead_count"],
        oldest_seconds=max(0.0, (at - oldest).total_seconds()) if oldest else 0.0,
        drained_last_minute=OutboxEvent.objects.filter(done_at__gt=at - RATE_OVER).count(),
    )


def in_state(state: EventState) -> QuerySet[OutboxEvent]:
    """Return the events that are this far."""
    return OutboxEvent.objects.filter(_WHERE[state])


def state_of(event: OutboxEvent) -> EventState:
    """Return how far one event is."""
    if event.done_at is not None:
        return EventState.DONE
    if event.dead:
        return EventState.DEAD
    return EventState.RETRYING if event.attempts else EventState.WAITING


def undelivered(*, key: str, topics: Collection[str]) -> list[OutboxEvent]:
    """Return what has not had its effect yet under one key, in the order of delivery, dead ones too."""
    alive = OutboxEvent.objects.filter(done_at__isnull=True, dead=False, lane=lane_of(Value(key)))
    dead = OutboxEvent.objects.filter(dead=True)
    found = [*alive.filter(key=key, topic__in=topics), *dead.filter(key=key, topic__in=topics)]
    return sorted(found, key=lambda event: (event.due_at, event.pk))


def ahead_of(event: OutboxEvent) -> int:
    """Return how many events are due before this one, `MOST_COUNTED` at most."""
    earlier = Q(due_at__lt=event.due_at) | Q(due_at=event.due_at, pk__lt=event.pk)
    before = OutboxEvent.objects.filter(earlier, done_at__isnull=True, dead=False)
    return before.order_by()[:MOST_COUNTED].count()


def usual_seconds(topic: str) -> int | None:
    """Return within how many seconds 95 of 100 of the latest deliveries came; None before any."""
    latest = OutboxEvent.objects.filter(done_at__isnull=False, topic=topic).order_by("-done_at")
    moments = latest.values_list("created_at", "done_at")[:_SAMPLE]
    took = sorted(done_at - made for made, done_at in moments if done_at)
    if not took:
        return None
    return max(1, ceil(took[ceil(len(took) * _USUAL_SHARE) - 1].total_seconds()))
