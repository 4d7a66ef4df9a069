"""`/market/…`: stores, shelves, and redemptions of points for goods."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localtime
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from backend.core.masking import mask_name
from points.market import counter, queries, services
from points.market.choices import Channel, LimitPeriod, ProductCategory, ProductKind, RedemptionStatus
from points.market.fields import Key, Quantity, WholeNumber
from points.market.models import Product, Store
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import MOST_LINES, StockWord, read_code
from points.market.shelf import NearExpiry
from points.market.slot_models import ServiceSlot
from venues.sites.params import KeyParam, RegionParam
from volunteers.people.errors import NotRegistered
from volunteers.people.queries import volunteer_of

_LARGEST_SUM = 2**31 - 1  # what a redemption's column can hold


class StoreFilters(serializers.Serializer[Any]):
    """What the list of stores may be narrowed by."""

    region = RegionParam(required=False, help_text="Division code; its whole subtree.")


class StoreOutput(serializers.Serializer[Store]):
    """A charity supermarket as anybody may see it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    region = serializers.CharField(source="region_id")
    region_name = serializers.CharField(source="region.name")
    organization_name = serializers.CharField(source="organization.name")
    address = serializers.CharField()
    phone = serializers.CharField()
    opening = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    )


@extend_schema_view(get=extend_schema(parameters=[StoreFilters]))
class StoreList(ListAPIView[Store]):
    """Open stores, newest first."""

    permission_classes = (AllowAny,)
    serializer_class = StoreOutput
    queryset = Store.objects.none()

    def get_queryset(self) -> QuerySet[Store]:
        """Narrow by region."""
        asked = _read(StoreFilters, self.request)
        stores = queries.open_stores(region_prefix=asked.get("region", ""))
        return stores.select_related("region", "organization")


class ProductFilters(serializers.Serializer[Any]):
    """What the shelf may be narrowed by."""

    store = KeyParam(required=False)


class SlotOutput(serializers.Serializer[ServiceSlot]):
    """A time at which a service is given."""

    id = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    left = serializers.IntegerField(help_text="Places that are still free.")


class NearExpiryOutput(serializers.Serializer[NearExpiry]):
    """The first `quantity` pieces cost `points`, because they expire soon; the rest cost the full price."""

    points = serializers.IntegerField()
    percent = serializers.IntegerField()
    quantity = serializers.IntegerField()
    days_left = serializers.IntegerField()
    sentence = serializers.CharField()


class ShelfItemOutput(serializers.Serializer[queries.ShelfItem]):
    """A product as the caller sees it. What is left and the reasons are told to volunteers only.

    `household_left` also needs a household; `reasons` say why this volunteer cannot choose it.
    """

    id = serializers.IntegerField(source="product.pk")
    store = serializers.IntegerField(source="product.store_id")
    kind = serializers.ChoiceField(source="product.kind", choices=ProductKind.choices)
    name = serializers.CharField(source="product.name")
    unit = serializers.CharField(source="product.unit")
    category = serializers.ChoiceField(source="product.category", choices=ProductCategory.choices)
    category_label = serializers.CharField(source="product.get_category_display")
    points = serializers.IntegerField(source="product.points")
    picture = serializers.CharField(source="product.picture")
    stock = serializers.ChoiceField(choices=StockWord.choices)
    stock_label = serializers.CharField(source="stock.label")
    person_limit = serializers.IntegerField(source="product.person_limit", allow_null=True)
    household_limit = serializers.IntegerField(source="product.household_limit", allow_null=True)
    limit_period = serializers.ChoiceField(source="product.limit_period", choices=LimitPeriod.choices)
    person_left = serializers.IntegerField(allow_null=True)
    household_left = serializers.IntegerField(allow_null=True)
    limit_sentence = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    discount = NearExpiryOutput(allow_null=True)
    slots = SlotOutput(many=True)


class ProductList(ListAPIView[Any]):
    """What is on the shelf of a store, or of all, newest first."""

    permission_classes = (AllowAny,)
    serializer_class = ShelfItemOutput
    queryset = Product.objects.none()

    @extend_schema(parameters=[ProductFilters], responses=ShelfItemOutput(many=True))
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        asked = _read(ProductFilters, request)
        now = timezone.now()
        products = self.paginate_queryset(queries.products_on_shelf(at=now, store_id=asked.get("store")))
        items: Any = queries.as_shelf(products or [], volunteer=volunteer_of(request.user), at=now)
        return self.get_paginated_response(ShelfItemOutput(items, many=True).data)


class LineInput(serializers.Serializer[Any]):
    """So many of one product; of a service, in one of its slots."""

    product = Key()
    quantity = Quantity()
    slot = Key(required=False)


class RedemptionInput(serializers.Serializer[Any]):
    """A basket of one store; a clerk's also names the volunteer, by their pass or card."""

    volunteer = serializers.CharField(max_length=400, required=False)
    store = Key()
    lines = serializers.ListField(child=LineInput(), min_length=1, max_length=MOST_LINES)
    expected_points = WholeNumber(
        required=False,
        min_value=0,
        max_value=_LARGEST_SUM,
        help_text="The sum the volunteer has seen; a higher one is refused.",
    )


class RedemptionFilters(serializers.Serializer[Any]):
    """What the list may be narrowed by; `code` finds the one the clerk has in front of them."""

    code = serializers.CharField(required=False, max_length=20)
    status = serializers.ChoiceField(choices=RedemptionStatus.choices, required=False)
    store = KeyParam(required=False)


class RedemptionLineOutput(serializers.Serializer[RedemptionLine]):
    """One product of a redemption."""

    product = serializers.IntegerField(source="product_id")
    name = serializers.CharField(source="product.name")
    unit = serializers.CharField(source="product.unit")
    quantity = serializers.IntegerField()
    unit_points = serializers.IntegerField()
    slot = serializers.IntegerField(source="slot_id", allow_null=True)


