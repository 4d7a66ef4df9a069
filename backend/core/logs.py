"""Logs carry no personal data, whatever a library decides to print."""

import logging
import re
from typing import Any

_PHONE = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)")
_RESIDENT_ID = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
_SCAN_PATH = re.compile(r"/s/[\w\-]{8,}")


def scrub(text: str) -> str:
    """Blank out phone numbers, resident ID numbers and scan tokens."""
    text = _RESIDENT_ID.sub("[id]", text)
    text = _PHONE.sub("[phone]", text)
    return _SCAN_PATH.sub("/s/[token]", text)


def _scrub(value: Any) -> Any:
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        text = scrub(str(value))
        return value if text == str(value) else text
    if isinstance(value, dict):
        return {_scrub(key): _scrub(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrub(item) for item in value]
    return scrub(value if isinstance(value, str) else repr(value))


class PersonalDataFilter(logging.Filter):
    """Scrubs every record on its way to a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace message and arguments by their scrubbed text; never drops a record."""
        if isinstance(record.msg, dict):  # structlog's: the arguments are in it
            record.msg = _scrub(record.msg)
            return True
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # somebody's placeholders do not match their arguments
            text = f"{record.msg} {record.args}"
        if record.exc_info and record.exc_info[0]:
            text = f"{text}\n{logging.Formatter().formatException(record.exc_info)}"
        record.msg, record.args, record.exc_info, record.exc_text = scrub(text), None, None, None
        return True
