"""What a page costs and where it comes from: small, ours alone, and nothing inline."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.pages.visits import VISITS

pytestmark = pytest.mark.django_db

MOST_BYTES = 100 * 1024
PAGES_DIRECTORY = Path(settings.BASE_DIR) / "backend" / "pages"
_LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("use", "href")}


class Reader(HTMLParser):
    """Collects what a page loads, links to, and has inline."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: set[str] = set()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note addresses, handlers, styles and scripts without a source."""
        names = dict(attrs)
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.inline.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
            if name in {"href", "src", "action"} or name.startswith("hx-"):
                self.addresses.append(value or "")
            if (tag, name) in _LOADED and value:
                self.loads.add(value.split("#")[0])


def _packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def _static(address: str) -> bytes:
    found = finders.find(address.removeprefix(settings.STATIC_URL))
    assert isinstance(found, str)
    return Path(found).read_bytes()


@pytest.mark.parametrize("name", VISITS)
def test_a_page_is_small_ours_alone_has_nothing_inline_and_forbids_the_rest(name: str) -> None:
    client, address = VISITS[name]()

    answer = client.get(address, headers={"accept-encoding": "gzip"})
    packed = answer.headers.get("Content-Encoding") == "gzip"
    assert packed or answer.status_code >= 400  # a refusal by Django itself is a few lines
    page = Reader((gzip.decompress(answer.content) if packed else answer.content).decode())

    weight = len(answer.content) + sum(_packed(_static(one)) for one in page.loads)
    assert weight < MOST_BYTES
    assert page.inline == []
    foreign = [one for one in page.addresses if re.match(r"(?:https?:)?//", one)]
    assert [one for one in foreign if not one.startswith(f"{settings.PUBLIC_BASE_URL}/")] == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", sorted((PAGES_DIRECTORY / "static" / "pages").iterdir()), ids=lambda path: path.name
)
def test_our_own_files_reach_for_nobody_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text) == []
    assert "eval(" not in text
    assert "@import" not in text
