"""`/relief/…`: the list for those named to keep it, the share kept for it, and totals for everybody."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden
from backend.core.idempotency import idempotent
from backend.core.masking import mask_name
from backend.regions.codes import CODE_LENGTH
from points.market.choices import RedemptionStatus
from points.market.fields import Key, Quantity
from points.market.redemption_models import Redemption
from points.market.reserving import LineInput
from points.market.rules import MOST_LINES
from points.relief import issuing, queries, services
from points.relief.choices import CaseStatus, ReliefCategory
from points.relief.models import ReliefCase, ReliefIssue, ReliefKeeper

_PAGE = 50
_MOST_BEHIND = 1_000_000


class KeeperOutput(serializers.ModelSerializer[ReliefKeeper]):
    """Who keeps the list of a region."""

    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.display_name")
    region = serializers.CharField(source="region_id")

    class Meta:
        model = ReliefKeeper
        fields = ("id", "username", "name", "region", "named_at", "ended_at")


class KeeperInput(serializers.Serializer[Any]):
    """Whom to name, for which region."""

    username = serializers.CharField(max_length=60)
    region = serializers.CharField(max_length=CODE_LENGTH)


class KeeperList(ListAPIView[ReliefKeeper]):
    """Keepers of one's regions, newest first."""

    serializer_class = KeeperOutput
    queryset = ReliefKeeper.objects.none()

    def get_queryset(self) -> QuerySet[ReliefKeeper]:
        """Those one may name."""
        actor = actor_for(self.request.user)
        if not actor.has(*queries.NAMERS):
            raise Forbidden
        return queries.keepers_under(actor)

    @extend_schema(request=KeeperInput, responses={201: KeeperOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Name a colleague."""
        data = KeeperInput(data=request.data)
        data.is_valid(raise_exception=True)
        made = services.name_keeper(
            username=data.validated_data["username"],
            region_code=data.validated_data["region"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(KeeperOutput(made).data, status=status.HTTP_201_CREATED)


class KeeperEnd(APIView):
    """End somebody's keeping of the list."""

    @extend_schema(request=None, responses=KeeperOutput)
    def post(self, request: Request, pk: int) -> Response:
        """From now on they read nothing of it."""
        ended = services.end_keeper(keeper_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(KeeperOutput(ended).data)


class CaseOutput(serializers.Serializer[ReliefCase]):
    """A case in the list; the name is masked."""

    id = serializers.IntegerField()
    household = serializers.CharField(source="household.number")
    name = serializers.SerializerMethodField(help_text="Masked.")
    category = serializers.ChoiceField(choices=ReliefCategory.choices)
    status = serializers.ChoiceField(choices=CaseStatus.choices)
    review_on = serializers.DateField()
    kept_by = serializers.CharField(source="kept_by.user.username")
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    recalled = serializers.BooleanField(
        read_only=True,
        default=False,
        help_text="They have goods that were called back since the last review.",
    )

    def get_name(self, case: ReliefCase) -> str:
        """`陈*兰`."""
        return mask_name(case.household.name.open())


class CaseListOutput(serializers.Serializer[Any]):
    """A stretch of the list; `behind` asks for the next one, null at the end."""

    behind = serializers.IntegerField(allow_null=True)
    results = CaseOutput(many=True)


class CaseFilters(serializers.Serializer[Any]):
    """Which stretch."""

    behind = serializers.IntegerField(min_value=0, max_value=_MOST_BEHIND, required=False, default=0)


class CaseInput(serializers.Serializer[Any]):
    """Which household, why, and when it is looked at again."""

    household = serializers.RegexField(r"^[1-9][0-9]{11}$")
    category = serializers.ChoiceField(choices=ReliefCategory.choices)
    reason = serializers.CharField(max_length=500)
    review_on = serializers.DateField()


class CaseList(APIView):
    """The list. Every reading is an audit row that names the cases."""

    @extend_schema(operation_id="relief_cases_list", parameters=[CaseFilters], responses=CaseListOutput)
    def get(self, request: Request) -> Response:
        """Read what is due first."""
        asked = CaseFilters(data=request.query_params)
        asked.is_valid(raise_exception=True)
        behind = asked.validated_data["behind"]
        cases = services.read_cases(
            actor=actor_for(request.user), at=timezone.now(), first=behind, most=_PAGE
        )
        more = behind + _PAGE if len(cases) == _PAGE else None
        return Response(CaseListOutput({"behind": more, "results": cases}).data)

    @extend_schema(request=CaseInput, responses={201: CaseOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Put a household on the list."""
        data = CaseInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        made = services.open_case(
            number=given.pop("household"), **given, actor=actor_for(request.user), at=timezone.now()
        )
        return Response(CaseOutput(made).data, status=status.HTTP_201_CREATED)


class ReviewOutput(serializers.Serializer[Any]):
    """What a review found."""

    at = serializers.DateTimeField()
    by = serializers.CharField()
    status = serializers.ChoiceField(choices=CaseStatus.choices)
    review_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()


class IssueOutput(serializers.Serializer[ReliefIssue]):
    """Goods set aside without points."""

    id = serializers.IntegerField()
    redemption = serializers.IntegerField(source="redemption_id")
    store_name = serializers.CharField(source="redemption.store.name")
    status = serializers.ChoiceField(source="redemption.status", choices=RedemptionStatus.choices)
    reserved_until = serializers.DateTimeField(source="redemption.reserved_until")
    items = serializers.SerializerMethodField()

    def get_items(self, issue: ReliefIssue) -> int:
        """So many units."""
        return sum(line.quantity for line in issue.redemption.lines.all())


class OpenedOutput(serializers.Serializer[services.Opened]):
    """A case with its sealed words opened."""

    case = CaseOutput()
    name = serializers.CharField()
    contact = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    monthly_items = serializers.IntegerField(source="policy.monthly_items")
    had_this_month = serializers.IntegerField()
    reviews = serializers.SerializerMethodField()
    issues = IssueOutput(source="case.issues", many=True)

    @extend_schema_field(ReviewOutput(many=True))
    def get_reviews(self, opened: services.Opened) -> list[dict[str, Any]]:
        """Every review, newest first."""
        rows = [
            {
                "at": review.at,
                "by": review.keeper.user.username,
                "status": review.status,
                "review_on": review.review_on,
                "reason": reason,
            }
            for review, reason in opened.reviews
        ]
        return [dict(row) for row in ReviewOutput(rows, many=True).data]


class CaseDetail(APIView):
    """One case. Every reading is an audit row."""

    @extend_schema(responses=OpenedOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Read why, how it was reviewed, and what went out."""
        opened = services.read_case(case_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(OpenedOutput(opened).data)


class CaseReviewInput(serializers.Serializer[Any]):
    """What follows, why, and when it is looked at again; an ended case is not."""

    status = serializers.ChoiceField(choices=CaseStatus.choices)
    reason = serializers.CharField(max_length=500)
    review_on = serializers.DateField(required=False, allow_null=True, default=None)


class CaseReviews(APIView):
    """Look at a case again."""

    @extend_schema(request=CaseReviewInput, responses={201: CaseOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Go on, pause or end it."""
        data = CaseReviewInput(data=request.data)
        data.is_valid(raise_exception=True)
        case = services.review_case(
            case_id=pk, actor=actor_for(request.user), at=timezone.now(), **data.validated_data
        )
        return Response(CaseOutput(case).data, status=status.HTTP_201_CREATED)


class ReliefLineInput(serializers.Serializer[Any]):
    """So many of one product."""

    product = Key()
    quantity = Quantity()


class IssueInput(serializers.Serializer[Any]):
    """A basket of one store."""

    store = Key()
    lines = serializers.ListField(child=ReliefLineInput(), min_length=1, max_length=MOST_LINES)


class CaseIssues(APIView):
    """Set goods aside for a case, without points."""

    @extend_schema(request=IssueInput, responses={201: IssueOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Reserve them; the pick-up code is told by `/relief/issues/{id}/code/`."""
        data = IssueInput(data=request.data)
        data.is_valid(raise_exception=True)
        made = issuing.issue(
            case_id=pk,
            store_id=data.validated_data["store"],
            lines=[LineInput(line["product"], line["quantity"]) for line in data.validated_data["lines"]],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(IssueOutput(made).data, status=status.HTTP_201_CREATED)


class PickupCodeOutput(serializers.Serializer[Redemption]):
    """What to print or to say on the phone."""

    code = serializers.CharField()
    store_name = serializers.CharField(source="store.name")
    reserved_until = serializers.DateTimeField()


class IssueCode(APIView):
    """The pick-up code of an issue; every reading is an audit row."""

    @extend_schema(request=None, responses=PickupCodeOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Tell it."""
        shown = issuing.show_code(issue_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(PickupCodeOutput(shown).data)


class IssueCancel(APIView):
    """Call an issue off."""

    @extend_schema(request=None, responses=IssueOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Give the goods back to the shelf."""
        issue = issuing.cancel_issue(issue_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(IssueOutput(issue).data)
