"""A small site of its own: servers that may be stopped, workers and beats that may be killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from django.db import connection
from environ import Env
from redis.exceptions import ConnectionError as Gone

from backend.config import embedded
from backend.config.launch import ROOT, launched
from workers.celery import app

PATIENCE_SECONDS = 60
Process = subprocess.Popen[bytes]


class Site:
    """The servers, and what runs on them. `start` and `stop` them as an accident needs."""

    def __init__(self, home: Path) -> None:
        """Prepare both servers; nothing runs yet."""
        self.home = home
        self.database = embedded.DATABASE
        self._running: dict[str, contextlib.ExitStack] = {}
        self._processes: list[Process] = []
        self._valkey_port = embedded.free_port()
        self.queue = Celery("site", broker=self.valkey().url, set_as_current=False)
        self.queue.conf.broker_transport_options = app.conf.broker_transport_options

    @property
    def database_url(self) -> str:
        """Where this site's rows are."""
        return self.postgres().url.replace(f"/{embedded.DATABASE}?", f"/{self.database}?", 1)

    def postgres(self) -> embedded.Service:
        """Prepare its PostgreSQL and say how to run it."""
        return embedded.postgres(self.home, durable=False)

    def valkey(self) -> embedded.Service:
        """Prepare its Valkey, which keeps nothing, so it comes back empty."""
        return embedded.valkey(self.home, port=self._valkey_port, durable=False)

    def start(self, name: str) -> None:
        """Start `postgres` or `valkey` and return when it answers."""
        service: embedded.Service = getattr(self, name)()
        self._running[name] = contextlib.ExitStack()
        self._running[name].enter_context(embedded.running(service, log=self.home / f"{name}.log"))

    def stop(self, name: str) -> None:
        """Stop it and return when it has ended."""
        self._running.pop(name).close()

    def worker(self, name: str, *, application: str = "workers", **env: str) -> Process:
        """Start a worker of two processes and return when it answers."""
        (process,) = self.workers(name, application=application, **env)
        return process

    def workers(self, *names: str, application: str = "workers", **env: str) -> list[Process]:
        """Start workers beside each other and return when all of them answer."""
        nodes = {f"{name}-{os.getpid()}@localhost": name for name in names}
        options = ("--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=INFO")
        started = [
            self._celery(name, (application, "worker", *options, f"--hostname={node}"), env)
            for node, name in nodes.items()
        ]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._answering(list(nodes)) < len(nodes):
            logs = [self.said(name) for name in names]
            assert all(process.poll() is None for process in started), logs
            assert time.monotonic() < deadline, logs
        return started

    def beat(self, name: str) -> Process:
        """Start the clock."""
        schedule = str(self.home / f"{name}-schedule")
        return self._celery(
            name, ("workers", "beat", "--loglevel=INFO", "--schedule", schedule, "--pidfile", ""), {}
        )

    def said(self, name: str) -> str:
        """What a worker or a beat has printed so far."""
        return (self.home / f"{name}.log").read_text(errors="replace")

    def send(self, task: str, **options: Any) -> None:
        """Put a task into the queue."""
        self.queue.send_task(task, **options)

    def kill(self) -> None:
        """Kill every worker and beat that still runs, as a power cut does."""
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)
        self._processes.clear()

    def end(self) -> None:
        """Kill what still runs and stop the servers."""
        self.kill()
        for name in list(self._running):
            self.stop(name)

    def _answering(self, nodes: list[str]) -> int:
        try:
            return len(self.queue.control.ping(destination=nodes, timeout=0.3))
        except Gone:  # a connection of this process from before the Valkey was started again
            return 0

    def _celery(self, name: str, arguments: tuple[str, ...], env: Mapping[str, str]) -> Process:
        with (self.home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                launched([sys.executable, "-m", "celery", "-A", *arguments]),
                cwd=ROOT,
                env={
                    **os.environ,
                    "DATABASE_URL": self.database_url,
                    "REDIS_URL": self.valkey().url,
                    **env,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def copy_schema(self, source_url: str) -> None:
        """Give this site the tables and triggers of a database, and no rows."""
        embedded.create_database(self.postgres())
        binaries = embedded.postgres_binaries()
        dumped = subprocess.run(
            [str(binaries / "pg_dump"), "--schema-only", "--no-owner", source_url],
            check=True,
            capture_output=True,
        )
        load = [str(binaries / "psql"), "--quiet", "--set", "ON_ERROR_STOP=1", self.postgres().url]
        subprocess.run(load, check=True, input=dumped.stdout, stdout=subprocess.DEVNULL)

    def new_database(self, name: str) -> None:
        """Use an empty database of its own from now on."""
        with psycopg.connect(
            self.postgres().url.replace("/jishan?", "/postgres?", 1), autocommit=True
        ) as one:
            one.execute(f"CREATE DATABASE {name} TEMPLATE {embedded.DATABASE}")
        self.database = name


@contextlib.contextmanager
def at_home(site: Site) -> Iterator[None]:
    """Let the models and the nudges of this process use the site's servers."""
    ours = dict(connection.settings_dict)
    theirs = Env.db_url_config(site.database_url)
    connection.close()
    connection.settings_dict.update(theirs | {"OPTIONS": ours["OPTIONS"] | theirs["OPTIONS"]})
    site.queue.set_current()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(ours)
        app.set_current()
