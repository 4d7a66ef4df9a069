"""`/points/gifts/`: what one gave away, and giving."""

import uuid

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from points.gifts import queries, services
from points.gifts.choices import Recipient
from points.gifts.models import Gift
from volunteers.people.models import Volunteer
from volunteers.people.queries import volunteer_of


class GiftOutput(serializers.ModelSerializer[Gift]):
    """Points given for good."""

    class Meta:
        model = Gift
        fields = ("id", "to", "points", "at")


class GiftInput(serializers.Serializer[Gift]):
    """Whole points for the charity pool or for the declared relative."""

    to = serializers.ChoiceField(choices=Recipient.choices)
    points = serializers.IntegerField(min_value=1, max_value=services.MOST_AT_ONCE)


class GiftList(GenericAPIView[Gift]):
    """One's own gifts."""

    serializer_class = GiftOutput
    filter_backends = ()
    queryset = Gift.objects.none()

    def get_queryset(self) -> QuerySet[Gift]:
        return queries.gifts_of(self._giver())

    @extend_schema(responses=GiftOutput(many=True))
    def get(self, request: Request) -> Response:
        """List what was given, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(GiftOutput(page, many=True).data)

    @extend_schema(request=GiftInput, responses={201: GiftOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Give points; it cannot be taken back."""
        giver = self._giver()
        data = GiftInput(data=request.data)
        data.is_valid(raise_exception=True)
        gift = services.give(
            volunteer=giver,
            to=data.validated_data["to"],
            points=data.validated_data["points"],
            token=f"api:{uuid.uuid4()}",  # Idempotency-Key keeps requests apart; forms bring their own
            at=timezone.now(),
        )
        return Response(GiftOutput(gift).data, status=status.HTTP_201_CREATED)

    def _giver(self) -> Volunteer:
        giver = volunteer_of(self.request.user)
        if giver is None:
            raise NotFound
        return giver
