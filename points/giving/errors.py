"""Why giving refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class DonorNameInvalid(Refusal):
    """A donor's name is plain text of 1 to 100 characters."""

    code = "donor_name_invalid"
    status = 400
    message = _("捐赠人名称要用 1 到 100 个普通文字，不能有尖括号或控制字符。")
    constraint = "donor_name_plain"


class DonorAlreadyKnown(Refusal):
    """The region already has a donor with this credit code."""

    code = "donor_already_known"
    message = _("这个统一社会信用代码的捐赠人已经登记，直接选用即可。")
    constraint = "donor_credit_code_once"


class DonationEmpty(Refusal):
    """A donation of goods lists between one and fifty kinds."""

    code = "donation_size"
    status = 400
    message = _("一次捐赠可以登记 1 到 %(most)s 行物资。")


class DonatedProductUnknown(Refusal):
    """The goods are not in this store's catalogue."""

    code = "donated_product_unknown"
    status = 400
    message = _("这家慈善超市没有这种商品，请先建立商品再登记。")


class AmountInvalid(Refusal):
    """Money is recorded in whole fen, at least one."""

    code = "amount_invalid"
    status = 400
    message = _("金额以分为单位，要在 1 分到 100 亿元之间。")
    constraint = "donation_money_or_goods"


class ReceivedInFuture(Refusal):
    """A donation is recorded after it was received."""

    code = "received_in_future"
    status = 400
    message = _("接收日期不能晚于今天。")


class QuestionEmpty(Refusal):
    """A question is a text of 1 to 500 characters."""

    code = "question_empty"
    status = 400
    message = _("请写下您想问的，最多 %(most)s 个字。")
    constraint = "donor_question_says_something"


class DonorNotConfirmed(Refusal):
    """Only the donor asks: the phone confirmed is not the one of the donor's file."""

    code = "donor_not_confirmed"
    status = 403
    message = _("这个手机号不是这笔捐赠登记的联系电话。如果换了号码，请联系接收组织更新。")


class AnswerEmpty(Refusal):
    """An answer is a text of 1 to 1,000 characters."""

    code = "answer_empty"
    status = 400
    message = _("请写下答复，最多 %(most)s 个字。")
    constraint = "question_answer_says_something"


class AnswersOwnQuestion(Refusal):
    """Whoever asked does not answer."""

    code = "answers_own_question"
    status = 403
    message = _("这是您自己提的问题，请让同事答复。")
    constraint = "question_answer_by_another"
