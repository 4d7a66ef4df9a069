"""The counter as a clerk works it: no mouse, a scanner that types, a volunteer's phone, and no network."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from backend.accounts.models import User
from points.market.choices import Confirmation, RedemptionStatus
from points.market.models import Product
from points.market.offline_models import OfflineCollection
from points.market.redemption_models import Redemption
from tests.journeys.chromium import DESKTOP, PHONE
from tests.pages.scenes import BACKEND, give_points, make_redemption, make_shop, make_volunteer
from volunteers.people.passes import passes

pytestmark = pytest.mark.django_db(transaction=True)

EAN = "6901234567892"
COUNTER_IS_KEPT = """async () => {
  const kept = async () => (await caches.open('jishan-scan')).match('/counter/offline/');
  while (!await kept()) await new Promise((resolve) => setTimeout(resolve, 20));
}"""


@pytest.fixture
def desk(chromium: Browser, live_server: LiveServer, settings: Any) -> Iterator[Callable[..., Page]]:
    """`desk(user, phone=True)` is a page of a browser of somebody's own, signed in."""
    settings.PUBLIC_BASE_URL = live_server.url
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(user: User, *, phone: bool = False) -> Page:
        client = Client()
        client.force_login(user, backend=BACKEND)
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP, locale="zh-CN", base_url=str(live_server.url)
        )
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server.url)}]
        )
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def scan(page: Page, text: str) -> None:
    """Type like a scanner: fast, wherever the focus is, and Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_clerk_serves_two_people_by_keyboard_alone(desk: Callable[..., Page]) -> None:
    shop, waiting, walk_in = make_shop(), make_volunteer(), make_volunteer()
    Product.objects.update(barcode=EAN)
    reserved = make_redemption(waiting, shop)
    give_points(walk_in, 100)
    page = desk(shop.clerk)
    page.goto("/counter/")

    scan(page, reserved.code)
    expect(page.get_by_test_id("collect")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("handed-over")).to_be_visible()
    expect(page.get_by_test_id("pickup-code")).to_be_focused()
    expect(page.locator("html")).to_have_attribute("data-heard", "ok")

    scan(page, "123")
    expect(page.get_by_test_id("refusal")).to_have_attribute("data-code", "not_recognised")
    expect(page.locator("html")).to_have_attribute("data-heard", "no")
    page.keyboard.press("Escape")
    scan(page, passes(walk_in, at=timezone.now())[0].token)
    expect(page.get_by_test_id("who")).to_contain_text("*")
    scan(page, EAN)
    scan(page, EAN)  # while the server still answers the first
    expect(page.get_by_test_id("total")).to_contain_text("40")
    page.keyboard.press("-")
    expect(page.get_by_test_id("total")).to_contain_text("20")
    page.keyboard.press("+")
    expect(page.get_by_test_id("total")).to_contain_text("40")
    page.keyboard.press("-")
    expect(page.get_by_test_id("total")).to_contain_text("20")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("waiting-agree")).to_be_visible()
    phone = desk(walk_in.user, phone=True)
    phone.goto("/me/")
    phone.get_by_test_id("to-agree").click()
    phone.get_by_test_id("agree").click()
    expect(page.get_by_test_id("agreed")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("handed-over")).to_be_visible()
    assert Redemption.objects.get(volunteer=walk_in).confirmation == Confirmation.OWN_PHONE


def test_without_network_the_clerk_goes_on_and_it_is_told_later(desk: Callable[..., Page]) -> None:
    shop = make_shop()
    waiting = make_redemption(make_volunteer(), shop)
    page = desk(shop.clerk)
    page.goto("/counter/")
    page.get_by_test_id("list-take").click()
    expect(page.get_by_test_id("list-state")).to_contain_text("1 单")
    page.evaluate(COUNTER_IS_KEPT)
    page.context.set_offline(True)
    page.goto("/counter/")

    scan(page, waiting.code.lower())
    expect(page.get_by_test_id("away-give")).to_be_focused()
    page.keyboard.press("Space")
    row = page.get_by_test_id("away-given").locator("li")
    expect(row).to_have_attribute("data-state", "waiting")
    scan(page, waiting.code)
    expect(page.get_by_test_id("away-say")).to_contain_text("不在这台设备的清单上")
    assert not OfflineCollection.objects.exists()
    page.context.set_offline(False)
    expect(row).to_have_attribute("data-state", "collected")

    waiting.refresh_from_db()
    assert waiting.status == RedemptionStatus.COLLECTED
    assert OfflineCollection.objects.get().captured_at == waiting.collected_at


# A camera that looks at a packet of rice: a stream of our own drawing, so that what decodes it is the page.
CAMERA = """(modules) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const paper = canvas.getContext('2d');
  const draw = () => {
    paper.fillStyle = '#fff';
    paper.fillRect(0, 0, 640, 360);
    paper.fillStyle = '#000';
    [...modules].forEach((dark, place) => { if (dark === '1') paper.fillRect(130 + 4 * place, 90, 4, 180); });
    requestAnimationFrame(draw);
  };
  draw();
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
}"""
_LEFT = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
_SIDES = ("000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010")


def modules_of(ean: str) -> str:
    """The dark and light modules of an EAN-13, as printed on a packet."""
    left, right = [int(digit) for digit in ean[1:7]], [int(digit) for digit in ean[7:]]
    other = str.maketrans("01", "10")
    drawn = [
        _LEFT[digit] if side == "0" else _LEFT[digit].translate(other)[::-1]
        for digit, side in zip(left, _SIDES[int(ean[0])], strict=True)
    ]
    return "".join(["101", *drawn, "01010", *(_LEFT[digit].translate(other) for digit in right), "101"])


def test_the_camera_reads_the_code_on_a_packet_without_help_from_the_browser(
    desk: Callable[..., Page],
) -> None:
    shop, walk_in = make_shop(), make_volunteer()
    Product.objects.update(barcode=EAN)
    give_points(walk_in, 100)
    page = desk(shop.clerk)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script("delete window.BarcodeDetector")
    page.goto("/counter/")
    page.evaluate(CAMERA, modules_of(EAN))

    page.locator("[data-camera]").click()

    expect(page.get_by_test_id("basket").first).to_contain_text(Product.objects.get().name)
    assert {url.split("/")[2] for url in asked if not url.startswith(("data:", "blob:"))} == {
        page.url.split("/")[2]
    }
