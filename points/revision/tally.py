"""What a dry run finds, added up chunk by chunk in a JSON document. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

LARGEST: Final = 20

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One record before and after, in points."""

    volunteer_id: int
    category: str
    before: int
    after: int


def empty() -> Result:
    """Return the result of nothing."""
    return {
        "before": 0,
        "after": 0,
        "records": 0,
        "changed": 0,
        "people": {"up": 0, "down": 0, "same": 0},
        "categories": {},
        "largest": [],
    }


def added(result: Result, compared: Iterable[Compared]) -> Result:
    """Return the result with a chunk more; a volunteer's records come in one chunk."""
    total = {**empty(), **result}
    people: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    categories = {name: dict(figures) for name, figures in total["categories"].items()}
    for one in compared:
        people[one.volunteer_id][0] += one.before
        people[one.volunteer_id][1] += one.after
        figures = categories.setdefault(one.category, {"records": 0, "changed": 0, "before": 0, "after": 0})
        for sums in (total, figures):
            sums["records"] += 1
            sums["changed"] += one.before != one.after
            sums["before"] += one.before
            sums["after"] += one.after
    counts = dict(total["people"])
    largest = [dict(row) for row in total["largest"]]
    for volunteer_id, (before, after) in people.items():
        counts["up" if after > before else "down" if after < before else "same"] += 1
        if after != before:
            largest.append({"volunteer": volunteer_id, "before": before, "after": after})
    largest.sort(key=lambda row: (-abs(row["after"] - row["before"]), row["volunteer"]))
    return {**total, "people": counts, "categories": categories, "largest": largest[:LARGEST]}
