"""Which lots give and get points: oldest expiry first. Pure; the database keeps the result."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from points.ledger.models import Lot

# The expiry of points that never expire, which every time zone can still tell. A lot always has an expiry, so
# that one order – oldest expiry first – holds for all of them.
NEVER = datetime(9999, 12, 30, 16, tzinfo=UTC)
RELEASE_GRACE = timedelta(days=30)  # points that come back after their expiry stay usable this long


@dataclass(slots=True)
class OpenLot:
    """A lot and what is left of it at this moment of a batch."""

    lot: Lot
    remaining: int


@dataclass(slots=True)
class Purse:
    """What a batch knows of one locked volunteer account: its balance and its lots, oldest expiry first."""

    balance: int
    lots: list[OpenLot] = field(default_factory=list)

    def available(self, *, at: datetime) -> int:
        """Points that may be spent at this moment; negative when the volunteer owes some."""
        if self.balance < 0:
            return self.balance
        return sum(open_lot.remaining for open_lot in self.lots if open_lot.lot.expires_at > at)

    def take(self, points: int, *, at: datetime | None, first: Lot | None = None) -> list[tuple[Lot, int]]:
        """Take up to `points`, from `first` before the others; with `at`, only from lots open then.

        Returns the uses (negative amounts). The balance falls by the whole of `points`: what the lots could
        not give is owed.
        """
        uses = []
        missing = points
        for open_lot in sorted(self.lots, key=lambda item: first is None or item.lot.pk != first.pk):
            if at is not None and open_lot.lot.expires_at <= at:
                continue
            part = min(missing, open_lot.remaining)
            if part:
                open_lot.remaining -= part
                missing -= part
                uses.append((open_lot.lot, -part))
        self.balance -= points
        return uses

    def add(self, lot: Lot) -> list[tuple[Lot, int]]:
        """Put a new lot in its place and let it pay what is owed; returns those uses (negative)."""
        return self._pay_debt([OpenLot(lot, lot.amount)], gained=lot.amount)

    def restore(self, uses: Iterable[tuple[Lot, int]]) -> list[tuple[Lot, int]]:
        """Give points back to the lots they came from; then let those pay what is owed."""
        back = [(lot, points) for lot, points in uses if points]
        touched = [self._grown(lot, points) for lot, points in back]
        return back + self._pay_debt(touched, gained=sum(points for _, points in back))

    def _grown(self, lot: Lot, points: int) -> OpenLot:
        for open_lot in self.lots:
            if open_lot.lot.pk == lot.pk:
                open_lot.lot = lot  # its expiry may have moved
                open_lot.remaining += points
                return open_lot
        return OpenLot(lot, points)

    def _pay_debt(self, gained_lots: list[OpenLot], *, gained: int) -> list[tuple[Lot, int]]:
        owed = min(max(-self.balance, 0), gained)
        self.balance += gained
        paid = []
        for open_lot in gained_lots:
            part = min(owed, open_lot.remaining)
            if part:
                open_lot.remaining -= part
                owed -= part
                paid.append((open_lot.lot, -part))
        known = {id(open_lot) for open_lot in self.lots}
        self.lots += [open_lot for open_lot in gained_lots if id(open_lot) not in known]
        self.lots.sort(key=lambda item: (item.lot.expires_at, item.lot.pk or sys.maxsize))
        return paid
