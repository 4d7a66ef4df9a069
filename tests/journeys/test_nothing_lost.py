"""The main path over the API of a running copy, while one process after the other is killed."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.config.demo.content import PASSWORD, PHONE_PREFIX
from tests.ground.test_up import Copy

_PATIENCE_SECONDS = 90
_AGAIN = {500, 502, 503, 504}


class DemoCopy(Copy):
    """A copy with a small demo community."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "JISHAN_DEMO": "1", "DEMO_VOLUNTEERS": "12", "DEMO_DAYS": "2"}

    def kill(self, name: str) -> None:
        """End one supervised process at once."""
        self.until(lambda: name in self.programs(), _PATIENCE_SECONDS)
        self.programs()[name].kill()


class Client:
    """Somebody's app: it tries again, with the same nonce and key, until it is answered."""

    def __init__(self, copy: DemoCopy) -> None:
        self.copy = copy
        self.pause = threading.Event()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{copy.port}/api/v1", timeout=10)

    def ask(self, method: str, path: str, **kwargs: Any) -> Any:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            answer = self._try(method, path, **kwargs)
            if answer is not None and answer.status_code not in _AGAIN:
                assert answer.is_success, (path, answer.text)
                return answer.json() if answer.content else None
            assert time.monotonic() < deadline, "no answer" if answer is None else answer.text
            self.pause.wait(0.1)

    def _try(self, method: str, path: str, **kwargs: Any) -> httpx.Response | None:
        try:
            return self.http.request(method, path, **kwargs)
        except httpx.TransportError:
            return None

    def log_in(self, **credentials: str) -> None:
        pair = self.ask("POST", "/auth/token/", json=credentials)
        self.http.headers["Authorization"] = f"Bearer {pair['access']}"

    def log_in_by_phone(self, phone: str) -> None:
        code = self.ask("POST", "/auth/otp/", json={"phone": phone})["demo_code"]
        self.log_in(phone=phone, code=code)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCopy]:
    home: Path = tmp_path_factory.mktemp("lost") / "home"
    made = DemoCopy(home)
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.terminate()
        made.process.wait(60)


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
    manager.ask("POST", path, json={"minutes": 60, "reason": "手机没电"}, headers=key)
    manager.ask("POST", path, json={"minutes": 60, "reason": "手机没电"}, headers=key)

    assert first["attendance"]["id"] == last["attendance"]["id"]
    copy.until(
        lambda: volunteer.ask("GET", "/points/balance/")["available"] == before + 10, _PATIENCE_SECONDS
    )
    entries = volunteer.ask("GET", "/points/entries/")["results"]
    assert sum(entry["points"] for entry in entries) == before + 10


def _scan(volunteer: Client, manager: Client, shift: dict[str, Any], intent: str) -> dict[str, Any]:
    """Scan the code of the moment; an answer that got lost is asked for again with the same nonce."""
    nonce = str(uuid.uuid4())
    token = manager.ask("GET", f"/sites/{shift['activity']['site']}/qr/")["token"]
    answer = volunteer.ask("POST", "/scans/", json={"token": token, "intent": intent, "nonce": nonce})
    again = volunteer.ask("POST", "/scans/", json={"token": token, "intent": intent, "nonce": nonce})
    assert again == answer
    assert answer["result"] in {"accepted", "provisional"}, answer
    return dict(answer)
