"""What can be said about a family's need, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReliefCategory(models.TextChoices):
    """Why a household is helped (rules.md B “特殊困难群体”)."""

    SUBSISTENCE = "subsistence", _("最低生活保障家庭")
    MARGINAL = "marginal", _("低保边缘家庭")
    DESTITUTE = "destitute", _("特困供养人员")
    ILLNESS = "illness", _("大病或长期患病")
    DISABILITY = "disability", _("残疾人家庭")
    CHILD = "child", _("困境儿童")
    ELDERLY = "elderly", _("独居、空巢老人")
    SUDDEN = "sudden", _("突发困难")
    OTHER = "other", _("其他特殊困难")


class CaseStatus(models.TextChoices):
    """Where a case stands; only a review moves it (states.py)."""

    ACTIVE = "active", _("帮扶中")
    PAUSED = "paused", _("暂停")
    ENDED = "ended", _("已结束")
