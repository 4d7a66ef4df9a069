"""A real browser, a demo community, and the people who use it."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from backend.config.demo.community import seed_community
from backend.config.demo.content import PASSWORD
from backend.regions.services import load_regions
from tests.journeys.chromium import DESKTOP, PHONE, launch
from tests.journeys.copies import DemoCopy

# Playwright keeps an event loop in the test's thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCopy]:
    """A running copy of its own: servers, web, worker and beat, all of which may be killed."""
    made = DemoCopy(tmp_path_factory.mktemp("copy") / "home")
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop(signal.SIGTERM)


@pytest.fixture
def community(live_server: LiveServer, settings: Any) -> str:
    """A small demo community behind a live server; the value is its address."""
    settings.PUBLIC_BASE_URL = live_server.url
    load_regions()
    seed_community(volunteers=12, days=6, seed=3, at=timezone.now(), progress=str)
    return str(live_server.url)


@dataclass
class Window:
    """One person's browser window, and everything it complained about."""

    page: Page
    base: str
    complaints: list[str]

    def open(self, path: str) -> Page:
        """Go to a page of the site."""
        self.page.goto(self.base + path)
        return self.page

    def log_in_as(self, username: str) -> None:
        """Come in through the staff door."""
        self.open("/staff/login/")
        self.page.locator("input[name=username]").fill(username)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_test_id("log-in").click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def log_in_by_phone(self, phone: str) -> None:
        """Come in through the volunteers' door with the code a demo shows."""
        self.open("/login/")
        self.page.locator("input[name=phone]").fill(phone)
        self.page.get_by_test_id("send-code").click()
        code = self.page.get_by_test_id("demo-code").get_attribute("data-code") or ""
        self.page.locator("input[name=code]").fill(code)
        self.page.get_by_test_id("log-in").click()
        self.page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def window(chromium: Browser, community: str) -> Iterator[Callable[..., Window]]:
    """`window()` opens somebody's phone, `window(desktop=True)` somebody's computer."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def opened(*, desktop: bool = False) -> Window:
        context = chromium.new_context(viewport=DESKTOP if desktop else PHONE, locale="zh-CN")
        contexts.append(context)
        made = Window(context.new_page(), community, [])
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((community, "data:", "blob:"))
                else made.complaints.append(f"third party: {request.url}")
            ),
        )
        windows.append(made)
        return made

    yield opened
    for context in contexts:
        context.close()
    assert [complaint for made in windows for complaint in made.complaints] == []
