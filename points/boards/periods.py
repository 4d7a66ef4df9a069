"""What stretch of time a board tells of: `all`, a year, or a month. Pure."""

import re
from dataclasses import dataclass
from datetime import date

from points.boards.errors import PeriodInvalid

ALL = "all"
_FORM = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>0[1-9]|1[0-2]))?")
_FIRST_YEAR = 2000
_LAST_YEAR = 2199
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day up to, not including, the day after the last; None is open."""

    text: str
    first: date | None
    after: date | None


def parse(text: str) -> Period:
    """Read a period.

    :raises PeriodInvalid: neither `all` nor a year nor a month between 2000 and 2199.
    """
    if text == ALL:
        return Period(ALL, None, None)
    match = _FORM.fullmatch(text)
    if match is None or not _FIRST_YEAR <= int(match["year"]) <= _LAST_YEAR:
        raise PeriodInvalid(field="period")
    year = int(match["year"])
    if match["month"] is None:
        return Period(text, date(year, 1, 1), date(year + 1, 1, 1))
    month = int(match["month"])
    after = date(year + 1, 1, 1) if month == _MONTHS else date(year, month + 1, 1)
    return Period(text, date(year, month, 1), after)
