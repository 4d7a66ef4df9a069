"""How our pages say numbers and times, draw icons and codes, and which doors the navigation shows."""

from dataclasses import dataclass
from datetime import date, datetime

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from backend.core import masking
from backend.pages import pictures
from backend.pages.icons import PATHS
from backend.pages.visitor import Visitor
from volunteers.activities.models import Shift
from volunteers.attendance.due import due_after
from volunteers.models import Volunteer

register = template.Library()

_MINUTES_PER_HOUR = 60
_FEN_PER_YUAN = 100
_BAR = 5  # doors the phone's bar has room for


@register.filter
def duration(minutes: int | None) -> str:
    """150 → “2 小时 30 分”, 45 → “45 分”, −60 → “−1 小时”, None → “—”."""
    if minutes is None:
        return "—"
    if minutes < 0:
        return f"−{duration(-minutes)}"
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    if not hours:
        return _("%(minutes)d 分") % {"minutes": rest}
    if not rest:
        return _("%(hours)d 小时") % {"hours": hours}
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": rest}


@register.filter
def hours(minutes: int | None) -> str:
    """Whole and half hours, rounded down: 159 → “2.5”, 120 → “2”."""
    halves = (minutes or 0) // 30
    return f"{halves // 2:,}" if halves % 2 == 0 else f"{halves // 2:,}.5"


@register.filter
def clock(moment: datetime | None) -> str:
    """The local time of day: “09:02”."""
    return localtime(moment).strftime("%H:%M") if moment else "—"


@register.filter
def day(moment: datetime | date | None) -> str:
    """The local day: “9月15日 周二”, with the year when it is not this one; “今天” and “明天” by name."""
    if moment is None:
        return "—"
    when = localdate(moment) if isinstance(moment, datetime) else moment
    today = localdate()
    if (when - today).days in (0, 1):
        return [_("今天"), _("明天")][(when - today).days]
    form = _("n月j日") if when.year == today.year else _("Y年n月j日")
    return f"{date_format(when, form)} {weekday(when)}"


@register.filter
def weekday(moment: datetime | date) -> str:
    """The local day of the week: “周二”."""
    when = localdate(moment) if isinstance(moment, datetime) else moment
    names = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    return names[when.weekday()]


@register.filter
def yuan(fen: int | None) -> str:
    """Money from integer fen: 123450 → “1,234.50 元”."""
    if fen is None:
        return "—"
    return _("%(yuan)s 元") % {"yuan": f"{fen / _FEN_PER_YUAN:,.2f}"}


@register.filter
def number(value: int | None) -> str:
    """An integer with thousands separated: “12,480”."""
    return f"{value or 0:,}"


@register.filter
def signed(amount: int) -> str:
    """Points gained or given, with a true minus sign: “+24”, “−30”."""
    return f"+{amount:,}" if amount > 0 else f"−{-amount:,}"


@register.filter
def due_on(shift: Shift) -> date:
    """The last day to decide about the attendances of a shift (Order 67 Art 11)."""
    return due_after(shift.ends_at)


@register.filter
def mask_name(name: str) -> str:
    """`张晓明` → `张*明`."""
    return masking.mask_name(name)


@register.filter
def grade(letter: str) -> str:
    """Evidence grades as people say them: A → 甲."""
    return {"A": _("甲"), "B": _("乙"), "C": _("丙"), "D": _("丁")}.get(letter, letter or "—")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of our icons; it is decoration, the word stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>', PATHS[name]
    )


@register.simple_tag
def qr(text: str, label: str) -> SafeString:
    """Draw `text` as an inline QR code that a screen reader announces as `label`."""
    return pictures.qr_svg(text, label=label)


@register.simple_tag(takes_context=True)
def known_volunteer(context: Context) -> Volunteer | None:
    """Return the volunteer this page already asked for, to whom the phone's tray belongs; never a query."""
    visitor: Visitor | None = getattr(context.get("request"), "visitor", None)
    return visitor.known_volunteer if visitor else None


@dataclass(frozen=True)
class Door:
    """One entry of the navigation."""

    name: str
    label: str
    icon: str
    current: bool = False
    more: bool = False  # only where there is room: the phone's bar holds five

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(f"pages:{self.name}")


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[Door]:
    """List the doors this visitor may use, the first five for the phone's bar."""
    request: HttpRequest = context["request"]
    visitor: Visitor = getattr(request, "visitor", None) or Visitor(request)
    rows = list(_doors_for(visitor))
    here = max(
        (row for row in rows if _leads_here(row, request.path)),
        key=lambda row: len(reverse(f"pages:{row[0]}")),
        default=None,
    )
    return [Door(*row, current=row is here, more=place >= _BAR) for place, row in enumerate(rows)]


def _leads_here(row: tuple[str, str, str], path: str) -> bool:
    url = reverse(f"pages:{row[0]}")
    return path == url or (url != "/" and path.startswith(url))


def _doors_for(visitor: Visitor) -> list[tuple[str, str, str]]:
    home = ("home", _("首页"), "home")
    boards = ("boards", _("榜单"), "star")
    if visitor.user is None:
        return [home, ("activities", _("活动"), "calendar"), boards, ("login", _("登录"), "person")]
    doors: list[tuple[str, str, str]] = []
    if visitor.manages:
        doors += [("manage", _("站点"), "site"), ("approvals", _("考勤"), "check")]
    elif visitor.watches:
        doors += [("overdue", _("超期"), "look"), ("rules", _("积分规则"), "points")]
    if visitor.serves:
        doors += [("counter", _("柜台"), "counter"), ("giving", _("捐赠"), "gift")]
    if visitor.keeps:
        doors += [("stores", _("库房"), "basket")]
    own = [("shifts", _("班次"), "calendar"), ("points", _("积分"), "points"), ("shelf", _("兑换"), "basket")]
    own.append(("me", _("我的"), "person"))
    if not doors:
        return [home, *own, boards]
    return [*doors, home, boards, *(own if visitor.volunteer else [])]
