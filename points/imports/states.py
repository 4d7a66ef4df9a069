"""What an import is and how it goes on. Pure."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportKind(models.TextChoices):
    """What the rows of a file are."""

    GOODS = "goods", _("商品和库存")
    DONORS = "donors", _("捐赠人")


class ImportState(models.TextChoices):
    """checking → checked → importing → done. What turns out wrong on the way back at `checked`, with why."""

    CHECKING = "checking", _("检查中")
    CHECKED = "checked", _("已检查")
    IMPORTING = "importing", _("导入中")
    DONE = "done", _("已导入")
    CANCELLED = "cancelled", _("已放弃")
    FAILED = "failed", _("出错停止")


WORKING: Final = (ImportState.CHECKING, ImportState.IMPORTING)  # a worker has to do something
LIVE: Final = (*WORKING, ImportState.CHECKED)
MOVES: Final = frozenset(
    {
        (ImportState.CHECKING, ImportState.CHECKED),
        (ImportState.CHECKING, ImportState.CANCELLED),
        (ImportState.CHECKING, ImportState.FAILED),
        (ImportState.CHECKED, ImportState.IMPORTING),
        (ImportState.CHECKED, ImportState.CANCELLED),
        (ImportState.IMPORTING, ImportState.DONE),
        (ImportState.IMPORTING, ImportState.CHECKED),
        (ImportState.IMPORTING, ImportState.FAILED),
    }
)
