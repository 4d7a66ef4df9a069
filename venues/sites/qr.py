"""The code on a site's screen: 30 seconds of proof that someone stands in front of it. Pure.

A token is 30 bytes, 40 characters of base64url: site id (8), key version (2), window (4), and the first 16
bytes of HMAC-SHA256 over the rest under the site's key. Every character counts: 30 bytes fill 40 characters
exactly, so one token has one spelling. Keys are derived from one secret (`derive_key`), so the database holds
none, and a site's key is worthless for any other site.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from venues.sites.errors import TokenExpired, TokenForged, TokenMalformed

WINDOW_SECONDS = 30
ROTATION_GRACE = timedelta(seconds=120)
TOKEN_LENGTH = 40
MAX_KEY_VERSION = 0xFFFF

_BODY = struct.Struct(">QHI")
_MAC_BYTES = 16
_SPELLING = re.compile(r"[A-Za-z0-9_-]{40}")
_DOMAIN = b"jishan:site-qr:1\x00"
_MAX_SITE_ID = 2**63 - 1


@dataclass(frozen=True)
class ReadToken:
    """What a token says; true only if `verify` returned it."""

    site_id: int
    key_version: int
    window: int

    @property
    def starts_at(self) -> datetime:
        """When the token's window began."""
        return datetime.fromtimestamp(self.window * WINDOW_SECONDS, tz=UTC)

    @property
    def ends_at(self) -> datetime:
        """When the screen shows the next code."""
        return self.starts_at + timedelta(seconds=WINDOW_SECONDS)


def derive_key(*, secret: bytes, site_id: int, key_version: int) -> bytes:
    """Return the 32-byte key of one site and version: HMAC-SHA256(secret, "site:<id>:<version>")."""
    return hmac.digest(secret, f"site:{site_id}:{key_version}".encode(), hashlib.sha256)


def accepted_versions(*, key_version: int, key_rotated_at: datetime | None, at: datetime) -> tuple[int, ...]:
    """Return the versions whose codes count at `at`: the current one, and for 120 s the one before it.

    A phone opens the camera before the screen refreshes; without the grace a rotation would refuse the queue.
    """
    if key_version > 1 and key_rotated_at is not None and at < key_rotated_at + ROTATION_GRACE:
        return key_version, key_version - 1
    return (key_version,)


def window_of(at: datetime) -> int:
    """Return the number of the 30-second window that holds `at`, counted from the Unix epoch."""
    return int(at.timestamp()) // WINDOW_SECONDS


def mint(*, site_id: int, key_version: int, key: bytes, at: datetime) -> str:
    """Return the token a site shows at `at`: 40 characters, safe in a URL."""
    body = _BODY.pack(site_id, key_version, window_of(at))
    return base64.urlsafe_b64encode(body + _sign(key, body)).decode()


def read(token: str) -> ReadToken:
    """Return what a token claims, unverified: good for finding the site, for nothing else.

    :raises TokenMalformed: the text cannot be a token.
    """
    site_id, key_version, window = _BODY.unpack(_decode(token)[: _BODY.size])
    return ReadToken(site_id=site_id, key_version=key_version, window=window)


def verify(token: str, *, keys: Mapping[int, bytes], at: datetime, tolerance: int = 1) -> ReadToken:
    """Return what a token says, once a key of the site is found to have signed it for the time `at`.

    `keys` are the accepted versions of the site the token names; `tolerance` is how many windows (30 s each)
    earlier or later than `at` still count, for slow cameras and clocks that differ.

    :raises TokenMalformed: the text cannot be a token.
    :raises TokenForged: no such key, or another key signed it.
    :raises TokenExpired: signed for another time, or with a key retired since.
    """
    raw = _decode(token)
    claim = read(token)
    key = keys.get(claim.key_version)
    if key is None:
        # A retired key cannot be told from an invented one any more; the lower number is the likelier story.
        raise TokenExpired if claim.key_version < max(keys, default=0) else TokenForged
    if not hmac.compare_digest(raw[_BODY.size :], _sign(key, raw[: _BODY.size])):
        raise TokenForged
    if abs(window_of(at) - claim.window) > tolerance:
        raise TokenExpired
    return claim


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _DOMAIN + body, hashlib.sha256)[:_MAC_BYTES]


def _decode(token: str) -> bytes:
    """Return the 30 bytes of a token.

    :raises TokenMalformed: wrong length, alphabet, or a site or version no site can have.
    """
    if _SPELLING.fullmatch(token) is None:
        raise TokenMalformed
    raw = base64.b64decode(token, altchars=b"-_")
    site_id, key_version, _ = _BODY.unpack(raw[: _BODY.size])
    if not (1 <= site_id <= _MAX_SITE_ID and 1 <= key_version <= MAX_KEY_VERSION):
        raise TokenMalformed
    return raw
