"""People in the back office: looked up, never edited, never shown in full."""

from datetime import date

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.volunteers import (
    GuardianFactory,
    RegistrationPolicyFactory,
    VolunteerFactory,
    resident_id,
)

pytestmark = pytest.mark.django_db

VOLUNTEERS = "/admin/volunteers/volunteer/"
ID_NUMBER = resident_id(born=date(1990, 5, 17), sequence=23)


def office(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root():
    return office(User.objects.create_superuser(username="root", password="x" * 20))


@pytest.fixture
def volunteer():
    made = VolunteerFactory(id_type="resident_id", id_number=ID_NUMBER, user__phone="13900001234")
    GuardianFactory(volunteer=made)
    return made


@pytest.mark.parametrize("page", ["", "{pk}/change/", "?q=张"])
def test_number_and_phones_are_masked_on_every_page(root, volunteer, page):
    response = root.get(VOLUNTEERS + page.format(pk=volunteer.pk))

    text = response.content.decode()
    assert response.status_code == 200
    assert (f"520***********{ID_NUMBER[-4:]}" in text, "139****1234" in text) == (True, True)
    assert [secret for secret in (ID_NUMBER, "13900001234", "13700001234") if secret in text] == []


@pytest.mark.parametrize("page", ["add/", "{pk}/delete/"])
def test_volunteers_are_neither_added_nor_deleted_there(root, volunteer, page):
    assert root.get(VOLUNTEERS + page.format(pk=volunteer.pk)).status_code == 403


def test_staff_see_the_volunteers_of_their_region_only(volunteer):
    VolunteerFactory(name="成都人", region=RegionFactory(code=CHENGDU_JINJIANG))
    staff = make_staff(Role.COMMUNITY_STAFF, "52")
    User.objects.filter(pk=staff.pk).update(is_staff=True)

    text = office(User.objects.get(pk=staff.pk)).get(VOLUNTEERS).content.decode()

    assert (volunteer.number in text, "成都人" in text) == (True, False)


@pytest.mark.parametrize("page", ["", "add/", "{pk}/change/"])
def test_the_policy_pages_open(root, page):
    policy = RegistrationPolicyFactory()

    assert root.get("/admin/volunteers/registrationpolicy/" + page.format(pk=policy.pk)).status_code == 200
