"""Whole numbers out of what a browser sent."""

from collections.abc import Iterable

_LARGEST = 2**63 - 1  # what a bigint column can hold
_DIGITS = len(str(_LARGEST))


def whole_number(text: object) -> int | None:
    """Return the number, or None for anything that is no plain one or that no row could have."""
    digits = str(text)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _DIGITS:
        return None
    number = int(digits)
    return number if number <= _LARGEST else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Return the numbers among the texts."""
    return [number for text in texts if (number := whole_number(text)) is not None]
