"""`/points/entries/…`: why one line is what it is, and the statement as a file."""

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.core.errors import NotFound
from points.ledger.api import CHOSEN, WHOSE, EntryOutput, chosen_by, whose
from points.ledger.queries import Chosen
from points.statements import queries
from points.statements.files import XLSX, csv_file, xlsx_file
from volunteers.people.models import Volunteer


class _AnyRenderer(JSONRenderer):
    """A refusal is JSON whatever kind of file was asked for."""

    media_type = "*/*"
    format = ""


class StepOutput(serializers.Serializer[queries.Step]):
    """One line of the reckoning, in the caller's language."""

    points = serializers.IntegerField()
    text = serializers.SerializerMethodField()

    def get_text(self, step: queries.Step) -> str:
        """What was counted."""
        return step.en if (get_language() or "").startswith("en") else step.zh


class PortionOutput(serializers.Serializer[queries.Portion]):
    """Points of one expiry that were gained (+) or used (−)."""

    points = serializers.IntegerField()
    last_day = serializers.DateField(help_text="The last day on which they can be used.")


class ExplanationOutput(serializers.Serializer[queries.Explanation]):
    """Everything behind one line; the steps sum to its points."""

    entry = EntryOutput()
    steps = StepOutput(many=True)
    record = serializers.IntegerField(source="record.pk", default=None, allow_null=True)
    rules_from = serializers.DateField(
        allow_null=True, help_text="Since when those rules have been in force."
    )
    minutes_counted = serializers.IntegerField(allow_null=True)
    redemption = serializers.IntegerField(source="redemption_id", allow_null=True)
    undoes = serializers.IntegerField(source="undoes.pk", default=None, allow_null=True)
    undone_by = serializers.IntegerField(source="undone_by.pk", default=None, allow_null=True)
    portions = PortionOutput(many=True)


class EntryDetail(APIView):
    """Why a line of the statement is what it is."""

    @extend_schema(parameters=[WHOSE], responses=ExplanationOutput)
    def get(self, request: Request, pk: int) -> Response:
        found = queries.explanation_of(whose(request), pk)
        if found is None:
            raise NotFound
        return Response(ExplanationOutput(found).data)


class _Export(ABC, APIView):
    """A statement as a file."""

    renderer_classes = (JSONRenderer, _AnyRenderer)

    def get(self, request: Request, **_kwargs: Any) -> HttpResponseBase:
        return self.file(whose(request), chosen_by(request))

    @abstractmethod
    def file(self, volunteer: Volunteer, chosen: Chosen) -> HttpResponseBase:
        """Write the file."""


@extend_schema(parameters=[WHOSE, *CHOSEN], responses={(HTTPStatus.OK.value, "text/csv"): OpenApiTypes.STR})
class EntriesCsv(_Export):
    """The statement as CSV."""

    def file(self, volunteer: Volunteer, chosen: Chosen) -> HttpResponseBase:
        return csv_file(volunteer, chosen)


@extend_schema(parameters=[WHOSE, *CHOSEN], responses={(HTTPStatus.OK.value, XLSX): OpenApiTypes.BINARY})
class EntriesXlsx(_Export):
    """The statement as XLSX."""

    def file(self, volunteer: Volunteer, chosen: Chosen) -> HttpResponseBase:
        return xlsx_file(volunteer, chosen)
