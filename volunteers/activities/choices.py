"""What an activity is, whom it serves, and where a programme stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProgrammeState(models.TextChoices):
    """Project states of the national site (rules.md C7)."""

    PENDING = "pending", _("待启动")
    RUNNING = "running", _("运行中")
    CLOSED = "closed", _("已结项")


class ActivityType(models.TextChoices):
    """The eight kinds of community charity activity (Sichuan guide, rules.md B)."""

    HARDSHIP_AID = "hardship_aid", _("特殊困难群体帮扶")
    ELDER_CARE = "elder_care", _("老年人关爱")
    CHILD_CARE = "child_care", _("儿童关爱")
    EMERGENCY = "emergency", _("突发事件应对")
    ENVIRONMENT = "environment", _("环境保护")
    CHARITY_CULTURE = "charity_culture", _("慈善文化弘扬")
    VOLUNTEERING = "volunteering", _("志愿服务")
    OTHER = "other", _("其他公益活动")


class Recipient(models.TextChoices):
    """Who is served (rules.md C7)."""

    CHILDREN = "children", _("儿童")
    WOMEN = "women", _("妇女")
    ELDERS = "elders", _("老年人")
    DISABLED = "disabled", _("残障人士")
    ENTITLED = "entitled", _("优抚对象")
    POOR_FAMILIES = "poor_families", _("贫困家庭")
    SPECIAL_GROUPS = "special_groups", _("特殊群体")
    PATIENTS = "patients", _("病患者")
    RURAL = "rural", _("农村居民")
    URBAN = "urban", _("城镇居民")
    PUBLIC = "public", _("社会公众")
    TAXPAYERS = "taxpayers", _("纳税人缴费人")
    OTHER = "other", _("其他")


class Difficulty(models.IntegerChoices):
    """How hard, skilled or risky a service is, in three grades (rules.md D1)."""

    ORDINARY = 1, _("一级（一般）")
    HARDER = 2, _("二级（较难）")
    HARD = 3, _("三级（难）")


class ShiftStatus(models.TextChoices):
    """Whether a shift takes place."""

    OPEN = "open", _("开放报名")
    CANCELLED = "cancelled", _("已取消")


class SignUpStatus(models.TextChoices):
    """Where a sign-up stands (states.py has the moves)."""

    CONFIRMED = "confirmed", _("已报上")
    WAITING = "waiting", _("候补中")
    CANCELLED = "cancelled", _("已取消")


LIVE = (SignUpStatus.CONFIRMED, SignUpStatus.WAITING)
