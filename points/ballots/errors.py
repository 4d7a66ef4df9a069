"""Why ballots refuse."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Invalid, Refusal


class BallotTimesInvalid(Invalid):
    """Entries open from now on, close later, and the draw follows when the day they close is over."""

    code = "ballot_times_invalid"
    message = _("时间不对：报名从现在以后开始，最多 %(days)s 天；抽签不早于截止那天过完后 00:30。")
    constraint = "ballot_times_in_order"


class BallotUnitsInvalid(Invalid):
    """At least one unit, at least one point, and no more than the price on the shelf."""

    code = "ballot_units_invalid"
    message = _("数量要在 1 到 %(most)s 之间，积分至少 1，不超过商品的标价。")
    constraint = "ballot_units_positive"


class BallotStockShort(Refusal):
    """The units on offer are set aside when the ballot opens, so they have to be there."""

    code = "ballot_stock_short"
    message = _("可留出的只有 %(left)s %(unit)s（要能用到领取期满，帮扶留出的不算）。")


class BallotNotOpen(Refusal):
    """Entries are taken inside the window only."""

    code = "ballot_not_open"
    message = _("现在不在报名时间内。")
    constraint = "ballot_entry_in_window"


class BallotEntered(Refusal):
    """One entry each."""

    code = "ballot_entered"
    message = _("您已经报名了，等抽签结果。")
    constraint = "ballot_entry_once"


class BallotHouseholdEntered(Refusal):
    """One entry a household."""

    code = "ballot_household_entered"
    message = _("您家里已有人报名，每户一次。")
    constraint = "ballot_entry_household_once"


class BallotSettled(Refusal):
    """It was drawn or cancelled before."""

    code = "ballot_settled"
    message = _("这次抽签已经开始或已经取消，请刷新后查看。")
    constraint = "ballot_status_moves"


class BallotReasonRequired(Invalid):
    """Cancelling says why; it stands on the public page."""

    code = "ballot_reason_required"
    message = _("请写明取消的理由（最多 %(most)s 个字），会公布。")
    constraint = "ballot_cancelled_explained"
