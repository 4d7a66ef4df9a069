"""`/proof/…`: public, without a name, the same for everybody; `/points/proof/`: one's own statement."""

from hashlib import sha256
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.core.errors import Invalid, NotFound
from points.proof import queries
from points.proof.models import DayProof
from points.proof.program import program
from points.proof.statement import statement
from volunteers.people.queries import volunteer_of

_FRESH_SECONDS = 300  # a day is added once a day; five minutes late is soon enough
_FIRST_YEAR, _LAST_YEAR = 2000, 9999


class DayOutput(serializers.ModelSerializer[DayProof]):
    """A day of the chain. Points; digests are SHA-256 in hexadecimal, made as docs/proof.md says."""

    class Meta:
        model = DayProof
        fields = (
            "sequence",
            "day",
            "previous",
            "transfers",
            "root",
            "issued",
            "redeemed",
            "expired",
            "pool",
            "adjusted",
            "outstanding",
            "head",
        )


class ChainOutput(serializers.Serializer[Any]):
    """`chain.json`, as `jishan-verify --chain` reads it."""

    format = serializers.CharField()
    days = DayOutput(many=True)


class StatementOutput(serializers.Serializer[Any]):
    """One's own lines of a year, each with what proves it; `pending` are those of days not closed yet."""

    format = serializers.CharField()
    year = serializers.IntegerField()
    salt = serializers.CharField(
        help_text="Whoever has it finds this person's lines. Empty: nothing is proven yet."
    )
    heads = serializers.DictField(child=serializers.CharField())
    lines = serializers.ListField(child=serializers.DictField())
    pending = serializers.ListField(child=serializers.DictField())


class DayList(ListAPIView[DayProof]):
    """The chain, newest day first."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    filter_backends = ()
    serializer_class = DayOutput
    queryset = queries.proofs()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let anybody keep the answer for a while."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 200:  # noqa: PLR2004 – the one status with a list in it
            patch_cache_control(answer, public=True, max_age=_FRESH_SECONDS)
        return answer


class DayDetail(APIView):
    """One day of the chain."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(responses=DayOutput)
    def get(self, request: Request, day: str) -> HttpResponseBase:
        proof = _proof(day)
        return _kept(Response(DayOutput(proof).data), etag=proof.head)


class DayExport(APIView):
    """All transfers of a day, without anybody's name, as `2026-09-12.tsv.gz`."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(responses={(200, "application/gzip"): OpenApiTypes.BINARY})
    def get(self, request: Request, day: str) -> HttpResponseBase:
        proof = _proof(day)
        unchanged = get_conditional_response(request._request, etag=f'"{proof.head}"')
        answer = unchanged or StreamingHttpResponse(queries.export(proof), content_type="application/gzip")
        answer["Content-Disposition"] = f'attachment; filename="{proof.day}.tsv.gz"'
        return _kept(answer, etag=proof.head)


class Chain(APIView):
    """The whole chain as one file."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(responses=ChainOutput)
    def get(self, request: Request) -> HttpResponseBase:
        last = queries.proofs().first()
        etag = last.head if last else "empty"
        unchanged = get_conditional_response(request._request, etag=f'"{etag}"')
        answer = unchanged or Response(queries.whole_chain())
        answer["Content-Disposition"] = 'attachment; filename="chain.json"'
        return _kept(answer, etag=etag)


class Program(APIView):
    """`jishan-verify.pyz`: the program that checks the rest, as source in one file; it needs Python only."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponseBase:
        answer = HttpResponse(program(), content_type="application/zip")
        answer["Content-Disposition"] = 'attachment; filename="jishan-verify.pyz"'
        return _kept(answer, etag=sha256(program()).hexdigest())


class OwnStatement(APIView):
    """One's own statement with its proofs, to keep and to check offline."""

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="Default: this year.")],
        responses=StatementOutput,
    )
    def get(self, request: Request) -> Response:
        volunteer = volunteer_of(request.user)
        if volunteer is None:
            raise NotFound
        year = _year(request.query_params.get("year"))
        answer = Response(statement(volunteer, year=year))
        answer["Content-Disposition"] = f'attachment; filename="statement-{year}.json"'
        answer["Cache-Control"] = "private, no-store"
        return answer


def _proof(day: str) -> DayProof:
    proof = queries.proof_of(day)
    if proof is None:
        raise NotFound
    return proof


def _kept(answer: HttpResponseBase, *, etag: str) -> HttpResponseBase:
    """Let anybody keep the answer for a while and ask whether it has changed."""
    answer["ETag"] = f'"{etag}"'
    patch_cache_control(answer, public=True, max_age=_FRESH_SECONDS)
    return answer


def _year(text: str | None) -> int:
    if text is None:
        return timezone.localdate().year
    try:
        year: int = serializers.IntegerField(min_value=_FIRST_YEAR, max_value=_LAST_YEAR).run_validation(text)
    except serializers.ValidationError as error:
        raise Invalid(field="year") from error
    return year
