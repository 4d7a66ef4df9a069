"""A scan is never lost: no network, a closed page, a failing server, an ended session, another account."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.chromium import PHONE
from tests.pages.scenes import BACKEND, code_on_screen, make_place, make_shift, make_volunteer
from venues.sites.services import current_poster
from volunteers.activities.models import Shift
from volunteers.attendance.choices import AttendanceStatus, Flag, ScanResult
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db(transaction=True)

PAGES_ARE_KEPT = """async () => {
  const shelf = await caches.open('jishan-scan');
  const kept = () => Promise.all(['/scans/offline/', '/scans/waiting/'].map((page) => shelf.match(page)));
  while (!(await kept()).every(Boolean)) await new Promise((resolve) => setTimeout(resolve, 20));
}"""


ANSWERS_ARE_FORGOTTEN = """async (owner) => {
  while ((await jishanTray.answered(owner)).length) await new Promise((resolve) => setTimeout(resolve, 20));
}"""


class Phone:
    """One phone: a browser of its own, in which people sign in and out."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page = context.new_page()

    def sign_in(self, volunteer: Volunteer) -> None:
        """Give the browser a session; how a session is got is another journey's matter."""
        client = Client()
        client.force_login(volunteer.user, backend=BACKEND)
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": self.base}]
        )

    def open(self, path: str) -> Page:
        """Go to a page of the site."""
        self.page.goto(self.base + path)
        return self.page

    def turn_page(self) -> None:
        """Close the page; the phone stays."""
        self.page.close()
        self.page = self.context.new_page()

    def press(self, intent: str = "in") -> None:
        """Press the big button."""
        self.page.get_by_test_id(f"scan-{intent}").click()

    def wait_until_ready_for_no_network(self) -> None:
        """The first visit with network prepares the phone."""
        self.open("/me/")
        self.page.evaluate(PAGES_ARE_KEPT)


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer, settings: Any) -> Iterator[Callable[..., Phone]]:
    """`phone()` is a new phone; its options are those of a browser context."""
    settings.PUBLIC_BASE_URL = live_server.url
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def bought(**options: Any) -> Phone:
        context = chromium.new_context(viewport=PHONE, locale="zh-CN", **options)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return Phone(context, str(live_server.url))

    yield bought
    for context in contexts:
        context.close()
    assert complaints == []


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


def _code(shift: Shift, *, minutes_ago: int = 0) -> str:
    return f"/s/{code_on_screen(shift.activity.site, timezone.now() - timedelta(minutes=minutes_ago))}"


def _kept(phone: Phone, sentence: str) -> None:
    expect(phone.page.get_by_test_id("scan-result")).to_have_attribute("data-result", "kept")
    expect(phone.page.get_by_test_id("kept-state")).to_contain_text(sentence)


