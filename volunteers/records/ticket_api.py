"""`/corrections/…`, `/objections/…`, `/attendances/overdue/`: what is argued about, what waits too long."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from backend.core.network import client_address
from backend.core.workdays import working_days_since
from venues.sites.params import KeyParam
from volunteers.attendance.api import ShiftBrief, SiteBrief, VolunteerBrief
from volunteers.attendance.due import due_after
from volunteers.attendance.models import Attendance
from volunteers.records import corrections, objections, queries
from volunteers.records.choices import CorrectionState, ObjectionState
from volunteers.records.ticket_models import Correction, Objection

_LONGEST_REASON = 200  # the column
_LONGEST_OBJECTION = 500  # the column
_LONGEST_CONTACT = 100
_MINUTES_A_DAY = 1440


class CorrectionInput(serializers.Serializer[Any]):
    """What the record should hold, in minutes (0 to take it back), and why."""

    minutes = serializers.IntegerField(min_value=0, max_value=_MINUTES_A_DAY)
    reason = serializers.CharField(max_length=_LONGEST_REASON)


class VerdictInput(serializers.Serializer[Any]):
    """Why it was decided so; the other side reads it."""

    reason = serializers.CharField(max_length=_LONGEST_REASON)


class CorrectionApproveInput(serializers.Serializer[Any]):
    """A word to go with it, if any."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_REASON, default="")


class CorrectionOutput(serializers.Serializer[Correction]):
    """A correction: what it is about, before and after, where it stands, who answers and by when."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=CorrectionState.choices)
    record = serializers.IntegerField(source="record_id")
    volunteer = VolunteerBrief(source="record.volunteer")
    activity_name = serializers.CharField(source="record.activity_name")
    service_date = serializers.DateField(source="record.service_date")
    minutes_before = serializers.IntegerField()
    minutes_after = serializers.IntegerField()
    reason = serializers.CharField()
    asked_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="Its tenth working day.")
    organization_name = serializers.CharField(source="record.organization_name")
    responsible_name = serializers.CharField(source="record.responsible_name")
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    reversal = serializers.IntegerField(source="reversal_id", allow_null=True)
    replacement = serializers.IntegerField(source="replacement_id", allow_null=True)


class ObjectionInput(serializers.Serializer[Any]):
    """Either an attendance or a record, and why; a way to reach you is sealed and optional."""

    attendance = KeyParam(required=False)
    record = KeyParam(required=False)
    reason = serializers.CharField(max_length=_LONGEST_OBJECTION)
    contact = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_CONTACT, default="")


class TicketOutput(serializers.Serializer[Objection]):
    """What everybody with the number may know: where it stands, no person, no place."""

    ticket = serializers.CharField()
    state = serializers.ChoiceField(choices=ObjectionState.choices)
    raised_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="Its tenth working day.")
    decided_at = serializers.DateTimeField(allow_null=True)


class ObjectionOutput(TicketOutput):
    """An objection as those who decide see it."""

    id = serializers.IntegerField()
    attendance = serializers.IntegerField(source="attendance_id")
    record = serializers.IntegerField(source="record_id", allow_null=True)
    volunteer = VolunteerBrief(source="attendance.volunteer")
    activity_name = serializers.CharField(source="attendance.shift.activity.name")
    reason = serializers.CharField()
    decision_reason = serializers.CharField()


class OverdueOutput(serializers.Serializer[Attendance]):
    """An attendance that waits past its tenth working day, and whose task it is."""

    id = serializers.IntegerField()
    volunteer = VolunteerBrief()
    shift = ShiftBrief()
    site = SiteBrief()
    organization_name = serializers.CharField(source="shift.activity.programme.organization.name")
    responsible_name = serializers.CharField(source="shift.activity.responsible_name")
    due_on = serializers.SerializerMethodField()
    days_late = serializers.SerializerMethodField(help_text="Working days since the last day.")

    def get_due_on(self, attendance: Attendance) -> date:
        """The last day it could have been recorded in time."""
        return due_after(attendance.shift.ends_at)

    def get_days_late(self, attendance: Attendance) -> int:
        """How late it is today."""
        return working_days_since(self.get_due_on(attendance), timezone.localdate())


class AttendanceOverdue(ListAPIView[Attendance]):
    """Attendances past their tenth working day (Order 67 Art 11), for managers and supervisors."""

    serializer_class = OverdueOutput
    filterset_fields = ("site",)

    def get_queryset(self) -> QuerySet[Attendance]:
        """What this user decides about or watches over."""
        return queries.overdue_for(actor_for(self.request.user), timezone.localdate())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Refuse those whose role has nothing to do with it."""
        if not actor_for(request.user).has(*queries.WATCHERS):
            raise Forbidden
        return super().list(request, *args, **kwargs)


