"""Scans, attendances and service records, and the code a site shows."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate
from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from PIL import Image

from tests.factories.accounts import StaffFactory
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, SignUpFactory, VolunteerFactory
from venues.sites import qr
from venues.sites.models import Site
from volunteers.attendance.choices import AttendanceStatus, Flag, Grade, Intent, ScanResult
from volunteers.attendance.models import Attendance, Scan, ScanAnnulment
from volunteers.attendance.paper_models import PaperSheet
from volunteers.attendance.policy_models import CheckInPolicy, PolicyScope
from volunteers.people import passes
from volunteers.people.choices import ConsentKind
from volunteers.people.models import Volunteer, VolunteerCard
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.training.choices import QualificationKind
from volunteers.training.models import Qualification


def code_of(site: Site, at: datetime, *, version: int | None = None) -> str:
    """Return what the screen of a site shows at a time."""
    used = version or site.key_version
    key = qr.derive_key(secret=settings.QR_SECRET, site_id=site.pk, key_version=used)
    return qr.mint(site_id=site.pk, key_version=used, key=key, at=at)


def poster_of(site: Site, *, edition: int | None = None) -> str:
    """Return what the posters of a site show."""
    used = edition or site.poster_version
    key = qr.derive_poster_key(secret=settings.QR_SECRET, site_id=site.pk, poster_version=used)
    return qr.mint_poster(site_id=site.pk, poster_version=used, key=key)


def pass_of(volunteer: Volunteer, at: datetime) -> str:
    """Return what a volunteer's phone shows at a time."""
    return passes.passes(volunteer, at=at)[0].token


def photograph(
    *, size: tuple[int, int] = (40, 30), kind: str = "JPEG", shade: int = 200, **more: Any
) -> bytes:
    """Return a small picture; another `shade` is another picture."""
    kept = BytesIO()
    Image.new("RGB", size, (shade, 120, 90)).save(kept, kind, **more)
    return kept.getvalue()


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


class CheckInPolicyFactory(DjangoModelFactory[CheckInPolicy]):
    """Figures of the whole platform, set long ago. Call `policies.forget()` after making one."""

    class Meta:
        model = CheckInPolicy

    scope = PolicyScope.PLATFORM
    scope_id = ""
    figures: Any = {"early_minutes": 60}
    effective_from = datetime(2026, 1, 2, tzinfo=UTC)
    reason = "试行"
    set_by = SubFactory(StaffFactory)
    set_at = LazyAttribute(lambda made: made.effective_from - timedelta(days=1))


class VolunteerCardFactory(DjangoModelFactory[VolunteerCard]):
    """A card that counts."""

    class Meta:
        model = VolunteerCard

    volunteer = SubFactory(VolunteerFactory)
    version = 1
    issued_by = SubFactory(StaffFactory)
    issued_at = datetime(2026, 3, 1, tzinfo=UTC)


class QualificationFactory(DjangoModelFactory[Qualification]):
    """First aid, passed in spring, for two years."""

    class Meta:
        model = Qualification

    volunteer = SubFactory(VolunteerFactory)
    kind = QualificationKind.TRAINING
    course = "first-aid"
    valid_from = date(2026, 4, 1)
    valid_until: Any = date(2028, 3, 31)
    evidence = "结业证 2026-118"
    recorded_by = SubFactory(StaffFactory)
    recorded_at = datetime(2026, 4, 2, tzinfo=UTC)


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


class ScanAnnulmentFactory(DjangoModelFactory[ScanAnnulment]):
    """A scan taken back."""

    class Meta:
        model = ScanAnnulment

    scan = SubFactory(ScanFactory)
    reason = "扫错了"
    annulled_by = SelfAttribute("scan.volunteer.user")
    annulled_at = SelfAttribute("scan.received_at")


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
    category = SelfAttribute("attendance.shift.activity.category")
    recipient = SelfAttribute("attendance.shift.activity.recipient")
    activity_type = SelfAttribute("attendance.shift.activity.activity_type")
    scheduled_minutes = SelfAttribute("attendance.shift.scheduled_minutes")
    grade = SelfAttribute("attendance.grade")
    recorded_by = SelfAttribute("attendance.decided_by")
    recorded_at = SelfAttribute("attendance.decided_at")