def test_a_scan_without_network_survives_the_closed_page_and_becomes_one_attendance(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    mine = phone()
    mine.sign_in(volunteer)
    mine.wait_until_ready_for_no_network()
    scanned_at = (timezone.now() - timedelta(minutes=5)).replace(microsecond=0)
    mine.context.clock.set_fixed_time(scanned_at)
    mine.context.set_offline(True)

    mine.open(_code(shift, minutes_ago=5))
    mine.press()
    _kept(mine, "没有网络")
    mine.turn_page()
    waiting = mine.open("/scans/waiting/")
    expect(waiting.get_by_test_id("tray-row")).to_have_count(1)
    assert not Scan.objects.exists()
    mine.turn_page()
    mine.context.clock.set_fixed_time(timezone.now())
    mine.context.set_offline(False)
    back = mine.open("/scans/waiting/")

    expect(back.get_by_test_id("answer")).to_have_attribute("data-result", "provisional")
    expect(back.get_by_test_id("tray-row")).to_have_count(0)
    scan, attendance = Scan.objects.get(), Attendance.objects.get()
    assert (scan.captured_at, scan.received_at > scanned_at) == (scanned_at, True)
    # The phone's clock was measured when it sent; the journey itself takes seconds.
    assert timedelta(0) <= attendance.checked_in_at - scanned_at < timedelta(minutes=1)
    assert attendance.flags == [Flag.OFFLINE]


def test_the_browser_may_send_it_with_every_page_closed(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    mine = phone()
    mine.sign_in(volunteer)
    mine.wait_until_ready_for_no_network()
    mine.context.set_offline(True)
    mine.open(_code(shift))
    mine.press()
    _kept(mine, "没有网络")
    mine.turn_page()
    mine.context.set_offline(False)

    (worker,) = mine.context.service_workers
    worker.evaluate("send()")  # what the script does when the browser wakes it up for a sync

    assert Attendance.objects.get().volunteer == volunteer
    assert Scan.objects.get().result == ScanResult.ACCEPTED


def test_a_failing_server_keeps_the_scan_in_the_tray_until_it_answers(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    mine = phone(service_workers="block")  # or the failure made up here would not reach the page
    mine.sign_in(volunteer)
    failing = True

    def fail(route: Route) -> None:
        if failing and route.request.method == "POST":
            route.fulfill(status=500, body="<h1>down</h1>")
        else:
            route.fallback()

    mine.page.route("**/s/*", fail)

    mine.open(_code(shift))
    mine.press()
    _kept(mine, "服务器忙")
    expect(mine.page.get_by_test_id("waiting-scans")).to_contain_text("未上传 1 条")
    with mine.page.expect_response(lambda response: response.status == 500):
        mine.page.get_by_test_id("retry").click()
    _kept(mine, "服务器忙")
    failing = False
    mine.context.set_offline(True)
    mine.context.set_offline(False)

    expect(mine.page.get_by_test_id("scan-result")).to_have_attribute("data-result", "accepted")
    expect(mine.page.get_by_test_id("waiting-scans")).to_be_hidden()
    assert Scan.objects.get().result == ScanResult.ACCEPTED


def test_an_ended_session_and_another_account_leave_the_tray_as_it_is(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    shared = phone()
    shared.sign_in(volunteer)
    shared.open(_code(shift))
    shared.context.clear_cookies()

    shared.press()
    _kept(shared, "需要重新登录")
    shared.sign_in(make_volunteer())
    shared.page.get_by_test_id("retry").click()
    _kept(shared, "另一个账号")
    page = shared.open("/scans/waiting/")
    expect(page.get_by_test_id("empty")).to_be_visible()
    assert not Scan.objects.exists()
    shared.sign_in(volunteer)
    page = shared.open("/me/")
    expect(page.get_by_test_id("waiting-scans")).to_be_hidden()
    page = shared.open("/scans/waiting/")

    expect(page.get_by_test_id("answer")).to_have_attribute("data-result", "accepted")
    assert Attendance.objects.get().volunteer == volunteer


def test_what_an_older_version_kept_moves_in_and_only_its_owner_throws_it_away(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    mine = phone(service_workers="block")
    mine.sign_in(volunteer)
    mine.page.route("**/s/*", lambda route: route.abort())
    old = {
        "url": _code(shift),
        "site": "市二医门诊大厅",
        "number": volunteer.number,
        "at": round(timezone.now().timestamp() * 1000),
        "fields": {"nonce": "0" * 32, "intent": "in", "device": "d"},
    }
    mine.open("/shifts/")
    mine.page.evaluate("(rows) => localStorage.setItem('jishan.scans', rows)", json.dumps([old]))

    page = mine.open("/scans/waiting/")
    row = page.get_by_test_id("tray-row")
    expect(row).to_contain_text("市二医门诊大厅")
    assert page.evaluate("localStorage.getItem('jishan.scans')") is None
    row.get_by_test_id("throw").click()
    page.get_by_test_id("throw-not").click()
    expect(row).to_have_count(1)
    row.get_by_test_id("throw").click()
    page.get_by_test_id("throw-yes").click()

    expect(row).to_have_count(0)
    expect(page.get_by_test_id("empty")).to_be_visible()


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        (12, "甲 · 现场动态码 · 距站点 0 米"),
        (900, "乙 · 现场动态码 · 定位误差约 900 米"),
        (None, "乙 · 现场动态码 · 没有提供位置"),
    ],
    ids=["granted", "inaccurate", "denied"],
)
def test_a_place_helps_and_never_hinders(
    phone: Callable[..., Phone],
    shift: Shift,
    volunteer: Volunteer,
    accuracy: int | None,
    said: str,
) -> None:
    site = shift.activity.site
    here = {"latitude": float(site.latitude), "longitude": float(site.longitude), "accuracy": accuracy}
    mine = phone(**({"permissions": ["geolocation"], "geolocation": here} if accuracy else {}))
    mine.sign_in(volunteer)

    page = mine.open(_code(shift))
    page.get_by_test_id("add-location").click()
    expect(page.get_by_test_id("add-location")).to_be_hidden()
    mine.press()

    expect(page.get_by_test_id("scan-result")).to_have_attribute("data-result", "accepted")
    expect(page.get_by_test_id("scan-reasons")).to_contain_text(said)


def test_a_scan_taken_back_is_made_anew_by_the_next_press(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    mine, code = phone(), _code(shift)
    mine.sign_in(volunteer)
    page = mine.open(code)
    mine.press()
    expect(page.get_by_test_id("annul")).to_contain_text("还可以撤销 14:")

    page.get_by_test_id("annul").locator("summary").click()
    page.get_by_test_id("annul-now").click()
    expect(page.get_by_test_id("annulled")).to_contain_text("签到已撤销")
    page.evaluate(ANSWERS_ARE_FORGOTTEN, volunteer.number)
    mine.open(code)
    mine.press()

    expect(page.get_by_test_id("scan-result")).to_have_attribute("data-result", "accepted")
    states = Attendance.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == [AttendanceStatus.ANNULLED, AttendanceStatus.OPEN]


def test_a_poster_takes_the_place_when_it_is_given(
    phone: Callable[..., Phone], shift: Shift, volunteer: Volunteer
) -> None:
    site = shift.activity.site
    here = {"latitude": float(site.latitude), "longitude": float(site.longitude), "accuracy": 20}
    mine = phone(permissions=["geolocation"], geolocation=here)
    mine.sign_in(volunteer)

    page = mine.open(f"/s/{current_poster(site=site).token}")
    page.get_by_test_id("poster-place").get_by_test_id("add-location").click()
    expect(page.get_by_test_id("add-location")).to_be_hidden()
    mine.press()

    expect(page.get_by_test_id("scan-result")).to_have_attribute("data-result", "accepted")
    assert Attendance.objects.get().flags == []


def test_my_code_goes_on_without_network_and_says_when_it_has_run_out(
    phone: Callable[..., Phone], volunteer: Volunteer
) -> None:
    mine = phone(service_workers="block")
    mine.sign_in(volunteer)
    now = timezone.now()
    mine.context.clock.set_fixed_time(now)
    with mine.page.expect_response("**/me/pass/codes/"):
        page = mine.open("/me/pass/")
    first = page.get_by_test_id("pass-code").inner_html()
    mine.context.set_offline(True)

    mine.context.clock.set_fixed_time(now + timedelta(minutes=8))
    expect(page.get_by_test_id("pass-code")).not_to_have_class(re.compile("is-old"))
    page.wait_for_function(
        "(first) => document.querySelector('[data-testid=pass-code]').innerHTML !== first", arg=first
    )
    expect(page.get_by_test_id("pass-stale")).to_be_hidden()
    mine.context.clock.set_fixed_time(now + timedelta(minutes=11))

    expect(page.get_by_test_id("pass-stale")).to_be_visible()
