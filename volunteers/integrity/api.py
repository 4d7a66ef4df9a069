"""`/integrity/…`: signals to review, the sample to check, and the scores."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import Actor, actor_for
from backend.core.errors import Forbidden
from backend.core.idempotency import idempotent
from venues.sites.params import KeyParam
from volunteers.attendance.api import SiteBrief, VolunteerBrief
from volunteers.integrity import services
from volunteers.integrity.choices import AUDIT_DECISIONS, AuditResult, SignalKind, SignalState
from volunteers.integrity.draws import text_of
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.integrity.queries import (
    READERS,
    Score,
    draws_for,
    records_behind,
    scores,
    visible_signals,
    with_details,
)
from volunteers.integrity.wording import sentence_of

_LONGEST_REASON = 200  # the column
_MOST_RECORDS = 500


class ReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=_LONGEST_REASON)


class ConfirmInput(ReasonInput):
    """Why, and which records are taken back; none is taken back unless named."""

    records = serializers.ListField(child=KeyParam(), required=False, default=list, max_length=_MOST_RECORDS)


class DecideInput(serializers.Serializer[Any]):
    """What the check found; a false record needs a reason."""

    result = serializers.ChoiceField(choices=AUDIT_DECISIONS)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=_LONGEST_REASON)


class SignalOutput(serializers.Serializer[Signal]):
    """Something that looks wrong; `evidence` holds ids, minutes, seconds, metres and times."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=SignalKind.choices)
    day = serializers.DateField()
    site = SiteBrief()
    manager = serializers.IntegerField(source="manager_id", allow_null=True, help_text="The user's key.")
    volunteer = VolunteerBrief(allow_null=True)
    attendance = serializers.IntegerField(source="attendance_id", allow_null=True)
    evidence = serializers.DictField()
    sentence = serializers.SerializerMethodField(help_text="The evidence in words.")
    found_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=SignalState.choices)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    records = serializers.SerializerMethodField(help_text="What a confirmation may take back.")

    def get_sentence(self, signal: Signal) -> str:
        """Say it."""
        return sentence_of(signal.kind, signal.evidence)

    def get_records(self, signal: Signal) -> list[int]:
        """Return the records that still count, from the page's one reading of them."""
        behind = self.context["behind"][signal.pk]
        return [record.pk for record in behind if not getattr(record, "is_reversed", False)]


class RecordBrief(serializers.Serializer[Any]):
    """The record that was drawn."""

    id = serializers.IntegerField()
    volunteer = VolunteerBrief()
    activity_name = serializers.CharField()
    service_date = serializers.DateField()
    place = serializers.CharField()
    minutes = serializers.IntegerField()


class AuditItemOutput(serializers.Serializer[AuditItem]):
    """One record of a sample; `place` is its position in the draw."""

    id = serializers.IntegerField()
    place = serializers.IntegerField()
    record = RecordBrief()
    result = serializers.ChoiceField(choices=AuditResult.choices)
    note = serializers.CharField()
    reviewed_at = serializers.DateTimeField(allow_null=True)


class AuditOutput(serializers.Serializer[AuditDraw]):
    """A week's draw: seed = SHA-256(text), ticket of a record = SHA-256("seed:id"), smallest first."""

    id = serializers.IntegerField()
    period = serializers.CharField()
    text = serializers.SerializerMethodField(help_text="The public text the seed is the SHA-256 of.")
    seed = serializers.CharField()
    percent = serializers.IntegerField()
    population = serializers.IntegerField()
    drawn_at = serializers.DateTimeField()
    items = AuditItemOutput(many=True, source="seen_items", help_text="Those in the caller's regions.")

    def get_text(self, draw: AuditDraw) -> str:
        """Return it."""
        return text_of(period=draw.period, population=draw.population)


class ScoreOutput(serializers.Serializer[Score]):
    """Where to look first: weights of the signals of 90 days, those cleared left out."""

    about = serializers.ChoiceField(choices=["manager", "site"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    points = serializers.IntegerField()
    signals = serializers.IntegerField()
    confirmed = serializers.IntegerField()


class ScoresOutput(serializers.Serializer[Any]):
    """The heaviest first, managers before sites."""

    results = ScoreOutput(many=True)


def _reader(request: Request) -> Actor:
    actor = actor_for(request.user)
    if not actor.has(*READERS):
        raise Forbidden
    return actor


def _answer(signal: Signal) -> Response:
    shown = with_details(Signal.objects.filter(pk=signal.pk)).get()
    return Response(SignalOutput(shown, context={"behind": records_behind([shown])}).data)


class SignalList(ListAPIView[Signal]):
    """The signals of one's regions, newest first. They punish nobody."""

    serializer_class = SignalOutput
    filterset_fields = ("state", "kind")
    queryset = Signal.objects.none()  # for the schema; `get_queryset` knows the caller

    def get_queryset(self) -> QuerySet[Signal]:
        """Everything this user may read."""
        return with_details(visible_signals(_reader(self.request)))

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Read the records behind a page of signals at once."""
        page: Sequence[Signal] = args[0] if args else ()
        context = {**self.get_serializer_context(), "behind": records_behind(page)}
        return SignalOutput(*args, **{**kwargs, "context": context})


class SignalClear(APIView):
    """Nothing wrong, and why. Clearing again answers the same."""

    @extend_schema(request=ReasonInput, responses=SignalOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        review = ReasonInput(data=request.data)
        review.is_valid(raise_exception=True)
        signal = services.clear(
            signal_id=pk,
            actor=actor_for(request.user),
            reason=review.validated_data["reason"],
            at=timezone.now(),
        )
        return _answer(signal)


class SignalConfirm(APIView):
    """It is true: the records named are taken back, with their points. Confirming again answers the same."""

    @extend_schema(request=ConfirmInput, responses=SignalOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        review = ConfirmInput(data=request.data)
        review.is_valid(raise_exception=True)
        signal = services.confirm(
            signal_id=pk,
            actor=actor_for(request.user),
            reason=review.validated_data["reason"],
            record_ids=review.validated_data["records"],
            at=timezone.now(),
        )
        return _answer(signal)


class AuditList(ListAPIView[AuditDraw]):
    """The weekly random samples with their seeds, newest first."""

    serializer_class = AuditOutput
    queryset = AuditDraw.objects.none()  # for the schema; `get_queryset` knows the caller

    def get_queryset(self) -> QuerySet[AuditDraw]:
        """Every draw, with the items this user may read."""
        return draws_for(_reader(self.request))


class AuditItemDecide(APIView):
    """What the check of a sampled record found; a false record is taken back."""

    @extend_schema(request=DecideInput, responses=AuditItemOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        decision = DecideInput(data=request.data)
        decision.is_valid(raise_exception=True)
        item = services.decide_item(
            item_id=pk,
            result=AuditResult(decision.validated_data["result"]),
            actor=actor_for(request.user),
            reason=decision.validated_data["reason"],
            at=timezone.now(),
        )
        return Response(AuditItemOutput(item).data)


class ScoreList(APIView):
    """Where to look first: managers and sites by the weight of their signals."""

    @extend_schema(responses=ScoresOutput)
    def get(self, request: Request) -> Response:
        found = scores(_reader(request), at=timezone.now())
        return Response(ScoresOutput({"results": found}).data)
