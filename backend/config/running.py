"""One whole copy of the site on this machine, from the first check to the last process stopped."""

import contextlib
import http.client
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path

from backend.config import embedded, leftovers, supervision
from backend.config.installation import CannotStartError, Home, require_free_port, write_environment
from backend.config.launch import ROOT

_READY_SECONDS = 60
_SERVERS = ("DATABASE_URL", "REDIS_URL")


def run(*, environ: MutableMapping[str, str], reset: bool, say: Callable[[str], object]) -> None:
    """Run the site in front until KeyboardInterrupt; then stop everything and return by raising it.

    `environ` must be the process's own environment: every program inherits it. With `reset` this home's data
    is deleted first.

    :raises CannotStartError: when this machine, port or home does not allow it.
    :raises EmbeddedError: when a server does not come up.
    """
    started = time.monotonic()
    home = Home.from_environment(environ)
    host, port = environ.get("HOST", "127.0.0.1"), _port(environ)
    home.prepare()
    with home.lock() as lock:
        _clear(home)
        require_free_port(host, port)
        if reset:
            _forget(home, environ)
        services = _enter(home, port, environ)
        programs = [supervision.server(service, order=10 * n) for n, service in enumerate(services, start=1)]
        programs += [supervision.web(host, port), supervision.worker(), supervision.beat(home)]
        summary = ""
        try:
            while True:  # once, unless somebody kills the supervisor itself
                with _supervised(home, programs, lock) as supervisor:
                    for service in services:
                        embedded.wait_until_ready(service, alive=supervisor.is_alive)
                    if not summary:
                        summary = _prepare(home, services, environ)
                    supervisor.start_rest()
                    _wait_for_web(host, port, supervisor)
                    say(_addresses(host, port, environ, seconds=time.monotonic() - started) + summary)
                    while not supervisor.wait(seconds=3600):
                        pass
                say("守护进程意外结束，正在重新启动。 The supervisor died; starting again.")
                started = time.monotonic()
                _clear(home)
        finally:
            (home.path / "up.env").unlink(missing_ok=True)
            for service in services:
                if service.scratch is not None:
                    shutil.rmtree(service.scratch, ignore_errors=True)


@contextlib.contextmanager
def _supervised(
    home: Home, programs: list[supervision.Program], lock: int
) -> Iterator[supervision.Supervisor]:
    supervisor = supervision.Supervisor(home, programs)
    try:
        supervisor.start(keep_open=lock)
        supervisor.wait_for_socket()
        yield supervisor
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(
                number, signal.SIG_IGN
            )  # stopping is under way; an impatient Ctrl-C must not cut it
        supervisor.stop()
        restore_signals()


def restore_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal all mean the same: KeyboardInterrupt."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def _port(environ: MutableMapping[str, str]) -> int:
    text = environ.get("PORT", "") or "8000"
    if not text.isdigit() or not 0 < int(text) < 2**16:
        raise CannotStartError(f"PORT={text} 不是端口号（1–65535）。 PORT is not a port number.")
    return int(text)


def _clear(home: Home) -> None:
    """End what a killed copy left; safe, for we hold the lock."""
    leftovers.sweep(home=str(home.path))
    embedded.stop_left_over_postgres(home.path)


def _forget(home: Home, environ: MutableMapping[str, str]) -> None:
    if environ.get("JISHAN_ENV") == "production" or any(name in environ for name in _SERVERS):
        raise CannotStartError(
            "只能重置自带数据库的演示环境。 Only a demo with its own embedded servers can be reset."
        )
    for name in ("postgres", "valkey", "run"):
        shutil.rmtree(home.path / name, ignore_errors=True)
    home.prepare()


def _enter(home: Home, port: int, environ: MutableMapping[str, str]) -> list[embedded.Service]:
    """Complete the environment every program inherits; say which servers are ours to run."""
    environ.pop("JISHAN_UNIT", None)
    environ.update({"JISHAN_HOME": str(home.path), "PORT": str(port)})
    environ.setdefault("STATIC_MANIFEST", "1")
    if environ.get("JISHAN_ENV", "dev") != "production":
        for name, value in home.secrets().items():
            environ.setdefault(name, value)
    services = []
    if not environ.get("DATABASE_URL"):
        services.append(embedded.postgres(home.path))
        environ["DATABASE_URL"] = services[-1].url
    if not environ.get("REDIS_URL"):
        services.append(embedded.valkey(home.path, password=secrets.token_urlsafe(32)))
        environ["REDIS_URL"] = services[-1].url
    return services


def _prepare(home: Home, services: list[embedded.Service], environ: MutableMapping[str, str]) -> str:
    """Bring database, static files, regions and demo up to date; the value is the summary for people."""
    for service in services:
        if service.name == "postgres":
            embedded.create_database(service)
    shared = ("SECRET_KEY", "JISHAN_FIELD_KEYS", "JISHAN_INDEX_KEY", "JISHAN_QR_SECRET", "PORT", *_SERVERS)
    write_environment(home.path / "up.env", {name: environ[name] for name in shared if name in environ})
    done = subprocess.run(
        (sys.executable, "-m", "django", "prepare"),
        check=False,
        cwd=ROOT,
        stdout=subprocess.PIPE,  # progress goes to the terminal through stderr
        text=True,
        encoding="utf-8",
        env={"LOG_LEVEL": "WARNING", **environ, "PYTHONUTF8": "1"},
    )
    if done.returncode != 0:
        raise CannotStartError("数据库准备失败，原因见上。 Preparing the database failed; see above.")
    return done.stdout


def _wait_for_web(host: str, port: int, supervisor: supervision.Supervisor) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _web_answers("127.0.0.1" if host == "0.0.0.0" else host, port):  # noqa: S104 – compared, not bound
        if time.monotonic() > deadline or not supervisor.is_alive():
            raise CannotStartError(
                "网站没有在 60 秒内启动，请看 log/web.log。 The web server did not come up."
            )
        time.sleep(0.1)


def _web_answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return status < http.HTTPStatus.INTERNAL_SERVER_ERROR


def _addresses(host: str, port: int, environ: MutableMapping[str, str], *, seconds: float) -> str:
    base = environ.get("PUBLIC_BASE_URL") or f"http://127.0.0.1:{port}"
    lines = [
        "",
        f"积善已启动，用时 {seconds:.1f} 秒。 Jishan is up.",
        f"  网站  {base}/",
        f"  管理  {base}/admin/",
        f"  接口  {base}/api/docs/",
        f"  日志  {Path(environ['JISHAN_HOME']) / 'log'}",
    ]
    if host == "127.0.0.1" and "PUBLIC_BASE_URL" not in environ:
        lines.append("  手机访问：HOST=0.0.0.0 PUBLIC_BASE_URL=http://<本机地址>:<端口> make run")
    lines.append("  按 Ctrl-C 停止。 Ctrl-C stops it.")
    return "\n".join([*lines, ""])
