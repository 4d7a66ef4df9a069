"""`/market/transfers/…`: goods between the stores of one organisation."""

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
from points.market.fields import Key, WholeNumber
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import queries, transferring
from points.stockroom.api import StockReasonInput, keeper, reason_of
from points.stockroom.rules import MOST_LINES
from points.stockroom.states import TransferStatus
from points.stockroom.transfer_models import StockTransfer, StockTransferLine


class SentLineInput(serializers.Serializer[Any]):
    """So many of one batch."""

    batch = Key()
    quantity = WholeNumber(min_value=1, max_value=MOST_OF_A_BATCH)


class TransferInput(serializers.Serializer[Any]):
    """What goes where."""

    from_store = Key()
    to_store = Key()
    note = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
    lines = serializers.ListField(child=SentLineInput(), min_length=1, max_length=MOST_LINES)


class CountedLineInput(serializers.Serializer[Any]):
    """How many of a line have arrived; `product` when the barcode does not find the receiving store's."""

    line = Key()
    received = WholeNumber(min_value=0, max_value=MOST_OF_A_BATCH)
    product = Key(required=False)


class TransferReceiveInput(serializers.Serializer[Any]):
    """Every line of the transfer, counted."""

    lines = serializers.ListField(child=CountedLineInput(), min_length=1, max_length=MOST_LINES)


class TransferLineOutput(serializers.Serializer[StockTransferLine]):
    """A line of a transfer."""

    id = serializers.IntegerField()
    batch = serializers.IntegerField(source="batch_id")
    name = serializers.CharField(source="batch.product.name")
    unit = serializers.CharField(source="batch.product.unit")
    expires_on = serializers.DateField(source="batch.expires_on", allow_null=True)
    quantity = serializers.IntegerField()
    received = serializers.IntegerField(allow_null=True)


class TransferOutput(serializers.Serializer[StockTransfer]):
    """A transfer."""

    id = serializers.IntegerField()
    from_store = serializers.IntegerField(source="from_store_id")
    from_store_name = serializers.CharField(source="from_store.name")
    to_store = serializers.IntegerField(source="to_store_id")
    to_store_name = serializers.CharField(source="to_store.name")
    status = serializers.ChoiceField(choices=TransferStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    note = serializers.CharField()
    sent_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)
    loss_reason = serializers.CharField()
    lines = TransferLineOutput(many=True)


class TransferList(ListAPIView[StockTransfer]):
    """Transfers from or to the stores one keeps, newest first."""

    serializer_class = TransferOutput
    queryset = StockTransfer.objects.none()

    def get_queryset(self) -> QuerySet[StockTransfer]:
        """Narrow to one's stores."""
        return queries.transfers_of(keeper(self.request))

    @extend_schema(request=TransferInput, responses={201: TransferOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Send goods. `Idempotency-Key` is honoured."""
        actor = keeper(request)
        data = TransferInput(data=request.data)
        data.is_valid(raise_exception=True)
        asked = data.validated_data
        made = transferring.send(
            from_store=queries.store_for(actor, asked["from_store"]),
            to_store_id=asked["to_store"],
            lines=[transferring.SentGoods(line["batch"], line["quantity"]) for line in asked["lines"]],
            note=asked["note"],
            actor=actor,
            at=timezone.now(),
        )
        return _shown(made, actor, status=201)


class TransferDetail(APIView):
    """One transfer."""

    @extend_schema(responses=TransferOutput)
    def get(self, request: Request, pk: int) -> Response:
        return Response(TransferOutput(queries.transfer_for(keeper(request), pk)).data)


class TransferReceive(APIView):
    """Count what arrived and put it on the shelf. `Idempotency-Key` is honoured."""

    @extend_schema(request=TransferReceiveInput, responses=TransferOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        actor = keeper(request)
        data = TransferReceiveInput(data=request.data)
        data.is_valid(raise_exception=True)
        counted = {
            line["line"]: transferring.CountedGoods(line["received"], line.get("product"))
            for line in data.validated_data["lines"]
        }
        done = transferring.receive(transfer_id=pk, counted=counted, actor=actor, at=timezone.now())
        return _shown(done, actor)


class TransferLoss(APIView):
    """Write off what did not arrive: somebody who did not receive it. `Idempotency-Key` is honoured."""

    @extend_schema(request=StockReasonInput, responses=TransferOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        actor = keeper(request)
        done = transferring.write_off_loss(
            transfer_id=pk, reason=reason_of(request), actor=actor, at=timezone.now()
        )
        return _shown(done, actor)


class TransferCancel(APIView):
    """Take goods on their way back. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=TransferOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        actor = keeper(request)
        return _shown(transferring.take_back(transfer_id=pk, actor=actor, at=timezone.now()), actor)


def _shown(transfer: StockTransfer, actor: Any, *, status: int = 200) -> Response:
    return Response(TransferOutput(queries.transfer_for(actor, transfer.pk)).data, status=status)
