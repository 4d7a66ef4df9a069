"""`/market/…` for the counter: agreeing to a basket, bringing goods back, handing over without network."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.timezone import localtime
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, Invalid
from backend.core.idempotency import idempotent
from backend.core.masking import mask_name
from backend.core.problems import ProblemException
from points.market import counter, offline, returns
from points.market.api import RedemptionOutput, shown
from points.market.choices import OfflineResult, ReturnCondition, ReturnDecision
from points.market.fields import Key
from points.market.return_models import GoodsReturn
from volunteers.attendance.api import problem_of


class AgreeInput(serializers.Serializer[Any]):
    """Nothing: the volunteer agrees. `code`: the clerk types it. `card`: a second person agrees for them."""

    code = serializers.CharField(max_length=12, required=False)
    card = serializers.CharField(max_length=400, required=False)


class RedemptionConfirm(APIView):
    """Agree to a basket a clerk put together; agreeing twice changes nothing.

    `Idempotency-Key` is honoured, except with a `code`: a wrong one counts even though it is refused, which
    the transaction around a remembered answer would undo.
    """

    @extend_schema(request=AgreeInput, responses=RedemptionOutput)
    def post(self, request: Request, pk: int) -> HttpResponse:
        data = AgreeInput(data=request.data)
        data.is_valid(raise_exception=True)
        if "code" not in data.validated_data:
            return self._agree(request, pk, data.validated_data.get("card"))
        if "card" in data.validated_data:
            raise Invalid(field="card")
        redemption = counter.confirm_by_code(
            redemption_id=pk,
            code=data.validated_data["code"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return shown(redemption, request)

    @idempotent
    def _agree(self, request: Request, pk: int, card: str | None) -> Response:
        actor, now = actor_for(request.user), timezone.now()
        if card is None:
            redemption = counter.confirm_own(redemption_id=pk, actor=actor, at=now)
        else:
            redemption = counter.confirm_by_card(redemption_id=pk, card=card, actor=actor, at=now)
        return shown(redemption, request)


class CodeSentOutput(serializers.Serializer[Any]):
    """How long the code counts, in seconds; `demo_code` only where nothing is sent."""

    expires_in = serializers.IntegerField()
    demo_code = serializers.CharField(allow_null=True)


class RedemptionCode(APIView):
    """Send the volunteer a code that is good for this basket only. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=CodeSentOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        sent = counter.send_code(redemption_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response({"expires_in": sent.expires_in, "demo_code": sent.demo_code})


class ReturnInput(serializers.Serializer[Any]):
    """What came back, why, and whether it can be used."""

    redemption = Key()
    reason = serializers.CharField(max_length=200)
    condition = serializers.ChoiceField(choices=ReturnCondition.choices)


class ReturnOutput(serializers.Serializer[GoodsReturn]):
    """Goods that came back; whose, masked."""

    id = serializers.IntegerField()
    redemption = serializers.IntegerField()
    store = serializers.IntegerField()
    volunteer_name = serializers.CharField()
    reason = serializers.CharField()
    condition = serializers.ChoiceField(choices=ReturnCondition.choices)
    decision = serializers.ChoiceField(choices=[("", ""), *ReturnDecision.choices])
    decision_reason = serializers.CharField()
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: GoodsReturn) -> dict[str, Any]:
        """Return the row."""
        return {
            "id": instance.pk,
            "redemption": instance.redemption_id,
            "store": instance.redemption.store_id,
            "volunteer_name": mask_name(instance.redemption.recipient_name),
            "reason": instance.reason,
            "condition": instance.condition,
            "decision": instance.decision,
            "decision_reason": instance.decision_reason,
            "asked_at": localtime(instance.asked_at).isoformat(),
            "decided_at": localtime(instance.decided_at).isoformat() if instance.decided_at else None,
        }


