"""What a platform administrator may see of the outbox."""

from django.db.models import QuerySet

from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden
from backend.core.outbox.models import OutboxEvent
from backend.core.outbox.queries import in_state
from backend.core.outbox.states import EventState

WATCHERS = (Role.PLATFORM_ADMIN,)


def check_watcher(actor: Actor) -> None:
    """Let platform administrators through.

    :raises Forbidden: anybody else.
    """
    if not actor.has(*WATCHERS):
        raise Forbidden


def events_for(actor: Actor, *, state: EventState) -> QuerySet[OutboxEvent]:
    """Return the events that are this far.

    :raises Forbidden: not a platform administrator.
    """
    check_watcher(actor)
    return in_state(state)
