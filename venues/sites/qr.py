"""The codes of a site: 30 seconds of proof on its screen, and a weaker one in print. Pure.

What a code is made of is told in `backend.core.codes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core import codes
from backend.core.codes import Kind, TokenMalformed, window_of

WINDOW_SECONDS = codes.WINDOW_SECONDS
# As long as the codes a screen fetches ahead: changing the key breaks none it is about to show.
ROTATION_GRACE = timedelta(minutes=10, seconds=30)
MAX_KEY_VERSION = codes.MAX_VERSION

__all__ = ["MAX_KEY_VERSION", "ROTATION_GRACE", "WINDOW_SECONDS", "ReadToken", "window_of"]


@dataclass(frozen=True)
class ReadToken:
    """What a token says; true only if `verify` returned it."""

    site_id: int
    key_version: int
    window: int
    is_poster: bool = False

    @classmethod
    def of(cls, claim: codes.Claim) -> "ReadToken":
        """Return the claim of a site's code.

        :raises TokenMalformed: the code is a volunteer's.
        """
        if claim.kind not in {Kind.SCREEN, Kind.POSTER}:
            raise TokenMalformed
        return cls(claim.subject_id, claim.version, claim.window, is_poster=claim.kind is Kind.POSTER)

    @property
    def starts_at(self) -> datetime:
        """When the token's window began."""
        return codes.Claim(Kind.SCREEN, self.site_id, self.key_version, self.window).starts_at

    @property
    def ends_at(self) -> datetime:
        """When the screen shows the next code."""
        return self.starts_at + timedelta(seconds=WINDOW_SECONDS)


def derive_key(*, secret: bytes, site_id: int, key_version: int) -> bytes:
    """Return the 32-byte key of one site's screen and version."""
    return codes.derive_key(secret=secret, kind=Kind.SCREEN, subject_id=site_id, version=key_version)


def derive_poster_key(*, secret: bytes, site_id: int, poster_version: int) -> bytes:
    """Return the 32-byte key of one site's posters and their edition."""
    return codes.derive_key(secret=secret, kind=Kind.POSTER, subject_id=site_id, version=poster_version)


def accepted_versions(*, key_version: int, key_rotated_at: datetime | None, at: datetime) -> tuple[int, ...]:
    """Return the versions whose codes count at `at`: the current one, and for a while the one before it.

    A screen has fetched ten minutes of codes ahead; without the grace a change of keys would refuse the
    queue in front of one that has lost its network.
    """
    if key_version > 1 and key_rotated_at is not None and at < key_rotated_at + ROTATION_GRACE:
        return key_version, key_version - 1
    return (key_version,)


def mint(*, site_id: int, key_version: int, key: bytes, at: datetime) -> str:
    """Return the token a site's screen shows at `at`: 40 characters, safe in a URL."""
    return codes.mint(kind=Kind.SCREEN, subject_id=site_id, version=key_version, key=key, at=at)


def mint_poster(*, site_id: int, poster_version: int, key: bytes) -> str:
    """Return the token printed on a site's posters; it counts until the site prints a new edition."""
    return codes.mint(kind=Kind.POSTER, subject_id=site_id, version=poster_version, key=key, at=None)


def read(token: str) -> ReadToken:
    """Return what a site's token claims, unverified: good for finding the site, for nothing else.

    :raises TokenMalformed: the text cannot be a site's token.
    """
    return ReadToken.of(codes.read(token))


def verify(token: str, *, keys: Mapping[int, bytes], at: datetime, tolerance: int = 1) -> ReadToken:
    """Return what a token says, once a key of the site is found to have signed it for the time `at`.

    `keys` are the site's keys in force for that kind of code, by version.

    :raises TokenMalformed: the text cannot be a site's token.
    :raises TokenForged: no such key, or another key signed it.
    :raises TokenExpired: signed for another time, or with a key retired since.
    """
    return ReadToken.of(codes.verify(token, keys=keys, at=at, tolerance=tolerance))
