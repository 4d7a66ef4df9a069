"""A donor's new phone: one colleague asks on the page of the file, another decides there."""

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.accounts.scopes import Role
from points.giving.contact_models import ContactRequest
from points.giving.models import Donor
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.giving import Door, make_door, make_owner
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db
CHANGE = {"step": "contact", "contact": "139 0000 8888", "reason": "换了号码"}


@pytest.fixture
def door() -> Door:
    return make_door()


@pytest.fixture
def clerk(door: Door) -> Client:
    return browser(User.objects.get(pk=door.clerk.user_id))


@pytest.fixture
def staff(door: Door) -> Client:
    return browser(make_staff(Role.COMMUNITY_STAFF, door.store.region_id))


def shown(client: Client, address: str) -> list[str]:
    html = client.get(address).content.decode()
    parts = ("contact-form", "contact-request", "waits", "withdraw-contact", "agree-contact", "contact-asked")
    return [part for part in parts if f'data-testid="{part}"' in html]


def test_a_new_phone_takes_the_file_only_when_a_second_person_agrees(
    door: Door, clerk: Client, staff: Client
) -> None:
    before, after = make_owner(door.donor), UserFactory.create(phone="13900008888")
    page, mine = reverse("pages:giving-donor", args=[door.donor.pk]), reverse("pages:my-giving")

    assert clerk.post(page, CHANGE).status_code == 302
    asked = ContactRequest.objects.get()

    assert shown(clerk, page) == ["contact-request", "waits", "withdraw-contact"]
    assert shown(staff, page) == ["contact-request", "agree-contact"]
    assert shown(staff, reverse("pages:giving-donors")) == ["contact-asked"]
    html = staff.get(page).content.decode()
    assert ("139****8888" in html, "13900008888" in html) == (True, False)
    told = browser(before).get(mine).content.decode()
    assert 'data-testid="contact-asked"' in told
    assert ("139****8888" in told, "13900008888" in told, door.donor.name in told) == (True, False, True)
    assert browser(after).post(reverse("pages:my-giving-claim")).status_code == 404
    own = clerk.post(page, {"step": "contact-agree", "request": asked.pk})
    assert (own.status_code, 'data-code="contact_decided_by_asker"' in own.content.decode()) == (403, True)
    assert Donor.objects.get().user == before

    assert staff.post(page, {"step": "contact-agree", "request": asked.pk}).status_code == 302
    browser(after).post(reverse("pages:my-giving-claim"))

    assert Donor.objects.get().user == after
    assert door.donor.name not in browser(before).get(mine).content.decode()
    assert shown(clerk, page) == ["contact-form"]


def test_a_request_is_refused_or_withdrawn_and_the_file_stays(
    door: Door, clerk: Client, staff: Client
) -> None:
    owner = make_owner(door.donor)
    page = reverse("pages:giving-donor", args=[door.donor.pk])

    for who, step in ((staff, "contact-refuse"), (clerk, "contact-withdraw")):
        clerk.post(page, CHANGE)
        waiting = ContactRequest.objects.get(outcome__isnull=True)
        again = staff.post(page, CHANGE)
        assert (again.status_code, ContactRequest.objects.filter(outcome=None).count()) == (409, 1)
        assert who.post(page, {"step": step, "request": waiting.pk}).status_code == 302

    assert list(ContactRequest.objects.values_list("outcome", flat=True)) == ["withdrawn", "refused"]
    assert Donor.objects.get().user == owner
    for odd in ("", "x", "0", "9" * 30, "1\x00"):
        assert staff.post(page, {"step": "contact-agree", "request": odd}).status_code == 404


def test_a_file_without_a_phone_is_given_one_by_one_person(door: Door, clerk: Client) -> None:
    page = reverse("pages:giving-donor", args=[door.donor.pk])

    assert clerk.post(page, CHANGE).status_code == 302

    contact = Donor.objects.get().contact
    assert (contact and contact.open(), ContactRequest.objects.count()) == ("13900008888", 0)
