"""The life of an honour, as a table. The database holds the same table (triggers.py)."""

from points.boards.choices import HonorStatus

# draft → published: by another person than who entered it. → revoked: by the community, or the person named.
MOVES: dict[HonorStatus, frozenset[HonorStatus]] = {
    HonorStatus.DRAFT: frozenset({HonorStatus.PUBLISHED, HonorStatus.REVOKED}),
    HonorStatus.PUBLISHED: frozenset({HonorStatus.REVOKED}),
    HonorStatus.REVOKED: frozenset(),
}


def may_move(before: str, after: str) -> bool:
    """Whether an honour may go from one state to the other."""
    return HonorStatus(after) in MOVES[HonorStatus(before)]
