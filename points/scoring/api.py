"""`/points/rule-sets/`: which rules hold, and what they would give."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Invalid, NotFound
from backend.core.idempotency import idempotent
from backend.regions.codes import CODE_LENGTH, ancestors_of
from points.scoring import queries, services
from points.scoring.engine import score
from points.scoring.models import RuleSet
from points.scoring.schema import MOST_POINTS, SCHEMA
from points.scoring.trial import made_up_facts
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.people.choices import ServiceCategory

_LONGEST_EDITION = 64
_LONGEST_REASON = 200


class RuleSetOutput(serializers.ModelSerializer[RuleSet]):
    """A rule set; `document` holds the rules themselves."""

    class Meta:
        model = RuleSet
        fields = (
            "id",
            "region",
            "version",
            "label",
            "effective_from",
            "status",
            "edition",
            "document",
        )


class _RuleSets(GenericAPIView[RuleSet]):
    """The rule sets in force or retired, and drafts of the caller's own regions."""

    serializer_class = RuleSetOutput
    filter_backends = ()
    queryset = RuleSet.objects.none()

    def get_queryset(self) -> QuerySet[RuleSet]:
        found = queries.visible_to(actor_for(self.request.user))
        region = self.request.query_params.get("region")
        return found.filter(region_id__in=ancestors_of(_code(region))) if region else found


class DraftInput(serializers.Serializer[Any]):
    """Rules for a region from a day on; `document` follows the schema of rule documents."""

    region = serializers.RegexField(r"^\d{12}$")
    effective_from = serializers.DateField()
    document = serializers.DictField(allow_empty=False)


class DraftChange(serializers.Serializer[Any]):
    """What is to be different. `edition` is the one that was read; if it has changed, nothing is written."""

    edition = serializers.CharField(max_length=_LONGEST_EDITION)
    effective_from = serializers.DateField(required=False)
    document = serializers.DictField(allow_empty=False, required=False)


class ReviewInput(serializers.Serializer[Any]):
    """The edition that was read and is confirmed."""

    edition = serializers.CharField(max_length=_LONGEST_EDITION)


class RuleReasonInput(serializers.Serializer[Any]):
    """Why; it is kept with the rule set's history."""

    reason = serializers.CharField(max_length=_LONGEST_REASON)


