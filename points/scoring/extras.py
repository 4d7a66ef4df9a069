"""What is earned beside the minutes: bonuses, other awards; and when points are gone. Pure.

Nothing here ever becomes hours: hours and points are separate books (Order 67 Art 19).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import localdate, make_aware

from points.scoring import wording
from points.scoring.engine import Line, Result
from points.scoring.rules import ExpiryPolicy, OtherKind, Rules

Month = tuple[int, int]  # year, month


def bonuses(row: int, rules: Rules, *, first_service: bool = False) -> tuple[Line, ...]:
    """Return what a month with service earns beside its minutes.

    It is the `row`-th in a row with service; for some it holds their first service ever.
    """
    lines = []
    if first_service and rules.first_service_points:
        lines.append(Line("first_service", rules.first_service_points, "首次服务", "first service"))
    for bonus in rules.months_in_a_row:
        if bonus.months == row:
            zh, en = f"连续第 {row} 个月服务", f"month {row} in a row with service"
            lines.append(Line("months_in_a_row", bonus.points, zh, en))
    return tuple(lines)


def months_in_a_row(months: Iterable[Month]) -> dict[Month, int]:
    """Return for each month with service the length of the row that ends with it."""
    rows: dict[Month, int] = {}
    for year, month in sorted(months):
        before = (year - (month == 1), (month - 2) % 12 + 1)
        rows[year, month] = rows.get(before, 0) + 1
    return rows


def other_award(kind: OtherKind, quantity: int, so_far_this_month: int, rules: Rules) -> Result:
    """Return the points for what is not service, up to what the month has room for; never minutes."""
    award = rules.other_awards.get(kind)
    full = award.points * quantity if award else 0
    points = min(full, max(award.monthly_limit - so_far_this_month, 0)) if award else 0
    text = wording.other(
        kind, quantity, points, limit=award.monthly_limit if award else None, cut=points < full
    )
    lines = [Line(kind.value, full, *wording.OTHER_KINDS[kind])]
    if award and points < full:
        zh, en = f"当月以 {award.monthly_limit} 分为限", f"at most {award.monthly_limit} a month"
        lines.append(Line("monthly_limit", points - full, zh, en))
    return Result(points, 0, (), tuple(lines), *text)


def expires_at(at: datetime, rules: Rules) -> datetime | None:
    """Return the first instant at which points given at `at` are gone, a midnight in Shanghai; None is never.

    With years, the year of the award is the first: with two, points of 2026 can be used until 2027-12-31.
    With months they are good for at least as many, until the end of a month: with three, points of 5 March
    until 30 June.
    """
    today, count = localdate(at), rules.expiry.count
    if rules.expiry.policy == ExpiryPolicy.NEVER:
        return None
    if rules.expiry.policy == ExpiryPolicy.END_OF_YEAR:
        return _midnight(today.year + count, 1)
    years, month = divmod(today.month + count, 12)
    return _midnight(today.year + years, month + 1)


def _midnight(year: int, month: int) -> datetime:
    return make_aware(datetime(year, month, 1))  # noqa: DTZ001 – made aware here
