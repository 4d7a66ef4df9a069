"""How an award is told, in Chinese and in English. Pure.

The two texts are stored with the award, so that a statement reads the same in ten years; that is why they are
written here and not in a translation catalogue.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from points.scoring.rules import BASIS_POINTS, Caps, Multiplier, OtherKind, Rate


class Text(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


DAY_ROUNDING: Final = Text("当日零头合并计算", "fractions of the day put together")
OTHER_KINDS: Final = {
    OtherKind.LECTURE: Text("参加讲座", "lecture"),
    OtherKind.REFERRAL: Text("推荐新志愿者", "referral"),
    OtherKind.TRAINING: Text("通过培训", "training passed"),
    OtherKind.DONATED_GOODS: Text("捐赠物资", "donated goods"),
}


def duration_zh(minutes: int) -> str:
    """Return `2 小时 30 分`, `2 小时` or `30 分`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} 小时"] * bool(hours) + [f"{rest} 分"] * bool(rest or not hours))


def duration_en(minutes: int) -> str:
    """Return `2 h 30 min`, `2 h` or `30 min`."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def points_en(points: int) -> str:
    """Return `1 point` or `25 points`."""
    return f"{points} point" if points == 1 else f"{points} points"


def sentence(head: Text, *parts: Text | None, points: int) -> Text:
    """Put what was served, what of it counted and at which rate into one sentence with its result."""
    said = [head, *(part for part in parts if part is not None)]
    return Text(
        f"{'，'.join(part.zh for part in said)}，计 {points} 积分。",
        f"{', '.join(part.en for part in said)}: {points_en(points)}.",
    )


def service(activity: str, minutes: int) -> Text:
    """Say what was served and how long."""
    return Text(f"{activity} {duration_zh(minutes)}", f"{activity}: {duration_en(minutes)}")


def steps(minutes: int, full: int, step: int) -> Text | None:
    """Say which minutes count where not all do."""
    if full == 0:
        return Text(f"不足 {step} 分钟", f"less than {step} minutes")
    if full != minutes:
        return Text(f"按整 {step} 分钟计 {duration_zh(full)}", f"{duration_en(full)} in full {step} minutes")
    return None


def rate(used: Rate) -> Text:
    """Say what is paid, and for which kind of service if it is not the plain rate."""
    name = used.label or Text("", "")
    if used.per_minutes is None:
        zh, en = f"每次 {used.points} 分", f"{points_en(used.points)} an event"
    elif used.per_minutes == 60:  # noqa: PLR2004 – an hour
        zh, en = f"每小时 {used.points} 分", f"{points_en(used.points)} an hour"
    else:
        zh = f"每 {duration_zh(used.per_minutes)}{'钟' if used.per_minutes % 60 else ''} {used.points} 分"
        en = f"{points_en(used.points)} for {duration_en(used.per_minutes)}"
    return Text(f"{name.zh}{zh}", f"{name.en} {en}".strip())


def rate_line(used: Rate, minutes: int) -> Text:
    """Say minutes times rate."""
    if used.per_minutes is None:
        return rate(used)
    if used.per_minutes == 60:  # noqa: PLR2004 – an hour
        each = Text(f"{used.points}/小时", f"{used.points} an hour")
    else:
        each = Text(
            f"{used.points}/{duration_zh(used.per_minutes)}", f"{used.points}/{duration_en(used.per_minutes)}"
        )
    name = Text(f"{used.label.zh} ", f"{used.label.en} ") if used.label else Text("", "")
    return Text(
        f"{name.zh}{duration_zh(minutes)} × {each.zh}", f"{name.en}{duration_en(minutes)} × {each.en}"
    )


def factor(item: Multiplier, part: int | None) -> Text:
    """Say a factor, and for how many minutes if not for all."""
    times = f"×{item.basis_points / BASIS_POINTS:g}"
    only = Text(f"（{duration_zh(part)}）", f" ({duration_en(part)})") if part else Text("", "")
    return Text(f"{item.label.zh} {times}{only.zh}", f"{item.label.en} {times}{only.en}")


def day_cap(cap: int, counted: int) -> Text:
    """Say that the day was full, and what of this still counted."""
    return Text(
        f"当日累计以 {duration_zh(cap)}为限，本次计 {duration_zh(counted)}",
        f"at most {duration_en(cap)} count per day, {duration_en(counted)} of this",
    )


def cap(code: str, caps: Caps) -> Text:
    """Say which cap cut the award."""
    if code == "record_cap":
        limits = []
        if caps.record_minutes is not None:
            limits.append(Text(duration_zh(caps.record_minutes), duration_en(caps.record_minutes)))
        if caps.record_points is not None:
            limits.append(Text(f"{caps.record_points} 分", points_en(caps.record_points)))
        return Text(
            f"单次以 {'、'.join(limit.zh for limit in limits)}为限",
            f"at most {' and '.join(limit.en for limit in limits)} for one service",
        )
    if code == "daily_cap":
        minutes = caps.day_minutes or 0
        return Text(f"当日累计以 {duration_zh(minutes)}为限", f"at most {duration_en(minutes)} count per day")
    zh, en, points = {
        "daily_points_cap": ("当日", "a day", caps.day_points),
        "monthly_cap": ("当月", "a month", caps.month_points),
        "yearly_cap": ("当年", "a year", caps.year_points),
        "lifetime_cap": ("终身", "in all", caps.lifetime_points),
    }[code]
    return Text(f"{zh}累计以 {points} 分为限", f"at most {points_en(points or 0)} {en}")


def manual(activity: str, minutes: int) -> Text:
    """Say why hours entered by hand earn nothing."""
    return Text(
        f"{activity} {duration_zh(minutes)}，手工补录的时长计入服务时间，不计积分。",
        f"{activity}: {duration_en(minutes)}, entered by hand: hours, but no points.",
    )


def complaint_upheld(activity: str, minutes: int) -> Text:
    """Say that a complaint about this service was upheld."""
    return Text(
        f"{activity} {duration_zh(minutes)}，有关投诉已查实，不计积分。",
        f"{activity}: {duration_en(minutes)}, a complaint was upheld: no points.",
    )


def short_attendance(activity: str, minutes: int, *, scheduled: int, percent: int) -> Text:
    """Say that too little of the scheduled time was served."""
    return Text(
        f"{activity} {duration_zh(minutes)}，不到班次 {duration_zh(scheduled)}的 {percent}%，不计积分。",
        f"{activity}: {duration_en(minutes)}, less than {percent}% of {duration_en(scheduled)}: no points.",
    )


def taken_back(activity: str, minutes: int, points: int) -> Text:
    """Say that the record was reversed and its points with it."""
    return Text(
        f"服务记录已撤销：{activity} {duration_zh(minutes)}，收回 {points} 积分。",
        f"Record reversed: {activity}, {duration_en(minutes)}; {points_en(points)} taken back.",
    )


def supplement(activity: str, minutes: int, points: int, *, same_day: bool) -> Text:
    """Say that a cap has room again because another record was reversed."""
    zh, en = ("当日另一条记录", "another record of that day")
    if not same_day:
        zh, en = ("其他日期的一条记录", "a record of another day")
    return Text(
        f"{activity} {duration_zh(minutes)}：{zh}撤销后，补计 {points} 积分。",
        f"{activity}: {duration_en(minutes)}; {en} was reversed, so {points_en(points)} more.",
    )


def first_service(day: date) -> Text:
    """Name the bonus for the first service ever."""
    return Text(f"首次服务（{day}）", f"first service ({day})")


def months_in_a_row(row: int, month: date) -> Text:
    """Name the bonus for the month a row ended with."""
    return Text(
        f"连续第 {row} 个月服务（{month.year} 年 {month.month} 月）",
        f"month {row} in a row with service ({month:%Y-%m})",
    )


def bonus(name: Text, points: int) -> Text:
    """Say what a bonus is for."""
    return Text(f"{name.zh}，奖励 {points} 积分。", f"Bonus, {name.en}: {points_en(points)}.")


def bonus_taken_back(name: Text, points: int) -> Text:
    """Say that the records no longer carry a bonus."""
    return Text(
        f"{name.zh}的奖励因服务记录有变动，收回 {points} 积分。",
        f"Bonus, {name.en}: the records have changed; {points_en(points)} taken back.",
    )


def other(kind: OtherKind, quantity: int, points: int, *, limit: int | None, cut: bool) -> Text:
    """Say what something that is not service earned; `limit` is None where the rules give nothing for it."""
    zh, en = OTHER_KINDS[kind]
    if limit is None:
        return Text(f"{zh}：现行规则不计积分。", f"{en}: these rules give no points.")
    room = Text(f"，当月以 {limit} 分为限", f", at most {points_en(limit)} a month") if cut else Text("", "")
    return Text(
        f"{zh} {quantity} 次{room.zh}，计 {points} 积分。", f"{en} ×{quantity}{room.en}: {points_en(points)}."
    )
