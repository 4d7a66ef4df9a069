"""Short signed codes for QR pictures: who or what they are about, and for when. Pure.

A code is 30 bytes, 40 characters of base64url: kind (1), subject id (7), key version (2), window (4), and the
first 16 bytes of HMAC-SHA256 over the rest. Every character counts: 30 bytes fill 40 characters exactly, so
one code has one spelling. Keys are derived from one secret (`derive_key`), so the database holds none, and
the key of one subject is worthless for any other.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal

WINDOW_SECONDS = 30
CODE_LENGTH = 40
MAX_VERSION = 0xFFFF
MAX_SUBJECT = 2**56 - 1

_BODY = struct.Struct(">QHI")
_MAC_BYTES = 16
_KIND_BITS = 56
_SPELLING = re.compile(r"[A-Za-z0-9_-]{40}")
_DOMAIN = b"jishan:site-qr:1\x00"
_LASTING = 0  # the window of codes that do not rotate; no rotating code can have it


class Kind(IntEnum):
    """What a code is about; the one register, so that no two kinds meet."""

    SCREEN = 0  # a site, on its screen, for 30 seconds
    POSTER = 1  # a site, in print
    PASS = 2  # a volunteer, on their phone, for 30 seconds
    CARD = 3  # a volunteer, in print


_KEY_NAMES: dict[int, str] = {
    Kind.SCREEN: "site",
    Kind.POSTER: "poster",
    Kind.PASS: "pass",
    Kind.CARD: "card",
}


class TokenMalformed(Refusal):
    """The text is not one of our codes."""

    code = "token_malformed"
    status = 400
    message = _("这不是本平台的码，签到请扫站点屏幕上的码。")


class TokenForged(Refusal):
    """It looks like one of our codes, but none of the keys in force signed it."""

    code = "token_forged"
    status = 400
    message = _("这个码不是现在有效的码，请重新扫。")


class TokenExpired(Refusal):
    """It was signed for another time, or with a key retired since."""

    code = "token_expired"
    status = 409
    message = _("这个码已过期，请扫新的码。")


@dataclass(frozen=True)
class Claim:
    """What a code says; true only if `verify` returned it."""

    kind: Kind
    subject_id: int
    version: int
    window: int

    @property
    def starts_at(self) -> datetime:
        """When the code's window began."""
        return datetime.fromtimestamp(self.window * WINDOW_SECONDS, tz=UTC)

    @property
    def ends_at(self) -> datetime:
        """When the next code follows."""
        return self.starts_at + timedelta(seconds=WINDOW_SECONDS)


def derive_key(*, secret: bytes, kind: Kind, subject_id: int, version: int) -> bytes:
    """Return the 32-byte key of one subject and version: HMAC-SHA256(secret, "<kind>:<id>:<version>")."""
    return hmac.digest(secret, f"{_KEY_NAMES[kind]}:{subject_id}:{version}".encode(), hashlib.sha256)


def window_of(at: datetime) -> int:
    """Return the number of the 30-second window that holds `at`, counted from the Unix epoch."""
    return int(at.timestamp()) // WINDOW_SECONDS


def mint(*, kind: Kind, subject_id: int, version: int, key: bytes, at: datetime | None) -> str:
    """Return the code for the window of `at`, or one that lasts when `at` is None."""
    window = _LASTING if at is None else window_of(at)
    body = _BODY.pack(kind << _KIND_BITS | subject_id, version, window)
    return base64.urlsafe_b64encode(body + _sign(key, body)).decode()


def read(code: str) -> Claim:
    """Return what a code claims, unverified: good for finding its subject, for nothing else.

    :raises TokenMalformed: the text cannot be a code.
    """
    return _claim(_decode(code))


def verify(code: str, *, keys: Mapping[int, bytes], at: datetime, tolerance: int = 1) -> Claim:
    """Return what a code says, once a key of its subject is found to have signed it for the time `at`.

    `keys` are the versions in force for the subject the code names; `tolerance` is how many windows (30 s
    each) earlier or later than `at` still count, for slow cameras and clocks that differ.

    :raises TokenMalformed: the text cannot be a code.
    :raises TokenForged: no such key, or another key signed it.
    :raises TokenExpired: signed for another time, or with a key retired since.
    """
    raw = _decode(code)
    claim = _claim(raw)
    key = keys.get(claim.version)
    if key is None:
        # A retired key cannot be told from an invented one any more; the lower number is the likelier story.
        raise TokenExpired if claim.version < max(keys, default=0) else TokenForged
    if not hmac.compare_digest(raw[_BODY.size :], _sign(key, raw[: _BODY.size])):
        raise TokenForged
    lasts = claim.kind in {Kind.POSTER, Kind.CARD}
    if not lasts and abs(window_of(at) - claim.window) > tolerance:
        raise TokenExpired
    return claim


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _DOMAIN + body, hashlib.sha256)[:_MAC_BYTES]


def _claim(raw: bytes) -> Claim:
    packed, version, window = _BODY.unpack(raw[: _BODY.size])
    return Claim(Kind(packed >> _KIND_BITS), packed & MAX_SUBJECT, version, window)


def _decode(code: str) -> bytes:
    """Return the 30 bytes of a code.

    :raises TokenMalformed: wrong length or alphabet, an unknown kind, or a subject or version nothing has.
    """
    if _SPELLING.fullmatch(code) is None:
        raise TokenMalformed
    raw = base64.b64decode(code, altchars=b"-_")
    packed, version, window = _BODY.unpack(raw[: _BODY.size])
    kind, subject_id = packed >> _KIND_BITS, packed & MAX_SUBJECT
    if kind not in _KEY_NAMES or subject_id < 1 or version < 1:
        raise TokenMalformed
    if (kind in {Kind.POSTER, Kind.CARD}) != (window == _LASTING):
        raise TokenMalformed
    return raw
