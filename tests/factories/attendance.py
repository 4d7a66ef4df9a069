"""Scans, attendances and service records, and the code a site shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate
from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from tests.factories.accounts import StaffFactory
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, SignUpFactory, VolunteerFactory
from venues.sites import qr
from venues.sites.models import Site
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade, Intent, ScanResult
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.paper_models import PaperSheet
from volunteers.people.choices import ConsentKind
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord


def code_of(site: Site, at: datetime, *, version: int | None = None) -> str:
    """Return what the screen of a site shows at a time."""
    used = version or site.key_version
    key = qr.derive_key(secret=settings.QR_SECRET, site_id=site.pk, key_version=used)
    return qr.mint(site_id=site.pk, key_version=used, key=key, at=at)


def make_place(*, starts_at: datetime = SHIFT_STARTS, hours: int = 3, **shift: Any) -> Any:
    """Make a confirmed place on a shift, for a volunteer who lets their location be used."""
    volunteer = VolunteerFactory(consents=[ConsentKind.PRIVACY, ConsentKind.LOCATION])
    ends_at = starts_at + timedelta(hours=hours)
    return SignUpFactory(
        shift=ShiftFactory(starts_at=starts_at, ends_at=ends_at, **shift), volunteer=volunteer
    )


class AttendanceFactory(DjangoModelFactory[Attendance]):
    """A presence over the whole shift, waiting for a decision."""

    class Meta:
        model = Attendance

    shift = SubFactory(ShiftFactory)
    volunteer = SubFactory(VolunteerFactory)
    site = SelfAttribute("shift.activity.site")
    status = AttendanceStatus.PENDING
    checked_in_at = LazyAttribute(lambda made: made.shift.starts_at)
    checked_out_at: Any = LazyAttribute(lambda made: made.shift.ends_at)
    minutes: Any = LazyAttribute(
        lambda made: (made.checked_out_at - made.checked_in_at) // timedelta(minutes=1)
    )
    grade = Grade.A


class OpenAttendanceFactory(AttendanceFactory):
    """A presence that has not ended."""

    status = AttendanceStatus.OPEN
    checked_out_at = None
    minutes = None


class ForgottenAttendanceFactory(AttendanceFactory):
    """A presence the clock closed without an end."""

    checked_out_at = None
    minutes = None
    flags = [Flag.FORGOT_CHECK_OUT]


class ApprovedAttendanceFactory(AttendanceFactory):
    """A presence that was credited."""

    status = AttendanceStatus.APPROVED
    credited = LazyAttribute(lambda made: (made.checked_in_at, made.checked_out_at))
    decided_by = SubFactory(StaffFactory)
    decided_at = LazyAttribute(lambda made: made.checked_out_at)


class PaperSheetFactory(DjangoModelFactory[PaperSheet]):
    """A photographed sheet."""

    class Meta:
        model = PaperSheet

    shift = SubFactory(ShiftFactory)
    picture = b"\xff\xd8"
    digest = Sequence(lambda number: f"{number:064x}")
    entered_by = SubFactory(StaffFactory)
    entered_at = LazyAttribute(lambda made: made.shift.ends_at)


class ScanFactory(DjangoModelFactory[Scan]):
    """A refused scan of nothing."""

    class Meta:
        model = Scan

    volunteer = SubFactory(VolunteerFactory)
    nonce = Sequence(lambda number: f"nonce{number}")
    intent = Intent.IN
    result = ScanResult.REFUSED
    reasons = ["token_unreadable"]
    received_at = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
    answer = '{"result":"refused","reasons":[],"attendance":null}'


class ServiceRecordFactory(DjangoModelFactory[ServiceRecord]):
    """Three hours that count."""

    class Meta:
        model = ServiceRecord

    attendance = SubFactory(ApprovedAttendanceFactory)
    volunteer = SelfAttribute("attendance.volunteer")
    kind = RecordKind.SERVICE
    activity_name = SelfAttribute("attendance.shift.activity.name")
    service_date = LazyAttribute(lambda made: localdate(made.attendance.checked_in_at))
    place = SelfAttribute("attendance.site.name")
    content = SelfAttribute("attendance.shift.activity.content")
    started_at = SelfAttribute("attendance.checked_in_at")
    ended_at = SelfAttribute("attendance.checked_out_at")
    minutes = SelfAttribute("attendance.minutes")
    organization = SelfAttribute("attendance.shift.activity.programme.organization")
    organization_name = SelfAttribute("organization.name")
    responsible_name = SelfAttribute("attendance.shift.activity.responsible_name")
    region = SelfAttribute("attendance.site.region")
    grade = SelfAttribute("attendance.grade")
    recorded_by = SelfAttribute("attendance.decided_by")
    recorded_at = SelfAttribute("attendance.decided_at")
