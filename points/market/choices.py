"""What can be said about stores, goods and redemptions, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoreStatus(models.TextChoices):
    """Whether a store hands out goods at present."""

    OPEN = "open", _("营业")
    CLOSED = "closed", _("停业")


class ProductStatus(models.TextChoices):
    """Whether a product can be redeemed."""

    ON_SHELF = "on_shelf", _("上架")
    OFF_SHELF = "off_shelf", _("下架")


class ProductCategory(models.TextChoices):
    """Shelf groups, each with its drawing."""

    GRAIN_OIL = "grain_oil", _("粮油")
    FOOD = "food", _("食品")
    DAILY = "daily", _("日用")
    WASH = "wash", _("洗护")
    STATIONERY = "stationery", _("文具")
    CLOTHING = "clothing", _("衣物")
    HOUSEHOLD = "household", _("家居")
    OTHER = "other", _("其他")


class MoveKind(models.TextChoices):
    """The five things that can happen to goods of a delivery."""

    RECEIVE = "receive", _("入库")
    RESERVE = "reserve", _("预留")
    RELEASE = "release", _("释放预留")
    ISSUE = "issue", _("发放")
    WRITE_OFF = "write_off", _("报损")


class RedemptionStatus(models.TextChoices):
    """Where a redemption stands; the moves are in states.py."""

    RESERVED = "reserved", _("待领取")
    COLLECTED = "collected", _("已领取")
    CANCELLED = "cancelled", _("已取消")
    LAPSED = "lapsed", _("已过期")
