"""`/giving/…/questions/`: donors ask about their gifts, staff answer (慈善法 Art 42)."""

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from backend.core.network import client_address
from points.giving import question_queries as queries
from points.giving import questions
from points.giving.question_models import LONGEST_ANSWER, LONGEST_QUESTION, DonorQuestion, QuestionAnswer
from points.giving.tracing import donation_of


class QuestionInput(serializers.Serializer[Any]):
    """A question. Whoever is not signed in as the donor shows the donor's phone by a code of `/auth/otp/`."""

    text = serializers.CharField(max_length=LONGEST_QUESTION)
    agree_public = serializers.BooleanField(default=False)
    phone = serializers.CharField(max_length=20, required=False, default="")
    code = serializers.CharField(max_length=10, required=False, default="")


class QuestionAnswerInput(serializers.Serializer[Any]):
    """An answer; it is public only if the donor agreed too."""

    text = serializers.CharField(max_length=LONGEST_ANSWER)
    agree_public = serializers.BooleanField(default=False)


class QuestionPublicityInput(serializers.Serializer[Any]):
    """Whether the donor agrees that question and answer are public."""

    agree_public = serializers.BooleanField()


class AnswerOutput(serializers.Serializer[QuestionAnswer]):
    """What was answered, by which organisation's staff."""

    text = serializers.CharField()
    agree_public = serializers.BooleanField()
    answered_at = serializers.DateTimeField()


class _QuestionOutput(serializers.Serializer[DonorQuestion]):
    donation = serializers.CharField(source="donation.number")
    text = serializers.CharField()
    agree_public = serializers.BooleanField()
    asked_at = serializers.DateTimeField()
    due_on = serializers.DateField(help_text="Its fifth working day.")
    answers = AnswerOutput(many=True)


class QuestionOutput(_QuestionOutput):
    """A question as its asker reads it, with the number they keep."""

    ticket = serializers.CharField()


class StaffQuestionOutput(_QuestionOutput):
    """A question as those who answer see it: not the number, which is the asker's."""

    id = serializers.IntegerField()
    is_open = serializers.BooleanField()


class PublicAnswerOutput(serializers.Serializer[Any]):
    """A question and an answer both sides agreed to publish."""

    question = serializers.CharField(source="question.text")
    asked_at = serializers.DateTimeField(source="question.asked_at")
    answer = serializers.CharField(source="text")
    answered_at = serializers.DateTimeField()


class DonationQuestions(APIView):
    """What was asked about a donation and may be read by everybody; and where its donor asks."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=PublicAnswerOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        """The public questions with their answers, oldest first."""
        donation = donation_of(number)
        told = list(queries.public_answers_of(donation.number))
        return Response(PublicAnswerOutput(told, many=True).data)

    @extend_schema(request=QuestionInput, responses={201: QuestionOutput})
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Ask. `Idempotency-Key` is honoured."""
        data = QuestionInput(data=request.data)
        data.is_valid(raise_exception=True)
        asked = questions.ask(
            number=number,
            **data.validated_data,
            user=request.user if isinstance(request.user, User) else None,
            address=client_address(request),
            at=timezone.now(),
        )
        return Response(QuestionOutput(asked).data, status=201)


class QuestionList(ListAPIView[DonorQuestion]):
    """Questions in reach, newest first."""

    serializer_class = StaffQuestionOutput
    queryset = DonorQuestion.objects.none()

    def get_queryset(self) -> QuerySet[DonorQuestion]:
        """Only those who answer or watch have questions in reach."""
        actor = actor_for(self.request.user)
        if not actor.has(*queries.READERS):
            raise Forbidden
        return queries.questions_visible_to(actor)


class QuestionDetail(APIView):
    """One question with its answers, for whoever has its number."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=QuestionOutput)
    def get(self, request: Request, ticket: str) -> Response:
        found = queries.question_of(ticket)
        if found is None:
            raise NotFound(field="ticket")
        return Response(QuestionOutput(found).data)

    @extend_schema(request=QuestionPublicityInput, responses=QuestionOutput)
    def patch(self, request: Request, ticket: str) -> Response:
        """Agree to publish question and answers, or take that back at once."""
        data = QuestionPublicityInput(data=request.data)
        data.is_valid(raise_exception=True)
        changed = questions.agree_to_publish(
            ticket=ticket, agree_public=data.validated_data["agree_public"], at=timezone.now()
        )
        return Response(QuestionOutput(changed).data)


class QuestionAnswers(APIView):
    """Where staff answer."""

    @extend_schema(request=QuestionAnswerInput, responses={201: AnswerOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Answer, or add to an earlier answer. `Idempotency-Key` is honoured."""
        data = QuestionAnswerInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = questions.answer(
            question_id=pk,
            **data.validated_data,
            actor=actor_for(cast("User", request.user)),
            at=timezone.now(),
        )
        return Response(AnswerOutput(given).data, status=201)
