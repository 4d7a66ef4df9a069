"""Why goods can no longer be used, in a few groups. Pure."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Loss(models.TextChoices):
    """Why goods can no longer be used, in the groups the public reads."""

    EXPIRED = "expired", _("过期")
    DAMAGED = "damaged", _("破损变质")
    RECALLED = "recalled", _("召回")
    OTHER = "other_loss", _("其他原因")


_WORDS: tuple[tuple[Loss, tuple[str, ...]], ...] = (
    (Loss.RECALLED, ("召回", "recall")),
    (Loss.EXPIRED, ("过期", "到期", "超过保质期", "expire")),
    (Loss.DAMAGED, ("破", "损", "坏", "漏", "潮", "霉", "变质", "碎", "虫", "damage", "broken", "spoil")),
)


def loss_of(reason: str, *, late: bool) -> Loss:
    """Return the group of a write-off: what its reason says, else expired if it came after the last day."""
    told = reason.casefold()
    for loss, words in _WORDS:
        if any(word in told for word in words):
            return loss
    return Loss.EXPIRED if late else Loss.OTHER
