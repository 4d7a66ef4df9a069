"""A running copy with a small demo community, and somebody's app that talks to it."""

import threading
import time
from typing import Any

import httpx

from tests.ground.test_up import Copy

PATIENCE_SECONDS = 90
_AGAIN = {500, 502, 503, 504}


class DemoCopy(Copy):
    """A copy with a small demo community."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "JISHAN_DEMO": "1", "DEMO_VOLUNTEERS": "12", "DEMO_DAYS": "2"}

    def kill(self, name: str) -> None:
        """End one supervised process at once."""
        self.until(lambda: name in self.programs(), PATIENCE_SECONDS)
        self.programs()[name].kill()


class Client:
    """Somebody's app: it tries again, with the same nonce and key, until it is answered."""

    def __init__(self, copy: DemoCopy) -> None:
        self.copy = copy
        self.pause = threading.Event()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{copy.port}/api/v1", timeout=10)

    def ask(self, method: str, path: str, **kwargs: Any) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
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
