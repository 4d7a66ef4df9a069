"""The home of a copy: secrets, lock, and the sentences for a person."""

import fcntl
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backend.config import installation
from backend.config.installation import CannotStartError, Home, read_environment, write_environment
from backend.config.launch import ROOT


@pytest.fixture
def home(tmp_path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_the_home_is_private(home):
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_the_default_home_lies_beside_the_code():
    assert Home.from_environment({}).path == ROOT / "var"


def test_a_home_that_cannot_be_written_is_one_sentence():
    with pytest.raises(CannotStartError, match="不能写入"):
        Home(Path("/proc/jishan")).prepare()


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "MINIMUM_FREE_BYTES", 2**62)

    with pytest.raises(CannotStartError, match="至少需要 500 MB"):
        Home(tmp_path).prepare()


def test_secrets_are_made_once(home):
    assert home.secrets() == home.secrets()


def test_secrets_are_their_owners_alone(home):
    home.secrets()

    assert stat.S_IMODE((home.path / "secrets.env").stat().st_mode) == 0o600


def test_two_homes_share_no_secret(tmp_path):
    first, second = Home(tmp_path / "one"), Home(tmp_path / "two")
    first.prepare()
    second.prepare()

    assert set(first.secrets().values()) & set(second.secrets().values()) == set()


def test_an_environment_file_keeps_odd_values(tmp_path):
    values = {
        "QUOTES": "a 'b' \"c\"",
        "SPACES": " x  y ",
        "SHELL": "$HOME #not a comment",
        "EMPTY": "",
        "字": "善",
    }

    write_environment(tmp_path / "some.env", values)

    assert read_environment(tmp_path / "some.env") == values


def test_an_absent_environment_file_holds_nothing(tmp_path):
    assert read_environment(tmp_path / "none.env") == {}


def test_the_home_of_a_running_copy_is_refused(home):
    with home.lock(), pytest.raises(CannotStartError, match="已经有一个积善在运行"), home.lock():
        pass


def test_a_stale_lock_file_is_no_obstacle(home):
    (home.path / "up.lock").write_text("1", encoding="ascii")

    with home.lock() as descriptor:
        assert os.pread(descriptor, 20, 0) == str(os.getpid()).encode()


def test_a_copy_on_its_way_out_is_waited_for(home):
    """Its starter is dead, its supervisor still holds the lock for a moment."""
    code = (
        "import fcntl, os, sys, time\n"
        f"f = os.open({str(home.path / 'up.lock')!r}, os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(f, fcntl.LOCK_EX)\n"
        "os.ftruncate(f, 0); os.pwrite(f, b'999999999', 0)\n"
        "print('held', flush=True); sys.stdin.read(1)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as leaving:
        leaving.stdout.readline()
        other = os.open(home.path / "up.lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(other)
        leaving.stdin.write(b"x")
        leaving.stdin.flush()

        with home.lock() as descriptor:
            assert os.pread(descriptor, 20, 0) == str(os.getpid()).encode()


def test_a_taken_port_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CannotStartError, match=f"端口 {port} 不能使用"):
            installation.require_free_port("127.0.0.1", port)


def test_a_command_joins_the_running_copy(home):
    write_environment(home.path / "up.env", {"DATABASE_URL": "postgres://x", "SECRET_KEY": "theirs"})
    environ = {"JISHAN_HOME": str(home.path), "SECRET_KEY": "mine"}

    installation.join_running_copy(environ)

    assert environ == {
        "JISHAN_HOME": str(home.path),
        "DATABASE_URL": "postgres://x",
        "SECRET_KEY": "mine",
    }


def test_a_command_with_its_own_database_joins_nobody(home):
    write_environment(home.path / "up.env", {"DATABASE_URL": "postgres://x", "SECRET_KEY": "theirs"})
    environ = {"JISHAN_HOME": str(home.path), "DATABASE_URL": "postgres://mine"}

    installation.join_running_copy(environ)

    assert environ == {"JISHAN_HOME": str(home.path), "DATABASE_URL": "postgres://mine"}
