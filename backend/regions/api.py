"""`GET /regions/`."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.regions import queries
from backend.regions.models import Region

_SEARCH_LIMIT = 50


class RegionOutput(serializers.ModelSerializer[Region]):
    """A division."""

    class Meta:
        model = Region
        fields = ("code", "name", "level", "parent")


class RegionDetailOutput(RegionOutput):
    """A division with the way down to it."""

    path = serializers.SerializerMethodField()

    class Meta:
        model = Region
        fields = ("code", "name", "level", "parent", "path")

    def get_path(self, region: Region) -> list[dict[str, str]]:
        """The divisions from the province down."""
        return [{"code": step.code, "name": step.name} for step in queries.path_of(region.code)]


class RegionList(APIView):
    """Divisions below `parent` (the provinces without it), or those whose name contains `search`."""

    permission_classes = (AllowAny,)

    @extend_schema(
        parameters=[OpenApiParameter("parent", str), OpenApiParameter("search", str)],
        responses=RegionOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """List children or search results; not paginated, at most a few hundred rows."""
        text = request.query_params.get("search", "")
        regions: Any
        if text:
            regions = queries.search(text)[:_SEARCH_LIMIT]
        else:
            regions = queries.children_of(request.query_params.get("parent"))
        return Response(RegionOutput(regions, many=True).data)


class RegionDetail(APIView):
    """One division."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=RegionDetailOutput)
    def get(self, request: Request, code: str) -> Response:
        """Show the division and its path."""
        region = get_object_or_404(Region, code=code)
        return Response(RegionDetailOutput(region).data)
