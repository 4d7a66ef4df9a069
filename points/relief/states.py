"""The life of a case, as a table. The database holds the same table (triggers.py)."""

from points.relief.choices import CaseStatus

FIRST = CaseStatus.ACTIVE
# A keeper makes every move, by a review; a review may also leave the status as it is.
OPEN = (CaseStatus.ACTIVE, CaseStatus.PAUSED)
