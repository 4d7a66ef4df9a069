"""`/volunteers/households/`: who shares a kitchen, kept by community staff; and one's own."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from backend.core.masking import mask_name
from backend.regions.codes import CODE_LENGTH
from volunteers.people import households
from volunteers.people.api import caller, calling_volunteer
from volunteers.people.choices import RequestState
from volunteers.people.errors import NoHousehold
from volunteers.people.household_models import Household, HouseholdMember, HouseholdRequest
from volunteers.people.queries import (
    REVIEWERS,
    home_of,
    household_requests,
    households_kept_by,
    with_members,
)

_NUMBER = r"^[1-9][0-9]{11}$"


class MemberOutput(serializers.Serializer[HouseholdMember]):
    """A volunteer who lives there."""

    volunteer = serializers.IntegerField(source="volunteer_id")
    number = serializers.CharField(source="volunteer.number")
    name = serializers.SerializerMethodField(help_text="Masked.")
    joined_at = serializers.DateTimeField()

    def get_name(self, member: HouseholdMember) -> str:
        """`张*明`."""
        return mask_name(member.volunteer.name)


class HouseholdOutput(serializers.Serializer[Household]):
    """A household as staff see it; the name is masked and the contact is not told (`reveal` is audited)."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    name = serializers.SerializerMethodField(help_text="Masked.")
    region = serializers.CharField(source="region_id")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    members = MemberOutput(source="living", many=True)

    def get_name(self, household: Household) -> str:
        """`陈*兰`."""
        return mask_name(household.name.open())


