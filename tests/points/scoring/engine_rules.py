"""Rules to score with: the preset with changes, and parts of documents."""

from typing import Any

from points.scoring.documents import rules_from
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.rules import Rules


def factor(basis_points: int, zh: str, **when: object) -> dict[str, Any]:
    """Write a multiplier down."""
    return {"basis_points": basis_points, "label": {"zh": zh, "en": zh}, "when": when}


def event(points: int, zh: str, **when: object) -> dict[str, Any]:
    """Write a rate by the event down."""
    return {"points": points, "per_event": True, "label": {"zh": zh, "en": zh}, "when": when}


WEEKEND = factor(12_000, "周末", days=["weekend"])
RESCUE = factor(15_000, "应急", activity_types=["emergency"])
NIGHT = factor(12_000, "夜间", night=True)
ESCORT = event(10, "陪同就医", recipients=["patients"])


def rules(**changes: object) -> Rules:
    """Return the preset with changes, whatever the attendance."""
    return rules_from({**DEFAULT_DOCUMENT, "minimum_attendance_percent": 0, **changes})