class ReturnList(ListAPIView[GoodsReturn]):
    """Goods that came back to one's stores, what waits for a decision first."""

    serializer_class = ReturnOutput
    queryset = GoodsReturn.objects.none()

    def get_queryset(self) -> QuerySet[GoodsReturn]:
        """Those of the stores the caller keeps."""
        actor = actor_for(self.request.user)
        if not actor.has(*returns.TAKERS):
            raise Forbidden
        return returns.returns_visible_to(actor)

    @extend_schema(request=ReturnInput, responses={201: ReturnOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Enter what was brought back; somebody else decides. `Idempotency-Key` is honoured."""
        data = ReturnInput(data=request.data)
        data.is_valid(raise_exception=True)
        actor = actor_for(request.user)
        if not actor.has(*returns.TAKERS):
            raise Forbidden
        asked = returns.ask_return(
            redemption_id=data.validated_data["redemption"],
            reason=data.validated_data["reason"],
            condition=data.validated_data["condition"],
            actor=actor,
            at=timezone.now(),
        )
        return Response(ReturnOutput(asked).data, status=201)


class ReturnDecideInput(serializers.Serializer[Any]):
    """Agree, or refuse with a reason."""

    decision = serializers.ChoiceField(choices=ReturnDecision.choices)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ReturnDecide(APIView):
    """Decide about goods somebody else entered. `Idempotency-Key` is honoured."""

    @extend_schema(request=ReturnDecideInput, responses=ReturnOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        data = ReturnDecideInput(data=request.data)
        data.is_valid(raise_exception=True)
        actor, given = actor_for(request.user), data.validated_data
        if not actor.has(*returns.TAKERS):
            raise Forbidden
        if given["decision"] == ReturnDecision.APPROVED:
            decided = returns.approve_return(return_id=pk, actor=actor, at=timezone.now())
        else:
            decided = returns.refuse_return(
                return_id=pk, reason=given["reason"], actor=actor, at=timezone.now()
            )
        return Response(ReturnOutput(decided).data)


class OfflineInput(serializers.Serializer[Any]):
    """The store, and the list this device had until now."""

    store = Key()
    instead_of = serializers.CharField(max_length=32, required=False, default="")
    signature = serializers.CharField(max_length=64, required=False, default="")


class OfflineOutput(serializers.Serializer[offline.SignedList]):
    """A list for one device. `text` is JSON; keep it and its signature as they are."""

    serial = serializers.CharField()
    text = serializers.CharField()
    signature = serializers.CharField()
    expires_at = serializers.DateTimeField()
    size = serializers.IntegerField()


class OfflineLists(APIView):
    """Lists for handing over without network."""

    @extend_schema(request=OfflineInput, responses={201: OfflineOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Lease what waits in a store to this device. `Idempotency-Key` is honoured."""
        data = OfflineInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        taken = offline.take(
            store_id=given["store"],
            actor=actor_for(request.user),
            at=timezone.now(),
            instead_of=given["instead_of"],
            signature=given["signature"],
        )
        return Response(OfflineOutput(taken).data, status=201)


class GiveBackInput(serializers.Serializer[Any]):
    """Proof that this device has the list; `redemptions` lets go of these only."""

    signature = serializers.CharField(max_length=64)
    redemptions = serializers.ListField(
        child=Key(), required=False, allow_null=True, default=None, max_length=offline.MOST_ON_A_LIST
    )


class OfflineGiveBack(APIView):
    """Let go of a list, or of some of it. `Idempotency-Key` is honoured."""

    @extend_schema(request=GiveBackInput, responses={204: None})
    @idempotent
    def post(self, request: Request, serial: str) -> Response:
        data = GiveBackInput(data=request.data)
        data.is_valid(raise_exception=True)
        offline.give_back(
            serial=serial,
            signature=data.validated_data["signature"],
            redemption_ids=data.validated_data["redemptions"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(status=204)


class HandOverInput(serializers.Serializer[Any]):
    """One hand-over: which, by what code, when, and a number of the device's own for it."""

    redemption = Key()
    code = serializers.CharField(max_length=20)
    captured_at = serializers.DateTimeField()
    nonce = serializers.RegexField(r"^[A-Za-z0-9-]{8,64}$", max_length=64)


class CollectBatchInput(serializers.Serializer[Any]):
    """What a device handed over, with its list; `sent_at` is the device's clock now."""

    list = serializers.CharField(max_length=32)
    signature = serializers.CharField(max_length=64)
    sent_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    rows = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=offline.MOST_AT_ONCE)


class CollectBatchRequest(CollectBatchInput):
    """The same with its rows spelt out, for the description of the API."""

    rows = serializers.ListField(child=HandOverInput(), min_length=1, max_length=offline.MOST_AT_ONCE)


class CollectedOutput(serializers.Serializer[Any]):
    """What became of one row, in the order given."""

    index = serializers.IntegerField()
    redemption = serializers.IntegerField(allow_null=True)
    result = serializers.ChoiceField(choices=OfflineResult.choices)
    problem = serializers.JSONField(allow_null=True)


class CollectBatchOutput(serializers.Serializer[Any]):
    """One entry for every row."""

    results = CollectedOutput(many=True)


class CollectBatch(APIView):
    """Tell what was handed over without network; each row is answered on its own, and once.

    `Idempotency-Key` is honoured.
    """

    @extend_schema(request=CollectBatchRequest, responses=CollectBatchOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        batch = CollectBatchInput(data=request.data)
        batch.is_valid(raise_exception=True)
        given = batch.validated_data
        read = [HandOverInput(data=row) for row in given["rows"]]
        sound = [row for row in read if row.is_valid()]
        told = iter(
            offline.sync(
                serial=given["list"],
                signature=given["signature"],
                rows=[_hand_over(row.validated_data) for row in sound],
                actor=actor_for(request.user),
                at=timezone.now(),
                sent_at=given["sent_at"],
            )
        )
        results = [
            {"index": index, **(self._row(next(told)) if not row.errors else self._spoilt(row))}
            for index, row in enumerate(read)
        ]
        return Response({"results": results})

    def _row(self, told: offline.Told) -> dict[str, Any]:
        problem = problem_of(ProblemException(told.problem), view=self) if told.problem else None
        return {"redemption": told.redemption_id, "result": told.result, "problem": problem}

    def _spoilt(self, row: HandOverInput) -> dict[str, Any]:
        problem = problem_of(serializers.ValidationError(row.errors), view=self)
        return {"redemption": None, "result": OfflineResult.REFUSED, "problem": problem}


def _hand_over(row: dict[str, Any]) -> offline.HandOver:
    return offline.HandOver(
        redemption_id=cast("int", row["redemption"]),
        code=row["code"],
        captured_at=row["captured_at"],
        nonce=row["nonce"],
    )
