"""Where a benchmark plays: durable servers of its own, the web server, the worker, the client process."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.config import embedded, supervision
from backend.config.installation import Home
from backend.config.launch import ROOT, launched

_START_SECONDS = 60
WORKER_PROCESSES = 2  # as `manage.py up` starts them


@dataclass(frozen=True)
class Result:
    """What the client process measured."""

    seconds: float
    latencies_ms: Sequence[float]
    statuses: Mapping[str, int]
    matched: int
    unexpected: str

    @property
    def per_second(self) -> float:
        """Answers that were the expected one, per second."""
        return self.matched / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in ms that this share of the answers did not exceed."""
        return self.latencies_ms[min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * share))]


@contextlib.contextmanager
def servers() -> Iterator[Path]:
    """Durable PostgreSQL and Valkey in a temporary home on the data's own disk, named in the environment."""
    parent = Home.from_environment(os.environ).path / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="home-", dir=parent))
    (home / "static").mkdir()
    try:
        with contextlib.ExitStack() as stack:
            postgres, valkey = embedded.postgres(home), embedded.valkey(home)
            for service in (postgres, valkey):
                stack.enter_context(embedded.running(service, log=home / f"{service.name}.log"))
            embedded.create_database(postgres)
            os.environ.update(
                DATABASE_URL=postgres.url,
                REDIS_URL=valkey.url,
                JISHAN_HOME=str(home),
                JISHAN_ENV="dev",
                DJANGO_SETTINGS_MODULE="tests.benchmarks.settings",
                LOG_LEVEL="WARNING",
            )
            yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def web(home: Path) -> Iterator[int]:
    """The web server exactly as `manage.py up` runs it; the value is its port."""
    port = embedded.free_port()
    program = supervision.web("127.0.0.1", port)
    with _program(program, home / "web.log") as process:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"the web server did not come up:\n{(home / 'web.log').read_text()[-3000:]}"
                )
            time.sleep(0.1)
        yield port


@contextlib.contextmanager
def worker(home: Path) -> Iterator[None]:
    """The Celery worker exactly as `manage.py up` runs it."""
    with _program(supervision.worker(), home / "worker.log"):
        yield


@contextlib.contextmanager
def _program(program: supervision.Program, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            launched(program.argv, stop_signal=program.stop_signal),
            cwd=ROOT,
            env={**os.environ, **program.env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def play(home: Path, port: int, plan: Mapping[str, Any]) -> Result:
    """Let the client process send the plan's requests, and return what it measured."""
    path = home / "plan.json"
    path.write_text(json.dumps({"host": "127.0.0.1", "port": port, **plan}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.client", str(path)],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the client failed; the server says:\n{(home / 'web.log').read_text()[-4000:]}")
    return Result(**json.loads(done.stdout))
