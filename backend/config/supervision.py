"""The supervisor of a running copy: its configuration, and talking to it.

Why supervisord: docs/adr/0001-supervisor.md.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from supervisor.xmlrpc import SupervisorTransport

from backend.config.embedded import Service, socket_directory
from backend.config.installation import Home
from backend.config.launch import ROOT, launched

_STOP_SECONDS = 45


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised program. Lower `order` starts first and stops last."""

    name: str
    argv: tuple[str, ...]
    order: int
    at_once: bool = False  # servers start with the supervisor; the rest waits for the migrations
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    env: Mapping[str, str] = field(default_factory=dict)


def server(service: Service, *, order: int) -> Program:
    """An embedded server as a supervised program."""
    return Program(
        name=service.name,
        argv=service.argv,
        order=order,
        at_once=True,
        user=service.user,
        stop_signal=service.stop_signal,
        env=service.env,
    )


def web(host: str, port: int) -> Program:
    """The web server: two processes of two threads, each process with its own connection pool.

    More threads are slower: they wait for each other (docs/operations.md, “Where we stand”).
    """
    return Program(
        name="web",
        argv=(
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
            *(
                "--workers",
                os.environ.get("WEB_WORKERS", "2"),
                "--blocking-threads",
                os.environ.get("WEB_THREADS", "2"),
                "--no-ws",
            ),
            *("--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "10"),
            "backend.config.wsgi:application",
        ),
        order=30,
        env={"DATABASE_POOL": "1"},
    )


def worker() -> Program:
    """The Celery worker."""
    options = ("--concurrency", os.environ.get("CELERY_WORKERS", "2"), "--without-gossip", "--without-mingle")
    return Program(
        name="worker",
        argv=(sys.executable, "-m", "celery", "-A", "workers", "worker", "--loglevel", "INFO", *options),
        order=40,
    )


def beat(home: Home) -> Program:
    """The clock that starts the periodic tasks."""
    options = ("--schedule", str(home.run / "beat-schedule"), "--pidfile", "")
    return Program(
        name="beat",
        argv=(sys.executable, "-m", "celery", "-A", "workers", "beat", "--loglevel", "INFO", *options),
        order=50,
    )


class Supervisor:
    """supervisord as our child; it ends when we end, however we end."""

    def __init__(self, home: Home, programs: Iterable[Program]) -> None:
        self._home = home
        self._programs = sorted(programs, key=lambda program: program.order)
        self._sockets = socket_directory(home.run)
        self._config = home.run / "supervisord.conf"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, keep_open: int) -> None:
        """Start supervisord and the servers; `keep_open` (the home's lock) stays held while it lives."""
        self._config.touch(mode=0o600)
        self._config.write_text(self._configuration(), encoding="utf-8")
        supervisord = (sys.executable, "-m", "supervisor.supervisord", "-c", str(self._config))
        self._process = subprocess.Popen(  # noqa: S603 – a fixed command line
            launched(supervisord),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # it logs to its own file
            stderr=subprocess.DEVNULL,
            pass_fds=(keep_open,),
            start_new_session=True,  # a Ctrl-C in the terminal reaches us only; we stop it in order
        )

    def start_rest(self) -> None:
        """Start everything that waited for the migrations."""
        for program in self._programs:
            if not program.at_once:
                self._call().startProcess(program.name, False)

    def wait_for_socket(self, *, seconds: float = 15.0) -> None:
        """Return once supervisord takes orders."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._call().getState()
            except (OSError, xmlrpc.client.Error):
                if time.monotonic() > deadline or not self.is_alive():
                    raise
                time.sleep(0.05)
            else:
                return

    def is_alive(self) -> bool:
        """Whether supervisord itself still runs."""
        return self._process is not None and self._process.poll() is None

    def wait(self, *, seconds: float) -> bool:
        """Wait for supervisord's end at most that long; True when it has ended."""
        if self._process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.is_alive()

    def stop(self) -> None:
        """Stop everything in reverse order and return when it has stopped."""
        if self._process is not None and self.is_alive():
            self._process.send_signal(signal.SIGTERM)
            if not self.wait(seconds=_STOP_SECONDS):
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _call(self) -> "xmlrpc.client._Method":
        transport = SupervisorTransport(None, None, f"unix://{self._sockets}/supervisor.sock")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def _configuration(self) -> str:
        user = "user=root\n" if os.geteuid() == 0 else ""
        return (
            f"[unix_http_server]\nfile={self._sockets}/supervisor.sock\nchmod=0700\n\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\n"
            f"[supervisord]\nnodaemon=true\nsilent=true\n{user}"
            f"logfile={_plain(self._home.log / 'supervisord.log')}\n"
            f"pidfile={_plain(self._home.run / 'supervisord.pid')}\n"
            f"childlogdir={_plain(self._home.log)}\nminfds=1024\nminprocs=50\n\n"
            + "\n".join(self._section(program) for program in self._programs)
        )

    def _section(self, program: Program) -> str:
        command = launched(program.argv, user=program.user, stop_signal=program.stop_signal)
        env = {**program.env, "JISHAN_UNIT": program.name}
        lines = {
            "command": _plain(shlex.join(command)),
            "directory": _plain(ROOT),
            "environment": ",".join(f'{name}="{_plain(value)}"' for name, value in env.items()),
            "priority": program.order,
            "autostart": str(program.at_once).lower(),
            "autorestart": "true",
            "startsecs": 1,
            "startretries": 1000,  # the cause may be elsewhere and pass; each try waits a second longer
            "stopsignal": program.stop_signal.name.removeprefix("SIG"),
            "stopwaitsecs": 20,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": _plain(self._home.log / f"{program.name}.log"),
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": 3,
        }
        return f"[program:{program.name}]\n" + "".join(f"{name}={value}\n" for name, value in lines.items())


def _plain(value: object) -> str:
    """Supervisord expands %(name)s everywhere: a percent sign has to be doubled."""
    return str(value).replace("%", "%%")
