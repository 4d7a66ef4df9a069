"""A day of the chain, its totals and its head. Pure, Python only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from points.proof.lines import PERSON

GENESIS = "0" * 64
HEADLINE = "jishan-day-1"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(slots=True)
class Totals:
    """What a day's transfers come to, in points; positive means: so many were issued, redeemed, ….

    `open` is what volunteers and their reservations gained; it is what the others leave over.
    """

    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    pool: int = 0
    adjusted: int = 0
    open: int = 0

    def add(self, legs: Iterable[tuple[str, int]]) -> None:
        """Count the legs of one transfer.

        :raises KeyError: there is no such account.
        """
        for account, points in legs:
            name, sign = ("open", 1) if account.startswith(PERSON) else _COUNTED[account]
            setattr(self, name, getattr(self, name) + sign * points)


_COUNTED = {
    "issuance": ("issued", -1),
    "held": ("open", 1),
    "redeemed": ("redeemed", 1),
    "expired": ("expired", 1),
    "charity_pool": ("pool", 1),
    "adjustment": ("adjusted", -1),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the chain, as it is published. Digests are hexadecimal; `outstanding` is after the day."""

    sequence: int
    day: str
    previous: str
    transfers: int
    root: str
    issued: int
    redeemed: int
    expired: int
    pool: int
    adjusted: int
    outstanding: int
    head: str = ""

    def reckoned(self) -> str:
        """Return the head these parts have: the hash of their lines."""
        parts = (
            HEADLINE,
            self.previous,
            self.day,
            self.sequence,
            self.transfers,
            self.root,
            self.issued,
            self.redeemed,
            self.expired,
            self.pool,
            self.adjusted,
            self.outstanding,
        )
        return sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()

    def told(self) -> dict[str, Any]:
        """Return the day as it stands in `chain.json`."""
        return asdict(self)


_NUMBERS = (
    "sequence", "transfers", "issued", "redeemed", "expired", "pool", "adjusted", "outstanding",
)  # fmt: skip


def day_from(told: object) -> Day | None:
    """Read a day of `chain.json`; None when it is not one."""
    if not isinstance(told, Mapping):
        return None
    numbers = {name: told.get(name) for name in _NUMBERS}
    digests = {name: told.get(name) for name in ("previous", "root", "head")}
    if not all(type(value) is int for value in numbers.values()):
        return None
    if not all(isinstance(value, str) and _DIGEST.fullmatch(value) for value in digests.values()):
        return None
    if as_date(told.get("day")) is None:
        return None
    return Day(day=told["day"], **numbers, **digests)  # type: ignore[arg-type]  # each was looked at above


def as_date(text: object) -> date | None:
    """Read `2026-09-12`, written exactly so; None when it is no day."""
    if not isinstance(text, str):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def break_in(day: Day, before: Day | None) -> str | None:
    """Return the code of what is wrong between a day and the one before it (None: it is the first)."""
    if day.head != day.reckoned():
        return "head"
    if before is None:
        if (day.sequence, day.previous) != (1, GENESIS):
            return "first"
        outstanding = 0
    else:
        if day.previous != before.head:
            return "previous"
        follows = date.fromisoformat(before.day) + timedelta(days=1)
        if (day.sequence, day.day) != (before.sequence + 1, follows.isoformat()):
            return "gap"
        outstanding = before.outstanding
    moved = day.issued + day.adjusted - day.redeemed - day.expired - day.pool
    return None if day.outstanding == outstanding + moved else "outstanding"
