"""The main path over the API of a running copy, while one process after the other is killed."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.config.demo.content import PASSWORD, PHONE_PREFIX
from tests.journeys.copies import PATIENCE_SECONDS, Client, DemoCopy

pytestmark = pytest.mark.xdist_group("copy")  # one running copy serves all of these


@pytest.fixture
def person(copy: DemoCopy) -> Iterator[Callable[[], Client]]:
    clients: list[Client] = []

    def made() -> Client:
        clients.append(Client(copy))
        return clients[-1]

    yield made
    for client in clients:
        client.http.close()


@pytest.mark.parametrize(
    ("number", "victim"), list(enumerate(["web", "worker", "beat", "valkey", "postgres"], start=1))
)
def test_a_killed_process_loses_nothing_and_repeats_nothing(copy, person, number, victim):
    volunteer, manager = person(), person()
    volunteer.log_in_by_phone(f"{PHONE_PREFIX}{number:04d}")
    manager.log_in(username="site", password=PASSWORD)
    before = volunteer.ask("GET", "/points/balance/")["available"]
    shift = next(
        shift
        for shift in volunteer.ask("GET", "/shifts/")["results"]
        if shift["activity"]["name"] == "图书整理"
    )
    volunteer.ask("POST", f"/shifts/{shift['id']}/sign-ups/")

    copy.kill(victim)
    first = _scan(volunteer, manager, shift, "in")
    copy.kill(victim)
    last = _scan(volunteer, manager, shift, "out")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path = f"/attendances/{last['attendance']['id']}/approve/"
    copy.kill(victim)
    manager.ask("POST", path, json={"minutes": 120, "reason": "手机没电"}, headers=key)
    manager.ask("POST", path, json={"minutes": 120, "reason": "手机没电"}, headers=key)

    assert first["attendance"]["id"] == last["attendance"]["id"]
    copy.until(lambda: volunteer.ask("GET", "/points/balance/")["available"] == before + 20, PATIENCE_SECONDS)
    entries = volunteer.ask("GET", "/points/entries/")["results"]
    assert sum(entry["points"] for entry in entries) == before + 20


def _scan(volunteer: Client, manager: Client, shift: dict[str, Any], intent: str) -> dict[str, Any]:
    """Scan the code of the moment; an answer that got lost is asked for again with the same nonce."""
    nonce = str(uuid.uuid4())
    token = manager.ask("GET", f"/sites/{shift['activity']['site']}/qr/")["token"]
    answer = volunteer.ask("POST", "/scans/", json={"token": token, "intent": intent, "nonce": nonce})
    again = volunteer.ask("POST", "/scans/", json={"token": token, "intent": intent, "nonce": nonce})
    assert again == answer
    assert answer["result"] in {"accepted", "provisional"}, answer
    return dict(answer)
