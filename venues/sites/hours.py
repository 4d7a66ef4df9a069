"""Opening hours of a site, as plain data: {"mon": [["08:30", "12:00"], ["14:00", "17:30"]], …}. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from django.utils.timezone import localtime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SPANS_A_DAY = 6

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def any_time() -> dict[str, list[list[str]]]:
    """No stated hours: the site has not limited itself."""
    return {}


def first_fault(hours: object) -> str | None:
    """Where `hours` breaks the form, as a JSON pointer ("/mon/0"), or None when it is sound.

    Spans are [start, end) in "HH:MM" local time, in order, not overlapping; "24:00" closes a day.
    """
    if not isinstance(hours, Mapping):
        return "/"
    for day, spans in hours.items():
        if day not in DAYS or not isinstance(spans, list | tuple) or len(spans) > MAX_SPANS_A_DAY:
            return f"/{day}"
        for position, span in enumerate(spans):
            if not _is_span(span):
                return f"/{day}/{position}"
        for position, (before, after) in enumerate(pairwise(spans), start=1):
            if after[0] < before[1]:
                return f"/{day}/{position}"
    return None


def is_open(hours: Mapping[str, Sequence[Sequence[str]]], at: datetime) -> bool:
    """Whether the site is open at `at`, in Asia/Shanghai. A site with no stated hours is always open."""
    if not hours:
        return True
    local = localtime(at)
    clock = f"{local:%H:%M}"
    return any(start <= clock < end for start, end in hours.get(DAYS[local.weekday()], ()))


def _is_span(span: object) -> bool:
    if not isinstance(span, list | tuple) or len(span) != 2:  # noqa: PLR2004 – a span is a start and an end
        return False
    start, end = span
    return (
        isinstance(start, str)
        and isinstance(end, str)
        and _CLOCK.fullmatch(start) is not None
        and _CLOCK.fullmatch(end) is not None
        and start < end
    )
