"""Scanning a site's code with a phone."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.pages.captures import stamp, stamped_at
from tests.factories.accounts import UserFactory
from tests.pages.scenes import browser, code_on_screen, make_place, make_shift, make_volunteer
from venues.sites import qr
from venues.sites.services import current_poster
from volunteers.activities.models import Shift
from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

DATA = {"Accept": "application/json"}


@pytest.fixture
def shift() -> Shift:
    """A shift that has just begun."""
    return make_shift()


@pytest.fixture
def volunteer(shift: Shift) -> Volunteer:
    """Somebody with a place on it."""
    made = make_volunteer()
    make_place(made, shift)
    return made


@pytest.fixture
def token(shift: Shift) -> str:
    """What the site's screen shows now."""
    return code_on_screen(shift.activity.site)


def _press(client: Client, token: str, intent: str = "in", **fields: object) -> str:
    data = {"intent": intent, "nonce": f"nonce-{intent}", **fields}
    html: str = client.post(reverse("pages:scan", args=[token]), data, headers=DATA).json()["html"]
    return html


def _result(html: str) -> str:
    found = re.search(r'data-result="(\w+)"', html)
    assert found is not None
    return found[1]


def test_a_volunteer_sees_the_place_the_shift_and_one_big_button(volunteer: Volunteer, token: str) -> None:
    html = browser(volunteer.user).get(reverse("pages:scan", args=[token])).content.decode()

    assert re.findall(r'button--giant" name="intent" value="(\w+)"', html) == ["in"]
    assert "导诊" in html


def test_the_button_is_check_out_while_in_service(volunteer: Volunteer, token: str) -> None:
    client = browser(volunteer.user)
    _press(client, token)

    html = client.get(reverse("pages:scan", args=[token])).content.decode()

    assert re.findall(r'button--giant" name="intent" value="(\w+)"', html) == ["out"]


def test_checking_in_and_out_makes_an_attendance(volunteer: Volunteer, token: str) -> None:
    client = browser(volunteer.user)

    came = _press(client, token, "in")
    left = _press(client, token, "out")

    assert (_result(came), _result(left)) == ("accepted", "accepted")
    assert "签到成功" in came
    assert "签退成功" in left
    assert Attendance.objects.get().status == AttendanceStatus.PENDING


def test_pressing_twice_is_one_scan_with_one_answer(volunteer: Volunteer, token: str) -> None:
    client = browser(volunteer.user)

    first = _press(client, token)
    second = _press(client, token)

    assert Scan.objects.count() == 1
    assert (_result(first), _result(second)) == ("accepted", "accepted")
    assert "data-replayed" in second


def test_without_scripts_the_answer_is_a_whole_page(volunteer: Volunteer, token: str) -> None:
    html = (
        browser(volunteer.user).post(reverse("pages:scan", args=[token]), {"intent": "in"}).content.decode()
    )

    assert html.startswith("<!doctype html>")
    assert _result(html) == "accepted"


def test_a_refusal_is_an_answer_with_a_reason_and_a_next_step(token: str) -> None:
    html = _press(browser(make_volunteer().user), token)

    assert _result(html) == "refused"
    assert "没有签到" in html
    assert "您没有报名这里今天的班次" in html
    assert reverse("pages:shifts") in html


def test_signing_in_takes_the_time_of_the_scan_along(token: str) -> None:
    response = browser().get(reverse("pages:scan", args=[token]))

    address = urlsplit(parse_qs(urlsplit(response.headers["Location"]).query)["next"][0])
    captured = parse_qs(address.query)["c"][0]
    assert address.path == f"/s/{token}"
    assert stamped_at(token, captured) is not None


def test_a_newcomer_registers_first_and_keeps_the_time_of_the_scan(token: str) -> None:
    captured = stamp(token, timezone.now())

    response = browser(UserFactory()).get(reverse("pages:scan", args=[token]), {"c": captured})

    assert response.headers["Location"].startswith("/register/?next=")
    assert captured.split(":")[0] in response.headers["Location"]


def test_a_code_scanned_in_time_counts_though_signing_in_took_minutes(
    shift: Shift, volunteer: Volunteer
) -> None:
    scanned_at = (timezone.now() - timedelta(minutes=4)).replace(microsecond=0)
    token = code_on_screen(shift.activity.site, scanned_at)

    html = _press(browser(volunteer.user), token, captured=stamp(token, scanned_at))

    assert _result(html) == "provisional"
    assert Attendance.objects.get().checked_in_at == scanned_at


def test_an_old_code_without_a_stamp_has_expired(shift: Shift, volunteer: Volunteer) -> None:
    token = code_on_screen(shift.activity.site, timezone.now() - timedelta(minutes=4))

    html = _press(browser(volunteer.user), token)

    assert _result(html) == "refused"
    assert "这个码已过期，请扫屏幕上的新码。" in html


@pytest.mark.parametrize("forged", ["", "nonsense", "WyJ4IiwxXQ:1abc:xyz"])
def test_a_forged_stamp_counts_for_nothing(shift: Shift, volunteer: Volunteer, forged: str) -> None:
    token = code_on_screen(shift.activity.site, timezone.now() - timedelta(minutes=4))

    html = _press(browser(volunteer.user), token, captured=forged)

    assert _result(html) == "refused"


def test_a_stamp_belongs_to_one_code(token: str) -> None:
    other = stamp("another-token", timezone.now())

    assert stamped_at(token, other) is None


def test_a_phone_that_was_offline_tells_its_own_time(shift: Shift, volunteer: Volunteer) -> None:
    scanned_at = timezone.now() - timedelta(minutes=8)
    token = code_on_screen(shift.activity.site, scanned_at)

    html = _press(browser(volunteer.user), token, captured_at=scanned_at.isoformat())

    assert _result(html) == "provisional"


