"""Delivery through real processes: a real worker, a broker that is away, a worker killed in the middle."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backend.core import outbox
from backend.core.models import OutboxEvent
from points.ledger.models import Account, Entry, Lot, Transfer
from points.scoring.models import Award
from tests.concurrency.rivals import race
from tests.factories.database import waiting_here
from tests.factories.ledger import account, default_rules, serve
from tests.workers import books
from workers import tasks
from workers.celery import app

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60


def approve(records):
    """Report the records as approved, in one transaction as a manager's “approve all” does."""
    with transaction.atomic():
        for record in records:
            outbox.emit(
                topic="record.approved",
                key=f"volunteer:{record.volunteer_id}",
                payload={"record_id": record.pk},
                at=timezone.now(),
            )


def everything_is_delivered():
    return not OutboxEvent.objects.filter(done_at=None).exists()


@pytest.fixture
def records():
    default_rules()
    return [serve() for _ in range(12)]


@pytest.fixture
def start_worker(
    test_database_url: str, tmp_path: Path, until: Callable[..., None]
) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """`start_worker(name)` is a Celery worker that answers; whatever is left of it is killed at the end."""
    started = []

    def start(name: str) -> "subprocess.Popen[bytes]":
        node = f"{name}-{os.getpid()}@localhost"
        options = ["--concurrency=1", "--without-gossip", "--without-mingle", f"--hostname={node}"]
        with (tmp_path / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "workers", "worker", *options],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": test_database_url, "REDIS_URL": settings.REDIS_URL},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(process)
        until(lambda: app.control.ping(destination=[node], timeout=0.5), seconds=PATIENCE_SECONDS)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            kill(process)


def kill(worker):
    """End the worker and its children as a power cut does."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(20)


def test_an_approval_is_points_a_moment_later(records, celery_worker, until):
    approve(records)

    until(everything_is_delivered, seconds=PATIENCE_SECONDS)

    assert sorted(Account.objects.exclude(volunteer=None).values_list("balance", flat=True)) == [25] * 12
    books.check()


class HangsUp:
    """A broker that takes every call and hangs up at once, counting."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}/0"
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                call, _address = self._socket.accept()
                self.calls += 1
                call.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def test_while_the_broker_is_away_facts_are_kept_and_the_sweep_delivers_them(records):
    broker = HangsUp()
    away = Celery("away", broker=broker.url, set_as_current=False)
    away.conf.broker_transport_options = app.conf.broker_transport_options
    away.set_current()
    try:
        approve(records)
    finally:
        app.set_current()
        broker.close()
    assert OutboxEvent.objects.filter(done_at=None).count() == 12
    assert broker.calls == 2  # hung up on, the client redials once; nobody's request tries for longer

    tasks.sweep_outbox()

    assert everything_is_delivered()
    assert account(records[0].volunteer).balance == 25


def waiting_for_lots():
    """Whether some backend has written transfers and entries, and waits to write the lots."""
    return waiting_here("relation = 'points_lot'::regclass") == 1


def backends_of_workers():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%points_lot%'"
        )
        return cursor.fetchone()[0]


def test_a_worker_killed_between_two_writes_loses_nothing_and_repeats_nothing(records, start_worker, until):
    first = start_worker("first")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE points_lot IN SHARE MODE")  # readers pass, the writer waits
        race(lambda: approve(records))  # on a connection of its own
        until(waiting_for_lots, seconds=PATIENCE_SECONDS)
        kill(first)
    until(lambda: backends_of_workers() == 0, seconds=PATIENCE_SECONDS)
    assert [model.objects.count() for model in (Transfer, Entry, Lot, Award)] == [0, 0, 0, 0]
    assert OutboxEvent.objects.filter(done_at=None).count() == 12

    start_worker("second")
    app.send_task("workers.sweep_outbox")  # what the clock sends every five seconds
    until(everything_is_delivered, seconds=PATIENCE_SECONDS)

    assert [model.objects.count() for model in (Transfer, Entry, Lot, Award)] == [12, 24, 12, 12]
    assert sorted(Account.objects.exclude(volunteer=None).values_list("balance", flat=True)) == [25] * 12
    books.check()
