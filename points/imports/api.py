"""`/imports/`: goods and donors from a spreadsheet."""

from typing import Any

from django.core.files import File
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from backend.regions.models import Region
from points.imports import queries, services
from points.imports.models import ImportJob
from points.imports.reading import read_upload
from points.imports.states import ImportKind, ImportState
from points.market.models import Store
from venues.sites.params import KeyParam, RegionParam


class ImportInput(serializers.Serializer[Any]):
    """A file of goods for a store, or of donors of a community."""

    kind = serializers.ChoiceField(choices=ImportKind.choices)
    file = serializers.FileField(help_text="CSV (UTF-8 or GB 18030) or XLSX.")
    store = KeyParam(required=False)
    region = RegionParam(required=False, help_text="Division code of the community, 12 digits.")


class FaultOutput(serializers.Serializer[Any]):
    """What is wrong, and where; the heading is row 1."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    message = serializers.CharField()


class ImportOutput(serializers.Serializer[ImportJob]):
    """How far an import is, what it will make, and what is wrong with it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ImportKind.choices)
    state = serializers.ChoiceField(choices=ImportState.choices)
    store = serializers.IntegerField(source="store_id", allow_null=True)
    region = serializers.CharField(source="region_id")
    file_name = serializers.CharField()
    percent = serializers.SerializerMethodField()
    rows = serializers.IntegerField()
    made = serializers.IntegerField(help_text="Rows that make something new.")
    known = serializers.IntegerField(help_text="Rows of what is there; their deliveries are taken in.")
    faulty = serializers.IntegerField()
    faults = FaultOutput(many=True)
    preview = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    failure = serializers.CharField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_percent(self, job: ImportJob) -> int:
        """Return how far a worker is with it."""
        return queries.percent(job)


class ImportList(ListAPIView[ImportJob]):
    """One's own imports, newest first; a new one."""

    serializer_class = ImportOutput
    parser_classes = (MultiPartParser,)
    queryset = ImportJob.objects.none()

    def get_queryset(self) -> QuerySet[ImportJob]:
        """Nobody sees another's."""
        return queries.imports_of(actor_for(self.request.user))

    @extend_schema(request=ImportInput, responses={201: ImportOutput})
    def post(self, request: Request) -> Response:
        """Upload a file to be checked. The same file twice is refused while the first is open."""
        asked = ImportInput(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        uploaded: File[bytes] = data["file"]
        job = services.upload(
            kind=data["kind"],
            content=read_upload(uploaded),
            file_name=uploaded.name or "",
            store=_store(data.get("store")),
            region=_region(data.get("region")),
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(ImportOutput(job).data, status=201)


class ImportDetail(APIView):
    """One import."""

    @extend_schema(responses=ImportOutput)
    def get(self, request: Request, pk: int) -> Response:
        job = queries.imports_of(actor_for(request.user)).filter(pk=pk).first()
        if job is None:
            raise NotFound
        return Response(ImportOutput(job).data)


class ImportRun(APIView):
    """Take a checked file in, whole. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=ImportOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        job = services.run(job_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(ImportOutput(job).data)


class ImportCancel(APIView):
    """Let an import be. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=ImportOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        job = services.cancel(job_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(ImportOutput(job).data)


def _store(key: int | None) -> Store | None:
    if key is None:
        return None
    store = Store.objects.select_related("region").filter(pk=key).first()
    if store is None:
        raise NotFound(field="store")
    return store


def _region(code: str | None) -> Region | None:
    if code is None:
        return None
    region = Region.objects.filter(code=code).first()
    if region is None:
        raise NotFound(field="region")
    return region
