"""The people and places of a benchmark, written in bulk: making them is not what is measured."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from backend.accounts.models import User
from backend.core.crypto import blind_index
from backend.core.outbox.models import OutboxEvent
from points.ledger import services as ledger
from points.ledger.models import AccountKind, TransferKind
from tests.factories.accounts import OrganizationFactory, StaffFactory
from tests.factories.regions import COMMUNITY, make_path
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ActivityFactory, ProgrammeFactory, ShiftFactory
from venues.sites import qr
from venues.sites.models import Site
from volunteers.activities.choices import SignUpStatus
from volunteers.activities.models import Shift, SignUp
from volunteers.attendance.choices import AttendanceStatus, Grade
from volunteers.attendance.models import Attendance
from volunteers.people.choices import ConsentKind, IdType, Sex, VolunteerStatus
from volunteers.people.models import Consent, Volunteer
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

PER_SITE = 100
LATITUDE, LONGITUDE = 26.5783, 106.7135
_TOKEN_WINDOWS = 40  # twenty minutes of codes


def volunteers(count: int, *, prefix: str) -> list[Volunteer]:
    """So many active adults of one community who agreed that their location may be used."""
    region = make_path(COMMUNITY)
    at = timezone.now() - timedelta(days=30)
    users = User.objects.bulk_create(
        [User(username=f"{prefix}{index}", password="!") for index in range(count)]
    )
    number = int(f"1{sum(prefix.encode()) % 1000:03d}00000000")
    people = Volunteer.objects.bulk_create(
        Volunteer(
            user=user,
            number=str(number + index),
            name="张晓明",
            sex=Sex.FEMALE,
            birth_date=date(1990, 1, 1),
            id_type=IdType.PASSPORT,
            id_number=f"{prefix}{index:07d}",
            id_index=blind_index(f"{prefix}{index}", purpose="bench"),
            region=region,
            status=VolunteerStatus.ACTIVE,
            registered_at=at,
        )
        for index, user in enumerate(users)
    )
    Consent.objects.bulk_create(
        Consent(volunteer=person, kind=kind, granted_at=at)
        for person in people
        for kind in (ConsentKind.PRIVACY, ConsentKind.LOCATION, ConsentKind.HONOR_BOARD)
    )
    return people


def shifts_now(count: int, **of_activity: object) -> list[Shift]:
    """So many shifts that are going on, each at a site of its own."""
    region = make_path(COMMUNITY)
    programme = ProgrammeFactory.create(
        organization=OrganizationFactory.create(region=region),
        region=region,
        starts_on=date(2020, 1, 1),
        ends_on=date(2099, 12, 31),
    )
    begun = timezone.now() - timedelta(minutes=5)
    made = []
    for _ in range(count):
        site = SiteFactory.create(organization=programme.organization, region=region)
        activity = ActivityFactory.create(programme=programme, site=site, **of_activity)
        made.append(
            ShiftFactory.create(
                activity=activity, starts_at=begun, ends_at=begun + timedelta(hours=3), capacity=PER_SITE
            )
        )
    return made


def signed_up(people: Sequence[Volunteer], shifts: Sequence[Shift]) -> list[Site]:
    """Give everybody a confirmed place; the value is each one's site, in the people's order."""
    at = timezone.now() - timedelta(days=1)
    places = [shifts[index // PER_SITE] for index in range(len(people))]
    for first in range(0, len(people), PER_SITE):
        with transaction.atomic():
            SignUp.objects.bulk_create(
                SignUp(
                    shift=shift,
                    volunteer=person,
                    status=SignUpStatus.CONFIRMED,
                    created_at=at,
                    period=(shift.starts_at, shift.ends_at),
                )
                for person, shift in zip(
                    people[first : first + PER_SITE], places[first : first + PER_SITE], strict=True
                )
            )
    return [shift.activity.site for shift in places]


def codes(sites: Sequence[Site]) -> dict[str, dict[str, str]]:
    """What the screen of each site will show in the next minutes, by window."""
    now = timezone.now()
    times = [now + timedelta(seconds=qr.WINDOW_SECONDS * step) for step in range(-1, _TOKEN_WINDOWS)]
    return {
        str(site.pk): {
            str(qr.window_of(at)): qr.mint(
                site_id=site.pk,
                key_version=site.key_version,
                key=qr.derive_key(secret=settings.QR_SECRET, site_id=site.pk, key_version=site.key_version),
                at=at,
            )
            for at in times
        }
        for site in {site.pk: site for site in sites}.values()
    }


def jwt(person: Volunteer) -> str:
    """An access token, made beforehand."""
    return str(AccessToken.for_user(person.user))


def approved_records(people: Sequence[Volunteer], *, each: int, **of_last: object) -> int:
    """Two approved hours a day for each person, with their events waiting in the outbox; how many.

    `of_last` is what the activity of the last day has of its own.
    """
    decider = StaffFactory.create()
    now = timezone.now()
    first_day = now.replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(days=each + 1)
    made = 0
    for day in range(each):
        begun = first_day + timedelta(days=day)
        (shift,) = shifts_now(1, **(of_last if day == each - 1 else {}))
        attendances = Attendance.objects.bulk_create(
            Attendance(
                volunteer=person,
                shift=shift,
                site=shift.activity.site,
                status=AttendanceStatus.APPROVED,
                checked_in_at=begun,
                checked_out_at=begun + timedelta(hours=2),
                minutes=120,
                grade=Grade.A,
                credited=(begun, begun + timedelta(hours=2)),
                decided_by=decider,
                decided_at=now,
            )
            for person in people
        )
        records = ServiceRecord.objects.bulk_create(
            _record(attendance, shift, begun=begun, decider=decider, at=now) for attendance in attendances
        )
        OutboxEvent.objects.bulk_create(
            OutboxEvent(
                topic="record.approved",
                key=f"volunteer:{record.volunteer_id}",
                payload={"record_id": record.pk},
                created_at=now,
                due_at=now,
            )
            for record in records
        )
        made += len(records)
    return made


def _record(
    attendance: Attendance, shift: Shift, *, begun: datetime, decider: User, at: datetime
) -> ServiceRecord:
    organization = shift.activity.programme.organization
    return ServiceRecord(
        volunteer=attendance.volunteer,
        attendance=attendance,
        kind=RecordKind.SERVICE,
        activity_name=shift.activity.name,
        service_date=timezone.localdate(begun),
        place=attendance.site.name,
        content=shift.activity.content,
        started_at=begun,
        ended_at=begun + timedelta(hours=2),
        minutes=120,
        organization=organization,
        organization_name=organization.name,
        responsible_name=shift.activity.responsible_name,
        region=attendance.site.region,
        category=shift.activity.category,
        recipient=shift.activity.recipient,
        activity_type=shift.activity.activity_type,
        scheduled_minutes=shift.scheduled_minutes,
        grade=Grade.A,
        recorded_by=decider,
        recorded_at=at,
    )


def give_points(people: Sequence[Volunteer]) -> None:
    """A thousand points each, posted as an award is."""
    now = timezone.now()
    with transaction.atomic():
        accounts = ledger.lock_accounts_of({person.pk for person in people})
        issuance = ledger.system_account(AccountKind.ISSUANCE)
        postings = [
            ledger.Posting(
                key=f"bench:{person.pk}",
                kind=TransferKind.AWARD,
                legs=(ledger.Leg(accounts[person.pk], 1000), ledger.Leg(issuance, -1000)),
                sentence_zh="基准测试",
                sentence_en="benchmark",
                source_type="record",
                source_id=person.pk,
                expires_at=now + timedelta(days=365),
            )
            for person in people
        ]
        ledger.post_many(postings=postings, at=now, locked=accounts.values())
