"""Board pages in Redis: one round trip on a hit, PostgreSQL when Redis is away, never a stale name.

A page carries the generation (core/publicity.py) under which its building began. A page of another
generation is never served. A page of the right generation that has merely aged is served once more to
everybody while one request builds the next.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from backend.core import publicity

log = structlog.get_logger(__name__)

FRESH_SECONDS = 20
KEPT_SECONDS = 60  # the longest a name can outlive its consent when nobody renews the generation
_BUILD_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer."""

    body: bytes
    etag: str


def page(*, board: str, key: str, at: datetime, build: Callable[[], bytes]) -> Page:
    """Return the page kept under this key, or build it. Redis being away costs time, not the answer."""
    generation_key, page_key = publicity.key(board), f"board:{board}:{key}"
    try:
        found = cache.get_many((generation_key, page_key))
        generation = found.get(generation_key) or _first_generation(generation_key)
        kept = found.get(page_key)
        if kept is not None and kept[0] == generation and not _should_rebuild(page_key, kept[1], at):
            return Page(kept[2], kept[3])
    except RedisError as error:
        log.warning("board_cache_away", error=type(error).__name__)
        return _finished(build())
    built = _finished(build())
    try:
        fresh_until = at.timestamp() + FRESH_SECONDS
        cache.set(page_key, (generation, fresh_until, built.body, built.etag), timeout=KEPT_SECONDS)
    except RedisError as error:
        log.warning("board_cache_away", error=type(error).__name__)
    return built


def _should_rebuild(page_key: str, fresh_until: float, at: datetime) -> bool:
    """Whether this request is the one that builds the next page; the others take the aged one."""
    return at.timestamp() >= fresh_until and cache.add(f"{page_key}:building", 1, timeout=_BUILD_SECONDS)


def _first_generation(generation_key: str) -> str:
    cache.add(generation_key, publicity.new_generation(), timeout=None)
    return str(cache.get(generation_key))


def _finished(body: bytes) -> Page:
    return Page(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
