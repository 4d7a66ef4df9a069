"""What no supervisor promises: orphans are swept, and nothing outlives its supervisor."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from backend.config import leftovers
from tests.architecture.sources import ROOT

_SLEEP = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture
def program(tmp_path) -> Iterator["subprocess.Popen[bytes]"]:
    """A long-running program of this home's unit "web"."""
    environment = {**os.environ, "JISHAN_HOME": str(tmp_path), "JISHAN_UNIT": "web"}
    with subprocess.Popen(
        [sys.executable, "-c", _SLEEP], env=environment, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_a_leftover_says_itself_whose_it_is(program, tmp_path):
    found = leftovers.find(home=str(tmp_path), unit="web")

    assert [process.pid for process in found] == [program.pid]


@pytest.mark.parametrize(("home", "unit"), [("other", "web"), ("own", "worker")])
def test_nobody_elses_process_is_a_leftover(program, tmp_path, home, unit):
    path = str(tmp_path) if home == "own" else "/somewhere/else"

    assert leftovers.find(home=path, unit=unit) == []


def test_a_sweep_ends_what_a_killed_copy_left(program, tmp_path):
    swept = leftovers.sweep(home=str(tmp_path))

    assert (swept, psutil.pid_exists(program.pid)) == (1, False)


def test_a_sweep_spares_a_command_somebody_runs_on_this_home(tmp_path):
    environment = {**os.environ, "JISHAN_HOME": str(tmp_path)}
    environment.pop("JISHAN_UNIT", None)
    with subprocess.Popen([sys.executable, "-c", _SLEEP], env=environment, stdout=subprocess.PIPE) as command:
        command.stdout.readline()

        assert leftovers.sweep(home=str(tmp_path)) == 0

        command.kill()


def test_a_program_does_not_outlive_a_killed_supervisor():
    supervisor_code = (
        "import subprocess, sys, time\n"
        "launch = [sys.executable, '-m', 'backend.config.launch', '--']\n"
        f"p = subprocess.Popen([*launch, sys.executable, '-c', {_SLEEP!r}], stdout=subprocess.PIPE)\n"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", supervisor_code], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    ) as supervisor:
        program = psutil.Process(int(supervisor.stdout.readline()))

        supervisor.kill()

        gone, _ = psutil.wait_procs([program], timeout=10)
    assert gone == [program]


def test_a_new_incarnation_replaces_the_orphans_of_the_last(program, tmp_path):
    environment = {**os.environ, "JISHAN_HOME": str(tmp_path), "JISHAN_UNIT": "web"}

    done = subprocess.run(
        [sys.executable, "-m", "backend.config.launch", "--", "/bin/echo", "hello"],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.stdout, program.wait(5)) == ("hello\n", -15)
