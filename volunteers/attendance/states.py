"""The life of an attendance, as a table. The database holds the same table (triggers.py).

| from | to | by whom |
|---|---|---|
| open | pending | the volunteer's check-out, or the clock |
| open | annulled | whoever scanned, within minutes: the check-in was a mistake |
| pending | open | whoever scanned, within minutes: the check-out was a mistake |
| pending | approved, rejected | a manager who is not the volunteer |
| approved | pending | whoever reverses its record, and did not write that record |
"""

from volunteers.attendance.choices import AttendanceStatus

MOVES: dict[AttendanceStatus, frozenset[AttendanceStatus]] = {
    AttendanceStatus.OPEN: frozenset({AttendanceStatus.PENDING, AttendanceStatus.ANNULLED}),
    AttendanceStatus.PENDING: frozenset(
        {AttendanceStatus.APPROVED, AttendanceStatus.REJECTED, AttendanceStatus.OPEN}
    ),
    AttendanceStatus.APPROVED: frozenset({AttendanceStatus.PENDING}),
    AttendanceStatus.REJECTED: frozenset(),
    AttendanceStatus.ANNULLED: frozenset(),
}


def may_move(before: str, after: str) -> bool:
    """Whether an attendance may go from one state to the other."""
    return AttendanceStatus(after) in MOVES[AttendanceStatus(before)]
