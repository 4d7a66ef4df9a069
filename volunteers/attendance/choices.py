"""The words of a check-in: what was meant, what came of it, how good the evidence is, what to look at."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Intent(models.TextChoices):
    """What the volunteer wanted. It is always said, never guessed from an earlier scan."""

    IN = "in", _("签到")
    OUT = "out", _("签退")


class ScanResult(models.TextChoices):
    """What came of a scan."""

    ACCEPTED = "accepted", _("成功")
    PROVISIONAL = "provisional", _("已记下，待核对")
    REFUSED = "refused", _("未成功")


class Grade(models.TextChoices):
    """How strong the evidence of a presence is; A is the strongest and sorts first."""

    A = "A", _("甲")
    B = "B", _("乙")
    C = "C", _("丙")
    D = "D", _("丁")


class Channel(models.TextChoices):
    """How a presence was taken down."""

    SCREEN = "screen", _("屏幕动态码")
    POSTER = "poster", _("海报码")
    PASS = "pass", _("工作人员扫服务码")
    CARD = "card", _("工作人员扫志愿者卡")
    PAPER = "paper", _("纸质签到表")


STAFF_CHANNELS = (Channel.PASS, Channel.CARD)


class Flag(models.TextChoices):
    """What a manager should look at before approving. An attendance without flags is a clean row."""

    LATE = "late", _("迟到")
    WALK_IN = "walk_in", _("未报名，现场参加")
    RE_ENTRY = "re_entry", _("同一班次再次签到")
    ACCOMPANIED = "accompanied", _("年龄较小，需监护人在场")
    LOCATION_FAR = "location_far", _("定位不在站点附近")
    OFFLINE = "offline", _("离线扫码，事后上传")
    LATE_CHECK_OUT = "late_check_out", _("班次结束很久才签退")
    FORGOT_CHECK_OUT = "forgot_check_out", _("忘记签退")
    POSTER = "poster", _("海报码，没有定位佐证")
    STAFF_CARD = "staff_card", _("工作人员扫纸质卡")
    MANUAL = "manual", _("纸质补录，需另一人确认")
    SHORT = "short", _("在场时间偏短")
    OUTSIDE_HOURS = "outside_hours", _("不在站点开放时间")
    PROPOSED = "proposed", _("离开时间由本人申报")
    REVERSED = "reversed", _("原记录已撤销，需重新确认")


class AttendanceStatus(models.TextChoices):
    """Where an attendance stands; the moves are in states.py."""

    OPEN = "open", _("服务中")
    PENDING = "pending", _("待确认")
    APPROVED = "approved", _("已通过")
    REJECTED = "rejected", _("未通过")
    ANNULLED = "annulled", _("已作废")
