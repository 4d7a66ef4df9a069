"""Whatever page a role may see, a link leads there: nobody has to know an address."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from tests.contract.matrix import rows
from tests.contract.scene import Scene

pytestmark = pytest.mark.django_db

HOMES = {
    "anon": "/",
    "vol": "/me/",
    "site": "/",
    "clerk": "/",
    "org": "/",
    "staff": "/",
    "super": "/",
    "admin": "/",
}
# Where no link leads, and what does.
LED_OTHERWISE = {
    "health-live": "a probe",
    "health-ready": "a probe",
    "prometheus-metrics": "a probe",
    "service-worker": "the browser",
    "schema": "developers",
    "api-docs": "developers",
    "scan": "the QR code at a site",
    "scan-offline": "the browser, without network",
    "region-steps": "the region picker, when something is picked",
    "receipt": "the QR code of a receipt",
    "donor-picture": "a board, where its donor agreed",
    "counter-basket": "the counter, once a basket is begun",
    "revision-csv": "a run that has found something",
    "sheet-photo": "the review of what was entered from paper",
}
# A donor without registration finds it on the page of registration, which nobody of these roles is shown.
_OF_DONORS = "my-giving"
_LINK = re.compile(r'(?:href|action|src|hx-get|data-[a-z-]+)="(/[^"]*)"')
_TIMES = 5  # how many pages of a kind are looked at


def linked(client: Client, home: str) -> set[str]:
    """Names of the pages that links lead to, from a role's home on."""
    seen: Counter[str] = Counter()
    waiting, known = deque([home]), {home}
    while waiting:
        address = waiting.popleft()
        name = name_of(address)
        if name is None or seen[name] == _TIMES:
            continue
        answer = client.get(address, follow=False)
        if answer.status_code == 302:
            waiting.append(urlsplit(answer["Location"]).path)
            continue
        if answer.status_code != 200:
            continue
        seen[name] += 1
        for found in links(answer, address):
            if found not in known:
                known.add(found)
                waiting.append(found)
    return set(seen)


def links(answer: object, address: str) -> Iterator[str]:
    """Addresses of our own that a page mentions."""
    if "text/html" not in answer["Content-Type"]:
        return
    for found in _LINK.findall(answer.content.decode()):
        yield urljoin(address, unescape(found))


def name_of(address: str) -> str | None:
    """The page an address names, if it is one."""
    try:
        return resolve(urlsplit(address).path).url_name
    except Resolver404:
        return None


@pytest.mark.parametrize("role", HOMES)
def test_every_page_of_a_role_is_linked(scene: Scene, role: str) -> None:
    at = timezone.now()
    column = list(scene.world.users).index(role)
    public = 0
    wanted = {
        name_of(row.address.partition("#")[0].format(**scene.world.places(at)))
        for row in rows()
        if row.method == "GET"
        and not row.address.startswith("/api/")
        and row.answers[column].startswith("200")
        and (role == "anon" or not row.answers[public].startswith("200"))
    }

    found = linked(scene.client(role, api=False), HOMES[role])

    known = {None, *LED_OTHERWISE} | ({_OF_DONORS} if role != "vol" else set())
    assert sorted(str(name) for name in wanted - found - known) == []
