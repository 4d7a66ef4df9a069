"""Giving dead events another life: the cause is mended, now the effect may follow."""

from datetime import datetime

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core.errors import NotFound
from backend.core.outbox import services as outbox
from backend.core.outbox.models import OutboxEvent
from backend.oversight.queries import check_watcher


def retry_event(*, event_id: int, actor: Actor, at: datetime) -> OutboxEvent:
    """Queue one dead event again, with an audit row, and return it.

    :raises Forbidden: not a platform administrator.
    :raises NotFound: no such event.
    :raises EventNotDead: it waits, is tried again, or is done.
    """
    check_watcher(actor)
    with transaction.atomic():
        event = OutboxEvent.objects.select_for_update(no_key=True).filter(pk=event_id).first()
        if event is None:
            raise NotFound
        outbox.retry_one(event_id=event.pk, actor=actor, at=at)
        event.refresh_from_db()
    return event


def retry_dead_events(*, actor: Actor, at: datetime) -> int:
    """Queue the dead events again, the oldest 500 at most, with an audit row for each; returns how many.

    :raises Forbidden: not a platform administrator.
    """
    check_watcher(actor)
    return outbox.retry_dead(event_ids=None, actor=actor, at=at)
