"""The life of a redemption, as a table. The database holds the same table (triggers.py)."""

from points.market.choices import RedemptionStatus

FIRST = RedemptionStatus.RESERVED
# Who may make the move: the clerk of the store; the volunteer or the store; the clock; two of the staff.
MOVES: dict[RedemptionStatus, frozenset[RedemptionStatus]] = {
    RedemptionStatus.RESERVED: frozenset(
        {RedemptionStatus.COLLECTED, RedemptionStatus.CANCELLED, RedemptionStatus.LAPSED}
    ),
    RedemptionStatus.COLLECTED: frozenset({RedemptionStatus.RETURNED}),
    RedemptionStatus.CANCELLED: frozenset(),
    RedemptionStatus.LAPSED: frozenset(),
    RedemptionStatus.RETURNED: frozenset(),
}
COUNTS_AGAINST_LIMIT = (RedemptionStatus.RESERVED, RedemptionStatus.COLLECTED)


def may_move(before: str, after: str) -> bool:
    """Whether a redemption may go from one state to the other."""
    return RedemptionStatus(after) in MOVES[RedemptionStatus(before)]
