"""`all`, a year, a month."""

from datetime import date

import pytest

from points.boards import periods
from points.boards.errors import PeriodInvalid
from points.boards.periods import Period


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("all", None, None),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_runs_from_its_first_day_to_the_day_after_its_last(text, first, after):
    assert periods.parse(text) == Period(text, first, after)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ALL",
        "26",
        "2026-00",
        "2026-13",
        "2026-1",
        "2026-11-01",
        "1999",
        "9999",
        "２０２６",
        "2026\x00",
        "2026\n",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(PeriodInvalid):
        periods.parse(text)
