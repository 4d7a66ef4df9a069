"""`/scans/…`, `/attendances/…`: checking in and out, and looking at attendances."""

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework import exceptions, serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from backend.core.errors import NotFound, Refusal
from backend.core.masking import mask_name
from backend.core.openapi import Problem
from backend.core.problems import ProblemException, ProblemFormatter
from venues.sites.params import KeyParam
from volunteers.attendance import services, staff_scans
from volunteers.attendance.answers import ScanAnswer
from volunteers.attendance.choices import AttendanceStatus, Channel, Flag, Grade, Intent, ScanResult
from volunteers.attendance.due import due_after
from volunteers.attendance.facts import Location
from volunteers.attendance.geo import Crs
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.queries import visible_to, with_details
from volunteers.attendance.scanning import Attempt

_MOST_ROWS = 500
_LONGEST_TOKEN = 2048  # any QR code a camera may catch; ours have 40 characters
_LONGEST_NONCE = 64  # the column
_LONGEST_DEVICE = 200
_WORST_ACCURACY_M = 100_000


def problem_of(error: exceptions.APIException, *, view: APIView) -> Any:
    """Return the problem document of one row of a batch."""
    context = cast("ExceptionHandlerContext", view.get_exception_handler_context())
    return ProblemFormatter(error, context, error).run()


class MeasureField(serializers.FloatField):
    """A measured number. DRF refuses NaN, infinity and what no double holds; we refuse truth values too."""

    def to_internal_value(self, data: Any) -> float:
        """Return the float."""
        if isinstance(data, bool):
            self.fail("invalid")
        return float(super().to_internal_value(data))


class LocationInput(serializers.Serializer[Location]):
    """Where the phone is; used once for the distance to the site, never stored."""

    lat = MeasureField(min_value=-90, max_value=90)
    lng = MeasureField(min_value=-180, max_value=180)
    accuracy_m = MeasureField(min_value=0, max_value=_WORST_ACCURACY_M)
    crs = serializers.ChoiceField(choices=[crs.value for crs in Crs], default=Crs.WGS84.value)


class ScanInput(serializers.Serializer[Attempt]):
    """One scan. `nonce` is the phone's own number for it: sending it again gets the first answer again."""

    token = serializers.CharField(max_length=_LONGEST_TOKEN, help_text="The code, or the address it is in.")
    intent = serializers.ChoiceField(choices=Intent.choices)
    nonce = serializers.CharField(max_length=_LONGEST_NONCE)
    site = KeyParam(
        required=False,
        allow_null=True,
        help_text="Given by staff who scan a volunteer's pass or card: where they are.",
    )
    captured_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When the phone scanned it, if it uploads later."
    )
    sent_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="The phone's clock when it sends; tells how wrong `captured_at` is.",
    )
    location = LocationInput(required=False, allow_null=True)
    device = serializers.CharField(
        max_length=_LONGEST_DEVICE, required=False, allow_blank=True, help_text="Kept as a keyed hash only."
    )

    def attempt(self) -> Attempt:
        """Return the valid input as the service takes it."""
        data = self.validated_data
        place = data.get("location")
        location = place and Location(
            latitude=place["lat"],
            longitude=place["lng"],
            accuracy_m=place["accuracy_m"],
            crs=Crs(place["crs"]),
        )
        return Attempt(
            token=data["token"].rpartition("/s/")[2].rstrip("/"),
            intent=Intent(data["intent"]),
            nonce=data["nonce"],
            device=data.get("device", ""),
            captured_at=data.get("captured_at"),
            sent_at=data.get("sent_at"),
            location=location or None,
            site_id=data.get("site"),
        )


class ReasonOutput(serializers.Serializer[Any]):
    """Why; the first of an answer is its headline."""

    code = serializers.CharField()
    message = serializers.CharField()


