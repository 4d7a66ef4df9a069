"""`/market/stores/{id}/statements/…`: what came in, what went out, what is left; public."""

from http import HTTPStatus
from typing import Any

from django.http import FileResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from points.market.models import Store
from points.statements.files import XLSX
from points.storebook import statement
from points.storebook.rules import Period, parse
from points.storebook.sheet import as_xlsx


class PeriodOutput(serializers.Serializer[Period]):
    """A week or a month that is over."""

    period = serializers.CharField(source="text", help_text="`2026-09` or `2026-W38`.")
    first_day = serializers.DateField(source="first")
    last_day = serializers.DateField(source="last")


class PeriodsOutput(serializers.Serializer[Any]):
    """The periods of which there is a statement, months before weeks, the latest first."""

    results = PeriodOutput(many=True)


class FiguresOutput(serializers.Serializer[statement.Figures]):
    """Pieces; opening + in - out = closing."""

    opening = serializers.IntegerField()
    donated = serializers.IntegerField()
    purchased = serializers.IntegerField()
    transferred_in = serializers.IntegerField()
    counted_up = serializers.IntegerField()
    returned = serializers.IntegerField()
    issued = serializers.IntegerField()
    transferred_out = serializers.IntegerField()
    written_off = serializers.IntegerField()
    counted_down = serializers.IntegerField()
    closing = serializers.IntegerField()


class ProductRowOutput(serializers.Serializer[statement.ProductRow]):
    """One product."""

    product = serializers.IntegerField(source="product.pk")
    name = serializers.CharField(source="product.name")
    unit = serializers.CharField(source="product.unit")
    figures = FiguresOutput()


class DonorRowOutput(serializers.Serializer[statement.DonorRow]):
    """One donor who agreed to be shown, or all the others."""

    name = serializers.CharField()
    received = serializers.IntegerField()
    issued = serializers.IntegerField()
    written_off = serializers.IntegerField()
    in_stock = serializers.IntegerField()


class StoreStatementOutput(serializers.Serializer[statement.Statement]):
    """A statement. Numbers of people below three are “少于 3”."""

    period = serializers.CharField(source="period.text")
    first_day = serializers.DateField(source="period.first")
    last_day = serializers.DateField(source="period.last")
    store = serializers.IntegerField(source="store.pk")
    store_name = serializers.CharField(source="store.name")
    products = ProductRowOutput(many=True)
    total = FiguresOutput()
    donors = DonorRowOutput(many=True)
    points_redeemed = serializers.IntegerField()
    points_returned = serializers.IntegerField()
    people = serializers.CharField()
    relief_households = serializers.CharField()
    relief_pieces = serializers.CharField()


class _AnyRenderer(JSONRenderer):
    """A refusal is JSON whatever kind of file was asked for."""

    media_type = "*/*"
    format = ""


class StatementList(APIView):
    """The weeks and months of a store that are over."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="market_stores_statements_list", responses=PeriodsOutput)
    def get(self, request: Request, pk: int) -> Response:
        store = get_object_or_404(Store, pk=pk)
        periods: Any = statement.periods_of(store, at=timezone.now())
        return Response({"results": PeriodOutput(periods, many=True).data})


class StatementDetail(APIView):
    """One statement."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=StoreStatementOutput)
    def get(self, request: Request, pk: int, period: str) -> Response:
        return Response(StoreStatementOutput(_found(pk, period)).data)


class StatementXlsx(APIView):
    """One statement as a workbook."""

    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, _AnyRenderer)

    @extend_schema(responses={(HTTPStatus.OK.value, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, period: str) -> HttpResponseBase:
        return xlsx_file(_found(pk, period))


def xlsx_file(found: statement.Statement) -> HttpResponseBase:
    """Return the answer that carries a statement as a workbook; the page sends the same."""
    name = f"jishan-store-{found.store.pk}-{found.period.text}.xlsx"
    return FileResponse(as_xlsx(found), as_attachment=True, filename=name, content_type=XLSX)


def _found(store_id: int, period: str) -> statement.Statement:
    asked = parse(period)
    store = get_object_or_404(Store, pk=store_id)
    return statement.statement_of(store, asked, at=timezone.now())
