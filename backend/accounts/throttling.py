"""Limits per time, counted in Redis by the `limits` library; without Redis they fall back to this process."""

import functools
import time

from django.conf import settings
from limits import parse_many
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from backend.accounts.errors import CodeTooSoon
from backend.core.errors import TooManyRequests


@functools.cache
def _redis() -> Storage:
    prefix = settings.CACHES["default"]["KEY_PREFIX"] + ":limits"
    return RedisStorage(settings.REDIS_URL, key_prefix=prefix, socket_connect_timeout=1, socket_timeout=2)


@functools.cache
def _memory() -> Storage:
    return MemoryStorage()


def hit(*, limits: str, name: str, who: str, refusal: type[TooManyRequests] = CodeTooSoon) -> None:
    """Count one attempt against every limit, e.g. `1/minute;10/day`.

    :raises TooManyRequests: (or the given subclass) with the seconds until the next attempt.
    """
    try:
        _hit(_redis(), limits, name, who, refusal)
    except (RedisError, OSError):
        _hit(_memory(), limits, name, who, refusal)


def _hit(storage: Storage, limits: str, name: str, who: str, refusal: type[TooManyRequests]) -> None:
    limiter = FixedWindowRateLimiter(storage)
    for limit in parse_many(limits):
        if not limiter.hit(limit, name, who):
            reset = limiter.get_window_stats(limit, name, who).reset_time
            raise refusal(
                field="phone" if refusal is CodeTooSoon else None,
                retry_after=max(1, int(reset - time.time())),
            )
