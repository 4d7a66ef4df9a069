"""`/paper-sheets/`: hours from a photographed sheet."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Invalid
from venues.sites.params import KeyParam
from volunteers.attendance.api import AttendanceOutput
from volunteers.attendance.models import Attendance
from volunteers.attendance.paper import MOST_ROWS, PaperRow, enter_sheet
from volunteers.attendance.queries import with_details

_LONGEST_NUMBER = 12
_LONGEST_NOTE = 200  # the column


class PaperRowInput(serializers.Serializer[Any]):
    """One line of the sheet."""

    number = serializers.CharField(max_length=_LONGEST_NUMBER, help_text="The volunteer's number.")
    arrived_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField()


class PaperRows(serializers.Serializer[Any]):
    """The lines, in the JSON of the form field `rows`."""

    rows = serializers.ListField(child=PaperRowInput(), allow_empty=False, max_length=MOST_ROWS)


class PaperSheetInput(serializers.Serializer[Any]):
    """A photograph, and its lines as JSON: `[{"number": …, "arrived_at": …, "left_at": …}]`."""

    shift = KeyParam()
    picture = serializers.FileField()
    rows = serializers.JSONField()
    note = serializers.CharField(max_length=_LONGEST_NOTE, required=False, allow_blank=True, default="")


class PaperSheetOutput(serializers.Serializer[Any]):
    """The attendances the sheet became; somebody else decides about them."""

    sheet = serializers.IntegerField()
    attendances = AttendanceOutput(many=True)


class PaperSheetCreate(APIView):
    """Enter a sheet, all rows or none."""

    parser_classes = (MultiPartParser, JSONParser)

    @extend_schema(request={"multipart/form-data": PaperSheetInput}, responses={201: PaperSheetOutput})
    def post(self, request: Request) -> Response:
        given = PaperSheetInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        lines = PaperRows(data={"rows": data["rows"]})
        lines.is_valid(raise_exception=True)
        picture = data["picture"]
        if not isinstance(picture, UploadedFile):
            raise Invalid(field="picture")
        made = enter_sheet(
            shift_id=data["shift"],
            rows=[PaperRow(**line) for line in lines.validated_data["rows"]],
            picture=picture.read(),
            note=data["note"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        keys = [attendance.pk for attendance in made]
        shown = with_details(Attendance.objects.filter(pk__in=keys)).order_by("pk")
        body = {"sheet": made[0].sheet_id, "attendances": shown}
        return Response(PaperSheetOutput(body).data, status=HTTP_201_CREATED)
