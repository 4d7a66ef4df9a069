"""Why appeals refuse."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class AppealTextInvalid(Refusal):
    """Title, item, unit, address and note are plain text of a few words."""

    code = "appeal_text_invalid"
    status = 400
    message = _("请用普通文字填写，不能为空，也不能有尖括号或控制字符。")
    constraint = ("appeal_named", "appeal_line_named")


class CommandOrderRequired(Refusal):
    """In an emergency goods are asked for under unified command (条例 Art 24)."""

    code = "command_order_required"
    status = 400
    message = _("突发事件募集要写明统一指挥的文号（《志愿服务条例》第二十四条）。")
    constraint = "appeal_under_command"


class NeedsMissing(Refusal):
    """An appeal lists between one and thirty kinds of goods."""

    code = "needs_missing"
    status = 400
    message = _("请列出需要的物资，1 到 %(most)s 种，每种一行。")


class NeedQuantityInvalid(Refusal):
    """A need counts at least one."""

    code = "need_quantity_invalid"
    status = 400
    message = _("需要的数量要在 1 到 %(most)s 之间。")
    constraint = "appeal_line_needed_positive"


class NeedListedTwice(Refusal):
    """The same goods stand on two lines."""

    code = "need_listed_twice"
    status = 400
    message = _("同一种物资请合并成一行。")
    constraint = "appeal_line_item_once"


class AppealClosed(Refusal):
    """Nothing is asked for any more."""

    code = "appeal_closed"
    message = _("这次募集已经结束。")
    constraint = ("appeal_moves", "appeal_gift_while_open")


class AppealFinished(Refusal):
    """The final report was published; nothing follows it."""

    code = "appeal_finished"
    message = _("这次募集的总结报告已经发布，不能再发布。")
    constraint = ("appeal_report_final_last", "appeal_report_final_once")


class AppealStillOpen(Refusal):
    """The final report comes after the end."""

    code = "appeal_still_open"
    message = _("募集还没有结束，先结束再发布总结报告。")
    constraint = "appeal_report_final_after_end"


class GiftQuantityInvalid(Refusal):
    """A gift counts at least one, and no more than the donation has left."""

    code = "appeal_gift_quantity_invalid"
    status = 400
    message = _("数量不对：这笔捐赠还可以计入的有 %(left)s 件。")
    constraint = ("appeal_gift_within_donation", "appeal_gift_quantity")


class GiftAlreadyLinked(Refusal):
    """The donation is on this line already."""

    code = "appeal_gift_already_linked"
    message = _("这笔捐赠已经计入这一项。要更正，请填负数并写明原因。")
    constraint = "appeal_gift_once"


class CorrectionUnexplained(Refusal):
    """Taking a gift off needs a reason."""

    code = "appeal_correction_unexplained"
    status = 400
    message = _("更正要写明原因。")
    constraint = "appeal_gift_explained"


class FinalReportUntold(Refusal):
    """The final report says how the goods were used (慈善法 Art 79)."""

    code = "final_report_untold"
    status = 400
    message = _("总结报告要写明物资的分配和使用情况。")
    constraint = "appeal_report_final_told"
