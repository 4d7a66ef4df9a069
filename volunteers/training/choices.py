"""What somebody may have to show before a shift."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QualificationKind(models.TextChoices):
    """A training passed, or an accident insurance held."""

    TRAINING = "training", _("培训")
    INSURANCE = "insurance", _("意外伤害保险")
