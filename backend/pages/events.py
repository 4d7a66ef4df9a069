"""What the outbox could not deliver, for platform administrators: look, and give it another life."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.outbox.models import OutboxEvent
from backend.core.outbox.queries import Queue, queue
from backend.core.outbox.states import EventState
from backend.oversight.queries import WATCHERS, events_for
from backend.oversight.services import retry_dead_events, retry_event
from backend.oversight.wording import key_label, topic_label
from backend.pages.arrivals import span
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.visitor import ActorRequest

_SHOWN = (EventState.DEAD, EventState.RETRYING, EventState.WAITING)


@dataclass(frozen=True)
class Row:
    """One event as a card: what was to be done, for whom in general, and why it was not."""

    event: OutboxEvent
    topic: str
    about: str
    age: str


@dataclass(frozen=True)
class Tab:
    """One state of the list."""

    state: EventState
    count: int
    current: bool


@require_GET
@never_cache
@roles_only(*WATCHERS)
def events(request: ActorRequest) -> HttpResponse:
    """List what is dead, retried or waiting, with how the queue is."""
    at = timezone.now()
    asked = request.GET.get("state", "")
    state = EventState(asked) if asked in _SHOWN else EventState.DEAD
    now = queue(at=at)
    page = page_of(request, events_for(request.actor, state=state).order_by("created_at", "pk"))
    context: dict[str, Any] = {
        "page_obj": page,
        "rows": [_row(event, at) for event in page],
        "tabs": _tabs(now, state),
        "state": state,
        "queue": now,
        "oldest": span(int(now.oldest_seconds)),
    }
    return render(request, "pages/manager/events.html", context)


def _row(event: OutboxEvent, at: datetime) -> Row:
    age = span(max(0, int((at - event.created_at).total_seconds())))
    return Row(event, topic_label(event.topic), key_label(event.key_kind), age)


def _tabs(now: Queue, state: EventState) -> list[Tab]:
    counts = {
        EventState.DEAD: now.dead,
        EventState.RETRYING: now.retrying,
        EventState.WAITING: now.waiting,
    }
    return [Tab(one, counts[one], one == state) for one in _SHOWN]


@by_button
@roles_only(*WATCHERS)
def retry(request: ActorRequest, event_id: int) -> HttpResponse:
    """Give one dead event another life."""
    retry_event(event_id=event_id, actor=request.actor, at=timezone.now())
    note(request, _("已重新排队，几秒内投递。"))
    return redirect("pages:events")


@by_button
@roles_only(*WATCHERS)
def retry_all(request: ActorRequest) -> HttpResponse:
    """Give the dead events another life."""
    count = retry_dead_events(actor=request.actor, at=timezone.now())
    note(request, _("已重新排队 %(count)s 条。") % {"count": count})
    return redirect("pages:events")
