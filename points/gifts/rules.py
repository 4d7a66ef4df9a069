"""Whom points may be given to, and how many a month. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TransferPolicy:
    """What the rules of a region allow; nothing, where they say nothing of it.

    `monthly_points` is the most one volunteer gives a relative in a calendar month.
    """

    charity_pool: bool = False
    relative: bool = False
    monthly_points: int = 0
