"""What waits on the phone: whose it is, what keeps it there, and the pages and the script that serve it."""

import re

import pytest
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse

from tests.pages.scenes import BACKEND, browser, code_on_screen, make_place, make_shift, make_volunteer
from volunteers.attendance.choices import ScanResult
from volunteers.attendance.models import Scan
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

DATA = {"Accept": "application/json"}


@pytest.fixture
def volunteer() -> Volunteer:
    """Somebody with a phone."""
    return make_volunteer()


@pytest.fixture
def token(volunteer: Volunteer) -> str:
    """What the screen shows where they have a place on a shift."""
    shift = make_shift()
    make_place(volunteer, shift)
    return code_on_screen(shift.activity.site)


def test_a_scan_out_of_another_ones_tray_is_not_counted_for_whoever_is_signed_in(
    volunteer: Volunteer, token: str
) -> None:
    other = make_volunteer()

    response = browser(volunteer.user).post(
        reverse("pages:scan", args=[token]),
        {"intent": "in", "nonce": "n", "owner": other.number},
        headers=DATA,
    )

    assert (response.status_code, response.json()["code"]) == (409, "scan_of_another")
    assert not Scan.objects.exists()


def test_a_scan_that_says_whose_it_is_counts_for_them(volunteer: Volunteer, token: str) -> None:
    browser(volunteer.user).post(
        reverse("pages:scan", args=[token]), {"intent": "in", "nonce": "n", "owner": volunteer.number}
    )

    assert Scan.objects.get().result == ScanResult.ACCEPTED


def test_what_is_no_scan_answers_as_data_so_that_the_tray_keeps_it(volunteer: Volunteer, token: str) -> None:
    response = browser(volunteer.user).post(
        reverse("pages:scan", args=[token]), {"intent": "sideways", "nonce": "n"}, headers=DATA
    )

    assert response.status_code == 400
    assert response.json() == {"code": "invalid", "detail": "提交的内容有误，请检查后重试。"}
    assert not Scan.objects.exists()


def test_the_tray_asks_who_is_signed_in_before_it_sends(volunteer: Volunteer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(volunteer.user, backend=BACKEND)

    door = client.get(reverse("pages:scan-waiting"), headers=DATA).json()

    posted = {"kind": "honor_board", "granted": "no", "csrfmiddlewaretoken": door["csrf"]}
    assert door["number"] == volunteer.number
    assert client.post(reverse("pages:consent"), posted).status_code == 302


def test_the_tray_page_belongs_to_one_volunteer(volunteer: Volunteer) -> None:
    html = browser(volunteer.user).get(reverse("pages:scan-waiting")).content.decode()

    assert re.findall(r'data-tray data-owner="([^"]+)"', html) == [volunteer.number]
    assert "csrfmiddlewaretoken" not in html  # the service worker keeps this page


@pytest.mark.parametrize(
    "name", ["me", "records", "points", "shifts", "shelf", "redemptions", "scan-waiting", "scan-offline"]
)
def test_every_page_of_a_volunteer_counts_what_is_not_uploaded_yet(volunteer: Volunteer, name: str) -> None:
    html = browser(volunteer.user).get(reverse(f"pages:{name}")).content.decode()

    badge = re.search(r'data-tray-badge data-owner="([^"]+)" data-door="([^"]+)"', html)
    assert badge is not None
    assert badge.groups() == (volunteer.number, reverse("pages:scan-waiting"))


def test_a_page_for_everybody_counts_nobodys() -> None:
    html = browser().get(reverse("pages:home")).content.decode()

    assert "data-tray-badge" not in html


def test_the_pages_kept_for_no_network_are_served_by_a_script_that_reaches_every_code() -> None:
    response = browser().get(reverse("pages:service-worker"))

    script = response.content.decode()
    assert reverse("pages:service-worker") == "/sw.js"
    assert response.headers["Content-Type"] == "text/javascript"
    assert f'const SHELL = "{reverse("pages:scan-offline")}";' in script
    assert f'const WAITING = "{reverse("pages:scan-waiting")}";' in script
    assert re.findall(r'importScripts\("([^"]+)", "([^"]+)"\)', script) == [
        (static("pages/tray.js"), static("pages/upload.js"))
    ]


def test_the_page_kept_for_no_network_says_whose_it_is_and_offers_both_ways() -> None:
    volunteer = make_volunteer()

    html = browser(volunteer.user).get(reverse("pages:scan-offline")).content.decode()

    assert f'id="scan" class="stack" data-owner="{volunteer.number}"' in html
    assert re.findall(r'name="intent" value="(\w+)"', html) == ["in", "out"]
    assert "csrfmiddlewaretoken" not in html
