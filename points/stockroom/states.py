"""What a count, a transfer and a notice can be, and how they go on. The database holds the same tables."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class CountScope(models.TextChoices):
    """What of a store is counted."""

    ALL = "all", _("全部商品")
    CATEGORY = "category", _("一个类别")
    LOCATION = "location", _("一个货位")


class CountStatus(models.TextChoices):
    """open (blind) → closed (the differences show) → approved; or open again, or given up."""

    OPEN = "open", _("盘点中")
    CLOSED = "closed", _("待复核")
    APPROVED = "approved", _("已通过")
    ABANDONED = "abandoned", _("已作废")


class TransferStatus(models.TextChoices):
    """sent → received, or short while a second person has not written off what is missing; or cancelled."""

    SENT = "sent", _("在途")
    SHORT = "short", _("短少待核")
    RECEIVED = "received", _("已收货")
    CANCELLED = "cancelled", _("已撤回")


class NoticeKind(models.TextChoices):
    """What a keeper is told once, until it is over."""

    SHORTAGE = "shortage", _("低于最低库存")
    EXPIRED = "expired", _("已过期")


LIVE_COUNTS: Final = (CountStatus.OPEN, CountStatus.CLOSED)
# Who may make the move: who keeps the store; to approve, somebody who has not counted.
COUNT_MOVES: Final = frozenset(
    {
        (CountStatus.OPEN, CountStatus.CLOSED),
        (CountStatus.OPEN, CountStatus.ABANDONED),
        (CountStatus.CLOSED, CountStatus.OPEN),
        (CountStatus.CLOSED, CountStatus.APPROVED),
        (CountStatus.CLOSED, CountStatus.ABANDONED),
    }
)
# Who may: the store it goes to; a second person there; the store it came from.
TRANSFER_MOVES: Final = frozenset(
    {
        (TransferStatus.SENT, TransferStatus.RECEIVED),
        (TransferStatus.SENT, TransferStatus.SHORT),
        (TransferStatus.SENT, TransferStatus.CANCELLED),
        (TransferStatus.SHORT, TransferStatus.RECEIVED),
    }
)
