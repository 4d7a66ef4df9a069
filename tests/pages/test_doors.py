"""Who may open which page."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.accounts.scopes import Role
from tests.factories.accounts import UserFactory, make_staff
from tests.pages.scenes import browser, make_shift, make_shop, make_volunteer, manager_of

pytestmark = pytest.mark.django_db

EVERYBODY = ["home", "activities", "boards", "objections", "login", "staff-login"]
VOLUNTEERS = [
    "me",
    "records",
    "points",
    "points-when",
    "shifts",
    "shelf",
    "redemptions",
    "scan-waiting",
    "scan-offline",
    "my-pass",
    "my-pass-codes",
]
MANAGERS = ["manage", "approvals", "tickets"]
CLERKS = ["counter"]


def _volunteer() -> User:
    return make_volunteer().user


def _newcomer() -> User:
    user: User = UserFactory()
    return user


def _site_manager() -> User:
    return manager_of(make_shift().activity.site)


def _clerk() -> User:
    return make_shop().clerk


def _supervisor() -> User:
    return make_staff(Role.SUPERVISOR, "5201")


PEOPLE: dict[str, Callable[[], User]] = {
    "volunteer": _volunteer,
    "newcomer": _newcomer,
    "site_manager": _site_manager,
    "clerk": _clerk,
    "supervisor": _supervisor,
}


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("who", [None, *PEOPLE])
def test_public_pages_open_for_everybody(name: str, who: str | None) -> None:
    client = browser(PEOPLE[who]() if who else None)

    response = client.get(reverse(f"pages:{name}"))

    assert response.status_code == 200


@pytest.mark.parametrize("name", VOLUNTEERS)
def test_volunteer_pages_open_for_volunteers(name: str) -> None:
    response = browser(_volunteer()).get(reverse(f"pages:{name}"))

    assert response.status_code == 200


@pytest.mark.parametrize("name", VOLUNTEERS)
def test_volunteer_pages_send_anonymous_visitors_to_sign_in_and_back(name: str) -> None:
    response = browser().get(reverse(f"pages:{name}"))

    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/login/?next=" + reverse(f"pages:{name}"),
    )


@pytest.mark.parametrize("name", VOLUNTEERS)
@pytest.mark.parametrize("who", ["newcomer", "clerk"])
def test_volunteer_pages_send_people_who_are_no_volunteers_to_register(name: str, who: str) -> None:
    response = browser(PEOPLE[who]()).get(reverse(f"pages:{name}"))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/register/?next=")


@pytest.mark.parametrize("name", MANAGERS)
@pytest.mark.parametrize(
    ("who", "status"),
    [("site_manager", 200), ("volunteer", 403), ("newcomer", 403), ("clerk", 403), ("supervisor", 403)],
)
def test_manager_pages_open_for_managers_only(name: str, who: str, status: int) -> None:
    response = browser(PEOPLE[who]()).get(reverse(f"pages:{name}"))

    assert response.status_code == status


@pytest.mark.parametrize("name", CLERKS)
@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk", 200), ("volunteer", 403), ("newcomer", 403), ("site_manager", 403), ("supervisor", 403)],
)
def test_the_counter_opens_for_clerks_only(name: str, who: str, status: int) -> None:
    response = browser(PEOPLE[who]()).get(reverse(f"pages:{name}"))

    assert response.status_code == status


@pytest.mark.parametrize("name", [*MANAGERS, *CLERKS])
def test_staff_pages_send_anonymous_visitors_to_the_staff_login(name: str) -> None:
    response = browser().get(reverse(f"pages:{name}"))

    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/staff/login/?next=" + reverse(f"pages:{name}"),
    )


@pytest.mark.parametrize("role", [Role.SITE_MANAGER, Role.ORGANIZATION_MANAGER, Role.COMMUNITY_STAFF])
def test_a_manager_of_another_place_does_not_find_the_display(role: Role) -> None:
    site = make_shift().activity.site
    elsewhere = {"site_manager": site.pk + 1, "organization_manager": site.organization_id + 1}
    user = make_staff(role, elsewhere.get(role, "5101"))

    shown = browser(user).get(reverse("pages:display", args=[site.pk]))
    codes = browser(user).get(reverse("pages:display-codes", args=[site.pk]))

    assert (shown.status_code, codes.status_code) == (404, 404)


def test_an_unknown_address_says_where_to_go_next() -> None:
    response = browser().get("/nothing/")

    assert response.status_code == 404
    assert "回首页" in response.content.decode()


def test_a_forbidden_page_says_where_to_go_next() -> None:
    response = browser(_volunteer()).get(reverse("pages:counter"))

    assert "换工作账号登录" in response.content.decode()


def test_signing_out_needs_a_button_not_a_link() -> None:
    client = browser(_volunteer())

    looked = client.get(reverse("pages:logout"))
    pressed = client.post(reverse("pages:logout"))

    assert (looked.status_code, looked["Allow"], pressed.status_code) == (405, "POST", 302)
    assert client.get(reverse("pages:me")).status_code == 302


@pytest.mark.parametrize(
    ("who", "doors"),
    [
        (None, ["home", "activities", "boards", "login"]),
        ("volunteer", ["home", "shifts", "points", "shelf", "me", "boards"]),
        ("site_manager", ["manage", "approvals", "home", "boards"]),
        ("clerk", ["counter", "giving", "stores", "home", "boards"]),
    ],
)
def test_the_navigation_shows_the_doors_one_may_use(who: str | None, doors: list[str]) -> None:
    html = browser(PEOPLE[who]() if who else None).get(reverse("pages:boards")).content.decode()

    shown = [piece.split('"', 1)[0] for piece in html.split('data-testid="nav-')[1:]]

    assert shown == doors


def test_whoever_is_on_duty_can_sign_out_of_every_page():
    supervisor = browser(make_staff(Role.SUPERVISOR, "52"))

    html = supervisor.get(reverse("pages:overdue")).content.decode()

    assert 'data-testid="log-out"' in html


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/manage/stores/5/products/7/receive/", "/manage/stores/5/products/7/"),
        ("/counter/list/back/", "/counter/"),  # /counter/list/ is a button's as well
        ("/manage/household-requests/3/", "/manage/"),
        ("/me/points/relatives/1/confirm/", "/me/points/"),
        ("/logout/", ""),
    ],
)
def test_who_comes_back_to_a_buttons_address_is_shown_the_page_with_the_button(
    client: Client, address: str, page: str
) -> None:
    response = client.get(address)

    shown = response.content.decode()
    assert (response.status_code, 'data-code="needs_button"' in shown) == (405, True)
    assert re.findall(r'class="button" href="([^"]+)"', shown) == [*([page] if page else []), "/"]
