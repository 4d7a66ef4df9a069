"""What people type as a name or a sentence, in its one spelling. Pure."""

import unicodedata

NAME_FORM = r"^[^<>[:cntrl:]]+$"  # for a CHECK: something, in one line without markup
LINE_FORM = r"^[^<>[:cntrl:]]*$"  # the same or nothing
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


def plain_line(text: str, *, most: int) -> str | None:
    """Return one line of plain text in its one spelling, or None when it is none or too long.

    The one rule for whatever people type as a name, a unit, a place or a reason; who calls says what they
    refuse. `NAME_FORM` and `LINE_FORM` are the same once more for the database, as far as a pattern can tell.
    """
    text = spelled(text)
    return text if is_plain(text) and len(text) <= most else None
