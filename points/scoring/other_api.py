"""`/points/other-awards/`: what earns points and is not service; entered by one, decided by another."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.idempotency import idempotent
from backend.core.masking import mask_name
from points.scoring import other
from points.scoring.other_models import MOST_AT_ONCE, OtherAward, OtherAwardKind, OtherAwardState
from venues.sites.params import KeyParam

_LONGEST_REFERENCE = 80  # the columns
_LONGEST_EVIDENCE = 200
_LONGEST_REASON = 200


class OtherAwardInput(serializers.Serializer[Any]):
    """What somebody did, which one it was, and what has been seen of it."""

    volunteer = KeyParam()
    kind = serializers.ChoiceField(choices=OtherAwardKind.choices)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE, default=1)
    day = serializers.DateField()
    reference = serializers.CharField(
        max_length=_LONGEST_REFERENCE,
        help_text="The lecture, the new volunteer's number, the course, or the donation's public number.",
    )
    evidence = serializers.CharField(max_length=_LONGEST_EVIDENCE)
    qualification = KeyParam(required=False, help_text="The recorded training, where there is one.")


class OtherAwardReason(serializers.Serializer[Any]):
    """Why not."""

    reason = serializers.CharField(max_length=_LONGEST_REASON)


class OtherAwardOutput(serializers.Serializer[OtherAward]):
    """An award and where it stands; `points` once it is approved. It never becomes hours."""

    id = serializers.IntegerField()
    volunteer = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=OtherAwardKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    quantity = serializers.IntegerField()
    day = serializers.DateField()
    reference = serializers.CharField()
    evidence = serializers.CharField()
    state = serializers.ChoiceField(choices=OtherAwardState.choices)
    entered_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    points = serializers.IntegerField(allow_null=True)

    def get_volunteer(self, award: OtherAward) -> dict[str, str]:
        """Whose it is, recognisable and no more."""
        return {"number": award.volunteer.number, "name": mask_name(award.volunteer.name)}


class OtherAwardList(ListAPIView[OtherAward]):
    """One's own other awards; for staff and supervisors those of their regions, newest first."""

    serializer_class = OtherAwardOutput
    filterset_fields = ("kind", "state")

    def get_queryset(self) -> QuerySet[OtherAward]:
        """What this user may see."""
        if getattr(self, "swagger_fake_view", False):
            return OtherAward.objects.none()
        seen = other.awards_visible_to(actor_for(self.request.user))
        return seen.select_related("volunteer").order_by("-id")

    @extend_schema(request=OtherAwardInput, responses={201: OtherAwardOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Enter one; somebody else decides about it, and only then points follow."""
        given = OtherAwardInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        made = other.give_other_award(
            volunteer_id=data.pop("volunteer"),
            qualification_id=data.pop("qualification", None),
            actor=actor_for(request.user),
            at=timezone.now(),
            **data,
        )
        return Response(OtherAwardOutput(made).data, status=HTTP_201_CREATED)


class OtherAwardApprove(APIView):
    """Agree to an award somebody else entered."""

    @extend_schema(request=None, responses=OtherAwardOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Post its points, as far as the limit of the month has room."""
        award = other.approve_other_award(award_id=pk, actor=actor_for(request.user), at=timezone.now())
        return Response(OtherAwardOutput(award).data)


class OtherAwardReject(APIView):
    """Disagree with an award somebody else entered."""

    @extend_schema(request=OtherAwardReason, responses=OtherAwardOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Close it without points, telling why."""
        given = OtherAwardReason(data=request.data)
        given.is_valid(raise_exception=True)
        award = other.reject_other_award(
            award_id=pk, actor=actor_for(request.user), at=timezone.now(), **given.validated_data
        )
        return Response(OtherAwardOutput(award).data)
