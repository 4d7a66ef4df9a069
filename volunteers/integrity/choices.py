"""What a signal can be about, where it stands, and what a check of a sampled record found."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignalKind(models.TextChoices):
    """What looks wrong (rules.md E). None of them proves anything by itself."""

    SAME_DEVICE = "same_device", _("多人同一手机")
    FAST_TRAVEL = "fast_travel", _("两地移动过快")
    SAME_DURATION = "same_duration", _("多人时长完全相同")
    QUICK_APPROVAL = "quick_approval", _("刚签退就通过")
    CLOSED_HOURS = "closed_hours", _("站点关门时签到")
    MANUAL_SHARE = "manual_share", _("手工补录偏多")
    RELATED_PHONE = "related_phone", _("确认人是监护人")
    SAME_HOUSEHOLD = "same_household", _("确认人与志愿者同一家庭")
    OVER_CAPACITY = "over_capacity", _("在场人数超过名额")


class SignalState(models.TextChoices):
    """Where a signal stands; the moves are in states.py."""

    NEW = "new", _("待复核")
    CLEARED = "cleared", _("没有问题")
    CONFIRMED = "confirmed", _("属实")


class AuditResult(models.TextChoices):
    """What the check of a sampled record found."""

    PENDING = "pending", _("待抽查")
    SOUND = "sound", _("属实")
    FRAUD = "fraud", _("虚假")


AUDIT_DECISIONS = [(result.value, result.label) for result in (AuditResult.SOUND, AuditResult.FRAUD)]
