"""What kind of line a service record is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordKind(models.TextChoices):
    """A record either counts service or takes an earlier record back."""

    SERVICE = "service", _("服务")
    REVERSAL = "reversal", _("撤销")
