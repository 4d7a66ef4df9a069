"""The stockroom's rules that need no database. Pure."""

import unicodedata
from datetime import date, timedelta

from stdnum import ean

MOST_LINES = 50
SOON_DAYS = 7  # what is on the list of goods about to expire
_RETAIL_LENGTHS = (8, 12, 13, 14)  # EAN-8, UPC-A, EAN-13, GTIN-14: their last digit is a check


def plain(text: str, *, most: int) -> str | None:
    """Return the text in one normal form, or None when it is too long, or holds markup or invisible signs."""
    text = unicodedata.normalize("NFC", text).strip()
    odd = any(sign in "<>" or unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn"} for sign in text)
    return None if odd or len(text) > most else text


def barcode_sound(barcode: str) -> bool:
    """Whether a barcode can be right: a retail code passes its check digit, a house code is plain ASCII."""
    if barcode.isdecimal() and len(barcode) in _RETAIL_LENGTHS:
        return bool(ean.is_valid(barcode))
    return barcode.isascii() and barcode.replace("-", "").isalnum()


def soon(today: date) -> date:
    """Return the last day that counts as about to expire."""
    return today + timedelta(days=SOON_DAYS)
