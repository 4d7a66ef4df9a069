"""The last step before every supervised program.

`python -m backend.config.launch [--user NAME] [--stop-signal NAME] -- program args…` makes three promises a
supervisor cannot make:

- what an earlier, killed run of the same unit left behind (orphaned workers holding a port) is gone;
- the program does not outlive its parent: when the supervisor is killed, the kernel sends the stop signal;
- as root, the program runs as the given user.

Then it becomes the program (`exec`), so the supervisor watches the program itself.
"""

import argparse
import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from backend.config.leftovers import sweep

ROOT = Path(__file__).resolve().parent.parent.parent  # where `backend` is imported from
_PR_SET_PDEATHSIG = 1


def launched(
    program: Sequence[str], *, user: str | None = None, stop_signal: signal.Signals = signal.SIGTERM
) -> list[str]:
    """The command line that runs `program` through this module; its working directory must be the root."""
    as_user = ["--user", user] if user else []
    options = ["--stop-signal", stop_signal.name, *as_user]
    return [sys.executable, "-m", "backend.config.launch", *options, "--", *program]


def main(arguments: Sequence[str]) -> None:
    """Become the program after `--`."""
    parser = argparse.ArgumentParser(prog="launch")
    parser.add_argument("--user")
    parser.add_argument("--stop-signal", default="SIGTERM", choices=["SIGTERM", "SIGINT"])
    parser.add_argument("program", nargs="+")
    options = parser.parse_args(arguments)
    parent = os.getppid()
    if "JISHAN_UNIT" in os.environ:
        sweep(home=os.environ["JISHAN_HOME"], unit=os.environ["JISHAN_UNIT"])
    if options.user:
        _become(options.user)
    _end_with_parent(parent, signal.Signals[options.stop_signal])
    os.execv(options.program[0], options.program)  # noqa: S606 – the program and its arguments are our own


def _become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _end_with_parent(parent: int, stop_signal: signal.Signals) -> None:
    """Linux only; elsewhere the next start sweeps. After a change of user, which would clear it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was told
            raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
