"""Outbox events as the outbox would hold them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backend.core.outbox.models import OutboxEvent


def make_event(
    *, key: str = "volunteer:1", topic: str = "record.approved", age: timedelta = timedelta(), **fields: Any
) -> OutboxEvent:
    """Make an event that was written so long ago."""
    at = timezone.now() - age
    made: dict[str, Any] = {"payload": {"record_id": 0}, "created_at": at, "due_at": at}
    return OutboxEvent.objects.create(topic=topic, key=key, **(made | fields))


def make_dead_event(**fields: Any) -> OutboxEvent:
    """Make an event that was given up."""
    told = "RuleSetMissing: no rules"
    return make_event(**({"dead": True, "attempts": 10, "last_error": told} | fields))


def make_delivered(
    seconds: float, *, at: datetime | None = None, topic: str = "record.approved"
) -> OutboxEvent:
    """Make an event that was delivered so many seconds after it was written."""
    done_at = at or timezone.now()
    made = done_at - timedelta(seconds=seconds)
    return make_event(topic=topic, created_at=made, due_at=made, done_at=done_at)
