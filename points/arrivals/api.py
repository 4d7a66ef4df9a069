"""`/points/pending/`: one's own service that is no points yet, and what it waits for."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.core.errors import NotFound
from points.arrivals.queries import Arrival, Pending, pending
from points.arrivals.states import Stage
from volunteers.people.queries import volunteer_of


class ArrivalOutput(serializers.Serializer[Arrival]):
    """A piece of service on its way."""

    stage = serializers.ChoiceField(choices=Stage.choices)
    stage_label = serializers.CharField(source="stage.label")
    attendance = serializers.IntegerField(source="attendance_id")
    record = serializers.IntegerField(source="record_id", allow_null=True)
    activity_name = serializers.CharField()
    day = serializers.DateField()
    since = serializers.DateTimeField()
    next_try = serializers.DateTimeField(allow_null=True)


class PendingOutput(serializers.Serializer[Pending]):
    """What is on its way, and the queue it is in."""

    arrivals = ArrivalOutput(many=True)
    ahead = serializers.IntegerField(help_text="Events due before the first of one's own, 10000 at most.")
    usual_seconds = serializers.IntegerField(
        allow_null=True, help_text="95 of 100 of the latest awards came within this."
    )
    expected_seconds = serializers.IntegerField(
        allow_null=True, help_text="Null when nothing of one's own is in the queue, or the queue is slow."
    )
    oldest_seconds = serializers.IntegerField(help_text="Age of the oldest event in the queue.")
    slow = serializers.BooleanField(help_text="The queue does not move as it should.")


class PendingDetail(APIView):
    """What one's points wait for."""

    @extend_schema(responses=PendingOutput)
    def get(self, request: Request) -> Response:
        volunteer = volunteer_of(request.user)
        if volunteer is None:
            raise NotFound
        return Response(PendingOutput(pending(volunteer, at=timezone.now())).data)