class RecordCorrections(APIView):
    """Say that a record should hold other minutes. Somebody else decides."""

    @extend_schema(request=CorrectionInput, responses={201: CorrectionOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        wish = CorrectionInput(data=request.data)
        wish.is_valid(raise_exception=True)
        correction = corrections.ask(
            record_id=pk, actor=actor_for(request.user), at=timezone.now(), **wish.validated_data
        )
        return Response(CorrectionOutput(correction).data, status=HTTP_201_CREATED)


class CorrectionList(ListAPIView[Correction]):
    """Corrections of one's own records and of those in one's scope, newest first."""

    serializer_class = CorrectionOutput
    filterset_fields = ("state",)

    def get_queryset(self) -> QuerySet[Correction]:
        """Everything this user may read."""
        return queries.corrections_visible_to(actor_for(self.request.user))


class CorrectionApprove(APIView):
    """Grant a correction: the record is reversed and the new one written, both or neither."""

    @extend_schema(request=CorrectionApproveInput, responses=CorrectionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        word = CorrectionApproveInput(data=request.data)
        word.is_valid(raise_exception=True)
        correction = corrections.approve(
            correction_id=pk,
            actor=actor_for(request.user),
            reason=word.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(CorrectionOutput(correction).data)


class CorrectionRefuse(APIView):
    """Leave the record as it is, telling why."""

    @extend_schema(request=VerdictInput, responses=CorrectionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        correction = corrections.refuse(
            correction_id=pk, actor=actor_for(request.user), reason=_why(request), at=timezone.now()
        )
        return Response(CorrectionOutput(correction).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="objections_list",
        description="Objections in one's scope and those one raised, newest first.",
        responses=ObjectionOutput(many=True),
    )
)
class ObjectionList(ListAPIView[Objection]):
    """Objections: anybody may raise one, without signing in; those in scope are listed."""

    serializer_class = ObjectionOutput
    filterset_fields = ("state",)

    def get_permissions(self) -> list[BasePermission]:
        """Raising is open to the public, reading is not."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Objection]:
        """Everything this user may read."""
        return queries.objections_visible_to(actor_for(self.request.user))

    @extend_schema(
        operation_id="objections_raise",
        description="Object to an attendance or a record. From outside its scope it waits to be accepted.",
        request=ObjectionInput,
        responses={201: TicketOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        doubt = ObjectionInput(data=request.data)
        doubt.is_valid(raise_exception=True)
        objection = objections.raise_objection(
            actor=actor_for(request.user),
            address=client_address(request),
            attendance_id=doubt.validated_data.get("attendance"),
            record_id=doubt.validated_data.get("record"),
            reason=doubt.validated_data["reason"],
            contact=doubt.validated_data["contact"],
            at=timezone.now(),
        )
        return Response(TicketOutput(objection).data, status=HTTP_201_CREATED)


class ObjectionTicket(APIView):
    """Where an objection stands, for whoever has its number."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="objections_ticket", responses=TicketOutput)
    def get(self, request: Request, ticket: str) -> Response:
        objection = queries.objection_of(ticket)
        if objection is None:
            raise NotFound
        return Response(TicketOutput(objection).data)


class ObjectionAccept(APIView):
    """Accept an objection from the public: nothing it means is used until it is decided."""

    @extend_schema(request=None, responses=ObjectionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        objection = objections.accept(objection_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(ObjectionOutput(objection).data)


class ObjectionUphold(APIView):
    """Agree: the attendance is rejected, or its record reversed."""

    @extend_schema(request=VerdictInput, responses=ObjectionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        objection = objections.uphold(
            objection_id=pk, actor=actor_for(request.user), reason=_why(request), at=timezone.now()
        )
        return Response(ObjectionOutput(objection).data)


class ObjectionDismiss(APIView):
    """Disagree: everything goes on as if nothing had been."""

    @extend_schema(request=VerdictInput, responses=ObjectionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        objection = objections.dismiss(
            objection_id=pk, actor=actor_for(request.user), reason=_why(request), at=timezone.now()
        )
        return Response(ObjectionOutput(objection).data)


class ObjectionWithdraw(APIView):
    """Take one's own objection back."""

    @extend_schema(request=None, responses=TicketOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        objection = objections.withdraw(objection_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(TicketOutput(objection).data)


def _why(request: Request) -> str:
    verdict = VerdictInput(data=request.data)
    verdict.is_valid(raise_exception=True)
    return str(verdict.validated_data["reason"])