class HouseholdFilters(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    number = serializers.RegexField(_NUMBER, required=False)


class HouseholdInput(serializers.Serializer[Any]):
    """Who stands for the household, and where it is."""

    name = serializers.CharField(max_length=60)
    contact = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    region = serializers.CharField(max_length=CODE_LENGTH)


@extend_schema_view(get=extend_schema(parameters=[HouseholdFilters]))
class HouseholdList(ListAPIView[Household]):
    """Households of the staff's regions, newest first."""

    serializer_class = HouseholdOutput
    queryset = Household.objects.none()

    def get_queryset(self) -> QuerySet[Household]:
        """Narrow by number."""
        actor = actor_for(self.request.user)
        if not actor.has(*REVIEWERS):
            raise Forbidden
        filters = HouseholdFilters(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        return with_members(households_kept_by(actor).filter(**filters.validated_data))

    @extend_schema(request=HouseholdInput, responses={201: HouseholdOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Enter a household."""
        data = HouseholdInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        made = households.open_household(
            name=given["name"],
            contact=given["contact"],
            region_code=given["region"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return _answer(made.pk, status=status.HTTP_201_CREATED)


class HouseholdDetail(APIView):
    """One household."""

    @extend_schema(responses=HouseholdOutput)
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_for(request.user)
        if not actor.has(*REVIEWERS):
            raise Forbidden
        if not households_kept_by(actor).filter(pk=pk).exists():
            raise NotFound
        return _answer(pk)


class MemberInput(serializers.Serializer[Any]):
    """Whom to count there, by volunteer number."""

    number = serializers.RegexField(_NUMBER)


class HouseholdMembers(APIView):
    """Who lives there."""

    @extend_schema(request=MemberInput, responses={201: HouseholdOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Count a volunteer in."""
        data = MemberInput(data=request.data)
        data.is_valid(raise_exception=True)
        households.add_member(
            household_id=pk,
            number=data.validated_data["number"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return _answer(pk, status=status.HTTP_201_CREATED)


class HouseholdMemberView(APIView):
    """One who lives there."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, volunteer: int) -> Response:
        """Say that they live there no longer."""
        households.remove_member(
            household_id=pk, volunteer_id=volunteer, actor=actor_for(request.user), at=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class HouseholdClose(APIView):
    """Close a household."""

    @extend_schema(request=None, responses=HouseholdOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Close it; whoever lives there is counted in none."""
        households.close_household(household_id=pk, actor=actor_for(request.user), at=timezone.now())
        return _answer(pk)


class HouseholdRevealInput(serializers.Serializer[Any]):
    """Which full value, and what for."""

    field = serializers.ChoiceField(choices=households.FIELDS)
    reason = serializers.CharField(max_length=200)


class HouseholdRevealOutput(serializers.Serializer[Any]):
    """The full value."""

    value = serializers.CharField(allow_blank=True)


class HouseholdReveal(APIView):
    """Read a full name or contact; every reading is an audit row."""

    @extend_schema(request=HouseholdRevealInput, responses=HouseholdRevealOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Return one full value."""
        data = HouseholdRevealInput(data=request.data)
        data.is_valid(raise_exception=True)
        value = households.reveal(
            household_id=pk, actor=actor_for(request.user), at=timezone.now(), **data.validated_data
        )
        return Response(HouseholdRevealOutput({"value": value}).data)


class MyHouseholdOutput(serializers.Serializer[HouseholdMember]):
    """Where the caller is counted; of the others only how many they are."""

    number = serializers.CharField(source="household.number")
    name = serializers.SerializerMethodField(help_text="Masked.")
    joined_at = serializers.DateTimeField()
    people = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField(help_text="A request of the caller is not answered yet.")

    def get_name(self, home: HouseholdMember) -> str:
        """`陈*兰`."""
        return mask_name(home.household.name.open())

    def get_people(self, home: HouseholdMember) -> int:
        """Volunteers who live there, the caller among them."""
        return HouseholdMember.objects.filter(household=home.household_id, left_at__isnull=True).count()

    def get_waiting(self, home: HouseholdMember) -> bool:
        """Whether staff owe an answer."""
        return HouseholdRequest.objects.filter(member=home, state=RequestState.OPEN).exists()


class HouseholdRequestInput(serializers.Serializer[Any]):
    """What is wrong."""

    reason = serializers.CharField(max_length=200)


class MyHousehold(APIView):
    """The household the caller is counted in."""

    @extend_schema(responses=MyHouseholdOutput)
    def get(self, request: Request) -> Response:
        home = home_of(calling_volunteer(request))
        if home is None:
            raise NoHousehold
        return Response(MyHouseholdOutput(home).data)

    @extend_schema(request=HouseholdRequestInput, responses={201: MyHouseholdOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask the community to correct it."""
        data = HouseholdRequestInput(data=request.data)
        data.is_valid(raise_exception=True)
        volunteer = calling_volunteer(request)
        asked = households.ask_correction(
            volunteer=volunteer, reason=data.validated_data["reason"], at=timezone.now()
        )
        return Response(MyHouseholdOutput(asked.member).data, status=status.HTTP_201_CREATED)


class HouseholdRequestOutput(serializers.ModelSerializer[HouseholdRequest]):
    """What a volunteer says about where they are counted."""

    household = serializers.IntegerField(source="member.household_id")
    number = serializers.CharField(source="member.volunteer.number")

    class Meta:
        model = HouseholdRequest
        fields = ("id", "household", "number", "reason", "asked_at", "state", "answer", "answered_at")


class HouseholdRequestList(ListAPIView[HouseholdRequest]):
    """Requests of the staff's regions, newest first."""

    serializer_class = HouseholdRequestOutput
    queryset = HouseholdRequest.objects.none()

    def get_queryset(self) -> QuerySet[HouseholdRequest]:
        """Those of one's regions."""
        actor = actor_for(self.request.user)
        if not actor.has(*REVIEWERS):
            raise Forbidden
        return household_requests(actor)


class HouseholdAnswerInput(serializers.Serializer[Any]):
    """`fixed` takes the volunteer out of the household."""

    fixed = serializers.BooleanField()
    answer = serializers.CharField(max_length=200)


class HouseholdRequestAnswer(APIView):
    """Answer a request."""

    @extend_schema(request=HouseholdAnswerInput, responses=HouseholdRequestOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Correct it, or say why it is right."""
        data = HouseholdAnswerInput(data=request.data)
        data.is_valid(raise_exception=True)
        answered = households.answer_request(
            request_id=pk, actor=actor_for(caller(request)), at=timezone.now(), **data.validated_data
        )
        return Response(HouseholdRequestOutput(answered).data)


def _answer(pk: int, *, status: int = 200) -> Response:
    return Response(HouseholdOutput(with_members(Household.objects.filter(pk=pk)).get()).data, status=status)
