"""What can be said about appeals, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppealStatus(models.TextChoices):
    """Whether goods are still asked for."""

    OPEN = "open", _("募集中")
    CLOSED = "closed", _("已结束")


class AppealStage(models.TextChoices):
    """How late a report is."""

    WARNED = "warned", _("已提醒")
    ESCALATED = "escalated", _("已上报")