@pytest.mark.parametrize("text", ["yesterday", "2026-13-45T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_time_that_is_none_is_left_out(volunteer: Volunteer, token: str, text: str) -> None:
    html = _press(browser(volunteer.user), token, captured_at=text)

    assert _result(html) == "accepted"


def test_a_shared_place_is_measured_and_not_kept(volunteer: Volunteer, token: str, shift: Shift) -> None:
    site = shift.activity.site

    html = _press(
        browser(volunteer.user), token, lat=str(site.latitude), lng=str(site.longitude), accuracy="12"
    )

    scan = Scan.objects.get()
    assert (scan.distance_m, scan.accuracy_m) == (0, 12)
    assert "距站点 0 米" in html


@pytest.mark.parametrize(
    ("lat", "lng", "accuracy"),
    [
        ("", "", ""),
        ("north", "1", "1"),
        ("nan", "1", "1"),
        ("91", "1", "1"),
        ("1", "181", "1"),
        ("1", "1", "-5"),
    ],
)
def test_a_place_that_is_none_costs_nothing(
    volunteer: Volunteer, token: str, lat: str, lng: str, accuracy: str
) -> None:
    html = _press(browser(volunteer.user), token, lat=lat, lng=lng, accuracy=accuracy)

    assert _result(html) == "accepted"
    assert "没有提供位置，不影响本次结果" in html


@pytest.mark.parametrize("text", ["hello", "A" * 39, "A" * 41, "张晓明"])
def test_a_code_that_is_not_ours_says_what_to_scan(text: str) -> None:
    response = browser(make_volunteer().user).get(reverse("pages:scan", args=[text]))

    assert response.status_code == 400
    assert "请扫站点屏幕上的码" in response.content.decode()


def test_a_code_of_no_site_is_not_found() -> None:
    nowhere = qr.mint(site_id=999_999, key_version=1, key=b"k" * 32, at=timezone.now())

    response = browser(make_volunteer().user).get(reverse("pages:scan", args=[nowhere]))

    assert response.status_code == 404


def test_an_intent_is_always_said(volunteer: Volunteer, token: str) -> None:
    response = browser(volunteer.user).post(reverse("pages:scan", args=[token]), {"nonce": "n"})

    assert response.status_code == 400
    assert not Scan.objects.exists()


def test_a_script_whose_session_ended_is_sent_to_sign_in_with_its_stamp(token: str) -> None:
    captured = stamp(token, timezone.now())

    response = browser().post(
        reverse("pages:scan", args=[token]), {"intent": "in", "captured": captured}, headers=DATA
    )

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/?next=")


def test_the_answer_page_names_no_coordinates(volunteer: Volunteer, token: str) -> None:
    html = _press(browser(volunteer.user), token, lat="26.5783", lng="106.7135", accuracy="12")

    assert "26.5783" not in html
    assert json.dumps("106.7135") not in html


def test_the_phone_gets_the_answer_as_data_and_as_a_card(
    volunteer: Volunteer, token: str, shift: Shift
) -> None:
    response = browser(volunteer.user).post(
        reverse("pages:scan", args=[token]), {"intent": "in", "nonce": "n"}, headers=DATA
    )

    answer = response.json()
    assert _result(answer.pop("html")) == "accepted"
    assert answer.pop("sentence").startswith("签到成功")
    assert answer == {"result": "accepted", "word": "签到成功", "site": shift.activity.site.name}


def test_a_poster_says_what_it_needs_and_puts_the_place_first(volunteer: Volunteer, shift: Shift) -> None:
    poster = current_poster(site=shift.activity.site).token

    html = browser(volunteer.user).get(reverse("pages:scan", args=[poster])).content.decode()

    assert 'data-testid="poster-place"' in html
    assert html.index("data-place-ask") < html.index("button--giant")
    assert html.count("data-place-ask") == 1
    assert "不想附位置也可以" in html


def test_a_screen_asks_for_the_place_after_the_button(volunteer: Volunteer, token: str) -> None:
    html = browser(volunteer.user).get(reverse("pages:scan", args=[token])).content.decode()

    assert 'data-testid="poster-place"' not in html
    assert html.index("data-place-ask") > html.index("button--giant")


def test_a_poster_without_a_place_is_taken_down_for_a_person_to_confirm(
    volunteer: Volunteer, shift: Shift
) -> None:
    html = _press(browser(volunteer.user), current_poster(site=shift.activity.site).token)

    assert _result(html) != "refused"
    assert "由工作人员确认您当时在场" in html
    assert Attendance.objects.get().flags == [Flag.POSTER]


def test_a_wrong_clock_on_the_phone_costs_nothing(shift: Shift, volunteer: Volunteer) -> None:
    ahead, now = timedelta(days=2), timezone.now()
    scanned_at = now - timedelta(minutes=8)
    token = code_on_screen(shift.activity.site, scanned_at)

    html = _press(
        browser(volunteer.user),
        token,
        captured_at=(scanned_at + ahead).isoformat(),
        sent_at=(now + ahead).isoformat(),
    )

    assert _result(html) == "provisional"
    assert abs(Attendance.objects.get().checked_in_at - scanned_at) < timedelta(minutes=1)


def test_our_own_stamp_needs_no_clock_of_the_phone(shift: Shift, volunteer: Volunteer) -> None:
    scanned_at = (timezone.now() - timedelta(minutes=4)).replace(microsecond=0)
    token = code_on_screen(shift.activity.site, scanned_at)

    _press(
        browser(volunteer.user),
        token,
        captured=stamp(token, scanned_at),
        sent_at=(timezone.now() - timedelta(days=1)).isoformat(),
    )

    assert Attendance.objects.get().checked_in_at == scanned_at
