"""What can be said about ballots, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BallotStatus(models.TextChoices):
    """Where a ballot stands; the moves are in states.py, and before the draw the clock says the rest."""

    OPEN = "open", _("等待抽签")
    DRAWN = "drawn", _("正在发号")
    DONE = "done", _("已抽签")
    CANCELLED = "cancelled", _("已取消")


class Outcome(models.TextChoices):
    """What came of an entry."""

    WAITING = "waiting", _("等待抽签")
    WON = "won", _("抽中")
    PASSED = "passed", _("顺延")
    LOST = "lost", _("未抽中")
