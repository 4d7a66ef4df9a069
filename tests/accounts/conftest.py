"""Fixtures of the door: carriers that keep or lose what they are given, and a Redis that is away."""

from collections.abc import Iterator

import pytest

from backend.accounts import throttling
from tests.accounts.carriers import KeepingSms

PHONE = "13800001234"
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def sms(settings) -> list[tuple[str, str]]:
    """The (phone, code) pairs sent so far; no limits, no demo mode."""
    settings.SMS_BACKEND = "tests.accounts.carriers.KeepingSms"
    settings.DEMO = False
    settings.OTP_PER_PHONE = settings.OTP_PER_ADDRESS = settings.OTP_VERIFY_PER_ADDRESS = "1000/second"
    KeepingSms.sent = []
    return KeepingSms.sent


@pytest.fixture
def redis_away(settings) -> Iterator[None]:
    """Redis cannot be reached; this process counts for itself."""
    settings.REDIS_URL = NOBODY_LISTENS
    throttling._redis.cache_clear()
    throttling._memory.cache_clear()
    yield
    throttling._redis.cache_clear()
    throttling._memory.cache_clear()