@extend_schema(
    parameters=[
        OpenApiParameter("region", str, description="Only rule sets of this division and those above it.")
    ]
)
class RuleSetList(_RuleSets, ListAPIView[RuleSet]):
    """Rule sets, newest first."""

    @extend_schema(request=DraftInput, responses={201: RuleSetOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Write the next version of a region's rules, as a draft."""
        given = _given(DraftInput, request)
        made = services.draft_rule_set(
            region_code=given["region"],
            document=given["document"],
            effective_from=given["effective_from"],
            **_who(request),
        )
        return Response(RuleSetOutput(made).data, status=HTTP_201_CREATED)


class RuleSetDetail(_RuleSets, RetrieveAPIView[RuleSet]):
    """One rule set."""

    @extend_schema(request=DraftChange, responses=RuleSetOutput)
    @idempotent
    def patch(self, request: Request, pk: int) -> Response:
        """Write on a draft, if it still is as it was read."""
        given = _given(DraftChange, request)
        made = services.change_draft(rule_set_id=pk, **_who(request), **given)
        return Response(RuleSetOutput(made).data)


class RuleSetReview(APIView):
    """Review."""

    @extend_schema(request=ReviewInput, responses=RuleSetOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Confirm a draft somebody else wrote, as it was read."""
        made = services.review_rule_set(rule_set_id=pk, **_who(request), **_given(ReviewInput, request))
        return Response(RuleSetOutput(made).data)


class RuleSetReturn(APIView):
    """Going back."""

    @extend_schema(request=RuleReasonInput, responses=RuleSetOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Send a reviewed version back to draft, saying why."""
        made = services.return_rule_set(rule_set_id=pk, **_who(request), **_given(RuleReasonInput, request))
        return Response(RuleSetOutput(made).data)


class RuleSetActivation(APIView):
    """Coming into force."""

    @extend_schema(request=None, responses=RuleSetOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Put a reviewed version into force from its day on."""
        made = services.activate_rule_set(rule_set_id=pk, **_who(request))
        return Response(RuleSetOutput(made).data)


class RuleSetRetirement(APIView):
    """Going out of force."""

    @extend_schema(request=RuleReasonInput, responses=RuleSetOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Retire a version; an older one of the region, or one above, takes over its days."""
        made = services.retire_rule_set(rule_set_id=pk, **_who(request), **_given(RuleReasonInput, request))
        return Response(RuleSetOutput(made).data)


class RuleSetSchema(APIView):
    """The schema of rule documents."""

    permission_classes = (AllowAny,)

    @extend_schema(auth=[], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return the JSON Schema that every rule document satisfies."""
        return Response(SCHEMA)


class PreviewInput(serializers.Serializer[Any]):
    """A piece of service that need not exist, and what was earned before it."""

    minutes = serializers.IntegerField(min_value=0, max_value=24 * 60)
    day = serializers.DateField(required=False, help_text="Default: today.")
    starts_at = serializers.TimeField(
        required=False, help_text="Begin on that day; matters for the hours of the night."
    )
    activity = serializers.CharField(max_length=80, default="志愿服务")
    category = serializers.ChoiceField(choices=ServiceCategory.choices, required=False)
    recipient = serializers.ChoiceField(choices=Recipient.choices, required=False)
    activity_type = serializers.ChoiceField(choices=ActivityType.choices, required=False)
    difficulty = serializers.IntegerField(min_value=1, max_value=3, default=1)
    skilled = serializers.BooleanField(default=False)
    organizer = serializers.BooleanField(default=False)
    manual = serializers.BooleanField(default=False)
    complaint_upheld = serializers.BooleanField(default=False)
    scheduled_minutes = serializers.IntegerField(
        min_value=0, max_value=24 * 60, default=0, help_text="Length of the shift; 0 when it does not matter."
    )
    earlier_minutes = serializers.IntegerField(
        min_value=0, max_value=24 * 60, default=0, help_text="Counted on that day already, at the plain rate."
    )
    month_points = serializers.IntegerField(min_value=0, max_value=MOST_POINTS, default=0)
    year_points = serializers.IntegerField(min_value=0, max_value=MOST_POINTS, default=0)
    lifetime_points = serializers.IntegerField(min_value=0, max_value=MOST_POINTS, default=0)


class PreviewOutput(serializers.Serializer[Any]):
    """What it would earn; the lines sum to the points."""

    points = serializers.IntegerField()
    minutes_counted = serializers.IntegerField()
    lines = inline_serializer(
        "PreviewLine",
        {
            "code": serializers.CharField(),
            "points": serializers.IntegerField(),
            "text": serializers.CharField(),
        },
        many=True,
    )
    sentence = serializers.CharField()


class RuleSetPreview(APIView):
    """Try a rule set."""

    @extend_schema(request=PreviewInput, responses=PreviewOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Say what a piece of service would earn; nothing is written."""
        data = PreviewInput(data=request.data)
        data.is_valid(raise_exception=True)
        rule_set = queries.visible_to(actor_for(request.user)).filter(pk=pk).first()
        if rule_set is None:
            raise NotFound
        rules = queries.rules_of(rule_set)
        result = score(made_up_facts(data.validated_data, rules, today=timezone.localdate()), rules)
        english = (get_language() or "").startswith("en")
        return Response(
            {
                "points": result.points,
                "minutes_counted": result.minutes_counted,
                "lines": [
                    {
                        "code": line.code,
                        "points": line.points,
                        "text": line.text_en if english else line.text_zh,
                    }
                    for line in result.lines
                ],
                "sentence": result.sentence_en if english else result.sentence_zh,
            }
        )


def _given(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    data = kind(data=request.data)
    data.is_valid(raise_exception=True)
    return dict(data.validated_data)


def _who(request: Request) -> dict[str, Any]:
    return {"actor": actor_for(request.user), "at": timezone.now()}


def _code(text: str) -> str:
    if not (len(text) == CODE_LENGTH and text.isascii() and text.isdigit()):
        raise Invalid(field="region")
    return text
