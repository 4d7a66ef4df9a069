"""Working days: against a count by hand over the announced holidays and make-up days."""

from datetime import date, timedelta

import pytest
from chinese_calendar.constants import holidays, workdays
from hypothesis import given
from hypothesis import strategies as st

from backend.core.workdays import (
    DayKind,
    after_working_days,
    is_workday,
    kind_of,
    latest_day_with,
    working_days_since,
)

FIRST, LAST = date(2019, 1, 1), date(2027, 12, 31)  # the calendar of 2027 is not announced yet
DAYS = st.dates(FIRST, LAST)
COUNTS = st.integers(0, 30)


def by_hand(after: date, until: date) -> int:
    """The announced days off and make-up days, and plain weeks otherwise."""
    count, day = 0, after
    while day < until:
        day = date.fromordinal(day.toordinal() + 1)
        if day in workdays or (day not in holidays and day.isoweekday() <= 5):
            count += 1
    return count


@given(DAYS, st.integers(-40, 120))
def test_days_are_counted_as_by_hand(day, distance):
    today = day + timedelta(days=distance)

    assert working_days_since(day, today) == by_hand(day, today)


@given(DAYS, COUNTS)
def test_the_last_day_is_the_first_by_which_enough_have_passed(day, count):
    last = after_working_days(day, count)

    assert by_hand(day, last) == count
    assert last == day or by_hand(day, last - timedelta(days=1)) == count - 1


@given(DAYS, COUNTS)
def test_who_waited_long_enough_is_everybody_up_to_one_day(today, count):
    latest = latest_day_with(today, count)

    assert by_hand(latest, today) == count
    assert count == 0 or by_hand(latest + timedelta(days=1), today) == count - 1


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 20), True),  # a Sunday made up for the national holidays
        (date(2026, 10, 1), False),  # a Thursday off
        (date(2026, 9, 19), False),  # an ordinary Saturday
        (date(2026, 9, 21), True),
        (date(2050, 10, 1), False),  # a Saturday of a year nobody knows yet
        (date(2050, 10, 3), True),  # a Monday of one
    ],
)
def test_a_day_is_one_to_work_or_not(day, works):
    assert is_workday(day) is works


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY),  # National Day
        (date(2026, 10, 6), DayKind.HOLIDAY),  # a day off of it, a Tuesday
        (date(2026, 10, 10), DayKind.WORKDAY),  # a Saturday made up for it
        (date(2026, 10, 11), DayKind.WEEKEND),
        (date(2026, 10, 12), DayKind.WORKDAY),
        (date(2035, 10, 1), DayKind.WORKDAY),  # a Monday; its calendar is not announced yet
        (date(2035, 10, 6), DayKind.WEEKEND),
    ],
)
def test_a_day_is_a_holiday_a_weekend_or_a_working_day(day, kind):
    assert kind_of(day) == kind


@given(DAYS)
def test_what_is_a_working_day_is_none_of_the_others(day):
    assert (kind_of(day) == DayKind.WORKDAY) == is_workday(day)
