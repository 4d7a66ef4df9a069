"""What people type as a name or a sentence, in its one spelling. Pure."""

import unicodedata

_ODD = {"Cc", "Cf", "Co", "Cs", "Cn"}  # control, invisible formatting, private, half a character, none


def spelled(text: str) -> str:
    """Return the text in one normal form, without space around it."""
    return unicodedata.normalize("NFC", text).strip()


def is_plain(text: str, *, lines: bool = False) -> bool:
    """Whether it holds no markup and nothing invisible; with `lines`, line breaks are fine."""
    allowed = "\r\n" if lines else ""
    return not any(
        sign in "<>" or (unicodedata.category(sign) in _ODD and sign not in allowed) for sign in text
    )
