"""Volunteers with their consents, and what they may sign up for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation
from stdnum.cn import ric

from backend.accounts.services import PHONE_PURPOSE
from backend.core.crypto import blind_index
from tests.factories.accounts import OrganizationFactory, UserFactory
from tests.factories.regions import RegionFactory
from tests.factories.venues import SiteFactory
from volunteers.activities.choices import ActivityType, ProgrammeState, Recipient, SignUpStatus
from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.people.choices import ConsentKind, IdType, ServiceCategory, Sex, VolunteerStatus
from volunteers.people.household_models import Household, HouseholdMember
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer
from volunteers.people.services import ID_PURPOSE

REGISTERED_AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
SHIFT_STARTS = datetime(
    2026, 9, 15, 1, 0, tzinfo=UTC
)  # 09:00 in Guiyang, an hour before the `now` of the tests


def resident_id(*, born: date = date(1990, 1, 1), sequence: int = 1, area: str = "520102") -> str:
    """Make a valid resident ID; an odd `sequence` is a man's."""
    body = f"{area}{born:%Y%m%d}{sequence % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


class VolunteerFactory(DjangoModelFactory[Volunteer]):
    """An active adult volunteer who agreed to the processing of personal information."""

    class Meta:
        model = Volunteer
        skip_postgeneration_save = True

    user = SubFactory(UserFactory)
    number = Sequence(lambda number: str(100_000_000_000 + number))
    name = "张晓明"
    sex = Sex.FEMALE
    birth_date = date(1990, 1, 1)
    id_type = IdType.PASSPORT
    id_number = Sequence(lambda number: f"E{number:08d}")
    id_index = LazyAttribute(lambda made: blind_index(f"{made.id_type}:{made.id_number}", purpose=ID_PURPOSE))
    region = SubFactory(RegionFactory)
    status = VolunteerStatus.ACTIVE
    registered_at = REGISTERED_AT

    @post_generation
    def consents(self: Volunteer, create: bool, given: Any, **_: Any) -> None:  # noqa: FBT001 – factory_boy's hook
        """Give `consents=[…]`, or the one every registration needs."""
        kinds = [ConsentKind.PRIVACY] if given is None else given
        for kind in kinds:
            Consent.objects.create(volunteer=self, kind=kind, granted_at=REGISTERED_AT)


class GuardianFactory(DjangoModelFactory[Guardian]):
    """A mother."""

    class Meta:
        model = Guardian

    volunteer = SubFactory(VolunteerFactory)
    name = "李梅"
    phone = "13700001234"
    phone_index = LazyAttribute(lambda made: blind_index(made.phone, purpose=PHONE_PURPOSE))
    relation = "母亲"
    consented_at = REGISTERED_AT


class RegistrationPolicyFactory(DjangoModelFactory[RegistrationPolicy]):
    """A region that reviews registrations."""

    class Meta:
        model = RegistrationPolicy

    region = SubFactory(RegionFactory)
    review_required = True


class ProgrammeFactory(DjangoModelFactory[Programme]):
    """A programme of the year."""

    class Meta:
        model = Programme

    organization = SubFactory(OrganizationFactory)
    region = SubFactory(RegionFactory)
    name = Sequence(lambda number: f"项目{number}")
    goal = "让来就诊的老人有人引路。"
    starts_on = date(2026, 1, 1)
    ends_on = date(2026, 12, 31)
    state = ProgrammeState.RUNNING


class ActivityFactory(DjangoModelFactory[Activity]):
    """Guiding patients in a hospital, for adults; the site and the programme belong to one organization."""

    class Meta:
        model = Activity

    programme = SubFactory(ProgrammeFactory)
    site = SubFactory(SiteFactory, organization=SelfAttribute("..programme.organization"))
    name = "导诊"
    category = ServiceCategory.HEALTH
    recipient = Recipient.PATIENTS
    activity_type = ActivityType.VOLUNTEERING
    content = "引导挂号、取药"
    risks = "人流密集"
    protection = "意外伤害保险"
    responsible_name = "王芳"


class ShiftFactory(DjangoModelFactory[Shift]):
    """09:00–12:00 with ten places."""

    class Meta:
        model = Shift

    activity = SubFactory(ActivityFactory)
    starts_at = SHIFT_STARTS
    ends_at = LazyAttribute(lambda made: made.starts_at + timedelta(hours=3))
    capacity = 10


class SignUpFactory(DjangoModelFactory[SignUp]):
    """A confirmed place."""

    class Meta:
        model = SignUp

    shift = SubFactory(ShiftFactory)
    volunteer = SubFactory(VolunteerFactory)
    status = SignUpStatus.CONFIRMED
    created_at = REGISTERED_AT
    period = LazyAttribute(lambda made: (made.shift.starts_at, made.shift.ends_at))


class HouseholdFactory(DjangoModelFactory[Household]):
    """A family of the default community."""

    class Meta:
        model = Household

    number = Sequence(lambda number: str(200_000_000_000 + number))
    name = "陈桂兰"
    region = SubFactory(RegionFactory)
    opened_at = REGISTERED_AT


def make_household(*members: Volunteer, **household: object) -> Household:
    """Make a household these volunteers live in."""
    made = HouseholdFactory.create(**household)
    for member in members:
        HouseholdMember.objects.create(household=made, volunteer=member, joined_at=made.opened_at)
    return made
