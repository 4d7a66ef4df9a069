"""The life of an attendance, as a table. The database holds the same table (triggers.py).

| from | to | by whom |
|---|---|---|
| open | pending | the volunteer's check-out, or the clock |
| pending | approved, rejected | a manager who is not the volunteer |
| approved | pending | whoever reverses its record, and did not write that record |
"""

from volunteers.attendance.choices import AttendanceStatus

MOVES: dict[AttendanceStatus, frozenset[AttendanceStatus]] = {
    AttendanceStatus.OPEN: frozenset({AttendanceStatus.PENDING}),
    AttendanceStatus.PENDING: frozenset({AttendanceStatus.APPROVED, AttendanceStatus.REJECTED}),
    AttendanceStatus.APPROVED: frozenset({AttendanceStatus.PENDING}),
    AttendanceStatus.REJECTED: frozenset(),
}


def may_move(before: str, after: str) -> bool:
    """Whether an attendance may go from one state to the other."""
    return AttendanceStatus(after) in MOVES[AttendanceStatus(before)]
