"""Why the book refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class InsufficientPoints(Refusal):
    """The volunteer has fewer spendable points than needed."""

    code = "insufficient_points"
    message = _("可用积分不足：需要 %(needed)s，现有 %(available)s。")
    constraint = "account_not_negative"


class HoldAlreadySettled(Refusal):
    """The held points were collected or released before."""

    code = "hold_already_settled"
    message = _("这笔冻结的积分已经处理过，请刷新后查看。")
    constraint = "transfer_settled_once"


class TransferAlreadyReversed(Refusal):
    """The transfer was reversed before, under another key."""

    code = "transfer_already_reversed"
    message = _("这笔积分已经撤销过，请刷新后查看。")
    constraint = "transfer_reversed_once"


class NotACapture(Refusal):
    """Only points spent on goods can be refunded; the database says the same at commit."""

    code = "refund_not_a_capture"
    message = _("只有已领取的兑换可以退回积分。")
    constraint = "refund_matches_capture"


class GiftSidesWrong(Refusal):
    """A gift goes from one volunteer to the charity pool or to one other volunteer."""

    code = "gift_sides_wrong"
    status = 422
    message = _("积分只能由志愿者赠给积分池或一位亲属。")
    constraint = "gift_has_two_sides"


class TransferKeyReused(Refusal):
    """The business key already names another movement: a mistake in the calling code, not of a person."""

    code = "transfer_key_reused"
    status = 422
    message = _("业务编号 %(key)s 已用于另一笔积分，本次没有入账。")
    constraint = "transfer_key_once"


class DayClosed(Refusal):
    """The business day was closed while this was being written; asked again, it falls into the open day."""

    code = "day_closed"
    message = _("这一天的账刚刚结清，请再提交一次，会记在当天。")
    constraint = ("transfer_in_open_day", "entry_in_open_day")


class DayNotDue(Refusal):
    """The day is not over yet, is closed already, or is not the next to be closed."""

    code = "day_not_due"
    message = _("这一天还不能结账，或者已经结账。")
    constraint = ("closed_day_is_over", "closed_day_follows", "closed_day_once")