class RedemptionOutput(serializers.Serializer[Redemption]):
    """A redemption. The pick-up code is told to its owner only: a clerk has to see it in their hands."""

    id = serializers.IntegerField()
    store = serializers.IntegerField(source="store_id")
    store_name = serializers.CharField(source="store.name")
    volunteer_name = serializers.CharField(help_text="Masked.")
    status = serializers.ChoiceField(choices=RedemptionStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    code = serializers.CharField(allow_null=True)
    points = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    reserved_until = serializers.DateTimeField()
    collected_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    lines = RedemptionLineOutput(many=True)

    def to_representation(self, redemption: Redemption) -> dict[str, Any]:
        """Build the answer by hand: field by field it took a sixth of a redemption's time."""
        user_id = self.context.get("user_id")
        own = redemption.volunteer is not None and redemption.volunteer.user_id == user_id
        # At the counter the volunteer stands there and agrees; the code proves nothing more to the clerk.
        started = redemption.channel == Channel.COUNTER and redemption.started_by_id == user_id
        lines = self.context.get("lines") or [queries.shown_line(line) for line in redemption.lines.all()]
        return {
            "id": redemption.pk,
            "store": redemption.store_id,
            "store_name": lines[0].store_name,
            "volunteer_name": mask_name(redemption.recipient_name),
            "status": redemption.status,
            "status_label": redemption.get_status_display(),
            "code": redemption.code if own or started else None,
            # What a family in need gets for nothing looks like any other's.
            "points": redemption.points or sum(line.price * line.quantity for line in lines),
            "created_at": _time(redemption.created_at),
            "reserved_until": _time(redemption.reserved_until),
            "collected_at": _time(redemption.collected_at),
            "settled_at": _time(redemption.settled_at),
            "channel": redemption.channel,
            "confirmed_at": _time(redemption.confirmed_at),
            "lines": [
                {
                    "product": line.product_id,
                    "name": line.name,
                    "unit": line.unit,
                    "quantity": line.quantity,
                    "unit_points": line.unit_points or line.price,
                    "slot": line.slot_id,
                }
                for line in lines
            ],
        }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else localtime(moment).isoformat()


class RedemptionList(ListAPIView[Redemption]):
    """One's own redemptions and those of the stores one works for, newest first."""

    serializer_class = RedemptionOutput
    queryset = Redemption.objects.none()

    def get_queryset(self) -> QuerySet[Redemption]:
        """Narrow by code, status and store."""
        asked = _read(RedemptionFilters, self.request)
        found = queries.redemptions_visible_to(actor_for(self.request.user))
        if "code" in asked:
            found = found.filter(code=read_code(asked["code"]))
        if "status" in asked:
            found = found.filter(status=asked["status"])
        if "store" in asked:
            found = found.filter(store_id=asked["store"])
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        """Say who reads."""
        return {**super().get_serializer_context(), "user_id": self.request.user.pk}

    @extend_schema(parameters=[RedemptionFilters])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=RedemptionInput, responses={201: RedemptionOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Reserve goods against held points. `Idempotency-Key` is honoured."""
        data = RedemptionInput(data=request.data)
        data.is_valid(raise_exception=True)
        given, now = data.validated_data, timezone.now()
        lines = [
            services.LineInput(line["product"], line["quantity"], line.get("slot")) for line in given["lines"]
        ]
        if "volunteer" in given:
            redemption = counter.open_basket(
                volunteer=given["volunteer"],
                store_id=given["store"],
                lines=lines,
                actor=actor_for(request.user),
                at=now,
            )
            return shown(redemption, request, status=201)
        volunteer = volunteer_of(request.user)
        if volunteer is None:
            raise NotRegistered
        redemption = services.reserve(
            volunteer=volunteer,
            store_id=given["store"],
            lines=lines,
            expected_points=given.get("expected_points"),
            at=now,
        )
        return shown(redemption, request, status=201)


class RedemptionDetail(APIView):
    """One redemption."""

    @extend_schema(responses=RedemptionOutput)
    def get(self, request: Request, pk: int) -> Response:
        found = queries.redemptions_visible_to(actor_for(request.user)).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return Response(RedemptionOutput(found, context={"user_id": request.user.pk}).data)


class CollectInput(serializers.Serializer[Any]):
    """The code on the volunteer's screen; any case, with or without hyphens."""

    code = serializers.CharField(max_length=20)


class RedemptionCollect(APIView):
    """Hand the goods over: the clerk of that store, once. `Idempotency-Key` is honoured."""

    @extend_schema(request=CollectInput, responses=RedemptionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        data = CollectInput(data=request.data)
        data.is_valid(raise_exception=True)
        redemption = services.collect(
            redemption_id=pk,
            code=data.validated_data["code"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return shown(redemption, request)


class RedemptionCancel(APIView):
    """Give points and goods back: the owner or the store. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=RedemptionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        redemption = services.cancel(redemption_id=pk, actor=actor_for(request.user), at=timezone.now())
        return shown(redemption, request)


def shown(redemption: Redemption, request: Request, *, status: int = 200) -> Response:
    """Show a redemption a service has just written."""
    context = {"user_id": request.user.pk, "lines": queries.lines_of(redemption)}
    return Response(RedemptionOutput(redemption, context=context).data, status=status)


def _read(filters: type[serializers.Serializer[Any]], request: Request) -> Mapping[str, Any]:
    """Return the query parameters, read strictly."""
    asked = filters(data=request.query_params)
    asked.is_valid(raise_exception=True)
    validated: Mapping[str, Any] = asked.validated_data
    return validated
