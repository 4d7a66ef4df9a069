"""Ten working days to record a service (Order 67 Art 11)."""

from datetime import UTC, date, datetime

import pytest

from volunteers.attendance.due import due_after, due_on


@pytest.mark.parametrize(
    ("served", "last"),
    [
        (date(2026, 9, 1), date(2026, 9, 15)),  # two plain weeks
        (date(2026, 9, 4), date(2026, 9, 18)),
        (date(2026, 9, 5), date(2026, 9, 18)),  # served on a Saturday
        (date(2026, 9, 15), date(2026, 9, 29)),  # a make-up Sunday for a holiday Friday
        (date(2026, 9, 24), date(2026, 10, 15)),  # across the national holidays
    ],
)
def test_the_last_day_is_the_tenth_working_day(served, last):
    assert due_on(served) == last


def test_the_day_is_that_of_the_end_by_the_business_clock():
    night = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)  # one o'clock of the 2nd in Guiyang

    assert due_after(night) == due_on(date(2026, 9, 2))
