"""Every reason a scan can be answered with, and its sentence (look.md, “Voice”).

docs/checkin.md lists the same codes in the same order; a test keeps the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ReasonCode(models.TextChoices):
    """A stable code and the sentence a person reads."""

    # what happened
    CHECKED_IN = "checked_in", _("签到成功 %(time)s，结束时记得签退。")
    CHECKED_OUT = "checked_out", _("签退成功 %(time)s，本次 %(duration)s，待负责人确认。")
    # the code on the screen
    TOKEN_UNREADABLE = "token_unreadable", _("这不是站点的签到码，请扫站点屏幕上的二维码。")
    TOKEN_FORGED = "token_forged", _("这个码不是本站点现在的码，请扫站点屏幕上的二维码。")
    TOKEN_EXPIRED = "token_expired", _("这个码已过期，请扫屏幕上的新码。")
    CAPTURED_IN_FUTURE = "captured_in_future", _("扫码时间晚于现在，请校准手机时间后重新扫码。")
    POSTER_NOT_ALLOWED = "poster_not_allowed", _("这里不收海报码，请扫屏幕上的码，或请工作人员代扫。")
    OFFLINE_TOO_OLD = "offline_too_old", _("离线扫码超过 %(hours)s 小时才上传，请联系站点负责人补记。")
    # the place and the person
    SITE_CLOSED = "site_closed", _("这个站点已关闭，请联系活动负责人。")
    VOLUNTEER_NOT_ACTIVE = "volunteer_not_active", _("您的志愿者登记还没有生效，生效后就可以签到。")
    TOO_YOUNG = "too_young", _("这个活动要求年满 %(age)s 周岁，请换一个活动。")
    TRAINING_MISSING = "training_missing", _("这个活动要先通过培训「%(course)s」，请联系社区工作人员。")
    INSURANCE_MISSING = "insurance_missing", _("这个活动要有在期的意外伤害保险，请联系社区工作人员。")
    # the shift
    ALREADY_CHECKED_IN = "already_checked_in", _("您已签到 %(time)s，不用再扫，结束时记得签退。")
    NOT_CHECKED_OUT = "not_checked_out", _("您在「%(place)s」的服务还没有签退，请先签退。")
    NOT_SIGNED_UP = "not_signed_up", _("您没有报名这里今天的班次，请先报名，或联系站点负责人。")
    WAITING_LIST = "waiting_list", _("您还在候补名单上，请联系站点负责人安排。")
    SHIFT_CANCELLED = "shift_cancelled", _("班次「%(activity)s」已取消，不用签到。")
    TOO_EARLY = "too_early", _("班次 %(start)s 开始，%(open)s 起可以签到。")
    SHIFT_OVER = "shift_over", _("班次已于 %(end)s 结束，不能再签到；当时在场请联系站点负责人。")
    # the way out
    NOT_CHECKED_IN = "not_checked_in", _("您现在没有进行中的服务，不用签退。")
    CHECKED_IN_ELSEWHERE = "checked_in_elsewhere", _("您是在「%(place)s」签到的，请到那里签退。")
    OUT_BEFORE_IN = "out_before_in", _("签退时间早于签到时间 %(time)s，请联系站点负责人。")
    CHECK_OUT_TOO_LATE = "check_out_too_late", _("已过签退时限，签退时间请联系站点负责人补记。")
    # how good the evidence is
    LIVE_CODE = "live_code", _("现场动态码")
    OFFLINE_CODE = "offline_code", _("离线扫码，已上传，待负责人核对")
    POSTER_CODE = "poster_code", _("海报码")
    POSTER = "poster", _("海报码没有定位佐证，由工作人员确认您当时在场")
    STAFF_PASS = "staff_pass", _("工作人员扫了您的服务码")
    STAFF_CARD = "staff_card", _("工作人员扫了您的志愿者卡")
    NEAR_SITE = "near_site", _("距站点 %(metres)s 米")
    LOCATION_VAGUE = "location_vague", _("定位误差约 %(metres)s 米，没有作为依据，不影响本次结果")
    LOCATION_FAR = "location_far", _("定位距站点约 %(metres)s 米，待负责人核对")
    LOCATION_NOT_SHARED = "location_not_shared", _("没有提供位置，不影响本次结果")
    LOCATION_NOT_CONSENTED = "location_not_consented", _("您没有同意使用位置，位置未被使用，不影响本次结果")
    # what a manager will look at
    LATE = "late", _("班次 %(start)s 开始，晚到 %(minutes)s 分钟，待负责人核对")
    WALK_IN = "walk_in", _("未报名，按现场参加登记")
    RE_ENTRY = "re_entry", _("同一班次再次签到")
    ACCOMPANIED = "accompanied", _("未满 %(age)s 周岁，需监护人在场")
    OUTSIDE_HOURS = "outside_hours", _("不在站点的开放时间，待负责人核对")
    SHORT = "short", _("在场时间不到班次的 %(percent)s%%，待负责人核对")
    LATE_CHECK_OUT = "late_check_out", _("班次 %(end)s 结束，签退较晚，待负责人核对")


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with what fills its sentence."""

    code: ReasonCode
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence, in the active language."""
        return str(self.code.label) % self.data if self.data else str(self.code.label)

    def as_json(self) -> dict[str, str]:
        """The reason on the wire."""
        return {"code": self.code.value, "message": self.message}


def clock(moment: datetime, *, beside: datetime) -> str:
    """Return “09:02”, or “9月15日 22:00” when the day is not the one the reader stands in."""
    local = localtime(moment)
    time = f"{local:%H:%M}"
    if local.date() == localtime(beside).date():
        return time
    return gettext("%(month)s月%(day)s日 %(time)s") % {"month": local.month, "day": local.day, "time": time}


def duration(minutes: int) -> str:
    """Return “2 小时 30 分”."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)s 分钟") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)s 小时") % {"hours": hours}
    return gettext("%(hours)s 小时 %(minutes)s 分") % {"hours": hours, "minutes": rest}
