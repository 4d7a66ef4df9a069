"""Around the Python: PostgreSQL keeps the people in order by itself."""

from datetime import timedelta

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.volunteers import (
    REGISTERED_AT,
    GuardianFactory,
    RegistrationPolicyFactory,
    VolunteerFactory,
)
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer

pytestmark = pytest.mark.django_db

INSERTS = {
    "volunteer_number_form": {"number": "012345678901"},
    "volunteer_id_index_form": {"id_index": "E12345678"},
    "volunteer_sex_known": {"sex": "x"},
    "volunteer_id_type_known": {"id_type": "library_card"},
    "volunteer_status_known": {"status": "asleep"},
    "volunteer_categories_known": {"service_categories": ["health", "magic"]},
    "volunteer_rejection_explained": {"status": VolunteerStatus.REJECTED},
}
POLICIES = {
    "policy_guardian_age_lawful": {"guardian_until": 13},
    "policy_min_age_sane": {"min_age": 19},
    "policy_board_age_sane": {"board_min_age": 101},
}
OTHERS = {
    "volunteer_number_once",
    "volunteer_person_once",
    "volunteer_not_self_reviewed",
    "volunteer_status_moves",
    "volunteer_number_stays",
    "guardian_named",
    "guardian_phone_index_form",
    "consent_live_once",
    "consent_kind_known",
    "consent_withdrawn_after_granted",
    "consent_is_history",
}


@pytest.fixture
def volunteer():
    return VolunteerFactory()


@pytest.fixture
def consent(volunteer):
    return Consent.objects.get(volunteer=volunteer)


def rows(volunteer):
    return Volunteer.objects.filter(pk=volunteer.pk)


@pytest.mark.parametrize("name", sorted(INSERTS))
def test_a_row_that_breaks_the_rules_is_refused(name):
    with refused_by(name):
        VolunteerFactory(**INSERTS[name])


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_policy_that_breaks_the_law_or_sense_is_refused(name):
    with refused_by(name):
        RegistrationPolicyFactory(**POLICIES[name])


def test_a_volunteer_number_is_given_once(volunteer):
    with refused_by("volunteer_number_once"):
        VolunteerFactory(number=volunteer.number)


def test_a_document_is_registered_once(volunteer):
    with refused_by("volunteer_person_once"):
        VolunteerFactory(id_index=volunteer.id_index)


def test_an_account_has_one_volunteer(volunteer):
    with refused_by("volunteers_volunteer_user_id_key"):
        VolunteerFactory(user=volunteer.user)


def test_nobody_reviews_themselves(volunteer):
    with refused_by("volunteer_not_self_reviewed"):
        rows(volunteer).update(reviewed_by=volunteer.user)


@pytest.mark.parametrize("status", [VolunteerStatus.PENDING, VolunteerStatus.REJECTED])
def test_an_active_volunteer_cannot_become_an_applicant_again(volunteer, status):
    with refused_by("volunteer_status_moves"):
        rows(volunteer).update(status=status)


@pytest.mark.parametrize("column", ["number", "user"])
def test_number_and_account_are_for_life(volunteer, column):
    value = "999999999999" if column == "number" else UserFactory()

    with refused_by("volunteer_number_stays"):
        rows(volunteer).update(**{column: value})


def test_a_guardians_phone_is_found_through_a_hash_and_nothing_else():
    with refused_by("guardian_phone_index_form"):
        GuardianFactory(phone_index="13700001234")


@pytest.mark.parametrize("column", ["name", "relation"])
def test_a_guardian_has_a_name_and_a_relation(column):
    with refused_by("guardian_named"):
        GuardianFactory(**{column: ""})


def test_a_consent_holds_once(consent):
    with refused_by("consent_live_once"):
        Consent.objects.create(volunteer=consent.volunteer, kind=consent.kind, granted_at=REGISTERED_AT)


def test_a_consent_is_about_something_known(volunteer):
    with refused_by("consent_kind_known"):
        Consent.objects.create(volunteer=volunteer, kind="everything", granted_at=REGISTERED_AT)


def test_a_consent_is_not_withdrawn_before_it_was_given(consent):
    with refused_by("consent_withdrawn_after_granted"):
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=REGISTERED_AT - timedelta(seconds=1))


@pytest.mark.parametrize(
    "change",
    [
        {"granted_at": REGISTERED_AT + timedelta(days=1)},
        {"kind": "location"},
        {"kind": "location", "withdrawn_at": REGISTERED_AT},
    ],
)
def test_a_consent_is_not_rewritten(consent, change):
    with refused_by("consent_is_history"):
        Consent.objects.filter(pk=consent.pk).update(**change)


def test_a_consent_is_withdrawn_once(consent):
    Consent.objects.filter(pk=consent.pk).update(withdrawn_at=REGISTERED_AT)

    with refused_by("consent_is_history"):
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=None)


def test_a_consent_is_not_removed(consent):
    with refused_by("consent_is_history"):
        Consent.objects.filter(pk=consent.pk)._raw_delete("default")


def test_every_guard_of_the_tables_has_its_case():
    guards = guards_of(Volunteer, Guardian, Consent, RegistrationPolicy)

    assert guards == {*INSERTS, *POLICIES, *OTHERS}
