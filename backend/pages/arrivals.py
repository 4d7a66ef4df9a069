"""When will my points come? The queue as it is, and each piece of service that is no points yet."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.outbox.queries import MOST_COUNTED
from backend.pages.doors import volunteers_only
from backend.pages.visitor import VolunteerRequest
from points.arrivals.queries import Arrival, Pending, pending
from points.arrivals.states import Stage

_MINUTE = 60


@dataclass(frozen=True)
class Group:
    """The arrivals at one stage, with what happens next."""

    stage: Stage
    tone: str
    sign: str
    what_next: str
    arrivals: list[Arrival]


@require_GET
@never_cache
@volunteers_only
def when(request: VolunteerRequest) -> HttpResponse:
    """Say what my service waits for before it is points, and how long the queue is."""
    found = pending(request.volunteer, at=timezone.now())
    context = {
        "pending": found,
        "sentence": sentence_of(found),
        "queue": queue_of(found),
        "groups": _groups(found),
    }
    return render(request, "pages/volunteer/when.html", context)


def sentence_of(found: Pending) -> str:
    """Say in one sentence when the points come."""
    counting = len(found.counting)
    if not counting:
        return _others(found)
    said = ngettext("还有 %(count)d 条服务记录正在计分", "还有 %(count)d 条服务记录正在计分", counting) % {
        "count": counting
    }
    if found.ahead:
        number = f"{found.ahead}+" if found.ahead >= MOST_COUNTED else str(found.ahead)
        said += _("，排在前面 %(number)s 条") % {"number": number}
    if found.slow:
        return said + _("。现在比平时慢，积分不会丢，恢复后自动到账。")
    if found.expected_seconds is not None:
        return said + _("，通常 %(span)s内到账。") % {"span": span(found.expected_seconds)}
    return said + _("，一般几秒钟到账。")


def _others(found: Pending) -> str:
    if found.among(Stage.RETRYING, Stage.STUCK):
        return _("有服务记录计分时出了问题。很抱歉让您等，积分不会丢。")
    if found.arrivals:
        return _("没有正在计分的记录。下面的服务还没确认，确认后才计分。")
    return _("没有等待到账的积分，都算好了。")


def queue_of(found: Pending) -> str:
    """Say how the queue is and how long awards took lately."""
    if found.slow:
        return _("队列里最早的一条已经等了 %(span)s。") % {"span": span(found.oldest_seconds)}
    if found.usual_seconds is None:
        return _("还没有最近的到账记录可以参考。")
    return _("最近的积分，100 笔里有 95 笔在确认后 %(span)s内到账。") % {"span": span(found.usual_seconds)}


def span(seconds: int) -> str:
    """Return a length of time in the largest unit that is whole enough."""
    if seconds < _MINUTE:
        return ngettext("%(n)d 秒", "%(n)d 秒", seconds) % {"n": seconds}
    minutes = -(-seconds // _MINUTE)
    if minutes < _MINUTE:
        return ngettext("%(n)d 分钟", "%(n)d 分钟", minutes) % {"n": minutes}
    hours = -(-minutes // _MINUTE)
    return ngettext("%(n)d 小时", "%(n)d 小时", hours) % {"n": hours}


def _groups(found: Pending) -> list[Group]:
    stuck = _("很抱歉，试了多次没有成功，等平台管理员处理。处理好后自动到账，您不用做什么。")
    retrying = _("很抱歉，这几条没有一次算成。系统会自动再试，您不用做什么。")
    told = (
        (Stage.STUCK, "rust", "look", stuck),
        (Stage.RETRYING, "amber", "wait", retrying),
        (Stage.COUNTING, "amber", "wait", _("已经确认，正在排队计分。")),
        (Stage.CONTESTED, "amber", "look", _("有人提出异议，处理完并确认后才计分。")),
        (Stage.APPROVAL, "sub", "", _("负责人确认后才计分，一般在十个工作日内。")),
    )
    return [
        Group(stage, tone, sign, what_next, arrivals)
        for stage, tone, sign, what_next in told
        if (arrivals := found.among(stage))
    ]
