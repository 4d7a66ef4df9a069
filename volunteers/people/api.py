"""`/volunteers/…`: registering, one's own profile and consents, and the review by staff."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.scopes import Actor, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from backend.core.masking import mask_id, mask_phone
from backend.regions.codes import CODE_LENGTH
from venues.sites.params import RegionParam
from volunteers.people import services
from volunteers.people.choices import ConsentKind, IdType, ServiceCategory, Sex, VolunteerStatus
from volunteers.people.errors import NotRegistered
from volunteers.people.models import Guardian, Volunteer
from volunteers.people.queries import (
    READERS,
    REVIEWERS,
    profile_of,
    reviewable_by,
    visible_to,
    volunteer_of,
    with_details,
)

_MOST_ITEMS = 20
_ITEM_LENGTH = 40


def caller(request: Request) -> User:
    """Return the user behind an authenticated request."""
    user = request.user
    if not isinstance(user, User):  # IsAuthenticated has seen to it; this is for the type checker
        raise Forbidden
    return user


def calling_volunteer(request: Request) -> Volunteer:
    """Return the volunteer behind an authenticated request.

    :raises NotRegistered: the account has not registered yet.
    """
    volunteer = volunteer_of(caller(request))
    if volunteer is None:
        raise NotRegistered
    return volunteer


def _texts() -> serializers.ListField:
    item = serializers.CharField(max_length=_ITEM_LENGTH)
    return serializers.ListField(child=item, max_length=_MOST_ITEMS, required=False)


def _categories() -> serializers.ListField:
    item = serializers.ChoiceField(choices=ServiceCategory.choices)
    return serializers.ListField(child=item, max_length=len(ServiceCategory), required=False)


class GuardianInput(serializers.Serializer[Any]):
    """Who answers for a minor."""

    name = serializers.CharField(max_length=60)
    phone = serializers.CharField(max_length=30)
    relation = serializers.CharField(max_length=20)


class RegistrationInput(serializers.Serializer[Any]):
    """Order 67 Art 5. `sex` and `birth_date` may be left out with a resident ID, which tells both."""

    name = serializers.CharField(max_length=60)
    id_type = serializers.ChoiceField(choices=IdType.choices)
    id_number = serializers.CharField(max_length=30)
    region = serializers.CharField(max_length=CODE_LENGTH)
    skills = _texts()
    service_categories = _categories()
    available_times = _texts()
    guardian = GuardianInput(required=False, allow_null=True)
    consents = serializers.ListField(
        child=serializers.ChoiceField(choices=ConsentKind.choices), max_length=len(ConsentKind)
    )
    sex = serializers.ChoiceField(choices=Sex.choices, required=False, allow_null=True)
    birth_date = serializers.DateField(required=False, allow_null=True)


class ProfileInput(serializers.Serializer[Any]):
    """What volunteers may change about themselves."""

    region = serializers.CharField(max_length=CODE_LENGTH, required=False)
    skills = _texts()
    service_categories = _categories()
    available_times = _texts()


class GuardianOutput(serializers.Serializer[Guardian]):
    """A guardian; the phone is masked."""

    name = serializers.CharField()
    phone = serializers.SerializerMethodField()
    relation = serializers.CharField()

    def get_phone(self, guardian: Guardian) -> str:
        """`138****1234`."""
        return mask_phone(guardian.phone.open())


class VolunteerOutput(serializers.Serializer[Volunteer]):
    """A volunteer, as they and the staff of their region see them: document number and phones are masked."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    name = serializers.CharField()
    sex = serializers.ChoiceField(choices=Sex.choices)
    birth_date = serializers.DateField()
    id_type = serializers.ChoiceField(choices=IdType.choices)
    id_number = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    region = serializers.CharField(source="region_id")
    region_name = serializers.CharField(source="region.name")
    skills = serializers.ListField(child=serializers.CharField())
    service_categories = serializers.ListField(child=serializers.ChoiceField(choices=ServiceCategory.choices))
    available_times = serializers.ListField(child=serializers.CharField())
    consents = serializers.SerializerMethodField()
    guardian = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=VolunteerStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    review_reason = serializers.CharField()
    registered_at = serializers.DateTimeField()
    reviewed_at = serializers.DateTimeField(allow_null=True)

    def get_id_number(self, volunteer: Volunteer) -> str:
        """`110***********002X`."""
        return mask_id(volunteer.id_number.open())

    def get_phone(self, volunteer: Volunteer) -> str | None:
        """`138****1234`."""
        phone = volunteer.user.phone
        return mask_phone(phone.open()) if phone else None

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=ConsentKind.choices)))
    def get_consents(self, volunteer: Volunteer) -> list[str]:
        """The kinds that hold now."""
        return sorted(consent.kind for consent in volunteer.live_consents)

    @extend_schema_field(GuardianOutput(allow_null=True))
    def get_guardian(self, volunteer: Volunteer) -> dict[str, Any] | None:
        """Who answers for a minor."""
        guardian = getattr(volunteer, "guardian", None)
        return GuardianOutput(guardian).data if guardian else None


class VolunteerFilters(serializers.Serializer[Any]):
    """What the list for staff may be narrowed by."""

    status = serializers.ChoiceField(choices=VolunteerStatus.choices, required=False)
    region = RegionParam(required=False, help_text="Division code; its whole subtree.")


