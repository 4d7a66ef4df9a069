"""Take the README's pictures from a running demo: `make pictures`, beside a `make run`.

Nothing is staged but the language and the sizes; the demo community is the same for the same seed.
"""

import os
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from backend.config.demo.content import PASSWORD, PHONE_PREFIX
from tests.journeys.chromium import DESKTOP, PHONE, launch

BASE = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
PICTURES = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures"


def _page(browser: Browser, size: ViewportSize) -> Page:
    context = browser.new_context(viewport=size, locale="zh-CN", reduced_motion="reduce")
    return context.new_page()


def _take(page: Page, path: str, name: str) -> None:
    page.goto(BASE + path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


def _staff(browser: Browser, username: str) -> Page:
    page = _page(browser, DESKTOP)
    page.goto(BASE + "/staff/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_test_id("log-in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def _volunteer(browser: Browser) -> Page:
    page = _page(browser, PHONE)
    page.goto(BASE + "/login/")
    page.locator("input[name=phone]").fill(PHONE_PREFIX + "0000")
    page.get_by_test_id("send-code").click()
    page.locator("input[name=code]").fill(page.get_by_test_id("demo-code").get_attribute("data-code") or "")
    page.get_by_test_id("log-in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def take_all() -> None:
    """Take every picture the documents show."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        public, volunteer = _page(browser, PHONE), _volunteer(browser)
        _take(public, "/", "home")
        _take(public, "/boards/?board=donors", "donors")
        _take(volunteer, "/me/points/", "points")
        volunteer.goto(BASE + "/shelf/")
        volunteer.get_by_test_id("store").first.click()
        volunteer.wait_for_load_state("networkidle")
        volunteer.screenshot(path=PICTURES / "shelf.png")
        manager, clerk = _staff(browser, "site"), _staff(browser, "clerk")
        manager.goto(BASE + "/manage/attendances/")
        manager.get_by_test_id("load").first.click()
        manager.wait_for_load_state("networkidle")
        manager.screenshot(path=PICTURES / "approvals.png")
        manager.goto(BASE + "/manage/")
        manager.get_by_test_id("open-display").first.click()
        manager.wait_for_load_state("networkidle")
        manager.screenshot(path=PICTURES / "display.png")
        _take(clerk, "/counter/", "counter")
        browser.close()


if __name__ == "__main__":
    take_all()
