"""Throw-away PostgreSQL and Valkey for one test run.

`tests/conftest.py` calls `claim()` while it is imported, before the settings are read: the addresses must
be in the environment by then. The servers themselves start in `pytest_configure` and stop in
`pytest_unconfigure`, which pytest calls after a Ctrl-C as well. Only the xdist controller (or a run without
xdist) owns servers; its workers inherit the environment, and each takes a Valkey database of its own (and,
through pytest-django, a PostgreSQL database of its own).
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from backend.config import embedded

_OWNER = "JISHAN_TEST_SERVERS"  # set by whoever started the servers, inherited by its workers


class Servers:
    """The servers of this run; `start` and `stop` may each be called more than once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.services = (embedded.postgres(home, durable=False), embedded.valkey(home, durable=False))
        self._running = contextlib.ExitStack()
        self._started = False

    @property
    def environment(self) -> Mapping[str, str]:
        """What has to be in the environment before the settings are read."""
        postgres, valkey = self.services
        return {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "JISHAN_HOME": str(self.home)}

    def start(self) -> None:
        """Start both and return when they answer."""
        if not self._started:
            self._started = True
            for service in self.services:
                self._running.enter_context(embedded.running(service, log=self.home / f"{service.name}.log"))

    def stop(self) -> None:
        """Stop both and remove everything they wrote."""
        self._running.close()
        shutil.rmtree(self.home, ignore_errors=True)


def claim(environ: dict[str, str] | os._Environ[str]) -> Servers | None:
    """Prepare servers for this process and put their addresses in the environment.

    None when somebody else provides them: the xdist controller, or whoever set both addresses.
    """
    worker = environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        if _OWNER in environ:
            base = environ["REDIS_URL"].rsplit("/", 1)[0]
            environ["REDIS_URL"] = f"{base}/{int(worker.removeprefix('gw')) + 1}"
        return None
    if environ.get("DATABASE_URL") and environ.get("REDIS_URL"):
        return None
    servers = Servers(Path(tempfile.mkdtemp(prefix="jishan-test-")))
    atexit.register(servers.stop)
    environ.update(servers.environment)
    environ[_OWNER] = "1"
    return servers
