"""Households at the desk of community staff, and on a volunteer's own phone."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, XINHUA_ROAD, make_path, picked
from tests.factories.volunteers import make_household
from tests.pages.scenes import browser, make_volunteer
from volunteers.people.choices import RequestState
from volunteers.people.household_models import Household, HouseholdMember, HouseholdRequest
from volunteers.people.households import ask_correction

pytestmark = pytest.mark.django_db
HOUSEHOLDS = reverse("pages:households")


@pytest.fixture
def staff() -> Client:
    make_path(COMMUNITY)
    return browser(make_staff(Role.COMMUNITY_STAFF, XINHUA_ROAD[:9]))


def test_the_picker_begins_where_the_staff_work(staff: Client) -> None:
    html = staff.get(HOUSEHOLDS).content.decode()

    assert f'<option value="{XINHUA_ROAD}" selected>' in html
    assert f'<option value="{COMMUNITY}">' in html, "and offers the communities below"


def test_a_household_is_entered_in_the_community_that_was_picked(staff: Client) -> None:
    answer = staff.post(HOUSEHOLDS, {"name": "陈桂兰", "contact": "13800001234", **picked(COMMUNITY)})

    home = Household.objects.get()
    assert answer["Location"] == reverse("pages:household", args=[home.pk])
    assert home.region_id == COMMUNITY
    assert home.name.open() == "陈桂兰"


def test_a_place_of_somebody_else_is_refused_and_the_form_keeps_what_was_typed(staff: Client) -> None:
    make_path(CHENGDU_JINJIANG)

    answer = staff.post(HOUSEHOLDS, {"name": "陈桂兰", **picked(CHENGDU_JINJIANG)})

    assert answer.status_code == 400
    assert 'value="陈桂兰"' in answer.content.decode()
    assert 'data-testid="error-region"' in answer.content.decode()
    assert not Household.objects.exists()


@pytest.mark.parametrize("code", ["x", "999999999999", "５２" * 6])
def test_a_place_that_does_not_exist_is_refused(staff: Client, code: str) -> None:
    answer = staff.post(HOUSEHOLDS, {"name": "陈桂兰", "region_level_0": code})

    assert answer.status_code == 400
    assert not Household.objects.exists()


def test_a_platform_administrator_has_to_pick(staff: Client) -> None:
    admin = browser(make_staff(Role.PLATFORM_ADMIN))

    answer = admin.post(HOUSEHOLDS, {"name": "陈桂兰"})

    assert answer.status_code == 400
    assert "请选择家庭所在的社区。" in answer.content.decode()


def test_people_are_counted_in_by_number_and_taken_out_again(staff: Client) -> None:
    volunteer = make_volunteer()
    home = make_household(region=volunteer.region)
    page = reverse("pages:household", args=[home.pk])

    staff.post(page, {"do": "add", "number": volunteer.number})
    assert home.members.get(left_at=None).volunteer == volunteer
    again = staff.post(page, {"do": "add", "number": volunteer.number})
    staff.post(page, {"do": "remove", "volunteer": volunteer.pk})

    assert again.status_code == 400
    assert not home.members.filter(left_at=None).exists()


def test_the_full_name_is_shown_for_a_reason_and_only_then(staff: Client) -> None:
    volunteer = make_volunteer()
    home = make_household(volunteer, region=volunteer.region, name="陈桂兰", contact="13800001234")
    page = reverse("pages:household", args=[home.pk])

    before = staff.get(page).content.decode()
    after = staff.post(page, {"do": "reveal", "reason": "上门探访"}).content.decode()

    assert "陈桂兰" not in before
    assert "13800001234" not in before
    assert "陈桂兰" in after
    assert "13800001234" in after


def test_a_volunteer_says_it_is_not_their_home_and_staff_answer(staff: Client) -> None:
    volunteer = make_volunteer()
    make_household(volunteer, region=volunteer.region)
    phone = browser(volunteer.user)

    phone.post(reverse("pages:my-household"), {"reason": "我搬走了"})
    asked = HouseholdRequest.objects.get()
    assert f'data-id="{asked.pk}"' in staff.get(HOUSEHOLDS).content.decode()
    staff.post(
        reverse("pages:household-answer", args=[asked.pk]), {"decision": "fixed", "answer": "已经移出"}
    )

    assert HouseholdRequest.objects.get().state != RequestState.OPEN
    assert not HouseholdMember.objects.filter(left_at=None).exists()
    assert "已经移出" in phone.get(reverse("pages:my-household")).content.decode()


def test_a_request_that_was_answered_is_not_answered_again(staff: Client) -> None:
    volunteer = make_volunteer()
    make_household(volunteer, region=volunteer.region)
    asked = ask_correction(volunteer=volunteer, reason="不是我家", at=timezone.now())
    page = reverse("pages:household-answer", args=[asked.pk])

    staff.post(page, {"decision": "kept", "answer": "户口本上有您"})
    again = staff.post(page, {"decision": "fixed", "answer": "移出"})

    assert again.status_code == 409
    assert HouseholdMember.objects.filter(left_at=None).exists()
