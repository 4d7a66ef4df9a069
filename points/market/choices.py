"""What can be said about stores, goods and redemptions, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoreStatus(models.TextChoices):
    """Whether a store hands out goods at present."""

    OPEN = "open", _("营业")
    CLOSED = "closed", _("停业")


class ProductKind(models.TextChoices):
    """Something with stock, or something done for people at a time."""

    GOODS = "goods", _("实物")
    SERVICE = "service", _("服务")


class LimitPeriod(models.TextChoices):
    """How long a share lasts; business days in Asia/Shanghai, a week begins on Monday."""

    WEEK = "week", _("每周")
    MONTH = "month", _("每月")
    QUARTER = "quarter", _("每季度")
    YEAR = "year", _("每年")
    EVER = "ever", _("总共")


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
    """What can happen to goods of a delivery."""

    RECEIVE = "receive", _("入库")
    RESERVE = "reserve", _("预留")
    RELEASE = "release", _("释放预留")
    ISSUE = "issue", _("发放")
    RETURN = "return", _("退回")
    WRITE_OFF = "write_off", _("报损")
    TRANSFER_OUT = "transfer_out", _("调出")
    TRANSFER_IN = "transfer_in", _("调入")
    COUNT_UP = "count_up", _("盘盈")
    COUNT_DOWN = "count_down", _("盘亏")
    SET_ASIDE = "set_aside", _("抽签留出")
    PUT_BACK = "put_back", _("留出放回")


ARRIVALS = (MoveKind.RECEIVE, MoveKind.TRANSFER_IN)  # a batch begins with one of them
OF_REDEMPTION = (MoveKind.RESERVE, MoveKind.RELEASE, MoveKind.ISSUE, MoveKind.RETURN)
EXPLAINED = (MoveKind.WRITE_OFF, MoveKind.COUNT_UP, MoveKind.COUNT_DOWN)  # a reason and a name each


class SlotMoveKind(models.TextChoices):
    """What can happen to the places of a slot."""

    TAKE = "take", _("预约")
    FREE = "free", _("退订")


class RedemptionStatus(models.TextChoices):
    """Where a redemption stands; the moves are in states.py."""

    RESERVED = "reserved", _("待领取")
    COLLECTED = "collected", _("已领取")
    CANCELLED = "cancelled", _("已取消")
    LAPSED = "lapsed", _("已过期")
    RETURNED = "returned", _("已退货")


class Channel(models.TextChoices):
    """How a redemption came to be."""

    PHONE = "phone", _("手机预约")
    COUNTER = "counter", _("柜台兑换")
    BALLOT = "ballot", _("抽签")
    RELIEF = "relief", _("帮扶")


class Confirmation(models.TextChoices):
    """How the volunteer agreed to a basket that a clerk filled at the counter."""

    OWN_PHONE = "own_phone", _("本人手机确认")
    ONE_TIME_CODE = "one_time_code", _("短信验证码")
    SECOND_PERSON = "second_person", _("志愿者卡加第二名工作人员")


class ReturnCondition(models.TextChoices):
    """What becomes of goods that were brought back."""

    BACK_TO_SHELF = "back_to_shelf", _("完好，放回货架")
    DISCARD = "discard", _("不能再用，报损")


class ReturnDecision(models.TextChoices):
    """What a second person said to a return."""

    APPROVED = "approved", _("同意退货")
    REFUSED = "refused", _("不同意退货")


class OfflineResult(models.TextChoices):
    """What became of a hand-over that a device without network told later."""

    COLLECTED = "collected", _("已发放")
    ALREADY = "already", _("之前已经领取")
    CANCELLED = "cancelled", _("之前已经取消")
    LAPSED_BUT_ON_LIST = "lapsed_but_on_list", _("上传太晚，积分已退回")
    REFUSED = "refused", _("没有被接受")
