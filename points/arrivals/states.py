"""What a piece of service waits for before it is points."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """approval or contested → counting → (retrying → counting or stuck) → points."""

    APPROVAL = "approval", _("等负责人确认")
    CONTESTED = "contested", _("有异议，等处理")
    COUNTING = "counting", _("正在计分")
    RETRYING = "retrying", _("遇到问题，正在重试")
    STUCK = "stuck", _("需要人工处理")
