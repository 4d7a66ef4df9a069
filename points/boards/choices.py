"""What can be said about honours, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HonorCategory(models.TextChoices):
    """Customary groups of 社区好人榜 (rules.md B; local practice, not a rule)."""

    HELPING = "helping", _("助人为乐")
    DEVOTION = "devotion", _("敬业奉献")
    FILIAL = "filial", _("孝老爱亲")
    COURAGE = "courage", _("见义勇为")
    HONESTY = "honesty", _("诚实守信")
    SERVICE = "service", _("志愿服务")
    OTHER = "other", _("其他")


class HonorStatus(models.TextChoices):
    """Where an honour stands; the moves are in states.py."""

    DRAFT = "draft", _("待公布")
    PUBLISHED = "published", _("已公布")
    REVOKED = "revoked", _("已撤下")
