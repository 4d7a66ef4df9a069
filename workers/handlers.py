"""Which event has which effect: the one table. A handler takes a batch of payloads and may see it twice.

The drain (core/outbox) calls each handler inside its own savepoint and marks the events done in the same
transaction, so an effect and its delivery are one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.core.outbox.services import Handler
from points.boards import services as boards
from points.scoring import services as scoring

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


HANDLERS: Mapping[str, Handler] = {
    "record.approved": award_points,
    "record.reversed": take_points_back,
    "record.contested": hide_contested_hours,
    "board.changed": forget_board_pages,
}
