"""Rule sets as data. A region without its own copies the default; nothing of it is law (rules.md D)."""

from datetime import date
from typing import Any, Final

# Records are older than any rule set of ours: the default reaches back to the day from which service is
# recorded by one national rule (Order 67, in force 2021-02-01).
DEFAULT_EFFECTIVE_FROM: Final = date(2021, 2, 1)

DEFAULT_DOCUMENT: Final[dict[str, Any]] = {
    "points_per_hour": 10,
    "step_minutes": 30,  # only full steps count, rounded down
    "daily_cap_minutes": 480,  # per volunteer and business day, over all records of that day
    "lots_expire_after_years": 2,  # at the end of the second calendar year; the award's own is the first
    "manual_earns": False,  # hours entered by hand count as hours, not as points
    # Each names a factor in basis_points, label_zh and label_en, and when it applies: weekend, categories.
    "multipliers": [],
}
