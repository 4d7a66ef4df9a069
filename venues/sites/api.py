"""`/sites/…`: where to serve, and the code on the screen."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.errors import Forbidden, NotFound
from venues.sites import hours, pictures, services
from venues.sites.models import HostType, Site, SiteStatus
from venues.sites.params import NearParam, RegionParam
from venues.sites.queries import managed_by, nearest, visible_sites

_KEEPERS = (
    Role.SITE_MANAGER,
    Role.ORGANIZATION_MANAGER,
    Role.COMMUNITY_STAFF,
    Role.PLATFORM_ADMIN,
)


class SiteFilters(serializers.Serializer[Any]):
    """What a list of sites may be narrowed by."""

    region = RegionParam(required=False, help_text="Division code; its whole subtree.")
    near = NearParam(required=False, help_text="lat,lng (WGS-84): one page of at most 50, nearest first.")


class SiteOutput(serializers.Serializer[Site]):
    """A site as anybody may see it; `distance_m` only with `?near=`."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    host_type = serializers.ChoiceField(choices=HostType.choices)
    host_type_label = serializers.CharField(source="get_host_type_display")
    organization = serializers.IntegerField(source="organization_id")
    organization_name = serializers.CharField(source="organization.name")
    region = serializers.CharField(source="region_id")
    region_name = serializers.CharField(source="region.name")
    address = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    radius_m = serializers.IntegerField()
    opening_hours = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    )
    is_open = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=SiteStatus.choices)
    distance_m = serializers.SerializerMethodField()

    def get_is_open(self, site: Site) -> bool:
        """Whether it is open now, by its stated hours."""
        return site.status == SiteStatus.ACTIVE and hours.is_open(site.opening_hours, timezone.now())

    def get_distance_m(self, site: Site) -> int | None:
        """Metres from the place asked for."""
        distance = getattr(site, "distance_m", None)
        return None if distance is None else round(distance)


@extend_schema_view(get=extend_schema(parameters=[SiteFilters], responses=SiteOutput(many=True)))
class SiteList(ListAPIView[Site]):
    """Active sites, newest first; with `?near=` the nearest ones."""

    permission_classes = (AllowAny,)
    serializer_class = SiteOutput

    def get_queryset(self) -> QuerySet[Site]:
        """Narrow by region."""
        sites = visible_sites(actor_for(self.request.user)).select_related("organization", "region")
        region = self.filters.get("region")
        return sites.filter(region__code__startswith=region) if region else sites

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        filters = SiteFilters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        self.filters = filters.validated_data
        if "near" not in self.filters:
            return self.list(request, *args, **kwargs)
        latitude, longitude = self.filters["near"]
        sites = nearest(self.get_queryset(), latitude=latitude, longitude=longitude)
        page = {"next": None, "previous": None, "results": self.get_serializer(sites, many=True).data}
        return Response(page)

    filters: Mapping[str, Any] = {}


class SiteDetail(APIView):
    """One site."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=SiteOutput)
    def get(self, request: Request, pk: int) -> Response:
        sites = visible_sites(actor_for(request.user)).select_related("organization", "region")
        site = sites.filter(pk=pk).first()
        if site is None:
            raise NotFound
        return Response(SiteOutput(site).data)


class QrOutput(serializers.Serializer[services.QrCode]):
    """The code to show, its address, and when the next one follows."""

    token = serializers.CharField()
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class _QrView(GenericAPIView[Site]):
    """What the JSON and the pictures share: only who keeps the site sees its code."""

    queryset = Site.objects.none()
    pagination_class = None

    def code(self, request: Request, pk: int) -> services.QrCode:
        return services.current_qr(site=_kept_site(actor_for(request.user), pk), at=timezone.now())


class SiteQr(_QrView):
    """The site's current code; a new one every 30 seconds."""

    @extend_schema(responses=QrOutput)
    def get(self, request: Request, pk: int) -> Response:
        return Response(QrOutput(self.code(request, pk)).data, headers={"Cache-Control": "no-store"})


class _Picture(BaseRenderer):
    """Sends bytes as they are; a problem stays JSON."""

    charset = None
    render_style = "binary"

    def render(self, data: object, *_: object, **__: object) -> bytes:
        return data if isinstance(data, bytes) else JSONRenderer().render(data)


class PngRenderer(_Picture):
    """PNG."""

    media_type = "image/png"
    format = "png"


class SvgRenderer(_Picture):
    """SVG."""

    media_type = "image/svg+xml"
    format = "svg"


class SiteQrPng(_QrView):
    """The site's current code as a PNG picture."""

    renderer_classes = (PngRenderer,)

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> Response:
        picture = pictures.png(self.code(request, pk).url)
        return Response(picture, headers={"Cache-Control": "no-store"})


class SiteQrSvg(_QrView):
    """The site's current code as an SVG picture."""

    renderer_classes = (SvgRenderer,)

    @extend_schema(responses={(200, "image/svg+xml"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> Response:
        picture = pictures.svg(self.code(request, pk).url)
        return Response(picture, headers={"Cache-Control": "no-store"})


class RotateKeyOutput(serializers.Serializer[Site]):
    """The version of the key that signs from now on."""

    id = serializers.IntegerField()
    key_version = serializers.IntegerField()
    key_rotated_at = serializers.DateTimeField()


class SiteRotateKey(APIView):
    """Replace the site's key; codes of the old one die within two minutes."""

    @extend_schema(request=None, responses=RotateKeyOutput)
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_for(request.user)
        site = services.rotate_key(site=_kept_site(actor, pk), actor=actor, at=timezone.now())
        return Response(RotateKeyOutput(site).data)


def _kept_site(actor: Actor, pk: int) -> Site:
    if not actor.has(*_KEEPERS):
        raise Forbidden
    site = managed_by(actor).filter(pk=pk).first()
    if site is None:
        raise NotFound
    return site
