"""Which event has which effect: the one table. A handler takes a batch of payloads and may see it twice.

The drain (core/outbox) calls each handler inside its own savepoint and marks the events done in the same
transaction, so an effect and its delivery are one.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from backend.core.outbox.services import Handler
from points.boards import services as boards
from points.scoring import services as scoring

REVISION_TASK = "workers.go_on_with_revisions"
IMPORT_TASK = "workers.go_on_with_imports"

Payloads = Sequence[Mapping[str, Any]]


def award_points(payloads: Payloads, *, at: datetime) -> None:
    """Approved records become points and count on the hours board."""
    record_ids = [payload["record_id"] for payload in payloads]
    scoring.award_records(record_ids=record_ids, at=at)
    boards.refresh_hours(record_ids=record_ids)


def take_points_back(payloads: Payloads, *, at: datetime) -> None:
    """Reversed records give their points back and leave the hours board."""
    record_ids = [payload["record_id"] for payload in payloads]
    scoring.reverse_records(record_ids=record_ids, at=at)
    boards.refresh_hours(record_ids=record_ids)


def hide_contested_hours(payloads: Payloads, *, at: datetime) -> None:  # noqa: ARG001 – every handler is told
    """Records somebody objects to leave the hours board until it is decided."""
    boards.refresh_hours(record_ids=[payload["record_id"] for payload in payloads])


def forget_board_pages(payloads: Payloads, *, at: datetime) -> None:  # noqa: ARG001 – every handler is told
    """A name, an amount or a consent on a public board changed: its cached pages are worthless."""
    boards.forget_pages(boards={payload["board"] for payload in payloads})


def go_on_with_revisions(payloads: Payloads, *, at: datetime) -> None:  # noqa: ARG001 – every handler is told
    """Start a worker on the runs that wait; where the run is stands in its row, so the clock can do it too.

    Not done here: its locks would be those of the whole batch of events.
    """
    transaction.on_commit(start_revisions, robust=True)


def start_revisions() -> None:
    """Tell a worker that runs wait; without a broker the clock finds them."""
    _start(REVISION_TASK)


def go_on_with_imports(payloads: Payloads, *, at: datetime) -> None:  # noqa: ARG001 – every handler is told
    """Start a worker on the imports that wait; like runs, they stand in their rows."""
    transaction.on_commit(start_imports, robust=True)


def start_imports() -> None:
    """Tell a worker that imports wait; without a broker the clock finds them."""
    _start(IMPORT_TASK)


def _start(task: str) -> None:
    with contextlib.suppress(BrokerUnavailable, RedisError, OSError):
        current_app.send_task(task, retry=False, ignore_result=True)


HANDLERS: Mapping[str, Handler] = {
    "record.approved": award_points,
    "record.reversed": take_points_back,
    "record.contested": hide_contested_hours,
    "board.changed": forget_board_pages,
    "revision.due": go_on_with_revisions,
    "import.due": go_on_with_imports,
}
