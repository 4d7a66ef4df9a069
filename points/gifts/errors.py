"""Why points are not given away, or a relative not declared."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Invalid, Refusal


class GiftNotAllowed(Refusal):
    """The rules of the volunteer's region do not allow giving to that side."""

    code = "gift_not_allowed"
    status = 422
    message = _("您所在区域的积分规则不允许这样赠送。")


class GiftWhileOwing(Refusal):
    """Who owes points gives none away."""

    code = "gift_while_owing"
    message = _("您还欠 %(owed)s 积分，补上之前不能赠送。")


class GiftOverMonthlyLimit(Refusal):
    """More than the region allows for a relative in a month."""

    code = "gift_over_monthly_limit"
    message = _("本月最多赠给亲属 %(limit)s 积分，还可以赠 %(left)s。")


class GiftTokenReused(Refusal):
    """The form was sent before with other content."""

    code = "gift_token_reused"
    status = 422
    message = _("这张赠送单已经用过，请重新填写。")
    constraint = "gift_token_once"


class RelativeMissing(Refusal):
    """Nobody is declared, or the declared relative has not confirmed yet."""

    code = "relative_missing"
    message = _("还没有已确认的亲属，请先登记并请对方确认。")
    constraint = "gift_to_confirmed_relative"


class RelativeAlreadyDeclared(Refusal):
    """One relative at a time."""

    code = "relative_already_declared"
    message = _("同时只能登记一位亲属，请先解除原来的登记。")
    constraint = "relative_one_live"


class RelativeIsSelf(Invalid):
    """Nobody is their own relative."""

    code = "relative_is_self"
    message = _("不能把自己登记为亲属。")
    constraint = "relative_is_another"


class RelativeUnknown(Invalid):
    """No active volunteer has that number."""

    code = "relative_unknown"
    message = _("没有这个志愿者编号，请向亲属核对。")


class RelativeIsSettled(Refusal):
    """The declaration was confirmed or ended before; a new one can be made."""

    code = "relative_settled"
    message = _("这条登记已经处理过，请刷新后查看。")
    constraint = "relative_moves_once"
