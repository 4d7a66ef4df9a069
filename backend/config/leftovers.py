"""Finding what a killed run left behind, without pid files that could name a stranger.

Every supervised program carries `JISHAN_HOME` and `JISHAN_UNIT` in its environment and passes them on to its
children, so an orphan says itself whose it is.
"""

import contextlib
import os
import signal

import psutil

_GRACE_SECONDS = 5


def find(*, home: str, unit: str | None = None) -> list[psutil.Process]:
    """The processes of this home (of one unit, or of any), except this process and its ancestors."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in own:
            continue
        with contextlib.suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get("JISHAN_HOME") == home and (
                environment.get("JISHAN_UNIT") == unit if unit else "JISHAN_UNIT" in environment
            ):
                found.append(process)
    return found


def sweep(*, home: str, unit: str | None = None, grace_seconds: float = _GRACE_SECONDS) -> int:
    """End those processes, politely first, and say how many there were.

    Call it only where nobody else may own them: holding the home's lock, or as the unit's new incarnation.
    """
    processes = find(home=home, unit=unit)
    for process in processes:
        _signal(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=grace_seconds)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=grace_seconds)
    return len(processes)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
