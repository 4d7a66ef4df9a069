"""What a run is and how it goes on. Pure."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    """A dry run writes nothing but its result; a recomputation posts differences."""

    DRY_RUN = "dry_run", _("试算")
    RECOMPUTE = "recompute", _("重算")


class RunState(models.TextChoices):
    """queued → running → done; a run that was stopped or failed goes on from where it was."""

    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    CANCELLED = "cancelled", _("已停止")
    FAILED = "failed", _("出错停止")


LIVE: Final = (RunState.QUEUED, RunState.RUNNING)
STOPPED: Final = (RunState.CANCELLED, RunState.FAILED)
MOVES: Final = frozenset(
    {
        (RunState.QUEUED, RunState.RUNNING),
        (RunState.QUEUED, RunState.DONE),
        (RunState.QUEUED, RunState.CANCELLED),
        (RunState.QUEUED, RunState.FAILED),
        (RunState.RUNNING, RunState.DONE),
        (RunState.RUNNING, RunState.CANCELLED),
        (RunState.RUNNING, RunState.FAILED),
        (RunState.CANCELLED, RunState.QUEUED),
        (RunState.FAILED, RunState.QUEUED),
    }
)
