"""`/giving/donations/{number}/trace/`: what became of a donation, for whoever has its number."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from points.giving.choices import DonationKind
from points.giving.tracing import Fate, Span, Trace, TraceLine, trace

_FEW = "Null stands for one or two."


class FateOutput(serializers.Serializer[Fate]):
    """received = in_stock + handed_out + written_off + counted_off + in_transit; in pieces, other stores too.

    in_stock = on_shelf + set_aside; written_off = expired + damaged + recalled + other_loss. What was
    returned is in stock or elsewhere again; what moved to another store is counted where it is.
    """

    received = serializers.IntegerField()
    in_stock = serializers.IntegerField()
    on_shelf = serializers.IntegerField()
    set_aside = serializers.IntegerField()
    handed_out = serializers.IntegerField(help_text="Less what was returned.")
    written_off = serializers.IntegerField()
    expired = serializers.IntegerField()
    damaged = serializers.IntegerField()
    recalled = serializers.IntegerField()
    other_loss = serializers.IntegerField()
    counted_off = serializers.IntegerField(help_text="What stock counts missed, less what they found.")
    in_transit = serializers.IntegerField()
    returned = serializers.IntegerField()
    moved = serializers.IntegerField()


class TraceLineOutput(serializers.Serializer[TraceLine]):
    """One kind of goods."""

    product = serializers.CharField()
    unit = serializers.CharField()
    fate = FateOutput()


class SpanOutput(serializers.Serializer[Span]):
    """A week (from Monday) or a month in which goods were handed out."""

    begins = serializers.DateField()
    monthly = serializers.BooleanField()
    quantity = serializers.IntegerField(
        allow_null=True, help_text="Null where fewer than three people came, or where it would tell theirs."
    )


class TraceOutput(serializers.Serializer[Trace]):
    """Where a donation is now. It names neither donor nor recipients; the donor sees the same."""

    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=DonationKind.choices)
    organization = serializers.CharField()
    store = serializers.CharField(allow_null=True)
    received_on = serializers.DateField()
    purpose = serializers.CharField()
    amount_fen = serializers.IntegerField(allow_null=True, help_text="Only if the donor shows amounts.")
    sentence = serializers.CharField()
    volunteers = serializers.IntegerField(allow_null=True, help_text=_FEW)
    families = serializers.IntegerField(allow_null=True, help_text=_FEW)
    total = FateOutput()
    lines = TraceLineOutput(many=True)
    stores = serializers.ListField(child=serializers.CharField(), help_text="Other stores it was moved to.")
    spans = SpanOutput(many=True)


class DonationTrace(APIView):
    """What became of a donation; public to whoever has its number."""

    permission_classes = (AllowAny,)
    authentication_classes: tuple[Any, ...] = ()

    @extend_schema(responses=TraceOutput)
    def get(self, request: Request, number: str) -> Response:
        return Response(TraceOutput(trace(number)).data)
