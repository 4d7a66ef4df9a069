"""`/activities/`, `/shifts/` and `/sign-ups/`: what there is to do, and taking part."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from backend.core.pagination import CursorPage
from venues.sites.params import KeyParam, RegionParam
from volunteers.activities import services
from volunteers.activities.choices import ActivityType, Recipient, ShiftStatus, SignUpStatus
from volunteers.activities.models import Activity, Shift, SignUp
from volunteers.activities.queries import open_shifts, public_activities, public_shifts, sign_ups_of
from volunteers.people.api import calling_volunteer
from volunteers.people.choices import ServiceCategory

FIRST_YEAR, LAST_YEAR = 2000, 2199


class SoonestFirst(CursorPage):
    """Shifts in the order in which they start."""

    ordering = ("starts_at", "id")  # type: ignore[assignment]  # DRF takes several fields as well


class ActivityOutput(serializers.Serializer[Activity]):
    """What recruitment states: content, risks and protection, age, who is responsible (Order 685 Art 12)."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    programme = serializers.IntegerField(source="programme_id")
    programme_name = serializers.CharField(source="programme.name")
    organization = serializers.IntegerField(source="programme.organization_id")
    organization_name = serializers.CharField(source="programme.organization.name")
    site = serializers.IntegerField(source="site_id")
    site_name = serializers.CharField(source="site.name")
    site_address = serializers.CharField(source="site.address")
    region = serializers.CharField(source="site.region_id")
    region_name = serializers.CharField(source="site.region.name")
    category = serializers.ChoiceField(choices=ServiceCategory.choices)
    category_label = serializers.CharField(source="get_category_display")
    recipient = serializers.ChoiceField(choices=Recipient.choices)
    activity_type = serializers.ChoiceField(choices=ActivityType.choices)
    activity_type_label = serializers.CharField(source="get_activity_type_display")
    content = serializers.CharField()
    risks = serializers.CharField()
    protection = serializers.CharField()
    minors_allowed = serializers.BooleanField()
    min_age = serializers.IntegerField()
    responsible_name = serializers.CharField()
    walk_in_allowed = serializers.BooleanField()
    difficulty = serializers.IntegerField()
    skilled = serializers.BooleanField()


class ShiftOutput(serializers.Serializer[Shift]):
    """A shift with its activity; `remaining` places are free, after that one waits."""

    id = serializers.IntegerField()
    activity = ActivityOutput()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    capacity = serializers.IntegerField()
    taken = serializers.IntegerField()
    remaining = serializers.SerializerMethodField()
    break_minutes = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ShiftStatus.choices)

    def get_remaining(self, shift: Shift) -> int:
        """Free places."""
        return shift.capacity - shift.taken


class SignUpOutput(serializers.Serializer[SignUp]):
    """One's place on a shift, or in its waiting list."""

    id = serializers.IntegerField()
    shift = ShiftOutput()
    status = serializers.ChoiceField(choices=SignUpStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    created_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)


class ActivityFilters(serializers.Serializer[Any]):
    """What the list of activities may be narrowed by."""

    region = RegionParam(required=False, help_text="Division code; its whole subtree.")
    site = KeyParam(required=False)
    category = serializers.ChoiceField(choices=ServiceCategory.choices, required=False)
    activity_type = serializers.ChoiceField(choices=ActivityType.choices, required=False)


@extend_schema_view(get=extend_schema(parameters=[ActivityFilters], responses=ActivityOutput(many=True)))
class ActivityList(ListAPIView[Activity]):
    """Activities of running programmes, newest first; open to everybody."""

    permission_classes = (AllowAny,)
    serializer_class = ActivityOutput
    filters: Mapping[str, Any] = {}

    def get_queryset(self) -> QuerySet[Activity]:
        """Narrow by region, site, category and type."""
        activities = public_activities()
        if "region" in self.filters:
            activities = activities.filter(site__region__code__startswith=self.filters["region"])
        if "site" in self.filters:
            activities = activities.filter(site_id=self.filters["site"])
        for field in ("category", "activity_type"):
            if field in self.filters:
                activities = activities.filter(**{field: self.filters[field]})
        return activities

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        filters = ActivityFilters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        self.filters = filters.validated_data
        return self.list(request, *args, **kwargs)


class ShiftFilters(serializers.Serializer[Any]):
    """What the list of shifts may be narrowed by; `date` is a day in Asia/Shanghai."""

    region = RegionParam(required=False, help_text="Division code; its whole subtree.")
    site = KeyParam(required=False)
    activity = KeyParam(required=False)
    date = serializers.DateField(required=False)

    def validate_date(self, day: dt.date) -> dt.date:
        """Keep to days a shift can be on; the calendar's ends have no next or previous day."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fields["date"].fail("invalid", format="YYYY-MM-DD")
        return day


@extend_schema_view(get=extend_schema(parameters=[ShiftFilters], responses=ShiftOutput(many=True)))
class ShiftList(ListAPIView[Shift]):
    """Shifts one can still sign up for, soonest first; open to everybody."""

    permission_classes = (AllowAny,)
    serializer_class = ShiftOutput
    pagination_class = SoonestFirst
    filters: Mapping[str, Any] = {}

    def get_queryset(self) -> QuerySet[Shift]:
        """Narrow by region, site, activity and day."""
        shifts = open_shifts(at=timezone.now(), region_prefix=self.filters.get("region"))
        if "site" in self.filters:
            shifts = shifts.filter(activity__site_id=self.filters["site"])
        if "activity" in self.filters:
            shifts = shifts.filter(activity_id=self.filters["activity"])
        if "date" in self.filters:
            begin = timezone.make_aware(dt.datetime.combine(self.filters["date"], dt.time.min))
            shifts = shifts.filter(starts_at__gte=begin, starts_at__lt=begin + dt.timedelta(days=1))
        return shifts

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        filters = ShiftFilters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        self.filters = filters.validated_data
        return self.list(request, *args, **kwargs)


class ShiftDetail(APIView):
    """One shift; open to everybody."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=ShiftOutput)
    def get(self, request: Request, pk: int) -> Response:
        shift = public_shifts().filter(pk=pk).first()
        if shift is None:
            raise NotFound
        return Response(ShiftOutput(shift).data)


class ShiftSignUps(APIView):
    """Sign up for a shift."""

    @extend_schema(request=None, responses={201: SignUpOutput, 200: SignUpOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Take a place, or one in the waiting list; 200 with the sign-up that is already there."""
        volunteer, at = calling_volunteer(request), timezone.now()
        made = services.sign_up(shift_id=pk, volunteer=volunteer, at=at)
        shown = sign_ups_of(volunteer).get(pk=made.pk)
        return Response(SignUpOutput(shown).data, status=201 if made.created_at == at else 200)


class SignUpList(ListAPIView[SignUp]):
    """The caller's sign-ups, newest first, also cancelled and past ones."""

    serializer_class = SignUpOutput

    def get_queryset(self) -> QuerySet[SignUp]:
        """Own ones only."""
        if getattr(self, "swagger_fake_view", False):
            return SignUp.objects.none()
        return sign_ups_of(calling_volunteer(self.request))


class SignUpDetail(APIView):
    """One of the caller's sign-ups."""

    @extend_schema(responses={204: None})
    @idempotent
    def delete(self, request: Request, pk: int) -> Response:
        """Give the place back before the shift starts; whoever waits first gets it."""
        services.cancel_sign_up(sign_up_id=pk, volunteer=calling_volunteer(request), at=timezone.now())
        return Response(status=204)
