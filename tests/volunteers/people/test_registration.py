"""Becoming a volunteer."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection

from backend.accounts.errors import PhoneInvalid
from backend.accounts.models import User
from backend.accounts.scopes import Role
from backend.accounts.services import PHONE_PURPOSE
from backend.core.crypto import blind_index
from backend.core.models import AuditEntry
from backend.regions.errors import RegionUnknown
from tests.factories.accounts import UserFactory, make_actor
from tests.factories.regions import COMMUNITY, GUIYANG, GUIZHOU, XINHUA_ROAD, make_path
from tests.factories.volunteers import RegistrationPolicyFactory, VolunteerFactory, resident_id
from volunteers.people import services
from volunteers.people.choices import ConsentKind, IdType, Sex, VolunteerStatus
from volunteers.people.errors import (
    AlreadyRegistered,
    ConsentRequired,
    GuardianDetailsMissing,
    GuardianRequired,
    NameInvalid,
    NumberTaken,
    PersonRegistered,
    ServiceCategoryUnknown,
    TooYoungToRegister,
)
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer
from volunteers.people.queries import consents_of, policy_for
from volunteers.people.services import GuardianInput

pytestmark = pytest.mark.django_db

ADULT = resident_id(born=date(1990, 5, 17), sequence=23)
CHILD = resident_id(born=date(2014, 9, 15), sequence=24)  # twelve today
MOTHER = GuardianInput(name="李梅", phone="137 0000 1234", relation="母亲")


@pytest.fixture(autouse=True)
def regions():
    make_path()


@pytest.fixture
def register(now) -> Callable[..., Volunteer]:
    def register_with(**changes: object) -> Volunteer:
        facts = {
            "user": changes.get("user") or UserFactory(),
            "name": "张晓明",
            "id_type": "resident_id",
            "id_number": ADULT,
            "region_code": COMMUNITY,
            "skills": ["急救"],
            "service_categories": ["health", "community"],
            "available_times": ["周末上午"],
            "consents": ["privacy", "location"],
            "at": now,
        }
        return services.register(**facts | changes)

    return register_with


def test_registration_keeps_the_fields_of_order_67(register, now):
    user = UserFactory()

    made = register(user=user)

    kept = Volunteer.objects.get()
    assert kept == made
    assert (kept.user, kept.name, kept.sex, kept.birth_date) == (user, "张晓明", Sex.MALE, date(1990, 5, 17))
    assert (kept.region_id, kept.skills) == (COMMUNITY, ["急救"])
    assert (kept.service_categories, kept.available_times) == (["health", "community"], ["周末上午"])
    assert (kept.status, kept.registered_at) == (VolunteerStatus.ACTIVE, now)
    assert consents_of(kept) == {ConsentKind.PRIVACY, ConsentKind.LOCATION}


def test_the_id_number_lies_sealed_in_the_database(register):
    made = register()

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(v)::text FROM volunteers_volunteer v")
        (row,) = cursor.fetchone()
    assert ADULT not in row
    made.refresh_from_db()
    assert made.id_number.open() == ADULT


def test_the_number_has_nothing_of_the_id_number(register):
    assert register(draw=lambda: "314159265358").number == "314159265358"


def test_registration_is_audited_without_personal_data(register):
    made = register()

    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.action, entry.target_id) == (
        made.user_id,
        "volunteer.registered",
        str(made.pk),
    )
    assert entry.detail == {}


def test_a_number_already_taken_is_drawn_again(register):
    VolunteerFactory(number="111111111111")
    draws = iter(["111111111111", "111111111111", "222222222222"])

    assert register(draw=lambda: next(draws)).number == "222222222222"


def test_after_five_taken_numbers_the_person_is_asked_to_try_again(register):
    VolunteerFactory(number="111111111111")
    draws = iter(["111111111111"] * 5 + ["222222222222"])

    with pytest.raises(NumberTaken):
        register(draw=lambda: next(draws))

    assert list(draws) == ["222222222222"]
    assert (Volunteer.objects.count(), Consent.objects.count()) == (1, 1)


def test_an_account_registers_once(register):
    user = UserFactory()
    register(user=user)

    with pytest.raises(AlreadyRegistered):
        register(user=user, id_number=resident_id(sequence=77))

    assert Volunteer.objects.count() == 1


@pytest.mark.parametrize("spelling", [str.upper, str.lower])
def test_a_person_registers_once_however_the_number_is_spelled(register, spelling):
    register(id_number="11010519491231002X")

    with pytest.raises(PersonRegistered) as refusal:
        register(id_number=spelling("11010519491231002X"))

    assert refusal.value.field == "id_number"
    assert Volunteer.objects.count() == 1


def test_the_same_number_on_another_kind_of_document_is_another_document(register):
    register(id_type="passport", id_number="12345678", sex="male", birth_date=date(1980, 1, 1))

    register(id_type="taiwan_permit", id_number="12345678", sex="male", birth_date=date(1980, 1, 1))

    assert Volunteer.objects.count() == 2


@pytest.mark.parametrize("name", ["", "  ", "\x00", "张\u200b明", "张\n明"])
def test_a_name_nobody_has_is_refused(register, name):
    with pytest.raises(NameInvalid):
        register(name=name)


@pytest.mark.parametrize(
    "name", ["阿不都·热合曼", "Anna-Marie O’Neill", " 张晓明 ", "王\U00031350", "王\ue863"]
)
def test_names_of_every_kind_are_kept_without_outer_spaces(register, name):
    assert register(name=name).name == name.strip()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"consents": ["location"]}, ConsentRequired),
        ({"service_categories": ["health", "magic"]}, ServiceCategoryUnknown),
        ({"region_code": "990000000000"}, RegionUnknown),
        ({"region_code": "5201"}, RegionUnknown),
    ],
)
def test_what_is_not_in_order_is_refused_and_nothing_kept(register, changes, refusal):
    with pytest.raises(refusal):
        register(**changes)

    assert (Volunteer.objects.count(), Consent.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_categories_are_kept_once_each_in_their_order(register):
    assert register(service_categories=["tax", "health", "tax"]).service_categories == ["tax", "health"]


def test_a_child_registers_with_a_guardian_who_agreed(register, now):
    made = register(id_number=CHILD, guardian=MOTHER, consents=["privacy", "guardian"])

    guardian = Guardian.objects.get()
    assert (guardian.volunteer, guardian.name, guardian.relation) == (made, "李梅", "母亲")
    assert (guardian.phone.open(), guardian.consented_at) == ("13700001234", now)
    assert guardian.phone_index == blind_index("13700001234", purpose=PHONE_PURPOSE)
    assert consents_of(made) == {ConsentKind.PRIVACY, ConsentKind.GUARDIAN}


@pytest.mark.parametrize(
    ("guardian", "consents"),
    [(None, ["privacy"]), (None, ["privacy", "guardian"]), (MOTHER, ["privacy"])],
)
def test_a_child_needs_both_a_guardian_and_their_consent(register, guardian, consents):
    with pytest.raises(GuardianRequired):
        register(id_number=CHILD, guardian=guardian, consents=consents)

    assert not Volunteer.objects.exists()


@pytest.mark.parametrize(
    ("guardian", "refusal"),
    [
        (GuardianInput(name=" ", phone="13700001234", relation="母亲"), GuardianDetailsMissing),
        (GuardianInput(name="李梅", phone="13700001234", relation=""), GuardianDetailsMissing),
        (GuardianInput(name="李梅", phone="12345", relation="母亲"), PhoneInvalid),
    ],
)
def test_a_guardian_must_be_reachable(register, guardian, refusal):
    with pytest.raises(refusal):
        register(id_number=CHILD, guardian=guardian, consents=["privacy", "guardian"])

    assert not Volunteer.objects.exists()


def test_the_guardians_phone_is_pointed_at(register):
    broken = GuardianInput(name="李梅", phone="12345", relation="母亲")

    with pytest.raises(PhoneInvalid) as refusal:
        register(id_number=CHILD, guardian=broken, consents=["privacy", "guardian"])

    assert refusal.value.field == "guardian.phone"


def test_a_consent_of_a_guardian_nobody_named_is_not_kept(register):
    assert consents_of(register(consents=["privacy", "guardian"])) == {ConsentKind.PRIVACY}


def test_under_six_nobody_registers(register):
    with pytest.raises(TooYoungToRegister):
        register(
            id_number=resident_id(born=date(2020, 9, 16)), guardian=MOTHER, consents=["privacy", "guardian"]
        )


def test_the_day_is_the_day_of_shanghai(register, now):
    """At 23:30 UTC on the 14th it is the 15th in Guiyang, and a sixth birthday there."""
    evening = now.replace(day=14, hour=23, minute=30)
    child = resident_id(born=date(2020, 9, 15))

    assert register(id_number=child, guardian=MOTHER, consents=["privacy", "guardian"], at=evening).pk


def test_the_nearest_policy_above_the_region_decides():
    RegistrationPolicyFactory(region_id=GUIZHOU, min_age=8)
    RegistrationPolicyFactory(region_id=GUIYANG, min_age=10)

    assert policy_for(COMMUNITY).min_age == 10
    assert policy_for(XINHUA_ROAD).min_age == 10
    assert policy_for(GUIZHOU).min_age == 8


def test_a_policy_of_another_region_does_not_decide():
    RegistrationPolicyFactory(region_id=GUIYANG, min_age=10)

    assert policy_for("510104000000").min_age == RegistrationPolicy().min_age == 6


def test_where_the_region_reviews_the_volunteer_waits(register):
    RegistrationPolicyFactory(region_id=GUIYANG)

    assert register().status == VolunteerStatus.PENDING


def test_a_region_may_ask_for_a_guardian_under_sixteen_only(register):
    RegistrationPolicyFactory(region_id=GUIYANG, review_required=False, guardian_until=16)
    sixteen = resident_id(born=date(2010, 9, 15))
    fifteen = resident_id(born=date(2010, 9, 16))

    assert register(id_number=sixteen).status == VolunteerStatus.ACTIVE
    with pytest.raises(GuardianRequired):
        register(id_number=fifteen)


def test_who_was_turned_away_may_apply_again_and_is_looked_at_again(register, now):
    policy = RegistrationPolicyFactory(region_id=GUIYANG)
    user = UserFactory()
    first = register(user=user, name="张小明")
    services.reject_registration(
        volunteer=first, actor=make_actor(Role.COMMUNITY_STAFF, "52"), reason="姓名不符", at=now
    )
    policy.review_required = False
    policy.save()

    again = register(user=user, name="张晓明", consents=["privacy", "honor_board"])

    again.refresh_from_db()
    assert (again.pk, again.number, again.name) == (first.pk, first.number, "张晓明")
    assert (again.status, again.reviewed_by, again.reviewed_at) == (VolunteerStatus.PENDING, None, None)
    assert again.review_reason == ""
    assert consents_of(again) == {ConsentKind.PRIVACY, ConsentKind.LOCATION, ConsentKind.HONOR_BOARD}


def test_who_was_turned_away_still_blocks_the_document_for_others(register, now):
    RegistrationPolicyFactory(region_id=GUIYANG)
    services.reject_registration(
        volunteer=register(), actor=make_actor(Role.COMMUNITY_STAFF, "52"), reason="照片不清", at=now
    )

    with pytest.raises(PersonRegistered):
        register()


def test_only_the_account_itself_registers(register):
    """Whoever the audit names is the person registered: there is no actor to act for them."""
    made = register()

    assert AuditEntry.objects.get().actor_id == made.user_id
    assert User.objects.count() == 1


def test_other_documents_need_sex_and_birth_date(register):
    made = register(id_type=IdType.PASSPORT, id_number="e12345678", sex="female", birth_date=date(1980, 2, 3))

    made.refresh_from_db()
    assert (made.sex, made.birth_date, made.id_number.open()) == (Sex.FEMALE, date(1980, 2, 3), "E12345678")