@extend_schema_view(get=extend_schema(parameters=[VolunteerFilters], responses=VolunteerOutput(many=True)))
class VolunteerList(ListAPIView[Volunteer]):
    """Volunteers of the staff's regions; and the way to become one."""

    serializer_class = VolunteerOutput
    filters: Mapping[str, Any] = {}
    actor = Actor(user_id=0)  # reaches nobody, until a request says whose list it is

    def get_queryset(self) -> QuerySet[Volunteer]:
        """Narrow by status and region, inside the caller's regions."""
        volunteers = with_details(visible_to(self.actor))
        if "status" in self.filters:
            volunteers = volunteers.filter(status=self.filters["status"])
        if "region" in self.filters:
            volunteers = volunteers.filter(region__code__startswith=self.filters["region"])
        return volunteers

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        self.actor = actor_for(caller(request))
        if not self.actor.has(*READERS):
            raise Forbidden
        filters = VolunteerFilters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        self.filters = filters.validated_data
        return self.list(request, *args, **kwargs)

    @extend_schema(request=RegistrationInput, responses={201: VolunteerOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Register the caller as a volunteer."""
        data = RegistrationInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        guardian = given.get("guardian")
        services.register(
            user=caller(request),
            name=given["name"],
            id_type=given["id_type"],
            id_number=given["id_number"],
            region_code=given["region"],
            skills=given.get("skills", []),
            service_categories=given.get("service_categories", []),
            available_times=given.get("available_times", []),
            consents=given["consents"],
            guardian=services.GuardianInput(**guardian) if guardian else None,
            sex=given.get("sex"),
            birth_date=given.get("birth_date"),
            at=timezone.now(),
        )
        return Response(VolunteerOutput(profile_of(caller(request))).data, status=201)


class VolunteerMe(APIView):
    """The caller's own profile."""

    @extend_schema(responses=VolunteerOutput)
    def get(self, request: Request) -> Response:
        volunteer = profile_of(caller(request))
        if volunteer is None:
            raise NotRegistered
        return Response(VolunteerOutput(volunteer).data)

    @extend_schema(request=ProfileInput, responses=VolunteerOutput)
    def patch(self, request: Request) -> Response:
        """Change region, skills, service categories or times."""
        data = ProfileInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        changes: services.ProfileChanges = {}
        if "region" in given:
            changes["region_code"] = given["region"]
        for field in ("skills", "service_categories", "available_times"):
            if field in given:
                changes[field] = given[field]
        services.update_profile(volunteer=calling_volunteer(request), changes=changes, at=timezone.now())
        return Response(VolunteerOutput(profile_of(caller(request))).data)


class ConsentInput(serializers.Serializer[Any]):
    """Give (`true`) or withdraw (`false`)."""

    granted = serializers.BooleanField()


class ConsentsOutput(serializers.Serializer[Any]):
    """The consents that hold now."""

    consents = serializers.ListField(child=serializers.ChoiceField(choices=ConsentKind.choices))


class VolunteerConsent(APIView):
    """One consent of the caller; each kind is given and withdrawn on its own."""

    @extend_schema(request=ConsentInput, responses=ConsentsOutput)
    def put(self, request: Request, kind: str) -> Response:
        if kind not in ConsentKind.values:
            raise NotFound
        data = ConsentInput(data=request.data)
        data.is_valid(raise_exception=True)
        held = services.set_consent(
            volunteer=calling_volunteer(request),
            kind=ConsentKind(kind),
            granted=data.validated_data["granted"],
            at=timezone.now(),
        )
        return Response(ConsentsOutput({"consents": sorted(held)}).data)


class ApprovalInput(serializers.Serializer[Any]):
    """An optional remark."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RejectionInput(serializers.Serializer[Any]):
    """Why; the applicant reads it."""

    reason = serializers.CharField(max_length=200)


class VolunteerApprove(APIView):
    """Approve a registration."""

    @extend_schema(request=ApprovalInput, responses=VolunteerOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Let a registration take effect."""
        data = ApprovalInput(data=request.data)
        data.is_valid(raise_exception=True)
        services.approve_registration(
            volunteer=_reviewed(request, pk),
            actor=actor_for(caller(request)),
            reason=data.validated_data.get("reason", ""),
            at=timezone.now(),
        )
        return _answer(pk)


class VolunteerReject(APIView):
    """Turn a registration down."""

    @extend_schema(request=RejectionInput, responses=VolunteerOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Turn a registration down, with a reason."""
        data = RejectionInput(data=request.data)
        data.is_valid(raise_exception=True)
        services.reject_registration(
            volunteer=_reviewed(request, pk),
            actor=actor_for(caller(request)),
            reason=data.validated_data["reason"],
            at=timezone.now(),
        )
        return _answer(pk)


def _reviewed(request: Request, pk: int) -> Volunteer:
    actor = actor_for(caller(request))
    if not actor.has(*REVIEWERS):
        raise Forbidden
    volunteer = reviewable_by(actor).filter(pk=pk).first()
    if volunteer is None:
        raise NotFound
    return volunteer


def _answer(pk: int) -> Response:
    return Response(VolunteerOutput(with_details(Volunteer.objects.filter(pk=pk)).get()).data)
