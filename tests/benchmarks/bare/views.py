"""A view that authenticates, selects one row and inserts two in one transaction."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.benchmarks.bare.models import BareScan, BareVisit
from venues.sites.models import Site


class BareInput(serializers.Serializer[Any]):
    site = serializers.IntegerField()
    nonce = serializers.CharField(max_length=64)


class BareCheckIn(APIView):
    """Believes everything it is told."""

    def post(self, request: Request) -> Response:
        data = BareInput(data=request.data)
        data.is_valid(raise_exception=True)
        at = timezone.now()
        with transaction.atomic():
            site = Site.objects.get(pk=data.validated_data["site"])
            visit = BareVisit.objects.create(
                user_id=request.user.pk, site_id=site.pk, status="open", begun_at=at
            )
            BareScan.objects.create(
                visit=visit,
                user_id=request.user.pk,
                nonce=data.validated_data["nonce"],
                received_at=at,
                answer="accepted",
            )
        return Response({"result": "accepted", "visit": visit.pk}, status=201)
