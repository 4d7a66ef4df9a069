"""Signing in with a phone, with a password, and registering."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from backend.regions.models import Region
from tests.factories.accounts import PASSWORD, UserFactory, make_staff
from tests.factories.regions import COMMUNITY, GUIYANG, GUIZHOU, NANMING, XINHUA_ROAD, make_path
from tests.factories.volunteers import resident_id
from tests.pages.scenes import browser, make_volunteer
from volunteers.people.models import Guardian, Volunteer

pytestmark = pytest.mark.django_db

PHONE = "13800001234"


def _ask_for_code(client: Client, **fields: str) -> str:
    """Send the phone; return the code a demo shows."""
    html = client.post(reverse("pages:login"), {"phone": PHONE, **fields}).content.decode()
    found = re.search(r'data-code="(\d{6})"', html)
    assert found is not None
    return found[1]


def test_a_phone_and_its_code_sign_a_newcomer_in_and_on_to_registering() -> None:
    client = browser()
    code = _ask_for_code(client)

    response = client.post(reverse("pages:login"), {"phone": PHONE, "code": code})

    assert (response.status_code, response.headers["Location"]) == (302, reverse("pages:register"))


def test_signing_in_leads_back_to_where_one_came_from() -> None:
    client = browser()
    code = _ask_for_code(client, next="/shifts/")

    response = client.post(reverse("pages:login"), {"phone": PHONE, "code": code, "next": "/shifts/"})

    assert response.headers["Location"] == "/shifts/"


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(elsewhere: str) -> None:
    client = browser()
    code = _ask_for_code(client, next=elsewhere)

    response = client.post(reverse("pages:login"), {"phone": PHONE, "code": code, "next": elsewhere})

    assert response.headers["Location"] == reverse("pages:register")


def test_a_wrong_code_keeps_the_phone_and_says_how_many_tries_are_left() -> None:
    client = browser()
    right = _ask_for_code(client)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    response = client.post(reverse("pages:login"), {"phone": PHONE, "code": wrong})
    html = response.content.decode()

    assert response.status_code == 400
    assert "验证码不对，还可以试 4 次。" in html
    assert f'name="phone" value="{PHONE}"' in html
    assert client.get(reverse("pages:me")).status_code == 302


def test_the_phone_is_masked_on_the_code_step() -> None:
    html = browser().post(reverse("pages:login"), {"phone": PHONE}).content.decode()

    assert "138****1234" in html


def test_a_number_that_is_no_phone_is_told_so_and_kept() -> None:
    response = browser().post(reverse("pages:login"), {"phone": "12345"})
    html = response.content.decode()

    assert response.status_code == 400
    assert "请填写 11 位大陆手机号。" in html
    assert 'value="12345"' in html


def test_asking_for_a_code_twice_in_a_minute_says_when_to_try_again() -> None:
    client = browser()
    _ask_for_code(client)

    response = client.post(reverse("pages:login"), {"phone": PHONE})

    assert response.status_code == 429
    assert "验证码发送太频繁" in response.content.decode()


def _with_password(role: Role) -> str:
    user = make_staff(role, 1)
    user.set_password(PASSWORD)
    user.save()
    assert user.username is not None
    return user.username


@pytest.mark.parametrize(("role", "home"), [(Role.SITE_MANAGER, "/manage/"), (Role.STORE_CLERK, "/counter/")])
def test_staff_sign_in_with_a_password_and_land_on_their_first_page(role: Role, home: str) -> None:
    username = _with_password(role)

    response = browser().post(reverse("pages:staff-login"), {"username": username, "password": PASSWORD})

    assert (response.status_code, response.headers["Location"]) == (302, home)


def test_a_wrong_password_keeps_the_username_and_not_the_password() -> None:
    username = _with_password(Role.SITE_MANAGER)

    response = browser().post(reverse("pages:staff-login"), {"username": username, "password": "guess-guess"})
    html = response.content.decode()

    assert response.status_code == 401
    assert f'value="{username}"' in html
    assert "guess-guess" not in html


# --- registering ------------------------------------------------------------------------------------------


def _form(**changes: object) -> dict[str, object]:
    return {
        "name": "张晓明",
        "id_type": "resident_id",
        "id_number": resident_id(born=date(1990, 3, 7)),
        "region_level_0": GUIZHOU,
        "region_level_1": GUIYANG,
        "region_level_2": NANMING,
        "region_level_3": XINHUA_ROAD,
        "region_level_4": COMMUNITY,
        "skills": "手语，急救",
        "service_categories": ["community", "health"],
        "available_times": ["周末白天"],
        "privacy": "on",
        **changes,
    }


@pytest.fixture
def newcomer() -> Client:
    """Somebody signed in who is no volunteer yet, in a country with one path of regions."""
    make_path()
    return browser(UserFactory())


def test_registering_makes_a_volunteer_and_leads_on(newcomer: Client) -> None:
    response = newcomer.post(reverse("pages:register"), _form(next="/shifts/"))

    volunteer = Volunteer.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, "/shifts/")
    assert (volunteer.name, volunteer.region_id, volunteer.skills) == ("张晓明", COMMUNITY, ["手语", "急救"])


def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(newcomer: Client) -> None:
    response = newcomer.post(reverse("pages:register"), _form(id_number="520102199003070010"))
    html = response.content.decode()

    assert response.status_code == 400
    assert 'data-testid="error-id_number"' in html
    assert 'value="张晓明"' in html
    assert 'value="手语，急救"' in html
    assert f'<option value="{COMMUNITY}" selected>' in html
    assert re.search(r'value="health"[^>]*checked', html)
    assert re.search(r'name="privacy"[^>]*checked', html)
    assert not Volunteer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"id_number": ""}, "id_number"),
        ({"region_level_0": ""}, "region"),
        ({"service_categories": []}, "service_categories"),
        ({"privacy": ""}, "privacy"),
    ],
)
def test_each_missing_field_is_told_at_the_field(
    newcomer: Client, changes: dict[str, object], field: str
) -> None:
    html = newcomer.post(reverse("pages:register"), _form(**changes)).content.decode()

    assert re.findall(r'data-testid="error-(\w+)"', html) == [field]


def _minor(**changes: object) -> dict[str, object]:
    return _form(id_number=resident_id(born=date(timezone.localdate().year - 15, 1, 1)), **changes)


def test_a_minor_without_guardian_is_asked_for_one(newcomer: Client) -> None:
    response = newcomer.post(reverse("pages:register"), _minor())

    assert response.status_code == 400
    assert "请填写监护人的姓名和电话" in response.content.decode()
    assert not Volunteer.objects.exists()


def test_a_minor_registers_with_a_guardian_who_agrees(newcomer: Client) -> None:
    guardian = {
        "guardian_name": "李梅",
        "guardian_phone": "13700001234",
        "guardian_relation": "父母",
        "guardian_consent": "on",
    }

    response = newcomer.post(reverse("pages:register"), _minor(**guardian))

    assert response.status_code == 302
    assert Guardian.objects.get().name == "李梅"


def test_a_passport_asks_for_sex_and_birth_date(newcomer: Client) -> None:
    response = newcomer.post(reverse("pages:register"), _form(id_type="passport", id_number="E12345678"))

    assert response.status_code == 400
    assert "请同时填写性别和出生日期" in response.content.decode()


def test_a_registered_volunteer_is_led_past_the_form() -> None:
    response = browser(make_volunteer().user).get(reverse("pages:register"))

    assert (response.status_code, response.headers["Location"]) == (302, "/me/")


def test_the_region_picker_offers_what_lies_below_the_choice(newcomer: Client) -> None:
    html = newcomer.get(reverse("pages:region-steps"), {"region_level_0": GUIZHOU}).content.decode()

    assert re.findall(r'name="(region_level_\d)"', html) == ["region_level_0", "region_level_1"]
    assert f'<option value="{GUIZHOU}" selected>' in html


def test_the_region_picker_forgets_a_city_of_another_province(newcomer: Client) -> None:
    Region.objects.create(code="510000000000", name="四川省", level="province")

    html = newcomer.get(
        reverse("pages:region-steps"), {"region_level_0": "510000000000", "region_level_1": GUIYANG}
    ).content.decode()

    assert re.findall(r'<option value="(\d+)" selected', html) == ["510000000000"]
