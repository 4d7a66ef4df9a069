"""What is said about an attendance before it is decided: a scan taken back, an end proposed, a question."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from backend.core.idempotency import idempotent
from volunteers.attendance import annulment, proposals
from volunteers.attendance.api import AttendanceBrief

_LONGEST_NONCE = 64  # the column
_LONGEST_WORDS = 200  # the columns


class AnnulInput(serializers.Serializer[Any]):
    """Which scan, by its `nonce`, and why."""

    nonce = serializers.CharField(max_length=_LONGEST_NONCE)
    reason = serializers.CharField(max_length=_LONGEST_WORDS)


class ProposeInput(serializers.Serializer[Any]):
    """When the volunteer left."""

    left_at = serializers.DateTimeField()
    note = serializers.CharField(max_length=_LONGEST_WORDS, required=False, allow_blank=True, default="")


class AskInput(serializers.Serializer[Any]):
    """What the manager wants to know."""

    question = serializers.CharField(max_length=_LONGEST_WORDS)


class AnswerInput(serializers.Serializer[Any]):
    """What the volunteer answers."""

    answer = serializers.CharField(max_length=_LONGEST_WORDS)


class TalkOutput(AttendanceBrief):
    """An attendance with what was said about it."""

    proposed_out_at = serializers.DateTimeField(allow_null=True)
    proposal_note = serializers.CharField()
    question = serializers.CharField()
    answer = serializers.CharField()


class ScanAnnul(APIView):
    """Take back a scan that was a mistake, within minutes, as whoever scanned."""

    @extend_schema(request=AnnulInput, responses=TalkOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        given = AnnulInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = cast("User", request.user)
        attendance = annulment.annul(user_id=user.pk, at=timezone.now(), **given.validated_data)
        return Response(TalkOutput(attendance).data)


class AttendancePropose(APIView):
    """Say when one left an attendance that has no check-out; the manager decides."""

    @extend_schema(request=ProposeInput, responses=TalkOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        given = ProposeInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = cast("User", request.user)
        attendance = proposals.propose_end(
            volunteer_user_id=user.pk, attendance_id=pk, at=timezone.now(), **given.validated_data
        )
        return Response(TalkOutput(attendance).data)


class AttendanceAsk(APIView):
    """Ask the volunteer about an attendance before deciding."""

    @extend_schema(request=AskInput, responses=TalkOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        given = AskInput(data=request.data)
        given.is_valid(raise_exception=True)
        attendance = proposals.ask_back(
            attendance_id=pk,
            actor=actor_for(request.user),
            question=given.validated_data["question"],
            at=timezone.now(),
        )
        return Response(TalkOutput(attendance).data)


class AttendanceAnswer(APIView):
    """Answer the manager's question."""

    @extend_schema(request=AnswerInput, responses=TalkOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        given = AnswerInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = cast("User", request.user)
        attendance = proposals.answer(
            volunteer_user_id=user.pk,
            attendance_id=pk,
            text=given.validated_data["answer"],
            at=timezone.now(),
        )
        return Response(TalkOutput(attendance).data)
