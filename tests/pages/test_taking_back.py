"""Taking back a scan from its result."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.pages.scenes import browser, code_on_screen, make_place, make_shift, make_volunteer
from volunteers.activities.models import Shift
from volunteers.attendance import services
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance, ScanAnnulment
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db


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


def _scan(client: Client, shift: Shift, intent: str) -> str:
    address = reverse("pages:scan", args=[code_on_screen(shift.activity.site)])
    return client.post(address, {"intent": intent, "nonce": f"nonce-{intent}"}).content.decode()


def _annul(client: Client, intent: str, **fields: str) -> tuple[int, str]:
    data = {"nonce": f"nonce-{intent}", "reason": "扫错了站点的码", **fields}
    response = client.post(reverse("pages:scan-annul"), data)
    return response.status_code, response.content.decode()


def test_a_result_offers_to_take_it_back_for_a_quarter_of_an_hour(volunteer: Volunteer, shift: Shift) -> None:
    html = _scan(browser(volunteer.user), shift, "in")

    found = re.search(r'data-annul-until="(\d+)"', html)
    assert found is not None
    left = int(found[1]) / 1000 - timezone.now().timestamp()
    assert timedelta(minutes=14) < timedelta(seconds=left) <= timedelta(minutes=15)
    assert 'name="nonce" value="nonce-in"' in html


def test_a_check_in_taken_back_never_happened(volunteer: Volunteer, shift: Shift) -> None:
    client = browser(volunteer.user)
    _scan(client, shift, "in")

    status, html = _annul(client, "in")

    assert (status, 'data-came="yes"' in html) == (200, True)
    assert "签到已撤销" in html
    assert 'data-annulled="nonce-in"' in html
    assert Attendance.objects.get().status == AttendanceStatus.ANNULLED


def test_after_a_check_out_taken_back_the_service_goes_on(volunteer: Volunteer, shift: Shift) -> None:
    client = browser(volunteer.user)
    _scan(client, shift, "in")
    _scan(client, shift, "out")

    _status, html = _annul(client, "out")

    assert "签退已撤销" in html
    assert Attendance.objects.get().status == AttendanceStatus.OPEN


def test_a_typed_reason_wins_over_the_chosen_one(volunteer: Volunteer, shift: Shift) -> None:
    client = browser(volunteer.user)
    _scan(client, shift, "in")

    _annul(client, "in", other=" 替同事按的 ")

    assert ScanAnnulment.objects.get().reason == "替同事按的"


@pytest.mark.parametrize("reason", ["", "  ", "\0"])
def test_without_a_reason_nothing_is_taken_back(volunteer: Volunteer, shift: Shift, reason: str) -> None:
    client = browser(volunteer.user)
    _scan(client, shift, "in")

    status, html = _annul(client, "in", reason=reason)

    assert status == 400
    assert "请说明为什么撤销" in html
    assert Attendance.objects.get().status == AttendanceStatus.OPEN


def test_a_refused_scan_has_nothing_to_take_back(shift: Shift) -> None:
    html = _scan(browser(make_volunteer().user), shift, "in")

    assert "data-annul-until" not in html


def test_what_was_taken_back_is_not_offered_again(volunteer: Volunteer, shift: Shift) -> None:
    client = browser(volunteer.user)
    _scan(client, shift, "in")
    _annul(client, "in")

    assert "data-annul-until" not in _scan(client, shift, "in")


def test_after_a_quarter_of_an_hour_it_stays(volunteer: Volunteer, shift: Shift) -> None:
    at = timezone.now() - timedelta(minutes=16)
    services.scan(
        volunteer_user_id=volunteer.user_id,
        token=code_on_screen(shift.activity.site, at),
        intent="in",
        nonce="nonce-in",
        at=at,
    )

    status, html = _annul(browser(volunteer.user), "in")

    assert status == 409
    assert "不能自己撤销了" in html
    assert Attendance.objects.get().status == AttendanceStatus.OPEN


def test_nobody_takes_back_what_another_scanned(volunteer: Volunteer, shift: Shift) -> None:
    _scan(browser(volunteer.user), shift, "in")

    status, _html = _annul(browser(make_volunteer().user), "in")

    assert status == 404
    assert Attendance.objects.get().status == AttendanceStatus.OPEN
