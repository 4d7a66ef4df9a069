"""Events and a handler that remembers what it was given."""

from datetime import timedelta

from django.db import transaction

from backend.core import audit, outbox
from backend.core.models import AuditEntry, OutboxEvent


def emit(at, *, topic="record.approved", number=1):
    with transaction.atomic():
        outbox.emit(topic=topic, key=f"volunteer:{number}", payload={"record_id": number}, at=at)


def numbers(batch):
    return [payload["record_id"] for payload in batch]


class Recorder:
    """A handler that remembers the batches it was given and writes one row per event."""

    def __init__(self, at, *, poisoned=()):
        self.at = at
        self.poisoned = poisoned
        self.batches = []

    def __call__(self, batch, *, at):
        self.batches.append(numbers(batch))
        for number in numbers(batch):
            audit.record(actor=None, action=f"effect {number}", target=None, at=self.at)
            if number in self.poisoned:
                raise ValueError(f"no record {number}")


def effects():
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def dead_event(now, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 2
    emit(now)
    for hours in (0, 2):
        outbox.drain(
            handlers={"record.approved": Recorder(now, poisoned={1})}, at=now + timedelta(hours=hours)
        )
    return OutboxEvent.objects.get()
