"""A volunteer's own codes: the rotating one for their phone, and the card in print."""

from datetime import timedelta
from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from backend.core.codes import WINDOW_SECONDS
from backend.core.idempotency import idempotent
from volunteers.people import passes
from volunteers.people.errors import NotRegistered
from volunteers.people.queries import volunteer_of

AHEAD = timedelta(minutes=10)  # a phone without network shows valid codes for so long


class PassOutput(serializers.Serializer[passes.Pass]):
    """One code and the time it counts."""

    token = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class PassesOutput(serializers.Serializer[Any]):
    """The codes of the next ten minutes, and our clock, so that a phone with a wrong one is right."""

    now = serializers.DateTimeField()
    codes = PassOutput(many=True)


class CardOutput(serializers.Serializer[Any]):
    """What is printed on the card."""

    token = serializers.CharField()
    version = serializers.IntegerField()
    issued_at = serializers.DateTimeField()


class MyPass(APIView):
    """My own rotating code, for staff to scan."""

    @extend_schema(responses=PassesOutput)
    def get(self, request: Request) -> Response:
        volunteer = volunteer_of(cast("User", request.user))
        if volunteer is None:
            raise NotRegistered
        at = timezone.now()
        count = AHEAD // timedelta(seconds=WINDOW_SECONDS)
        codes = passes.passes(volunteer, at=at, count=count)
        return Response(PassesOutput({"now": at, "codes": codes}).data)


class VolunteerCardView(APIView):
    """A volunteer's printed card: issue a new one, or revoke the one that counts."""

    @extend_schema(request=None, responses={201: CardOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        card = passes.issue_card(volunteer_id=pk, actor=actor_for(request.user), at=timezone.now())
        body = {"token": passes.card_token(card), "version": card.version, "issued_at": card.issued_at}
        return Response(CardOutput(body).data, status=HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        passes.revoke_card(volunteer_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(status=204)
