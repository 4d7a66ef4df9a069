"""`/market/ballots/`: what is offered by lot, entering, and everything needed to recount the draw."""

from inspect import getsource
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from points.ballots import queries, recount, services
from points.ballots.choices import BallotStatus, Outcome
from points.ballots.models import Ballot, BallotEntry
from points.ballots.rules import MOST_UNITS
from points.market.fields import Key, WholeNumber
from venues.sites.params import RegionParam
from volunteers.people.errors import NotRegistered
from volunteers.people.queries import volunteer_of


class BallotOutput(serializers.Serializer[Ballot]):
    """A ballot as anybody may see it."""

    id = serializers.IntegerField()
    store = serializers.IntegerField(source="store_id")
    store_name = serializers.CharField(source="store.name")
    product = serializers.IntegerField(source="product_id")
    product_name = serializers.CharField(source="product.name")
    units = serializers.IntegerField()
    points = serializers.IntegerField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    draw_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=BallotStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    cancel_reason = serializers.CharField(allow_blank=True)
    entered = serializers.IntegerField()
    commitment = serializers.CharField(help_text="SHA-256 of the secret, from the beginning.")


class BallotTicketOutput(serializers.Serializer[BallotEntry]):
    """A ticket; whose it is, its owner knows."""

    ticket = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)


class BallotDetailOutput(BallotOutput):
    """All that is needed to recount the draw; what is not known yet is empty."""

    secret = serializers.CharField(source="revealed", allow_blank=True)
    head = serializers.CharField(allow_blank=True, help_text="Of the public book.")
    head_day = serializers.DateField(allow_null=True)
    seed = serializers.SerializerMethodField()
    entries = serializers.SerializerMethodField(help_text="In the order drawn; before, by number.")

    def get_seed(self, ballot: Ballot) -> str:
        """Secret and head together."""
        if not ballot.revealed:
            return ""
        return recount.seed_of(ballot=ballot.pk, secret=ballot.revealed, head=ballot.head)

    @extend_schema_field(BallotTicketOutput(many=True))
    def get_entries(self, ballot: Ballot) -> list[dict[str, Any]]:
        """Every ticket."""
        rows: list[dict[str, Any]] = [
            {"ticket": entry.ticket, "outcome": entry.outcome} for entry in queries.tickets(ballot)
        ]
        return rows


def told(ballot: Ballot) -> dict[str, Any]:
    """Return what the public is told of one ballot."""
    found = queries.ballots().get(pk=ballot.pk)
    return dict(BallotDetailOutput(found).data)


class BallotFilters(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    region = RegionParam(required=False, help_text="Division code; its whole subtree.")


class BallotInput(serializers.Serializer[Any]):
    """What is offered, for how many points, and when."""

    product = Key()
    units = WholeNumber(min_value=1, max_value=MOST_UNITS)
    points = WholeNumber(min_value=1, max_value=1_000_000)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    draw_at = serializers.DateTimeField()


@extend_schema_view(get=extend_schema(parameters=[BallotFilters]))
class BallotList(ListAPIView[Ballot]):
    """Every ballot, newest first."""

    serializer_class = BallotOutput
    queryset = Ballot.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        """Anybody reads."""
        return [AllowAny() if self.request.method in {"GET", "HEAD", "OPTIONS"} else IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Ballot]:
        """Narrow by region."""
        asked = BallotFilters(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return queries.ballots(region_prefix=asked.validated_data.get("region", ""))

    @extend_schema(request=BallotInput, responses={201: BallotDetailOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Open a ballot; its goods are set aside. `Idempotency-Key` is honoured."""
        data = BallotInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        made = services.open_ballot(
            product_id=given.pop("product"), **given, actor=actor_for(request.user), at=timezone.now()
        )
        return Response(told(made), status=status.HTTP_201_CREATED)


class BallotDetail(APIView):
    """One ballot with every ticket."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=BallotDetailOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Tell what can be known now."""
        return Response(told(_found(pk)))


class BallotProgram(APIView):
    """`recount.py`: the program that draws, and recounts what the API tells; it needs Python only."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={(200, "text/x-python"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """Tell its source."""
        answer = HttpResponse(getsource(recount), content_type="text/x-python; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="recount.py"'
        return answer


class OwnTicketOutput(serializers.ModelSerializer[BallotEntry]):
    """One's own ticket."""

    class Meta:
        model = BallotEntry
        fields = ("ballot", "ticket", "entered_at", "outcome", "redemption")


class BallotEntries(APIView):
    """Enter a ballot."""

    @extend_schema(request=None, responses={201: OwnTicketOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Get a ticket; no points are held before the draw."""
        volunteer = volunteer_of(request.user)
        if volunteer is None:
            raise NotRegistered
        entry = services.enter(ballot_id=pk, volunteer=volunteer, at=timezone.now())
        return Response(OwnTicketOutput(entry).data, status=status.HTTP_201_CREATED)


class BallotCancelInput(serializers.Serializer[Any]):
    """Why; it is published."""

    reason = serializers.CharField(max_length=200)


class BallotCancel(APIView):
    """Call a ballot off before it is drawn."""

    @extend_schema(request=BallotCancelInput, responses=BallotDetailOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Put the goods back on the shelf."""
        data = BallotCancelInput(data=request.data)
        data.is_valid(raise_exception=True)
        services.cancel_ballot(
            ballot_id=pk,
            reason=data.validated_data["reason"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(told(_found(pk)))


def _found(pk: int) -> Ballot:
    ballot = Ballot.objects.filter(pk=pk).first()
    if ballot is None:
        raise NotFound
    return ballot