class ShiftBrief(serializers.Serializer[Any]):
    """The shift an attendance belongs to."""

    id = serializers.IntegerField()
    activity_name = serializers.CharField(source="activity.name")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SiteBrief(serializers.Serializer[Any]):
    """The site an attendance is at."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class AttendanceBrief(serializers.Serializer[Attendance]):
    """What a scan made or closed."""

    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=AttendanceStatus.choices)
    shift = ShiftBrief()
    site = SiteBrief()
    checked_in_at = serializers.DateTimeField()
    checked_out_at = serializers.DateTimeField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)
    grade = serializers.ChoiceField(choices=Grade.choices)
    flags = serializers.ListField(child=serializers.ChoiceField(choices=Flag.choices))


class ScanOutput(serializers.Serializer[ScanAnswer]):
    """Accepted, provisional or refused, with reasons a person can read."""

    result = serializers.ChoiceField(choices=ScanResult.choices)
    reasons = ReasonOutput(many=True)
    attendance = AttendanceBrief(allow_null=True)


class VolunteerBrief(serializers.Serializer[Any]):
    """Whose attendance it is, recognisable and no more."""

    number = serializers.CharField()
    name = serializers.SerializerMethodField()

    def get_name(self, volunteer: Any) -> str:
        """The masked name."""
        return mask_name(volunteer.name)


class AttendanceOutput(AttendanceBrief):
    """An attendance as its volunteer and the managers see it."""

    volunteer = VolunteerBrief()
    due_on = serializers.SerializerMethodField(
        help_text="The last day to decide in time, its tenth working day; null once decided."
    )
    same_phone = serializers.IntegerField(help_text="Other volunteers who scanned here with this phone.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField()
    manual = serializers.BooleanField(help_text="Entered from a paper sheet.")
    proposed_out_at = serializers.DateTimeField(
        allow_null=True, help_text="When the volunteer says they left; there is no check-out."
    )
    proposal_note = serializers.CharField()
    question = serializers.CharField(help_text="What the manager asks the volunteer.")
    answer = serializers.CharField(help_text="What the volunteer answers.")

    def get_due_on(self, attendance: Attendance) -> date | None:
        """Until when it is to be recorded (Order 67 Art 11)."""
        waiting = attendance.status == AttendanceStatus.PENDING
        return due_after(attendance.shift.ends_at) if waiting else None


class EvidenceOutput(serializers.Serializer[Scan]):
    """One scan behind an attendance."""

    intent = serializers.ChoiceField(choices=Intent.choices)
    channel = serializers.ChoiceField(choices=Channel.choices)
    result = serializers.ChoiceField(choices=ScanResult.choices)
    reasons = serializers.ListField(child=serializers.CharField())
    received_at = serializers.DateTimeField()
    captured_at = serializers.DateTimeField(allow_null=True)
    grade = serializers.CharField()
    distance_m = serializers.IntegerField(allow_null=True)
    accuracy_m = serializers.IntegerField(allow_null=True)
    clock_offset_s = serializers.IntegerField(
        allow_null=True, help_text="How far the phone's clock was behind ours when it uploaded."
    )


class AttendanceDetailOutput(AttendanceOutput):
    """An attendance with its evidence."""

    scans = EvidenceOutput(many=True)


class ScanCreate(APIView):
    """Check in or out with a site's code; or check somebody else in or out with theirs, as staff of a `site`.

    Always 201 when the scan was understood: a refusal is an answer, kept like any other. The same nonce gets
    the first answer again, word for word.
    """

    @extend_schema(request=ScanInput, responses={201: ScanOutput})
    def post(self, request: Request) -> Response:
        scan = ScanInput(data=request.data)
        scan.is_valid(raise_exception=True)
        attempt = scan.attempt()
        user, at = cast("User", request.user), timezone.now()
        if attempt.site_id is None:
            answer = services.scan_own(attempt, volunteer_user_id=user.pk, at=at)
        else:
            answer = staff_scans.scan_for(attempt, actor=actor_for(user), at=at)
        return Response(answer.body, status=HTTP_201_CREATED)


class BatchRow(serializers.JSONField):
    """One row of a batch, judged on its own."""


class BatchInput(serializers.Serializer[Any]):
    """Scans a phone kept while it had no signal."""

    scans = serializers.ListField(child=BatchRow(allow_null=True), allow_empty=False, max_length=_MOST_ROWS)


class BatchRequest(serializers.Serializer[Any]):
    """Scans a phone kept while it had no signal, at most 500."""

    scans = ScanInput(many=True)


class BatchRowOutput(serializers.Serializer[Any]):
    """What one row was answered: a scan's answer (status 201), or a problem document."""

    index = serializers.IntegerField()
    status = serializers.IntegerField()
    answer = ScanOutput(allow_null=True)
    problem = Problem(allow_null=True)


