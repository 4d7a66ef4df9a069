"""`/relief/shares/` and `/relief/totals/`: what is kept for those in need, what everybody may know."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden
from backend.core.small_cells import FEWEST
from points.market.fields import WholeNumber
from points.market.models import Product
from points.relief import queries, services
from points.relief.rules import MOST_KEPT, months_told
from venues.sites.params import KeyParam


class ShareOutput(serializers.Serializer[Product]):
    """How many of a product are left for households in need."""

    product = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    store = serializers.IntegerField(source="store_id")
    quantity = serializers.IntegerField(source="relief_reserved")


class ShareFilters(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    store = KeyParam(required=False)


class ShareList(ListAPIView[Product]):
    """The goods of the stores one keeps, newest first, with what is left of each for relief."""

    serializer_class = ShareOutput
    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Product]:
        """Those one may set."""
        actor = actor_for(self.request.user)
        if not actor.has(*services.SHARE_SETTERS):
            raise Forbidden
        asked = ShareFilters(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        found = queries.shares(actor)
        if "store" in asked.validated_data:
            found = found.filter(store_id=asked.validated_data["store"])
        return found

    @extend_schema(parameters=[ShareFilters])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)


class ShareInput(serializers.Serializer[Any]):
    """So many are always left."""

    quantity = WholeNumber(min_value=0, max_value=MOST_KEPT)


class Share(APIView):
    """How many of a product are always left for households in need."""

    @extend_schema(request=ShareInput, responses=ShareOutput)
    def put(self, request: Request, pk: int) -> Response:
        """Set it."""
        data = ShareInput(data=request.data)
        data.is_valid(raise_exception=True)
        product = services.set_share(
            product_id=pk,
            quantity=data.validated_data["quantity"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(ShareOutput(product).data)


class TotalOutput(serializers.Serializer[queries.Total]):
    """One county; null stands for fewer than three families."""

    region = serializers.CharField()
    region_name = serializers.CharField()
    households = serializers.IntegerField(allow_null=True)
    handovers = serializers.IntegerField(allow_null=True)
    items = serializers.IntegerField(allow_null=True)


class TotalsOutput(serializers.Serializer[Any]):
    """The last twelve whole months, per county."""

    since = serializers.DateField()
    until = serializers.DateField()
    fewest = serializers.IntegerField(help_text="Fewer families than this are not told.")
    counties = TotalOutput(many=True)


class Totals(APIView):
    """All that is public about help without points."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=TotalsOutput)
    def get(self, request: Request) -> Response:
        """Tell it."""
        at = timezone.now()
        since, until = months_told(at)
        told = {
            "since": since,
            "until": until,
            "fewest": FEWEST,
            "counties": queries.totals(at=at),
        }
        return Response(TotalsOutput(told).data)
