"""Addresses that fail on purpose, for the tests of problems, idempotency and pagination."""

import threading
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.errors import CodeWrong
from backend.accounts.models import Organization, OrganizationKind
from backend.core import audit
from backend.core.errors import Busy, Forbidden, Invalid, NotFound, Refusal, TooManyRequests
from backend.core.idempotency import idempotent
from backend.core.models import AuditEntry, OutboxEvent, RememberedAnswer
from backend.regions.models import Region

REFUSALS: dict[str, Refusal] = {
    "forbidden": Forbidden(),
    "not-found": NotFound(),
    "code-wrong": CodeWrong(field="code", tries_left=2),
    "pointer": Invalid(field="/lines/0/quantity"),
    "busy": Busy(),
    "too-many": TooManyRequests(retry_after=42),
}


class Public(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = ()


class Refuse(Public):
    def get(self, request: Request, which: str) -> Response:
        raise REFUSALS[which]


class LineInput(serializers.Serializer[Any]):
    product = serializers.IntegerField()
    quantity = serializers.IntegerField(min_value=1)


class OrderInput(serializers.Serializer[Any]):
    store = serializers.IntegerField()
    lines = LineInput(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["store"] == 0:
            raise serializers.ValidationError("no such pair", "no_pair")
        return attrs


class Order(Public):
    def post(self, request: Request) -> Response:
        order = OrderInput(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.validated_data)


class CreditCodeTwice(Public):
    """Two organizations with one credit code: a constraint that a refusal claims."""

    def post(self, request: Request) -> Response:
        region = Region.objects.create(code="520000000000", name="贵州省", level="province")
        for name in ("first", "second"):
            Organization.objects.create(
                name=name,
                kind=OrganizationKind.CHARITY,
                region=region,
                credit_code="91350100M000100Y43",
            )
        return Response()


class DoneAndDead(Public):
    """An outbox event both done and dead: a constraint that nobody claims."""

    def post(self, request: Request) -> Response:
        now = timezone.now()
        with transaction.atomic():
            OutboxEvent.objects.create(
                topic="t", key="k", payload={}, created_at=now, due_at=now, done_at=now, dead=True
            )
        return Response()


class SlowQuery(Public):
    """A statement PostgreSQL cancels: what a server that is shutting down or overloaded looks like."""

    def get(self, request: Request) -> Response:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(5)")
        return Response()


class HugeNumber(Public):
    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 99999999999::int")
        return Response()


class Broken(Public):
    def get(self, request: Request) -> Response:
        raise RuntimeError("the secret is 13800001234")


class EntryOutput(serializers.ModelSerializer[AuditEntry]):
    class Meta:
        model = AuditEntry
        fields = ("id", "action")


class Entries(generics.ListAPIView[AuditEntry]):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    queryset = AuditEntry.objects.all()
    serializer_class = EntryOutput


class Once(APIView):
    """Writes one audit row per call; answers with how many there are and, without a number, what it got."""

    @idempotent
    def post(self, request: Request, **kwargs: Any) -> HttpResponse:
        audit.record(actor=None, action="once", target=None, at=timezone.now())
        if request.data.get("fail"):
            raise Forbidden
        body = {
            "given": None if kwargs else request.data,
            "count": AuditEntry.objects.count(),
            "text": "积善",
        }
        return Response(body, status=201)

    @idempotent
    def delete(self, request: Request) -> HttpResponse:
        audit.record(actor=None, action="deleted", target=None, at=timezone.now())
        return Response(status=204)


class OnceBeside(APIView):
    """The first request with this key commits between the look for its answer and the end of this one."""

    @idempotent
    def post(self, request: Request) -> HttpResponse:
        audit.record(actor=None, action="beside", target=None, at=timezone.now())
        RememberedAnswer.objects.create(
            user_id=request.user.pk,
            key=request.headers["Idempotency-Key"],
            fingerprint="",
            status=200,
            body="{}",
            created_at=timezone.now(),
        )
        return Response({"done": True})


class Gate:
    """Where a request waits, so that a test can act while it is being worked on."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.may_leave = threading.Event()


gate = Gate()


class OnceSlowly(APIView):
    @idempotent
    def post(self, request: Request) -> HttpResponse:
        audit.record(actor=None, action="slowly", target=None, at=timezone.now())
        gate.entered.set()
        assert gate.may_leave.wait(20)
        return Response({"done": True})


def plain_broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret is 13800001234")


def plain_suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("the secret is 13800001234")


urlpatterns = [
    path("api/refuse/<slug:which>/", Refuse.as_view()),
    path("api/order/", Order.as_view()),
    path("api/credit-code-twice/", CreditCodeTwice.as_view()),
    path("api/done-and-dead/", DoneAndDead.as_view()),
    path("api/slow-query/", SlowQuery.as_view()),
    path("api/huge-number/", HugeNumber.as_view()),
    path("api/broken/", Broken.as_view()),
    path("api/entries/", Entries.as_view()),
    path("api/once/", Once.as_view()),
    path("api/once/<int:number>/", Once.as_view()),
    path("api/once-beside/", OnceBeside.as_view()),
    path("api/once-slowly/", OnceSlowly.as_view()),
    path("api/plain-broken/", plain_broken),
    path("api/plain-suspicious/", plain_suspicious),
]
handler400 = "backend.core.problems.bad_request"
handler404 = "backend.core.problems.not_found"
handler500 = "backend.core.problems.server_error"
