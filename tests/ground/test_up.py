"""`manage.py up`, for real: a first start, every process killed, a stop, a quick second start."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from backend.config import embedded, leftovers
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.xdist_group("up")  # one copy serves all of these

_START_SECONDS = 240  # a first start takes 10 s on an idle machine; the gate runs on a busy one
_COME_BACK_SECONDS = 120


class Copy:
    """One running copy, as its operator sees it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = embedded.free_port()
        self.output = home.parent / "up.out"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        theirs = {
            k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "JISHAN_UNIT"}
        }
        return {**theirs, "JISHAN_HOME": str(self.home), "PORT": str(self.port), "JISHAN_DEMO": "0"}

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment(), check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT, env=self.environment(), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.until(self.says_it_is_up, _START_SECONDS)

    def says_it_is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.output.read_text()
        return "积善已启动" in self.output.read_text()

    def until(self, question: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not question():
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            return answer.status == 200 and b'"ok"' in answer.read()
        except OSError:
            return False
        finally:
            connection.close()

    def programs(self) -> dict[str, psutil.Process]:
        """The supervised programs by name: the supervisor's own children, not theirs.

        Empty while a process ends between being listed and being looked at: ask again.
        """
        try:
            return self._programs()
        except psutil.NoSuchProcess:
            return {}

    def _programs(self) -> dict[str, psutil.Process]:
        assert self.process is not None
        found = {}
        for supervisor in psutil.Process(self.process.pid).children():
            found["supervisord"] = supervisor
            for child in supervisor.children():
                line = " ".join(child.cmdline()) if child.status() != psutil.STATUS_ZOMBIE else ""
                words = {"postgres": "bin/postgres", "valkey": "valkey-server", "web": "granian"}
                words |= {"worker": "workers worker", "beat": "workers beat"}
                found |= {name: child for name, word in words.items() if word in line}
        return found

    def stop(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def processes(self) -> list[psutil.Process]:
        marked = leftovers.find(home=str(self.home))
        postgres = [
            p
            for p in psutil.process_iter(["cmdline"])
            if str(self.home / "postgres") in (p.info["cmdline"] or [])
        ]
        return marked + postgres


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Iterator[Copy]:
    made = Copy(tmp_path_factory.mktemp("up") / "home")
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop(signal.SIGTERM)


def test_a_first_start_serves(copy):
    assert copy.answers()


def test_it_prints_where_to_go(copy):
    assert f"http://127.0.0.1:{copy.port}/" in copy.output.read_text()


def test_the_same_home_is_refused(copy):
    rival = Copy(copy.home)

    done = rival.command("up")

    assert (done.returncode, "已经有一个积善在运行" in done.stderr) == (1, True)


def test_the_same_port_is_refused(copy, tmp_path):
    rival = Copy(tmp_path / "other")
    rival.port = copy.port

    done = rival.command("up")

    assert (done.returncode, f"端口 {copy.port} 不能使用" in done.stderr) == (1, True)


def test_a_command_works_on_the_running_copy(copy):
    done = copy.command("migrate", "--check")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["beat", "worker", "web", "valkey", "postgres", "supervisord"])
def test_a_killed_process_comes_back(copy, name):
    copy.until(lambda: len(copy.programs()) == 6, _COME_BACK_SECONDS)
    victim = copy.programs()[name]

    victim.kill()

    copy.until(
        lambda: copy.programs().get(name, victim) != victim and len(copy.programs()) == 6 and copy.answers(),
        _COME_BACK_SECONDS,
    )


def test_ctrl_c_leaves_nothing_and_the_next_start_serves(copy):
    status = copy.stop(signal.SIGINT)

    assert (status, copy.processes()) == (0, [])

    copy.start()

    assert copy.answers()


def test_a_killed_starter_takes_everything_along(copy):
    copy.process.kill()
    copy.process.wait()

    copy.until(lambda: copy.processes() == [], _COME_BACK_SECONDS)

    copy.start()
    assert copy.answers()
