"""The home of one running copy: where its data lives, its secrets, its lock, and the checks before a start.

$JISHAN_HOME/            default: var/ beside manage.py
  postgres/ valkey/      the embedded servers' data
  secrets.env            made once, 0600; with the data it opens, so back both up together
  up.env                 addresses of the running servers, for other manage.py commands; gone after a stop
  up.lock                held while a copy runs; a stale file means nothing
  run/ log/ static/      schedules and configuration, logs, collected static files
"""

import base64
import contextlib
import fcntl
import os
import secrets
import shlex
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path

import psutil

from backend.config.launch import ROOT

MINIMUM_FREE_BYTES = 500 * 1024 * 1024
_STOPPING_SECONDS = 30


class CannotStartError(RuntimeError):
    """Something about this machine stops the start; the text is one sentence for a person."""


class Home:
    """One home directory. Nothing is touched before a method says so."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Home":
        """`JISHAN_HOME`, or var/ beside manage.py."""
        return cls(Path(environ.get("JISHAN_HOME") or ROOT / "var"))

    @property
    def log(self) -> Path:
        """Where everything logs to."""
        return self.path / "log"

    @property
    def run(self) -> Path:
        """Configuration and schedule files of the running copy."""
        return self.path / "run"

    def prepare(self) -> None:
        """Create the directories.

        :raises CannotStartError: when the home cannot be written or has less than 500 MB left.
        """
        try:
            for directory in (self.path, self.log, self.run):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.run / "probe"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise CannotStartError(
                f"数据目录 {self.path} 不能写入（{error.strerror}），请换一个：JISHAN_HOME=/path make run。"
                " The data directory cannot be written; choose another with JISHAN_HOME."
            ) from error
        free = shutil.disk_usage(self.path).free
        if free < MINIMUM_FREE_BYTES:
            raise CannotStartError(
                f"数据目录 {self.path} 只剩 {free // 2**20} MB，至少需要 500 MB，"
                "请清理磁盘或更换 JISHAN_HOME。 Less than 500 MB is left for the data directory."
            )

    @contextlib.contextmanager
    def lock(self) -> Iterator[int]:
        """Hold this home for the block; the value is the open file, to be inherited by the supervisor.

        A copy whose starter is already dead is on its way out: that is waited for.

        :raises CannotStartError: when another copy runs on this home.
        """
        descriptor = os.open(self.path / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield descriptor
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int) -> None:
        deadline = time.monotonic() + _STOPPING_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
                if _is_alive(holder) or time.monotonic() > deadline:
                    raise CannotStartError(
                        f"这个数据目录已经有一个积善在运行（{self.path}，进程 {holder}）；"
                        "再开一个请换 JISHAN_HOME 和 PORT。"
                        " Another copy is running on this JISHAN_HOME."
                    ) from None
                time.sleep(0.2)
            else:
                return

    def secrets(self) -> dict[str, str]:
        """The secrets of this home, made on first use; production brings its own instead."""
        path = self.path / "secrets.env"
        if not path.exists():
            write_environment(
                path,
                {
                    "SECRET_KEY": secrets.token_urlsafe(64),
                    "JISHAN_FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
                    "JISHAN_INDEX_KEY": secrets.token_urlsafe(64),
                    "JISHAN_QR_SECRET": secrets.token_urlsafe(64),
                    "VALKEY_PASSWORD": secrets.token_urlsafe(32),
                },
            )
        return read_environment(path)


def _is_alive(pid: str) -> bool:
    try:
        return bool(psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE)
    except (ValueError, psutil.NoSuchProcess):
        return False


def write_environment(path: Path, values: Mapping[str, str]) -> None:
    """Write `NAME=value` lines that only the owner can read, all or nothing."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(
        "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()), encoding="utf-8"
    )
    draft.replace(path)


def read_environment(path: Path) -> dict[str, str]:
    """The values of such a file; an absent file holds none."""
    if not path.exists():
        return {}
    pairs = (part.partition("=") for part in shlex.split(path.read_text(encoding="utf-8"), comments=True))
    return {name: value for name, _, value in pairs}


def join_running_copy(environ: MutableMapping[str, str]) -> None:
    """Give a manage.py command the addresses and secrets of the copy running on this home, if one does.

    What the environment already says wins. Nothing happens once `DATABASE_URL` is set.
    """
    if "DATABASE_URL" in environ:
        return
    home = Home.from_environment(environ)
    for name, value in read_environment(home.path / "up.env").items():
        environ.setdefault(name, value)


def require_free_port(host: str, port: int) -> None:
    """Return when the address can be listened on.

    :raises CannotStartError: when it cannot.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStartError(
                f"端口 {port} 不能使用（{error.strerror}），请换一个：PORT={port + 1} make run。"
                f" Port {port} cannot be used; choose another with PORT."
            ) from error
