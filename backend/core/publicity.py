"""The generation of what may be shown in public, one per board.

A cached board page carries the generation it was built under and is worthless under any other. Whoever
changes what people agreed to show renews the generation when their transaction commits, so a withdrawn name
disappears with the very next request (慈善法 Art 82, PIPL Art 25). It lives on the floor, because volunteers
and donors agree far below the boards. Generations are random: one lost with the cache never comes back.
"""

import secrets

import structlog
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

DONORS = "donors"


def key(board: str) -> str:
    """Return the cache key of a board's generation."""
    return f"public-names:{board}"


def new_generation() -> str:
    """Draw a generation that never was."""
    return secrets.token_hex(8)


def renew(board: str) -> None:
    """Make every cached page of the board worthless, at once.

    :raises RedisError: the cache is away; whoever delivers an outbox event tries again.
    """
    cache.set(key(board), new_generation(), timeout=None)


def renew_on_commit(board: str) -> None:
    """Renew when the surrounding transaction commits. A cache that is away must not undo what was agreed."""

    def _renew() -> None:
        try:
            renew(board)
        except RedisError as error:  # the outbox event of the same change renews it later
            log.warning("public_names_not_renewed", board=board, error=type(error).__name__)

    transaction.on_commit(_renew)
