"""`/market/recalls/…`: goods called back, and who has them."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.core.idempotency import idempotent
from points.market.fields import Key
from points.stockroom import queries, recalling
from points.stockroom.api import keeper
from points.stockroom.recall_models import Recall


class RecallInput(serializers.Serializer[Any]):
    """Which batch, and why; what it came from and what came from there is called back too."""

    batch = Key()
    reason = serializers.CharField(max_length=150)


class RecallLiftInput(serializers.Serializer[Any]):
    """Why the goods are good after all."""

    reason = serializers.CharField(max_length=150)


class RecallOutput(serializers.Serializer[Recall]):
    """A recall."""

    id = serializers.IntegerField()
    batch = serializers.IntegerField(source="root_id", help_text="Where the goods first arrived.")
    name = serializers.CharField(source="root.product.name")
    store_name = serializers.CharField(source="root.store.name")
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True, help_text="All reservations are cancelled.")
    lifted_at = serializers.DateTimeField(allow_null=True, help_text="The goods are handed out again.")
    lift_reason = serializers.CharField()


class RecipientOutput(serializers.Serializer[recalling.Recipient]):
    """A volunteer who took goods home; families in need are called by the keepers of the relief list."""

    redemption = serializers.IntegerField(source="redemption_id")
    name = serializers.CharField(help_text="Masked.")
    number = serializers.CharField()
    store = serializers.CharField()
    quantity = serializers.IntegerField()
    day = serializers.DateField(allow_null=True)


class RecipientsOutput(serializers.Serializer[Any]):
    """The volunteers who have recalled goods."""

    results = RecipientOutput(many=True)


class WrittenOffOutput(serializers.Serializer[Any]):
    """How many pieces left the stock."""

    quantity = serializers.IntegerField()


class RecallList(ListAPIView[Recall]):
    """The recalls that touch a store one keeps, newest first."""

    serializer_class = RecallOutput
    queryset = Recall.objects.none()

    def get_queryset(self) -> QuerySet[Recall]:
        """Narrow to one's stores."""
        return queries.recalls_of(keeper(self.request))

    @extend_schema(request=RecallInput, responses={201: RecallOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Call goods back. `Idempotency-Key` is honoured."""
        actor = keeper(request)
        data = RecallInput(data=request.data)
        data.is_valid(raise_exception=True)
        made = recalling.open_recall(
            batch_id=data.validated_data["batch"],
            reason=data.validated_data["reason"],
            actor=actor,
            at=timezone.now(),
        )
        return Response(RecallOutput(queries.recall_for(actor, made.pk)).data, status=201)


class RecallDetail(APIView):
    """One recall."""

    @extend_schema(responses=RecallOutput)
    def get(self, request: Request, pk: int) -> Response:
        return Response(RecallOutput(queries.recall_for(keeper(request), pk)).data)


class RecallRecipients(APIView):
    """Who has the goods, masked. A POST, because every reading is written down."""

    @extend_schema(request=None, responses=RecipientsOutput)
    def post(self, request: Request, pk: int) -> Response:
        rows: Any = recalling.read_recipients(recall_id=pk, actor=keeper(request), at=timezone.now())
        return Response({"results": RecipientOutput(rows, many=True).data})


class RecallWriteOff(APIView):
    """Write off what is left in the stores one keeps. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=WrittenOffOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        gone = recalling.write_off_rest(recall_id=pk, actor=keeper(request), at=timezone.now())
        return Response({"quantity": gone})


class RecallLift(APIView):
    """Lift a recall that was a mistake, as a second person. `Idempotency-Key` is honoured."""

    @extend_schema(request=RecallLiftInput, responses=RecallOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        actor = keeper(request)
        data = RecallLiftInput(data=request.data)
        data.is_valid(raise_exception=True)
        recalling.lift_recall(
            recall_id=pk, reason=data.validated_data["reason"], actor=actor, at=timezone.now()
        )
        return Response(RecallOutput(queries.recall_for(actor, pk)).data)
