"""What one asks the book to write. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from points.ledger.models import Account, Lot, Transfer, TransferKind


@dataclass(frozen=True, slots=True)
class Leg:
    """What one account gains (+) or gives (−), in points."""

    account: Account
    amount: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to be written once under its business key.

    `expires_at` dates the lot of points a volunteer gains; a gift needs none, because given points keep the
    earliest expiry of the lots they came from. `restores` names the hold whose lots get their points back;
    `takes_first` the lot a reversal or an expiry empties before any other.
    """

    key: str
    kind: TransferKind
    legs: Sequence[Leg]
    sentence_zh: str
    sentence_en: str
    source_type: str
    source_id: int
    expires_at: datetime | None = None
    rule_version: str | None = None
    reverses: Transfer | None = None
    settles: Transfer | None = None
    created_by_id: int | None = None
    restores: Transfer | None = None
    takes_first: Lot | None = None
