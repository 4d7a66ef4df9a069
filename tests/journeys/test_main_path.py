"""The main path in a browser: register, scan, approve, points, rice, board. Three people, one worker."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Window
from volunteers.models import Shift

pytestmark = pytest.mark.django_db(transaction=True)

READ_QR = """async () => {
  const svg = document.querySelector('[data-testid=display-code] svg');
  const text = new XMLSerializer().serializeToString(svg);
  const image = new Image();
  image.src = 'data:image/svg+xml;base64,' + btoa(unescape(encodeURIComponent(text)));
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), {width: 640, height: 640});
  const paper = canvas.getContext('2d');
  paper.fillStyle = '#fff';
  paper.fillRect(0, 0, 640, 640);
  paper.drawImage(image, 20, 20, 600, 600);
  return jsQR(paper.getImageData(0, 0, 640, 640).data, 640, 640).data;
}"""


def _register(person: Window) -> None:
    person.log_in_by_phone("13800001111")
    page = person.open("/register/")
    page.get_by_test_id("to-my-giving").click(trial=True)  # the foot of the page does not lie over it
    page.locator("input[name=name]").fill("李敬老")
    page.locator("input[name=id_number]").fill("11010519491231002X")
    for level, region in enumerate(("贵州省", "贵阳市", "南明区", "新华路街道", "纪念塔社区")):
        page.get_by_test_id(f"region_level_{level}").select_option(label=region)
    page.get_by_label("社区服务").check()
    page.locator("input[name=privacy]").check()
    page.locator("input[name=honor_board]").check()
    page.get_by_test_id("register").click()
    expect(page.get_by_test_id("volunteer-number")).to_be_visible()


def _read_screen(manager: Window, site_id: int) -> str:
    """What a camera would read off the site's screen."""
    page = manager.open(f"/manage/sites/{site_id}/display/")
    expect(page.locator("[data-testid=display-code] svg")).to_be_visible()
    page.add_script_tag(url="/static/vendor/jsqr/jsQR.js")
    return str(page.evaluate(READ_QR))


def _scan(page: Page, address: str, intent: str) -> None:
    page.goto(address)
    page.get_by_test_id(f"scan-{intent}").click()
    expect(page.get_by_test_id("scan-result")).to_be_visible()


def test_an_hour_given_becomes_rice_and_a_name_on_the_board(
    window: Callable[..., Window], celery_worker: str
) -> None:
    volunteer, manager, clerk = window(), window(desktop=True), window(desktop=True)
    shift = Shift.objects.select_related("activity").get(
        activity__name="图书整理", starts_at__lte=timezone.now(), ends_at__gt=timezone.now()
    )

    _register(volunteer)
    page = volunteer.open(f"/shifts/{shift.pk}/")
    page.get_by_test_id("sign-up").click()
    expect(page.get_by_test_id("shift-state")).to_have_attribute("data-state", "confirmed")

    manager.log_in_as("site")
    _scan(page, _read_screen(manager, shift.activity.site_id), "in")
    expect(page.get_by_test_id("scan-result")).to_have_attribute("data-intent", "in")
    _scan(page, _read_screen(manager, shift.activity.site_id), "out")
    expect(page.get_by_test_id("scan-result")).to_have_attribute("data-intent", "out")

    _approve_two_hours(manager, shift.pk)

    _wait_for_points(volunteer, "20")
    code = _reserve_rice(volunteer)

    clerk.log_in_as("clerk")
    _hand_over(clerk, code)
    _find_again_is_refused(clerk, code)
    _wait_for_points(volunteer, "10")

    board = volunteer.open("/boards/?board=donors")
    expect(board.locator("main")).to_contain_text("黔味粮油经营部")


def _approve_two_hours(manager: Window, shift_id: int) -> None:
    page = manager.open(f"/manage/shifts/{shift_id}/")
    row = page.get_by_test_id("attendance").filter(has_text="李*老")
    row.get_by_test_id("open-row").click()
    row.get_by_test_id("open-adjust").click()
    row.get_by_test_id("minutes").fill("120")
    row.get_by_test_id("adjust-reason").fill("手机没电，到岗后才签到")
    row.get_by_test_id("adjust").click()
    expect(row.get_by_test_id("outcome")).to_contain_text("2 小时")


def _wait_for_points(volunteer: Window, points: str) -> None:
    """The worker computes them; the page is asked again until it shows them."""
    page = volunteer.page

    def shown() -> str:
        volunteer.open("/me/points/")
        return page.get_by_test_id("available").inner_text().strip()

    for _attempt in range(60):
        if shown().startswith(points):
            return
    pytest.fail(f"the points never became {points}: {shown()}")


def _reserve_rice(volunteer: Window) -> str:
    page = volunteer.open("/shelf/")
    page.get_by_test_id("store").first.click()
    rice = page.get_by_test_id("product").filter(has_text="大米 1 千克")
    rice.locator("[data-more]").click()
    page.get_by_test_id("reserve").click()
    expect(page.get_by_test_id("pickup-code")).to_be_visible()
    return page.get_by_test_id("pickup-code").inner_text()


def _hand_over(clerk: Window, code: str) -> None:
    page = clerk.open("/counter/")
    page.get_by_test_id("pickup-code").fill(code)
    page.get_by_test_id("find").click()
    expect(page.get_by_test_id("who")).to_have_text("李*老")
    expect(page.get_by_test_id("basket")).to_contain_text("大米 1 千克")
    page.get_by_test_id("collect").click()
    expect(page.get_by_test_id("handed-over")).to_be_visible()


def _find_again_is_refused(clerk: Window, code: str) -> None:
    page = clerk.open("/counter/")
    page.get_by_test_id("pickup-code").fill(code)
    page.get_by_test_id("find").click()
    expect(page.get_by_test_id("refusal")).to_be_visible()
