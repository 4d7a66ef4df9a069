"""Real threads on real connections, and the way to take a guard off.

A race test first shows that the race happens without its guard: `unguarded` strips the row locks from the
statements of one thread and lets the rivals meet after a read, so that all have seen the same before one
writes.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection

from backend.core.errors import Refusal, refusal_for

PATIENCE_SECONDS = 20


def race(*rivals: Callable[[], Any]) -> list[Any]:
    """Start all rivals at the same moment, each on a connection of its own; return results or exceptions."""
    start = threading.Barrier(len(rivals))

    def run(rival: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE_SECONDS)
            return rival()
        except Exception as error:  # noqa: BLE001 – an error is a result here
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(rivals)) as pool:
        return list(pool.map(run, rivals))


def outcomes(results: Sequence[Any]) -> Counter[str]:
    """Count what came of the rivals: `done`, a refusal's code, or what the database's refusal reads like."""

    def told(result: Any) -> str:
        if isinstance(result, IntegrityError):
            return f"database: {refusal_for(result).code}"
        if isinstance(result, Refusal):
            return result.code
        if isinstance(result, Exception):
            raise result
        return "done"

    return Counter(map(told, results))


class Meeting:
    """Where rivals without locks meet: after the first statement that holds all of `words`."""

    def __init__(self, rivals: int, words: Sequence[str]) -> None:
        self.barrier = threading.Barrier(rivals)
        self.words = words

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Take the row locks off for this thread, and wait for the others once everybody has read."""
        met = False

        def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 – Django's hook
            nonlocal met
            bare = sql.partition(" FOR NO KEY UPDATE")[0].partition(" FOR UPDATE")[0]
            result = run(bare, params, many, context)
            if not met and all(word in sql for word in self.words):
                met = True
                self.barrier.wait(PATIENCE_SECONDS)
            return result

        with connection.execute_wrapper(execute):
            yield
