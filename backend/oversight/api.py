"""`/events/`: what the outbox could not deliver, for platform administrators."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.idempotency import idempotent
from backend.core.outbox.models import OutboxEvent
from backend.core.outbox.queries import state_of
from backend.core.outbox.states import EventState
from backend.oversight import services
from backend.oversight.queries import events_for
from backend.oversight.wording import topic_label


class EventFilters(serializers.Serializer[Any]):
    """Which events."""

    state = serializers.ChoiceField(choices=EventState.choices, default=EventState.DEAD)


class EventOutput(serializers.Serializer[OutboxEvent]):
    """An event and its delivery; neither its payload nor whom it concerns."""

    id = serializers.IntegerField()
    topic = serializers.CharField()
    topic_label = serializers.SerializerMethodField()
    key_kind = serializers.CharField(help_text="`volunteer` of `volunteer:17`.")
    state = serializers.SerializerMethodField()
    attempts = serializers.IntegerField()
    error = serializers.CharField(source="last_error", help_text="Of the last try; empty before any failed.")
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="Not tried before.")
    done_at = serializers.DateTimeField(allow_null=True)

    def get_topic_label(self, event: OutboxEvent) -> str:
        """What is to be done."""
        return topic_label(event.topic)

    @extend_schema_field(serializers.ChoiceField(choices=EventState.choices))
    def get_state(self, event: OutboxEvent) -> str:
        """How far it is."""
        return state_of(event).value


@extend_schema_view(get=extend_schema(parameters=[EventFilters]))
class EventList(ListAPIView[OutboxEvent]):
    """Events of one state, newest first; dead ones unless asked otherwise."""

    serializer_class = EventOutput
    queryset = OutboxEvent.objects.none()

    def get_queryset(self) -> QuerySet[OutboxEvent]:
        """Return the events that are this far."""
        asked = EventFilters(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        state = EventState(asked.validated_data["state"])
        return events_for(actor_for(self.request.user), state=state)


class EventRetry(APIView):
    """Another life for a dead event."""

    @extend_schema(request=None, responses=EventOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Queue it again; a worker delivers it within seconds."""
        event = services.retry_event(event_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(EventOutput(event).data)
