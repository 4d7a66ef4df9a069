"""What kind of line a service record is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordKind(models.TextChoices):
    """A record either counts service or takes an earlier record back."""

    SERVICE = "service", _("服务")
    REVERSAL = "reversal", _("撤销")


class CorrectionState(models.TextChoices):
    """Where a correction stands; the moves are in states.py."""

    OPEN = "open", _("待核实")
    APPROVED = "approved", _("已更正")
    REFUSED = "refused", _("未更正")


class ObjectionState(models.TextChoices):
    """Where an objection stands; the moves are in states.py."""

    RECEIVED = "received", _("已收到，待受理")
    OPEN = "open", _("核查中")
    UPHELD = "upheld", _("异议成立")
    DISMISSED = "dismissed", _("异议不成立")
    WITHDRAWN = "withdrawn", _("已撤回")


class NoticeStage(models.TextChoices):
    """Who was told that an attendance waits too long."""

    WARNED = "warned", _("已提醒负责人")
    ESCALATED = "escalated", _("已上报社区")
