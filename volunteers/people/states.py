"""The life of a registration, as a table. The database holds the same table (triggers.py)."""

from volunteers.people.choices import VolunteerStatus

MOVES: dict[VolunteerStatus, frozenset[VolunteerStatus]] = {
    VolunteerStatus.PENDING: frozenset({VolunteerStatus.ACTIVE, VolunteerStatus.REJECTED}),
    VolunteerStatus.REJECTED: frozenset({VolunteerStatus.PENDING, VolunteerStatus.ACTIVE}),
    VolunteerStatus.ACTIVE: frozenset({VolunteerStatus.SUSPENDED}),
    VolunteerStatus.SUSPENDED: frozenset({VolunteerStatus.ACTIVE}),
}


def may_move(before: str, after: str) -> bool:
    """Whether a registration may go from one state to the other."""
    return VolunteerStatus(after) in MOVES[VolunteerStatus(before)]
