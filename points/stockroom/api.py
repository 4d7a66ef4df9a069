"""`/market/stock-counts/…`: blind counts and their approval; the book is not told before a count closes."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden
from backend.core.idempotency import idempotent
from points.market.choices import ProductCategory
from points.market.fields import Key, WholeNumber
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import counting, queries
from points.stockroom.models import CountLine, StockCount
from points.stockroom.states import CountScope, CountStatus


class StockCountInput(serializers.Serializer[Any]):
    """What to count of which store."""

    store = Key()
    scope = serializers.ChoiceField(choices=CountScope.choices)
    category = serializers.ChoiceField(choices=ProductCategory.choices, required=False)
    location = Key(required=False)


class CountLineInput(serializers.Serializer[Any]):
    """What was found; `batch` instead of `expires_on` counts one delivery alone."""

    product = Key()
    counted = WholeNumber(min_value=0, max_value=MOST_OF_A_BATCH)
    expires_on = serializers.DateField(required=False, allow_null=True)
    batch = Key(required=False)


class StockReasonInput(serializers.Serializer[Any]):
    """Why, if there is something to say."""

    reason = serializers.CharField(required=False, max_length=150, default="")


class CountLineOutput(serializers.Serializer[CountLine]):
    """A line; `book` and `difference` are null while the count is open."""

    product = serializers.IntegerField(source="product_id")
    name = serializers.CharField(source="product.name")
    unit = serializers.CharField(source="product.unit")
    expires_on = serializers.DateField(allow_null=True)
    batch = serializers.IntegerField(source="batch_id", allow_null=True)
    counted = serializers.IntegerField()
    book = serializers.IntegerField(allow_null=True)
    difference = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()

    def to_representation(self, line: CountLine) -> dict[str, Any]:
        """Hide what the stock says until the counting is over."""
        shown: dict[str, Any] = super().to_representation(line)
        return shown | {"book": None, "difference": None} if self.context.get("blind") else shown


class CountOutput(serializers.Serializer[StockCount]):
    """A count."""

    id = serializers.IntegerField()
    store = serializers.IntegerField(source="store_id")
    store_name = serializers.CharField(source="store.name")
    scope = serializers.ChoiceField(choices=CountScope.choices)
    category = serializers.CharField(allow_blank=True)
    location = serializers.IntegerField(source="location_id", allow_null=True)
    status = serializers.ChoiceField(choices=CountStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()


class CountDetailOutput(CountOutput):
    """A count with the lines that stand."""

    lines = CountLineOutput(many=True)


class CountList(ListAPIView[StockCount]):
    """The counts of the stores one keeps, newest first."""

    serializer_class = CountOutput
    queryset = StockCount.objects.none()

    def get_queryset(self) -> QuerySet[StockCount]:
        """Narrow to one's stores."""
        return queries.counts_of(keeper(self.request))

    @extend_schema(request=StockCountInput, responses={201: CountOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin a count. `Idempotency-Key` is honoured."""
        actor = keeper(request)
        data = StockCountInput(data=request.data)
        data.is_valid(raise_exception=True)
        asked = data.validated_data
        made = counting.open_count(
            store=queries.store_for(actor, asked["store"]),
            scope=asked["scope"],
            category=asked.get("category", ""),
            location_id=asked.get("location"),
            actor=actor,
            at=timezone.now(),
        )
        return Response(CountOutput(made).data, status=201)


class CountDetail(APIView):
    """One count."""

    @extend_schema(responses=CountDetailOutput)
    def get(self, request: Request, pk: int) -> Response:
        return _shown(queries.count_for(keeper(request), pk))


class CountLines(APIView):
    """Write down what was found; a later line of the goods replaces it. `Idempotency-Key` is honoured."""

    @extend_schema(request=CountLineInput, responses={201: CountLineOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        actor = keeper(request)
        data = CountLineInput(data=request.data)
        data.is_valid(raise_exception=True)
        asked = data.validated_data
        line = counting.take_down(
            count_id=pk,
            product_id=asked["product"],
            counted=asked["counted"],
            expires_on=asked.get("expires_on"),
            batch_id=asked.get("batch"),
            actor=actor,
            at=timezone.now(),
        )
        return Response(CountLineOutput(line, context={"blind": True}).data, status=201)


class CountClose(APIView):
    """End the counting. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=CountDetailOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return _shown(counting.close_count(count_id=pk, actor=keeper(request), at=timezone.now()))


class CountReopen(APIView):
    """Send a closed count back. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=CountDetailOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return _shown(counting.reopen_count(count_id=pk, actor=keeper(request), at=timezone.now()))


class CountAbandon(APIView):
    """Give a count up. `Idempotency-Key` is honoured."""

    @extend_schema(request=StockReasonInput, responses=CountDetailOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        done = counting.abandon_count(
            count_id=pk, actor=keeper(request), at=timezone.now(), reason=reason_of(request)
        )
        return _shown(done)


class CountApprove(APIView):
    """Agree with the differences: somebody who has not counted. `Idempotency-Key` is honoured."""

    @extend_schema(request=StockReasonInput, responses=CountDetailOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        done = counting.approve_count(
            count_id=pk, actor=keeper(request), at=timezone.now(), reason=reason_of(request)
        )
        return _shown(done)


def keeper(request: Request) -> Any:
    """Return the actor, who has to keep some store.

    :raises Forbidden: no role that ever keeps one.
    """
    actor = actor_for(request.user)
    if not actor.has(*queries.KEEPERS):
        raise Forbidden
    return actor


def reason_of(request: Request) -> str:
    """Return the reason a request gives."""
    data = StockReasonInput(data=request.data)
    data.is_valid(raise_exception=True)
    return str(data.validated_data["reason"])


def _shown(count: StockCount) -> Response:
    lines: Any = queries.standing_lines(count)
    context = {"blind": count.status == CountStatus.OPEN}
    told = CountLineOutput(lines, many=True, context=context).data
    return Response({**CountOutput(count).data, "lines": told})
