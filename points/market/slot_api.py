"""`/market/slots/…`: the store opens and changes the times of its services; the shelf shows them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from points.market import services
from points.market.fields import Key, WholeNumber
from points.market.models import Product
from points.market.rules import MOST_PLACES
from points.market.slot_models import ServiceSlot


class SlotInput(serializers.Serializer[Any]):
    """So many places of a service, from when to when."""

    product = Key()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    capacity = WholeNumber(min_value=1, max_value=MOST_PLACES)


class SlotChange(serializers.Serializer[Any]):
    """Other places, or whether it takes bookings."""

    capacity = WholeNumber(min_value=1, max_value=MOST_PLACES, required=False)
    closed = serializers.BooleanField(required=False)


class KeptSlotOutput(serializers.Serializer[ServiceSlot]):
    """A slot as its store sees it."""

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    capacity = serializers.IntegerField()
    taken = serializers.IntegerField()
    closed_at = serializers.DateTimeField(allow_null=True)


class SlotList(APIView):
    """Open a time at which a service is given: who keeps the store. `Idempotency-Key` is honoured."""

    @extend_schema(request=SlotInput, responses={201: KeptSlotOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        data = SlotInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        product = Product.objects.select_related("store").filter(pk=given.pop("product")).first()
        if product is None:
            raise NotFound(field="product")
        slot = services.open_slot(product=product, actor=actor_for(request.user), at=timezone.now(), **given)
        return Response(KeptSlotOutput(slot).data, status=201)


class SlotDetail(APIView):
    """Change the places of a slot, or stop and resume booking. Who has a place keeps it."""

    @extend_schema(request=SlotChange, responses=KeptSlotOutput)
    @idempotent
    def patch(self, request: Request, pk: int) -> Response:
        data = SlotChange(data=request.data)
        data.is_valid(raise_exception=True)
        slot = services.change_slot(
            slot_id=pk, actor=actor_for(request.user), at=timezone.now(), **data.validated_data
        )
        return Response(KeptSlotOutput(slot).data)
