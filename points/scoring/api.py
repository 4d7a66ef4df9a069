"""`/points/rule-sets/`: which rules hold, and what they would give."""

from datetime import datetime, timedelta
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
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Invalid, NotFound
from backend.core.workdays import kind_of
from backend.regions.codes import CODE_LENGTH, ancestors_of
from points.scoring import queries
from points.scoring.engine import Facts, Piece, SoFar, score
from points.scoring.models import RuleSet
from points.scoring.rules import Rules, Served
from points.scoring.schema import MOST_POINTS, SCHEMA
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.people.choices import ServiceCategory


class RuleSetOutput(serializers.ModelSerializer[RuleSet]):
    """A rule set; `document` holds the rules themselves."""

    class Meta:
        model = RuleSet
        fields = ("id", "region", "version", "label", "effective_from", "status", "document")


class _RuleSets(GenericAPIView[RuleSet]):
    """The rule sets in force or retired, and drafts of the caller's own regions."""

    serializer_class = RuleSetOutput
    filter_backends = ()
    queryset = RuleSet.objects.none()

    def get_queryset(self) -> QuerySet[RuleSet]:
        found = queries.visible_to(actor_for(self.request.user))
        region = self.request.query_params.get("region")
        return found.filter(region_id__in=ancestors_of(_code(region))) if region else found


@extend_schema(
    parameters=[
        OpenApiParameter("region", str, description="Only rule sets of this division and those above it.")
    ]
)
class RuleSetList(_RuleSets, ListAPIView[RuleSet]):
    """Rule sets, newest first."""


class RuleSetDetail(_RuleSets, RetrieveAPIView[RuleSet]):
    """One rule set."""


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
        result = score(_facts(data.validated_data, rules), rules)
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


def _code(text: str) -> str:
    if not (len(text) == CODE_LENGTH and text.isascii() and text.isdigit()):
        raise Invalid(field="region")
    return text


def _facts(given: dict[str, Any], rules: Rules) -> Facts:
    earlier = Piece(given["earlier_minutes"], given["earlier_minutes"] * rules.base.units_a_minute)
    day = given.get("day") or timezone.localdate()
    # Not made aware: it is what the clock on the wall says, and a day may be as far away as dates go.
    started = datetime.combine(day, given["starts_at"].replace(tzinfo=None)) if "starts_at" in given else None
    kinds = {name: given.get(name, "") for name in ("category", "recipient", "activity_type")}
    traits = {name: given[name] for name in ("difficulty", "skilled", "organizer")}
    return Facts(
        activity=given["activity"],
        minutes=given["minutes"],
        day=day,
        scheduled_minutes=given["scheduled_minutes"],
        started=started,
        ended=_later(started, given["minutes"]),
        served=Served(**kinds, **traits, day_kind=kind_of(day)),
        manual=given["manual"],
        complaint_upheld=given["complaint_upheld"],
        so_far=SoFar(
            day=(earlier,) if earlier.minutes else (),
            month=given["month_points"],
            year=given["year_points"],
            lifetime=given["lifetime_points"],
        ),
    )


def _later(started: datetime | None, minutes: int) -> datetime | None:
    try:
        return started + timedelta(minutes=minutes) if started else None
    except OverflowError as error:
        raise Invalid(field="day") from error
