"""How far an event is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventState(models.TextChoices):
    """waiting → done; waiting → retrying → done or dead; dead → waiting when somebody says so."""

    DEAD = "dead", _("已停下")
    RETRYING = "retrying", _("正在重试")
    WAITING = "waiting", _("等待投递")
    DONE = "done", _("已送达")
