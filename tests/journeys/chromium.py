"""The system's Chromium, the same for journeys and pictures."""

from playwright.sync_api import Browser, Playwright, ViewportSize

PHONE: ViewportSize = {"width": 375, "height": 812}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
_PATH = "/usr/bin/chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def launch(playwright: Playwright) -> Browser:
    """Start a browser that speaks to nobody but the pages it is sent to."""
    return playwright.chromium.launch(executable_path=_PATH, args=_FLAGS)
