"""Working days of the mainland calendar: weekends, public holidays and make-up days. Pure.

The holidays and make-up days of a year are announced in the autumn before it and reach us with a release of
`chinese_calendar`. For a year it does not know yet, Monday to Friday count: a deadline shown early in such a
year may move by a few days once the calendar is out.
"""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import chinese_calendar

_SATURDAY = 5
_DAY = timedelta(days=1)
_REMEMBERED = 4096


class DayKind(StrEnum):
    """What a day is by the calendar: a make-up Saturday is a working day, days off at a holiday are one."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@lru_cache(maxsize=_REMEMBERED)
def kind_of(day: date) -> DayKind:
    """Return what a day is; in a year the calendar does not know yet, by its weekday."""
    try:
        off, holiday = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        off, holiday = day.weekday() >= _SATURDAY, None
    if not off:
        return DayKind.WORKDAY
    return DayKind.HOLIDAY if holiday else DayKind.WEEKEND


@lru_cache(maxsize=_REMEMBERED)
def is_workday(day: date) -> bool:
    """Whether offices work on a day: make-up Saturdays do, holidays on a Wednesday do not."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year it does not know
        return day.weekday() < _SATURDAY


def working_days_since(day: date, today: date) -> int:
    """Return how many working days lie after `day`, up to and including `today`; 0 when there are none."""
    return sum(is_workday(day + _DAY * number) for number in range(1, (today - day).days + 1))


def after_working_days(day: date, count: int) -> date:
    """Return the first day by which `count` working days have passed since `day`."""
    while count > 0:
        day += _DAY
        count -= is_workday(day)
    return day


def latest_day_with(today: date, count: int) -> date:
    """Return the latest day since which at least `count` working days have passed today."""
    while count > 0:
        count -= is_workday(today)
        today -= _DAY
    return today
