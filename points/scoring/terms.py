"""A rule document in words, term by term, and what differs between two of them. Nothing here decides.

Documents must be sound. The words are for staff who read the page now, so they come from the catalogue; what
is stored with an award is told by `wording`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.core.workdays import DayKind
from points.scoring.rules import BASIS_POINTS, ExpiryPolicy, MultiplierMode, OtherKind
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.people.choices import ServiceCategory

Document = Mapping[str, Any]

DAY_KINDS: Final[dict[str, str | Promise]] = {
    DayKind.WEEKEND.value: gettext_lazy("周末"),
    DayKind.HOLIDAY.value: gettext_lazy("节假日"),
    DayKind.WORKDAY.value: gettext_lazy("工作日"),
}
DIFFICULTIES: Final[dict[int, str | Promise]] = {
    1: gettext_lazy("难度一级"),
    2: gettext_lazy("难度二级"),
    3: gettext_lazy("难度三级"),
}
TRAITS: Final[dict[str, str | Promise]] = {
    "skilled": gettext_lazy("用到活动要求的专业技能"),
    "organizer": gettext_lazy("本人是组织者"),
    "night": gettext_lazy("夜间的分钟"),
}
OTHER_KINDS: Final[dict[str, str | Promise]] = {
    OtherKind.LECTURE.value: gettext_lazy("参加讲座"),
    OtherKind.REFERRAL.value: gettext_lazy("推荐新志愿者"),
    OtherKind.TRAINING.value: gettext_lazy("通过培训"),
    OtherKind.DONATED_GOODS.value: gettext_lazy("捐赠物资"),
}
CAPS: Final[dict[str, str | Promise]] = {
    "record": gettext_lazy("单次"),
    "day": gettext_lazy("每日"),
    "month": gettext_lazy("每月"),
    "year": gettext_lazy("每年"),
    "lifetime": gettext_lazy("累计"),
}
_LISTS: Final[dict[str, Mapping[Any, str | Promise]]] = {
    "categories": dict(ServiceCategory.choices),
    "recipients": dict(Recipient.choices),
    "activity_types": dict(ActivityType.choices),
    "days": DAY_KINDS,
    "difficulty": DIFFICULTIES,
}
_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a document says. Terms of two documents with the same key say it about the same thing."""

    key: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one document says and another says differently; an empty text is not said there."""

    name: str
    before: str
    after: str


def terms_of(document: Document) -> list[Term]:
    """Return everything a sound document says, in the order of the form; what is left out is not said."""
    return [
        *_base(document),
        *_rates(document),
        *_multipliers(document),
        *_beside(document),
        *_limits(document),
        *_afterwards(document),
    ]


def changes_between(before: Document, after: Document) -> list[Change]:
    """Return what is said differently, in the order of the newer document, what is gone where it stood."""
    old, new = ({term.key: term for term in terms_of(each)} for each in (before, after))
    order = list(new)
    for place, key in enumerate(old):
        if key not in new:
            order.insert(min(place, len(order)), key)
    changes = []
    for key in order:
        was, now = old.get(key), new.get(key)
        if (was and was.value) != (now and now.value):
            named = now or was
            assert named is not None  # noqa: S101 – a key comes from one of the two
            changes.append(Change(named.name, was.value if was else "", now.value if now else ""))
    return changes + list(_order_of_rates(before, after))


def minutes_text(minutes: int) -> str:
    """150 → “2 小时 30 分”."""
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return _("%(minutes)d 分钟") % {"minutes": rest}
    if not rest:
        return _("%(hours)d 小时") % {"hours": hours}
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": rest}


def per_text(minutes: int) -> str:
    """60 → “每小时”, 30 → “每 30 分钟”."""
    return _("每小时") if minutes == _HOUR else _("每 %(duration)s") % {"duration": minutes_text(minutes)}


def points_text(points: int) -> str:
    """10 → “10 分”."""
    return ngettext("%(points)d 分", "%(points)d 分", points) % {"points": points}


def condition_text(when: Document) -> str:
    """Return all that must hold, joined by “且”; of a list, one by “或”."""
    parts = [
        _(" 或 ").join(str(names.get(value, value)) for value in when[name])
        for name, names in _LISTS.items()
        if name in when
    ]
    parts += [str(text) for name, text in TRAITS.items() if name in when]
    return _("，且").join(parts)


def _rate_text(rate: Document) -> str:
    points = points_text(rate["points"])
    unit = _("每次（不论多久）") if "per_event" in rate else per_text(rate["per_minutes"])
    return f"{unit} {points}"


def _label(item: Document) -> str:
    zh, en = item["label"]["zh"], item["label"]["en"]
    return zh if zh == en else f"{zh} / {en}"


def _when_key(when: Document) -> str:
    return repr(
        sorted((name, sorted(map(str, value)) if value is not True else True) for name, value in when.items())
    )


def _base(document: Document) -> Iterator[Term]:
    base = document["base"]
    yield Term("base", _("一般标准"), _rate_text(base))
    step = _("按整 %(minutes)d 分钟计，不足的舍去") % {"minutes": base["step_minutes"]}
    yield Term("step", _("计分单位"), step)


def _rates(document: Document) -> Iterator[Term]:
    for rate in document.get("rates", ()):
        name = _("另定标准：%(condition)s") % {"condition": condition_text(rate["when"])}
        yield Term(f"rate {_when_key(rate['when'])}", name, f"{_label(rate)}，{_rate_text(rate)}")


def _order_of_rates(before: Document, after: Document) -> Iterator[Change]:
    """Of rates only the first that fits counts, so their order says something of its own."""
    old, new = ([_when_key(rate["when"]) for rate in each.get("rates", ())] for each in (before, after))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        names = [
            " → ".join(rate["label"]["zh"] for rate in each.get("rates", ())) for each in (before, after)
        ]
        yield Change(_("另定标准的先后（先符合的算）"), *names)


def _multipliers(document: Document) -> Iterator[Term]:
    items = document.get("multipliers", ())
    for item in items:
        name = _("系数：%(condition)s") % {"condition": condition_text(item["when"])}
        factor = f"×{item['basis_points'] / BASIS_POINTS:g}"
        yield Term(f"factor {_when_key(item['when'])}", name, f"{_label(item)} {factor}")
    if items:
        product = document.get("multiplier_mode") == MultiplierMode.PRODUCT
        yield Term("mode", _("几个系数都符合时"), _("相乘") if product else _("只取最高的一个"))
    if "night" in document:
        night = document["night"]
        yield Term("night", _("夜间"), f"{night['from']}–{night['until']}")


def _beside(document: Document) -> Iterator[Term]:
    bonuses = document.get("bonuses", {})
    if "first_service" in bonuses:
        yield Term("first", _("首次服务奖励"), points_text(bonuses["first_service"]))
    for item in bonuses.get("months_in_a_row", ()):
        name = _("连续服务到第 %(months)d 个月") % {"months": item["months"]}
        yield Term(f"row {item['months']}", name, points_text(item["points"]))
    for kind, item in document.get("other_awards", {}).items():
        value = _("每次 %(points)s，每月最多 %(limit)s") % {
            "points": points_text(item["points"]),
            "limit": points_text(item["monthly_limit"]),
        }
        yield Term(f"other {kind}", str(OTHER_KINDS[kind]), value)


def _limits(document: Document) -> Iterator[Term]:
    for name, limits in document.get("caps", {}).items():
        for what, value in limits.items():
            text = minutes_text(value) if what == "minutes" else points_text(value)
            subject = _("%(period)s最多计的时长") if what == "minutes" else _("%(period)s最多得的积分")
            yield Term(f"cap {name} {what}", subject % {"period": CAPS[name]}, text)
    percent = document.get("minimum_attendance_percent", 0)
    yield Term(
        "attendance",
        _("到场要求"),
        _("不到班次的 %(percent)d%% 不计分") % {"percent": percent} if percent else _("不要求"),
    )
    excluded = document.get("exclusions", {})
    for name, subject in (("manual", _("手工补录的时长")), ("complaint_upheld", _("投诉查实的服务"))):
        yield Term(name, subject, _("不计分") if excluded.get(name, True) else _("照常计分"))


def _afterwards(document: Document) -> Iterator[Term]:
    expiry = document["expiry"]
    texts = {
        ExpiryPolicy.END_OF_YEAR: _("得到当年算第 1 年，第 %(count)d 年的 12 月 31 日到期"),
        ExpiryPolicy.MONTHS: _("得到后满 %(count)d 个月的月底到期"),
        ExpiryPolicy.NEVER: _("不到期"),
    }
    count = {"count": expiry.get("years", expiry.get("months", 0))}
    yield Term("expiry", _("积分到期"), texts[ExpiryPolicy(expiry["policy"])] % count)
    owe = document.get("clawback", {}).get("may_owe", True)
    yield Term("owe", _("收回已花掉的积分"), _("记为欠分，以后的积分先抵") if owe else _("只收回还剩下的"))
    transfer = document.get("transfer", {})
    yield Term("pool", _("赠与慈善积分池"), _("可以") if transfer.get("charity_pool") else _("不可以"))
    monthly = transfer.get("relative", {}).get("monthly_points")
    value = _("每月最多 %(points)s") % {"points": points_text(monthly)} if monthly else _("不可以")
    yield Term("relative", _("赠与一位登记的亲属"), value)
