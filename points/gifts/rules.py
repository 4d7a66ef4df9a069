"""Whom points may be given to, and how many a month. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MONTHLY = 100


@dataclass(frozen=True, slots=True)
class TransferPolicy:
    """What the rule set of a region allows; a default of the platform, not a law (rules.md D).

    `monthly_points` is the most one volunteer gives a relative in a calendar month.
    """

    charity_pool: bool = True
    relative: bool = False
    monthly_points: int = _MONTHLY


def policy_from(document: Mapping[str, Any]) -> TransferPolicy:
    """Read the part `transfer` of a rule document; without it the default holds.

    `{"charity_pool": true, "relative": {"monthly_points": 100}}`; no `relative` means nobody may be one.
    """
    part = document.get("transfer")
    if part is None:
        return TransferPolicy()
    relative = part.get("relative")
    return TransferPolicy(
        charity_pool=bool(part.get("charity_pool", False)),
        relative=relative is not None,
        monthly_points=relative["monthly_points"] if relative is not None else 0,
    )
