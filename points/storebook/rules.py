"""Weeks and months of a statement, and numbers of people too small to tell. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _

from backend.core.small_cells import is_few
from points.storebook.errors import StatementPeriodInvalid

MOST_OF_EACH = 12  # so many weeks and months are listed
_WEEK_DAYS = 7
_MONTHS = 12
_FORM = re.compile(r"(?P<year>20[0-9]{2})-(?:(?P<month>0[1-9]|1[0-2])|W(?P<week>0[1-9]|[1-4][0-9]|5[0-3]))")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first business day up to, not including, `after`."""

    text: str
    first: date
    after: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after - timedelta(days=1)

    @property
    def is_week(self) -> bool:
        """Whether it is a week rather than a month."""
        return "W" in self.text

    @property
    def begins(self) -> datetime:
        """The instant at which it begins (Asia/Shanghai)."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The instant at which it is over."""
        return _midnight(self.after)


def parse(text: str) -> Period:
    """Read a period, `2026-09` or `2026-W38`.

    :raises StatementPeriodInvalid: anything else.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise StatementPeriodInvalid(field="period")
    year = int(match["year"])
    if match["month"]:
        return _month(date(year, int(match["month"]), 1))
    try:
        monday = date.fromisocalendar(year, int(match["week"]), 1)
    except ValueError as error:  # a year without a 53rd week
        raise StatementPeriodInvalid(field="period") from error
    return _week(monday)


def over(*, since: datetime, at: datetime) -> list[Period]:
    """Return the weeks and months that are over and not before `since`, latest first, months before weeks."""
    today, first = localdate(at), localdate(since)
    month, week = _month(today.replace(day=1)), _week(today - timedelta(days=today.weekday()))
    months, weeks = [], []
    for _turn in range(MOST_OF_EACH):
        month = _month((month.first - timedelta(days=1)).replace(day=1))
        week = _week(week.first - timedelta(days=_WEEK_DAYS))
        months += [month] if month.last >= first else []
        weeks += [week] if week.last >= first else []
    return months + weeks


def few(people: int) -> str:
    """Say a number of people; one or two are “少于 3”."""
    return _("少于 3") if is_few(people) else str(people)


def _month(first: date) -> Period:
    after = date(first.year + first.month // _MONTHS, first.month % _MONTHS + 1, 1)
    return Period(f"{first:%Y-%m}", first, after)


def _week(monday: date) -> Period:
    year, week, _day = monday.isocalendar()
    return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=_WEEK_DAYS))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=get_default_timezone())
