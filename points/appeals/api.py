"""`/appeals/…`: what is needed in an emergency, what came, what is missing; and the staff's side of it."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Organization
from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from backend.regions.queries import get_region
from points.appeals import queries, services
from points.appeals.choices import AppealStatus
from points.appeals.models import Appeal, AppealGift, AppealReport
from points.appeals.queries import Standing
from points.market.fields import Key, WholeNumber
from points.market.rules import MOST_OF_A_BATCH


class NeedInput(serializers.Serializer[Any]):
    """So much of one thing is needed."""

    item = serializers.CharField(max_length=40)
    unit = serializers.CharField(max_length=10)
    needed = WholeNumber(min_value=1, max_value=MOST_OF_A_BATCH)


class AppealInput(serializers.Serializer[Any]):
    """An appeal. The command order is required (条例 Art 24)."""

    region = serializers.CharField(max_length=12)
    organization = Key()
    title = serializers.CharField(max_length=80)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    command_order = serializers.CharField(max_length=100)
    bring_to = serializers.CharField(max_length=200)
    needs = serializers.ListField(child=NeedInput(), min_length=1, max_length=services.MOST_LINES)


class AppealGiftInput(serializers.Serializer[Any]):
    """So much of a donation counts for a need; below zero takes a mistake back, with its reason."""

    line = Key()
    donation = serializers.CharField(max_length=20, help_text="Its receipt number.")
    quantity = WholeNumber(min_value=-MOST_OF_A_BATCH, max_value=MOST_OF_A_BATCH)
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ReportInput(serializers.Serializer[Any]):
    """What to say beside the figures, which are those of the moment."""

    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    final = serializers.BooleanField(default=False)


class NeedOutput(serializers.Serializer[queries.Need]):
    """missing = max(0, needed − received)."""

    line = serializers.IntegerField(source="line_id")
    item = serializers.CharField()
    unit = serializers.CharField()
    needed = serializers.IntegerField()
    received = serializers.IntegerField()
    missing = serializers.IntegerField()


class AppealOutput(serializers.Serializer[Standing]):
    """An appeal as it stands now."""

    id = serializers.IntegerField(source="appeal.pk")
    title = serializers.CharField(source="appeal.title")
    reason = serializers.CharField(source="appeal.reason")
    region = serializers.CharField(source="appeal.region_id")
    organization = serializers.CharField(source="appeal.organization.name")
    command_order = serializers.CharField(source="appeal.command_order")
    bring_to = serializers.CharField(source="appeal.bring_to")
    status = serializers.ChoiceField(choices=AppealStatus.choices, source="appeal.status")
    opened_at = serializers.DateTimeField(source="appeal.opened_at")
    needs = NeedOutput(many=True)
    reported_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True, help_text="Last day for the next report.")


class ReportedNeed(serializers.Serializer[Any]):
    """A line of a report, as it was."""

    item = serializers.CharField()
    unit = serializers.CharField()
    needed = serializers.IntegerField()
    received = serializers.IntegerField()
    missing = serializers.IntegerField()


class ReportOutput(serializers.Serializer[AppealReport]):
    """A published report, as it was."""

    number = serializers.IntegerField()
    final = serializers.BooleanField()
    figures = ReportedNeed(many=True)
    note = serializers.CharField()
    published_at = serializers.DateTimeField()


class AppealDetailOutput(AppealOutput):
    """An appeal with everything that was published of it, newest first."""

    reports = ReportOutput(many=True, source="appeal.reports")


class AppealGiftOutput(serializers.Serializer[AppealGift]):
    """What was counted."""

    id = serializers.IntegerField()
    line = serializers.IntegerField(source="line_id")
    quantity = serializers.IntegerField()


class ReadByAll(BasePermission):
    """Everybody reads; who writes signs in, and the services say who may."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether to go on."""
        gate = AllowAny() if request.method in SAFE_METHODS else IsAuthenticated()
        return gate.has_permission(request, view)


class AppealList(ListAPIView[Any]):
    """Appeals, newest first."""

    permission_classes = (ReadByAll,)
    serializer_class = AppealOutput

    def get_queryset(self) -> QuerySet[Appeal]:
        """All of them are public."""
        return queries.appeals()

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page of appeals as they stand."""
        return queries.standings(super().paginate_queryset(queryset) or [])

    @extend_schema(request=AppealInput, responses={201: AppealOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Open an appeal. `Idempotency-Key` is honoured."""
        data = AppealInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        organization = Organization.objects.filter(pk=given.pop("organization")).first()
        if organization is None:
            raise NotFound(field="organization")
        made = services.open_appeal(
            region=get_region(given.pop("region")),
            organization=organization,
            needs=[services.NeedInput(**need) for need in given.pop("needs")],
            **given,
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(AppealOutput(_standing(made.pk)).data, status=201)


class AppealDetail(APIView):
    """One appeal with its reports."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=AppealDetailOutput)
    def get(self, request: Request, pk: int) -> Response:
        return Response(AppealDetailOutput(_standing(pk)).data)


class AppealNeeds(APIView):
    """What is needed."""

    @extend_schema(request=NeedInput, responses=AppealOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Add a need, or change how much of it."""
        data = NeedInput(data=request.data)
        data.is_valid(raise_exception=True)
        need = services.NeedInput(**data.validated_data)
        services.set_need(appeal_id=pk, need=need, actor=actor_for(request.user), at=timezone.now())
        return Response(AppealOutput(_standing(pk)).data)


class AppealGifts(APIView):
    """What came."""

    @extend_schema(request=AppealGiftInput, responses={201: AppealGiftOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Count a donation for a need. `Idempotency-Key` is honoured."""
        data = AppealGiftInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        if not any(need.line_id == given["line"] for need in _standing(pk).needs):
            raise NotFound(field="line")
        gift = services.link_gift(
            line_id=given["line"],
            number=given["donation"],
            quantity=given["quantity"],
            reason=given["reason"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(AppealGiftOutput(gift).data, status=201)


class AppealReports(APIView):
    """What is published."""

    @extend_schema(request=ReportInput, responses={201: ReportOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Publish the figures of this moment under your name. `Idempotency-Key` is honoured."""
        data = ReportInput(data=request.data)
        data.is_valid(raise_exception=True)
        report = services.publish(
            appeal_id=pk, **data.validated_data, actor=actor_for(request.user), at=timezone.now()
        )
        return Response(ReportOutput(report).data, status=201)


class AppealRescueEnd(APIView):
    """The rescue is over."""

    @extend_schema(request=None, responses=AppealOutput)
    def post(self, request: Request, pk: int) -> Response:
        """From now on a report every three months."""
        services.end_rescue(appeal_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(AppealOutput(_standing(pk)).data)


class AppealClose(APIView):
    """The appeal is over."""

    @extend_schema(request=None, responses=AppealOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Nothing is asked for any more; the final report is due."""
        services.close(appeal_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(AppealOutput(_standing(pk)).data)


def _standing(pk: int) -> Standing:
    found = queries.standings(queries.appeals().filter(pk=pk))
    if not found:
        raise NotFound
    return found[0]
