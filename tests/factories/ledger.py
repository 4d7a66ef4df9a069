"""Volunteers with records, and what they earned. Rows are made directly: the services are what is tested."""

from datetime import UTC, date, datetime, timedelta

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from backend.accounts.models import Organization, OrganizationKind, User
from backend.regions.models import Region
from points.ledger import services as ledger
from points.ledger.models import Account, AccountKind, Transfer, TransferKind
from points.scoring import services as scoring
from points.scoring.models import RuleSet
from venues.sites.models import HostType, Site
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.activities.models import Activity, Programme, Shift
from volunteers.attendance.choices import AttendanceStatus, Grade
from volunteers.attendance.models import Attendance
from volunteers.people.choices import IdType, ServiceCategory, Sex, VolunteerStatus
from volunteers.people.models import Volunteer
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

GUIZHOU = "520000000000"
GUIYANG = "520100000000"
NANMING = "520102000000"
CHENGDU = "510100000000"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NEXT_YEAR_END = datetime(2027, 12, 31, 16, tzinfo=UTC)  # 2028-01-01 00:00 in Guiyang


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"points-{n}")


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = NANMING
    name = factory.LazyAttribute(lambda made: f"区划 {made.code}")
    level = "county"


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"社区志愿服务队 {n}")
    kind = OrganizationKind.COMMUNITY_GROUP
    region = factory.SubFactory(RegionFactory)


class VolunteerFactory(DjangoModelFactory):
    class Meta:
        model = Volunteer

    user = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: str(300_000_000_000 + n))
    name = "张晓明"
    sex = Sex.FEMALE
    birth_date = date(1990, 3, 7)
    id_type = IdType.PASSPORT
    id_number = factory.Sequence(lambda n: f"E{n:08d}")
    id_index = factory.Sequence(lambda n: f"{n:064x}")
    region = factory.SubFactory(RegionFactory)
    status = VolunteerStatus.ACTIVE
    registered_at = LONG_AGO


class SiteFactory(DjangoModelFactory):
    class Meta:
        model = Site

    name = factory.Sequence(lambda n: f"图书馆 {n}")
    host_type = HostType.LIBRARY
    organization = factory.SubFactory(OrganizationFactory)
    region = factory.SelfAttribute("organization.region")
    address = "解放路 1 号"
    latitude = 26.57
    longitude = 106.71


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    name = "图书整理"
    category = ServiceCategory.CULTURE
    recipient = Recipient.PUBLIC
    activity_type = ActivityType.VOLUNTEERING
    content = "整理还书"
    responsible_name = "李主任"
    site = factory.SubFactory(SiteFactory)

    @factory.lazy_attribute
    def programme(self) -> Programme:
        return Programme.objects.create(
            organization=self.site.organization,
            region=self.site.region,
            name="书香社区",
            goal="读书",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
        )


class ServiceRecordFactory(DjangoModelFactory):
    """An approved piece of service: `minutes` from 09:00 on `service_date`."""

    class Meta:
        model = ServiceRecord
        exclude = ("activity",)

    activity = factory.SubFactory(ActivityFactory)
    volunteer = factory.SubFactory(VolunteerFactory)
    kind = RecordKind.SERVICE
    service_date = date(2026, 9, 12)
    minutes = 150
    activity_name = factory.SelfAttribute("activity.name")
    place = "图书馆"
    content = "整理还书"
    started_at = factory.LazyAttribute(
        lambda made: datetime(made.service_date.year, made.service_date.month, made.service_date.day, 1, tzinfo=UTC)
    )
    ended_at = factory.LazyAttribute(lambda made: made.started_at + timedelta(minutes=abs(made.minutes)))
    organization = factory.SelfAttribute("activity.site.organization")
    organization_name = factory.SelfAttribute("organization.name")
    responsible_name = "李主任"
    region = factory.SelfAttribute("activity.site.region")
    grade = Grade.A
    recorded_by = factory.SubFactory(UserFactory)
    recorded_at = factory.SelfAttribute("ended_at")

    @factory.lazy_attribute
    def attendance(self) -> Attendance:
        shift = Shift.objects.create(
            activity=self.activity,
            starts_at=self.started_at,
            ends_at=self.started_at + timedelta(hours=16),
            capacity=100,
        )
        return Attendance.objects.create(
            volunteer=self.volunteer,
            shift=shift,
            site=self.activity.site,
            status=AttendanceStatus.PENDING,
            checked_in_at=self.started_at,
            checked_out_at=self.ended_at,
            minutes=self.minutes,
            grade=Grade.A,
        )


def reversal_of(record: ServiceRecord) -> ServiceRecord:
    """The row that takes a record back, as volunteers.records writes it."""
    same = ("volunteer", "attendance", "version", "activity_name", "service_date", "place", "content")
    same += ("started_at", "ended_at", "organization", "organization_name", "responsible_name", "region", "grade")
    return ServiceRecord.objects.create(
        **{name: getattr(record, name) for name in same},
        kind=RecordKind.REVERSAL,
        reverses=record,
        minutes=-record.minutes,
        reason="记错了",
        recorded_by=UserFactory(),
        recorded_at=record.recorded_at,
    )


def default_rules(region_code: str = GUIYANG, *, at: datetime = LONG_AGO) -> RuleSet:
    """The preset, in force in a region."""
    RegionFactory(code=region_code)
    return scoring.ensure_default_rule_set(region_code=region_code, at=at)


def give(
    volunteer: Volunteer, points: int, *, key: str, at: datetime = LONG_AGO, expires_at: datetime = NEXT_YEAR_END
) -> Transfer:
    """Points out of nowhere, as an award is posted."""
    with transaction.atomic():
        return ledger.post(
            key=key,
            kind=TransferKind.AWARD,
            legs=[
                ledger.Leg(ledger.account_of(volunteer), points),
                ledger.Leg(ledger.system_account(AccountKind.ISSUANCE), -points),
            ],
            sentence_zh=f"{key}，计 {points} 积分。",
            sentence_en=f"{key}: {points} points.",
            source_type="record",
            source_id=1,
            expires_at=expires_at,
            at=at,
        )


def hold(volunteer: Volunteer, points: int, *, key: str, at: datetime = LONG_AGO) -> Transfer:
    """Points set aside, as a reservation in the charity supermarket does."""
    with transaction.atomic():
        return ledger.hold(
            account=ledger.account_of(volunteer),
            points=points,
            key=key,
            sentence_zh="预约兑换 大米",
            sentence_en="Reserved: rice",
            source_type="redemption",
            source_id=1,
            at=at,
        )


def account(volunteer: Volunteer) -> Account:
    """The account as it is now."""
    return Account.objects.get(volunteer=volunteer)
