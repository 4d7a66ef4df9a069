"""The manager's evening in a browser: keys, second thoughts, rows that come in, no network at the door."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.attendance import AttendanceFactory
from tests.journeys.chromium import DESKTOP
from tests.pages.scenes import browser, make_place, make_shift, make_volunteer, manager_of
from venues.sites import qr
from volunteers.activities.models import Shift
from volunteers.attendance.choices import AttendanceStatus, Channel, Flag
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.passes import passes
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db(transaction=True)

TRIES = 50


@dataclass
class Desk:
    """A manager's computer, signed in."""

    page: Page
    shift: Shift
    complaints: list[str] = field(default_factory=list)

    def row(self, attendance: Attendance) -> Locator:
        """The line of an attendance."""
        return self.page.locator(f"#a{attendance.pk}")

    def review(self) -> None:
        """Open the screen of the shift."""
        self.page.goto(f"/manage/shifts/{self.shift.pk}/")

    def focused(self) -> str | None:
        """The line the keyboard is at."""
        found: str | None = self.page.evaluate("document.activeElement.closest('.att')?.id")
        return found


@pytest.fixture
def desk(chromium: Browser, live_server: LiveServer) -> Iterator[Desk]:
    """A shift that ended this morning, and the manager of its site."""
    shift = make_shift(starts_in=timedelta(hours=-5))
    client = browser(manager_of(shift.activity.site))
    context = chromium.new_context(viewport=DESKTOP, locale="zh-CN", base_url=live_server.url)
    cookie = client.cookies[configured.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    made = Desk(context.new_page(), shift)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    yield made
    context.close()
    assert made.complaints == []


def came(shift: Shift, *flags: Flag) -> Attendance:
    attendance: Attendance = AttendanceFactory(shift=shift, volunteer=make_volunteer(), flags=list(flags))
    return attendance


def test_the_rows_to_look_at_are_done_with_the_keyboard_alone(desk: Desk) -> None:
    came(desk.shift)
    late, far, offline, asked = (
        came(desk.shift, flag) for flag in (Flag.LATE, Flag.LOCATION_FAR, Flag.OFFLINE, Flag.SHORT)
    )
    desk.review()
    keys = desk.page.keyboard

    keys.press("n")
    assert desk.focused() == f"a{late.pk}"
    keys.press("a")
    expect(desk.row(late)).to_contain_text("即将通过")
    assert desk.focused() == f"a{far.pk}"
    keys.press("e")
    keys.type("90")
    keys.press("Tab")
    keys.type("中途离开")
    keys.press("Enter")
    expect(desk.row(far).get_by_test_id("outcome")).to_have_text("已通过，计入 1 小时 30 分")
    assert desk.focused() == f"a{offline.pk}"
    keys.press("r")
    keys.type("当天没有见到本人")
    keys.press("Enter")
    expect(desk.row(offline).get_by_test_id("outcome")).to_have_text("未通过：当天没有见到本人")
    assert desk.focused() == f"a{asked.pk}"
    keys.press("q")
    keys.type("几点走的？")
    keys.press("Enter")
    expect(desk.row(asked)).to_contain_text("已问本人：几点走的？")
    desk.page.get_by_test_id("approve-clean").click()
    expect(desk.row(late).get_by_test_id("outcome")).to_have_text("已通过，计入 3 小时")

    expect(desk.page.get_by_test_id("counts")).to_contain_text("1 条清楚 · 1 条要看 · 3 条已处理")
    assert sorted(ServiceRecord.objects.values_list("minutes", flat=True)) == [90, 180]


def test_what_is_undone_in_time_was_never_written(desk: Desk) -> None:
    rows = [came(desk.shift), came(desk.shift)]
    desk.review()

    desk.page.get_by_test_id("approve-clean").click()
    expect(desk.row(rows[0])).to_contain_text("即将通过")
    desk.page.keyboard.press("u")

    expect(desk.page.get_by_test_id("live")).to_have_text("已撤销，没有通过")
    expect(desk.page.get_by_test_id("approve-clean")).to_have_text("通过 2 人")
    expect(desk.row(rows[0])).not_to_contain_text("即将通过")
    desk.page.goto("/manage/")
    assert not ServiceRecord.objects.exists()


def test_leaving_the_page_sends_what_was_approved(desk: Desk) -> None:
    came(desk.shift)
    came(desk.shift)
    desk.review()

    desk.page.get_by_test_id("approve-clean").click()
    expect(desk.page.get_by_test_id("undo")).to_be_visible()
    desk.page.goto("/manage/")

    outcomes = desk.page.get_by_test_id("outcome")
    for _attempt in range(TRIES):
        desk.review()
        if outcomes.count() == 2:
            break
    assert ServiceRecord.objects.count() == 2


def test_ten_seconds_later_the_rows_are_decided_in_their_place(desk: Desk) -> None:
    rows = [came(desk.shift), came(desk.shift)]
    desk.page.clock.install()
    desk.review()

    desk.page.get_by_test_id("approve-clean").click()
    desk.page.clock.run_for(9_000)
    expect(desk.row(rows[0])).to_contain_text("即将通过")
    desk.page.clock.run_for(2_000)

    expect(desk.row(rows[0]).get_by_test_id("outcome")).to_have_text("已通过，计入 3 小时")
    expect(desk.row(rows[1]).get_by_test_id("outcome")).to_have_text("已通过，计入 3 小时")


def test_a_row_that_comes_in_moves_nothing_and_leaves_an_open_form_alone(desk: Desk) -> None:
    known = came(desk.shift, Flag.LATE)
    came(desk.shift)
    desk.review()
    desk.page.keyboard.press("n")
    desk.page.keyboard.press("r")
    desk.page.keyboard.type("说不")
    place = desk.row(known).bounding_box()

    new = came(desk.shift)
    desk.page.evaluate("htmx.trigger('[data-fresh]', 'look-again')")

    expect(desk.page.get_by_test_id("live")).to_have_text("又来了 1 人")
    expect(desk.page.get_by_test_id("attendance").last).to_have_id(f"a{new.pk}")
    expect(desk.page.get_by_test_id("approve-clean")).to_have_text("通过 2 人")
    desk.page.keyboard.type("清楚")
    expect(desk.row(known).get_by_test_id("reject-reason")).to_have_value("说不清楚")
    assert desk.row(known).bounding_box() == place


def test_what_a_colleague_decides_shows_and_does_not_close_my_form(desk: Desk) -> None:
    mine, theirs = came(desk.shift, Flag.LATE), came(desk.shift, Flag.LATE)
    desk.review()
    desk.page.keyboard.press("n")
    desk.page.keyboard.press("e")
    colleague = browser(manager_of(desk.shift.activity.site))

    for row in (mine, theirs):
        colleague.post(f"/manage/attendances/{row.pk}/approve/")
    desk.page.evaluate("htmx.trigger('[data-fresh]', 'look-again')")

    expect(desk.row(theirs).get_by_test_id("outcome")).to_have_text("已通过，计入 3 小时")
    expect(desk.row(mine).get_by_test_id("minutes")).to_be_focused()


def test_the_scanner_goes_on_without_network_and_one_bad_code_spoils_no_other(desk: Desk) -> None:
    shift = make_shift(activity=desk.shift.activity)
    volunteer = make_volunteer(name="张晓明")
    make_place(volunteer, shift)
    page, address = desk.page, f"/manage/sites/{shift.activity.site_id}/scanner/"
    page.goto(address)
    expect(page.get_by_test_id("ready")).to_be_visible()
    (code,) = passes(volunteer, at=timezone.now())

    page.context.set_offline(True)
    page.get_by_test_id("way-in").check(force=True)
    for text in (code.token, "x" * 40, "123456789012"):
        page.get_by_test_id("wedge").fill(text)
        page.get_by_test_id("wedge").press("Enter")
    expect(page.get_by_test_id("last")).to_contain_text("报编号不能证明本人到场")
    expect(page.get_by_test_id("waiting")).to_contain_text("2 条还没有上传")
    page.reload()
    expect(page.get_by_test_id("waiting")).to_contain_text("2 条还没有上传")
    assert not Scan.objects.exists()
    page.context.set_offline(False)

    expect(page.get_by_test_id("waiting")).to_be_hidden()
    expect(page.locator("[data-state=failed]")).to_have_count(1)
    expect(page.locator("[data-testid=taken]").filter(has_text="张*明")).to_have_count(1)
    attendance = Attendance.objects.get(volunteer=volunteer)
    assert attendance.status == AttendanceStatus.OPEN
    assert Scan.objects.get().channel == Channel.PASS


def test_a_lobby_screen_shows_right_codes_for_ten_minutes_without_network(desk: Desk) -> None:
    page = desk.page
    page.clock.install(time=timezone.now())
    page.goto(f"/manage/sites/{desk.shift.activity.site_id}/display/")
    code = page.get_by_test_id("display-code")
    expect(code).to_have_attribute("data-token", re.compile("."))
    first = qr.read(str(code.get_attribute("data-token"))).window

    page.context.set_offline(True)
    page.clock.run_for(590_000)

    shown = qr.read(str(code.get_attribute("data-token"))).window
    assert shown - first in {19, 20}
    expect(page.locator("[data-offline]")).to_be_hidden()
    page.clock.run_for(90_000)
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(code.locator("svg")).to_be_visible()
