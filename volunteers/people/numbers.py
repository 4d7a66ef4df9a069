"""Volunteer numbers: random, so that nothing about a person can be read from them (MZ/T 061)."""

import secrets

_LOWEST = 10**11


def draw_number() -> str:
    """Return twelve random digits that do not begin with 0."""
    return str(_LOWEST + secrets.randbelow(9 * _LOWEST))
