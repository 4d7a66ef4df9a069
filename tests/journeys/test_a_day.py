"""Three hundred people and one day over HTTP, the broker and the database restarted in the middle."""

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.copies import PATIENCE_SECONDS, Client, DemoCopy

pytestmark = pytest.mark.xdist_group("copy")  # one running copy serves all of these

_CLIENTS = 8
_POINTS_EVERY_MINUTES, _POINTS = 30, 5


@pytest.fixture
def plan(copy: DemoCopy, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "plan.json"
    code = f"from tests.journeys import day; day.prepare({str(path)!r}, seed=7)"
    done = copy.command("shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(path.read_text()))


class Day:
    """What happens meanwhile: somebody pulls a plug when so many scans are in."""

    def __init__(self, copy: DemoCopy, plugs: Sequence[tuple[int, str]]) -> None:
        self.copy = copy
        self.plugs = dict(plugs)
        self.scans = 0
        self.lock = threading.Lock()

    def scanned(self) -> None:
        with self.lock:
            self.scans += 1
            victim = self.plugs.pop(self.scans, None)
        if victim:
            self.copy.until(lambda: victim in self.copy.programs(), PATIENCE_SECONDS)
            self.copy.programs()[victim].kill()


def test_three_hundred_people_get_exactly_their_minutes(copy, plan):
    day = Day(copy, [(150, "valkey"), (350, "postgres")])

    with ThreadPoolExecutor(_CLIENTS) as pool:
        answers = list(pool.map(lambda phone: _one_day(copy, phone, day), plan["phones"]))

    minutes = [last["attendance"]["minutes"] for _, last in answers]
    assert minutes == [phone["minutes"] for phone in plan["phones"]]
    assert {first["result"] for first, _ in answers} == {"provisional"}
    assert not day.plugs
    for manager in plan["managers"]:
        _approve_all(copy, manager)
    with ThreadPoolExecutor(_CLIENTS) as pool:
        credited = list(pool.map(lambda phone: _credited(copy, phone), plan["phones"]))
        expected = [[] if phone["minutes"] is None else [phone["minutes"]] for phone in plan["phones"]]
        assert credited == expected
    for phone in plan["phones"][::10]:
        _points_arrive(copy, phone)


@contextmanager
def _client(copy: DemoCopy, jwt: str) -> Iterator[Client]:
    client = Client(copy)
    client.http.headers["Authorization"] = f"Bearer {jwt}"
    with client.http:
        yield client


def _one_day(copy: DemoCopy, phone: dict[str, Any], day: Day) -> tuple[dict[str, Any], dict[str, Any]]:
    """Scan in and out as a phone that was offline: again with the same nonce until there is an answer."""
    answers = []
    with _client(copy, phone["jwt"]) as client:
        for intent in ("in", "out"):
            if phone[intent] is None:
                continue
            body = {**phone[intent], "intent": intent, "nonce": uuid.uuid4().hex}
            answers.append(client.ask("POST", "/scans/", json=body))
            assert client.ask("POST", "/scans/", json=body) == answers[-1]
            day.scanned()
    return answers[0], answers[-1]


def _approve_all(copy: DemoCopy, jwt: str) -> None:
    """Approve whatever has minutes, a hundred at a time, every request twice."""
    with _client(copy, jwt) as client:
        path: str | None = "/attendances/?status=pending"
        ids: list[int] = []
        while path:
            page = client.ask("GET", path)
            ids += [row["id"] for row in page["results"] if row["minutes"] is not None]
            path = page["next"] and "/attendances/?" + page["next"].partition("?")[2]
        for first in range(0, len(ids), 100):
            key = {"Idempotency-Key": uuid.uuid4().hex}
            for _ in range(2):
                body = {"ids": ids[first : first + 100]}
                answer = client.ask("POST", "/attendances/approve/", json=body, headers=key)
                assert {row["status"] for row in answer["results"]} == {200}


def _credited(copy: DemoCopy, phone: dict[str, Any]) -> list[int]:
    with _client(copy, phone["jwt"]) as client:
        return [row["minutes"] for row in client.ask("GET", "/records/")["results"]]


def _points_arrive(copy: DemoCopy, phone: dict[str, Any]) -> None:
    expected = (phone["minutes"] or 0) // _POINTS_EVERY_MINUTES * _POINTS
    with _client(copy, phone["jwt"]) as client:
        copy.until(lambda: client.ask("GET", "/points/balance/")["available"] == expected, PATIENCE_SECONDS)
