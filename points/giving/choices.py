"""What can be said about donors and donations, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DonorKind(models.TextChoices):
    """Who gives (rules.md B “Actors”: the Sichuan guide's participants)."""

    ENTERPRISE = "enterprise", _("企业商家")
    SOLE_TRADER = "sole_trader", _("个体工商户")
    CHARITY_STORE = "charity_store", _("慈善超市")
    CHARITY = "charity", _("慈善组织")
    COMMUNITY_GROUP = "community_group", _("社区社会组织")
    INDIVIDUAL = "individual", _("爱心个人")
    OTHER = "other", _("其他")


class Publicity(models.TextChoices):
    """How a donor agreed to appear in public; hidden until asked (慈善法 Art 82, 捐赠法 Art 8)."""

    HIDDEN = "hidden", _("不公开")
    NAMED = "named", _("公开名称")
    MASKED = "masked", _("名称部分隐藏")
    ANONYMOUS = "anonymous", _("以“爱心人士”公开")


class DonationKind(models.TextChoices):
    """What was given."""

    GOODS = "goods", _("物资")
    MONEY = "money", _("资金")
