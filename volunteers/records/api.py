"""Deciding about attendances, and `/records/`."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_200_OK
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.idempotency import idempotent
from backend.core.openapi import Problem
from backend.core.problems import ProblemException
from venues.sites.params import KeyParam
from volunteers.attendance.api import AttendanceBrief, VolunteerBrief, problem_of
from volunteers.attendance.choices import Grade
from volunteers.records import services
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import visible_to, with_details

_MOST_IDS = 500
_LONGEST_REASON = 200  # the column
_MINUTES_A_DAY = 1440


class ApproveInput(serializers.Serializer[Any]):
    """Empty to credit what was scanned; other minutes need a reason."""

    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=_MINUTES_A_DAY)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_REASON, default="")


class RejectInput(serializers.Serializer[Any]):
    """Why not."""

    reason = serializers.CharField(max_length=_LONGEST_REASON)


class ApproveManyInput(serializers.Serializer[Any]):
    """Which attendances to credit as scanned."""

    ids = serializers.ListField(child=KeyParam(), allow_empty=False, max_length=_MOST_IDS)


class RecordOutput(serializers.Serializer[ServiceRecord]):
    """A service record, with the fields of Order 67 Art 7."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=RecordKind.choices)
    version = serializers.IntegerField()
    volunteer = VolunteerBrief()
    attendance = serializers.IntegerField(source="attendance_id")
    activity_name = serializers.CharField()
    service_date = serializers.DateField()
    place = serializers.CharField()
    content = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    minutes = serializers.IntegerField(help_text="Negative on a reversal.")
    organization = serializers.IntegerField(source="organization_id")
    organization_name = serializers.CharField()
    responsible_name = serializers.CharField()
    region = serializers.CharField(source="region_id")
    grade = serializers.ChoiceField(choices=Grade.choices)
    manual = serializers.BooleanField()
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    is_reversed = serializers.SerializerMethodField()
    contested = serializers.SerializerMethodField(
        help_text="An objection is open: no points, no place on a board until it is decided."
    )

    def get_is_reversed(self, record: ServiceRecord) -> bool:
        """Whether a later row takes it back."""
        return bool(getattr(record, "is_reversed", False))

    def get_contested(self, record: ServiceRecord) -> bool:
        """Whether an objection to it is open."""
        return bool(getattr(record, "contested", False))


class RowOutput(serializers.Serializer[Any]):
    """What became of one attendance: its record (status 200), or a problem document."""

    id = serializers.IntegerField()
    status = serializers.IntegerField()
    record = RecordOutput(allow_null=True)
    problem = Problem(allow_null=True)


class ApproveManyOutput(serializers.Serializer[Any]):
    """One result per attendance, in the order sent."""

    results = RowOutput(many=True)


class AttendanceApprove(APIView):
    """Credit an attendance; its service record is the answer. Approving again answers the same."""

    @extend_schema(request=ApproveInput, responses=RecordOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        decision = ApproveInput(data=request.data)
        decision.is_valid(raise_exception=True)
        record = services.approve(
            attendance_id=pk,
            actor=actor_for(request.user),
            minutes=decision.validated_data.get("minutes"),
            reason=decision.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(RecordOutput(record).data)


class AttendanceReject(APIView):
    """Refuse an attendance, telling the volunteer why."""

    @extend_schema(request=RejectInput, responses=AttendanceBrief)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        decision = RejectInput(data=request.data)
        decision.is_valid(raise_exception=True)
        attendance = services.reject(
            attendance_id=pk,
            actor=actor_for(request.user),
            reason=decision.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(AttendanceBrief(attendance).data)


class AttendanceApproveMany(APIView):
    """Credit several attendances as scanned; each is answered on its own."""

    @extend_schema(
        operation_id="attendances_approve_many", request=ApproveManyInput, responses=ApproveManyOutput
    )
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = ApproveManyInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        results = services.approve_many(
            ids=wanted.validated_data["ids"], actor=actor_for(request.user), at=timezone.now()
        )
        return Response({"results": [self._row(result) for result in results]})

    def _row(self, result: services.RowResult) -> dict[str, Any]:
        row: dict[str, Any] = {"id": result.attendance_id, "status": HTTP_200_OK}
        if result.refusal is not None:
            error = ProblemException(result.refusal)
            return row | {
                "status": error.status_code,
                "record": None,
                "problem": problem_of(error, view=self),
            }
        return row | {"record": RecordOutput(result.record).data, "problem": None}


class RecordList(ListAPIView[ServiceRecord]):
    """One's own service records and those in one's scope, newest first."""

    serializer_class = RecordOutput
    filterset_fields = ("kind",)

    def get_queryset(self) -> QuerySet[ServiceRecord]:
        """Everything this user may read."""
        return with_details(visible_to(actor_for(self.request.user)))