class BatchOutput(serializers.Serializer[Any]):
    """One result per row, in the order sent."""

    results = BatchRowOutput(many=True)


class ScanBatch(APIView):
    """Upload the scans a phone or a scanner kept while it had no signal; each row is answered on its own."""

    @extend_schema(request=BatchRequest, responses=BatchOutput)
    def post(self, request: Request) -> Response:
        batch = BatchInput(data=request.data)
        batch.is_valid(raise_exception=True)
        rows: list[dict[str, Any] | None] = []
        attempts: list[Attempt] = []
        for row in batch.validated_data["scans"]:
            scan = ScanInput(data=row)
            if scan.is_valid():
                attempts.append(scan.attempt())
                rows.append(None)
            else:
                rows.append(self._problem(exceptions.ValidationError(scan.errors)))
        answers = iter(self._scan(cast("User", request.user), attempts))
        results = [
            {"index": index, **(self._row(next(answers)) if row is None else row)}
            for index, row in enumerate(rows)
        ]
        return Response({"results": results})

    def _scan(self, user: User, attempts: list[Attempt]) -> list[ScanAnswer | Refusal]:
        """Answer one's own scans and those for others, in the order given."""
        at = timezone.now()
        own = [attempt for attempt in attempts if attempt.site_id is None]
        others = [attempt for attempt in attempts if attempt.site_id is not None]
        mine = iter(services.scan_many(volunteer_user_id=user.pk, attempts=own, at=at))
        theirs: Iterator[ScanAnswer | Refusal] = iter(())
        if others:
            theirs = iter(staff_scans.scan_many_for(others, actor=actor_for(user), at=at))
        return [next(mine if attempt.site_id is None else theirs) for attempt in attempts]

    def _row(self, answer: ScanAnswer | Refusal) -> dict[str, Any]:
        if isinstance(answer, Refusal):
            return self._problem(ProblemException(answer))
        return {"status": HTTP_201_CREATED, "answer": answer.body, "problem": None}

    def _problem(self, error: exceptions.APIException) -> dict[str, Any]:
        return {"status": error.status_code, "answer": None, "problem": problem_of(error, view=self)}


class AttendanceList(ListAPIView[Attendance]):
    """One's own attendances and those in one's scope, newest first."""

    serializer_class = AttendanceOutput
    filterset_fields = ("status",)

    def get_queryset(self) -> QuerySet[Attendance]:
        """Everything this user may read."""
        return with_details(visible_to(actor_for(self.request.user)))


class AttendanceDetail(APIView):
    """One attendance with the scans behind it."""

    @extend_schema(responses=AttendanceDetailOutput)
    def get(self, request: Request, pk: int) -> Response:
        scans = Prefetch("scans", Scan.objects.order_by("pk"))
        attendances = with_details(visible_to(actor_for(request.user))).prefetch_related(scans)
        attendance = attendances.filter(pk=pk).first()
        if attendance is None:
            raise NotFound
        return Response(AttendanceDetailOutput(attendance).data)
