"""`/boards/…`: public, no login, no throttle. On a hit one Redis round trip and the bytes go out."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from points.boards import queries

_PARAMETERS = [
    OpenApiParameter(
        "region", str, description="Division code of 12 digits; its whole subtree. Default: everywhere."
    ),
    OpenApiParameter("period", str, description="`all` (default), `2026` or `2026-11`."),
]


class DonorTotals(serializers.Serializer[Any]):
    """Everything that was given, by whomever."""

    donors = serializers.IntegerField()
    donations = serializers.IntegerField()
    money_fen = serializers.IntegerField()
    goods_valuation_fen = serializers.IntegerField()
    goods_items = serializers.IntegerField()


class DonorEntry(serializers.Serializer[Any]):
    """A donor who agreed to be listed; rank and amounts only if they agreed to those."""

    rank = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    picture = serializers.CharField(
        allow_null=True, help_text="Key of the picture at /donors/pictures/{key}/, if they agreed to that."
    )
    kind = serializers.CharField()
    kind_label = serializers.CharField()
    money_fen = serializers.IntegerField(allow_null=True)
    goods_valuation_fen = serializers.IntegerField(allow_null=True)
    goods_items = serializers.IntegerField(allow_null=True)
    donations = serializers.IntegerField()
    last_on = serializers.DateField()


class HonorTotals(serializers.Serializer[Any]):
    """How many are listed."""

    honors = serializers.IntegerField()


class HonorEntry(serializers.Serializer[Any]):
    """A good neighbour."""

    name = serializers.CharField()
    category = serializers.CharField()
    category_label = serializers.CharField()
    title = serializers.CharField()
    story = serializers.CharField()
    region_name = serializers.CharField()
    term_start = serializers.DateField()
    term_end = serializers.DateField()


class HoursTotals(serializers.Serializer[Any]):
    """All approved minutes, and everybody who gave them."""

    volunteers = serializers.IntegerField()
    minutes = serializers.IntegerField()


class HoursEntry(serializers.Serializer[Any]):
    """A volunteer who agreed to be listed."""

    rank = serializers.IntegerField()
    name = serializers.CharField()
    minutes = serializers.IntegerField()


class _BoardOutput(serializers.Serializer[Any]):
    board = serializers.CharField()
    region = serializers.CharField()
    region_label = serializers.CharField()
    period = serializers.CharField()
    generated_at = serializers.DateTimeField()


class DonorBoardOutput(_BoardOutput):
    """慈善捐赠榜."""

    totals = DonorTotals()
    entries = DonorEntry(many=True)


class HonorBoardOutput(_BoardOutput):
    """社区好人榜."""

    totals = HonorTotals()
    entries = HonorEntry(many=True)


class HoursBoardOutput(_BoardOutput):
    """服务时长榜."""

    totals = HoursTotals()
    entries = HoursEntry(many=True)


class _Board(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    throttle_classes = ()
    board: ClassVar[str]

    def answer(self, request: Request) -> HttpResponse:
        """Send the finished page; a browser has to ask each time, so that a withdrawn name goes."""
        page = queries.page_of(
            board=self.board,
            region=request.query_params.get("region", ""),
            period=request.query_params.get("period", "all"),
            at=timezone.now(),
        )
        headers = {"ETag": page.etag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == page.etag:
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(page.body, content_type="application/json", headers=headers)


class DonorBoard(_Board):
    """Who gave, as far as they agreed to be named; everybody is counted in the totals."""

    board = queries.DONORS

    @extend_schema(parameters=_PARAMETERS, responses=DonorBoardOutput)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request)


class HonorBoard(_Board):
    """The good neighbours of a term."""

    board = queries.HONORS

    @extend_schema(parameters=_PARAMETERS, responses=HonorBoardOutput)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request)


class HoursBoard(_Board):
    """Who served most, as far as they agreed to be named."""

    board = queries.HOURS

    @extend_schema(parameters=_PARAMETERS, responses=HoursBoardOutput)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request)
