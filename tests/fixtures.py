"""Fixtures for every test: a clock that stands still, API clients, a live site, a real worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from celery.app.utils import find_app
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from backend.config.launch import ROOT, launched
from volunteers.attendance import policies

_WORKER_START_SECONDS = 60


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in Guiyang, 10:00 on 2026-09-15; pass it as `at`."""
    return datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def api() -> Callable[[AbstractBaseUser | None], APIClient]:
    """`api(user)` is an API client carrying that user's access token; `api(None)` is an anonymous one."""

    def client(user: AbstractBaseUser | None = None) -> APIClient:
        made = APIClient()
        if user is not None:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
        return made

    return client


@pytest.fixture(scope="session")
def valkey() -> Iterator["redis.Redis"]:
    """A connection to this test process's own Valkey database."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _empty_valkey(valkey: "redis.Redis") -> None:
    """No test finds another one's cached pages, throttle counters or queued tasks."""
    valkey.flushdb()


@pytest.fixture(autouse=True)
def _no_policies_remembered() -> None:
    """No test decides by a policy that another one set and rolled back."""
    policies.forget()


@pytest.fixture
def test_database_url() -> str:
    """The address of this process's test database, for a subprocess that must see the same rows."""
    name = str(connection.settings_dict["NAME"])
    url: str = settings.DATABASE_URL
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture
def live(live_server: LiveServer) -> str:
    """The base address of the site, served from threads of this process, with committed data."""
    return live_server.url


@pytest.fixture
def until() -> Callable[..., None]:
    """`until(question)` returns once the question is true, and fails when it stays false (`seconds`)."""

    def wait(question: Callable[[], object], *, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not question():
            assert time.monotonic() < deadline, f"still not after {seconds:.0f} s"
            time.sleep(0.05)

    return wait


@pytest.fixture
def celery_worker(transactional_db: None, test_database_url: str, tmp_path: Path) -> Iterator[str]:
    """A real Celery worker on this test's database and queue, ready for work; the value is its name."""
    node = f"test-{os.getpid()}@localhost"
    log = tmp_path / "worker.log"
    options = [
        "--concurrency=2",
        "--without-gossip",
        "--without-mingle",
        f"--hostname={node}",
        "--loglevel=INFO",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            launched([sys.executable, "-m", "celery", "-A", "workers", "worker", *options]),
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": test_database_url, "REDIS_URL": settings.REDIS_URL},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for_worker(process, node, log)
        yield node
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for_worker(process: "subprocess.Popen[bytes]", node: str, log: Path) -> None:
    app = find_app("workers")
    deadline = time.monotonic() + _WORKER_START_SECONDS
    while not app.control.ping(destination=[node], timeout=0.5):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the worker did not come up:\n{log.read_text(errors='replace')[-4000:]}")
