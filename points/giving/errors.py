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


class DonorAnonymous(Refusal):
    """Nothing is kept of somebody who gives anonymously."""

    code = "donor_anonymous"
    status = 400
    message = _("匿名捐赠不登记任何能认出本人的信息；要留信息请选其他类型。")
    constraint = ("donor_anonymous_tells_nothing", "donor_picture_of_somebody_known")


class DonorIdInvalid(Refusal):
    """The resident ID number is wrong (GB 11643-1999), or this kind of donor has none."""

    code = "donor_id_invalid"
    status = 400
    message = _("身份证号不对，请核对；只有个人捐赠人登记身份证号。")
    constraint = "donor_identity_of_person"


class DonorPersonKnown(Refusal):
    """The region already has a donor with this resident ID."""

    code = "donor_person_known"
    message = _("这位捐赠人已经登记，直接选用即可。")
    constraint = "donor_person_once"


class DonorHasNoCreditCode(Refusal):
    """Individuals have no unified social credit code."""

    code = "donor_has_no_credit_code"
    status = 400
    message = _("个人没有统一社会信用代码。")
    constraint = "donor_credit_code_of_body"


class DonorNotClaimable(Refusal):
    """No file of a donor waits for this account's phone."""

    code = "donor_not_claimable"
    status = 404
    message = _("没有找到用这个手机号登记的捐赠。请联系接收捐赠的工作人员核对手机号。")
    constraint = "donor_claimed_by_its_phone"


class ContactNeedsTwo(Refusal):
    """A file that has a contact or an owner goes to another phone only when two people say so."""

    code = "contact_needs_two"
    message = _("这份档案已有联系方式，或者本人已认领：要由一位同事申请、另一位同事同意，才能更换。")
    constraint = "donor_contact_by_two"


class ContactRequestOpen(Refusal):
    """A file has one request for another contact at a time."""

    code = "contact_request_open"
    message = _("这份档案已有一个更换申请在等同意，请先办完那一个。")
    constraint = "contact_request_one_open"


class ContactRequestDecided(Refusal):
    """A request for another contact is decided once."""

    code = "contact_request_decided"
    message = _("这个更换申请已经办完，请刷新后再看。")
    constraint = "contact_request_stays"


class ContactDecidedByAsker(Refusal):
    """Who asked for another contact does not decide about it."""

    code = "contact_decided_by_asker"
    status = 403
    message = _("这是您自己的申请，请让另一位同事来决定。")
    constraint = "contact_request_decided_by_another"


class DonorPictureInvalid(Refusal):
    """No picture, too large, or one that only pretends to be."""

    code = "donor_picture_invalid"
    status = 400
    message = _("图片要是 JPEG、PNG 或 WebP，不超过 %(megabytes)s MB。")


class DonorPictureMissing(Refusal):
    """There is no picture to agree to."""

    code = "donor_picture_missing"
    message = _("还没有上传照片或标志。")


class WordsInvalid(Refusal):
    """One line of plain text."""

    code = "words_invalid"
    status = 400
    message = _("请用不超过 %(most)s 个普通文字写明，不能有尖括号或控制字符。")
    constraint = (
        "intake_words_plain",
        "intake_line_plain",
        "receipt_revocation_explained",
        "contact_request_explained",
    )


class BeneficiaryIsDonor(Refusal):
    """A donor may not name themselves as the one who benefits (慈善法 Art 40)."""

    code = "beneficiary_is_donor"
    status = 400
    message = _("受益人不能是捐赠人自己（慈善法第四十条）。")
    constraint = ("donation_beneficiary_is_another", "intake_beneficiary_is_another")


class BeneficiaryUndeclared(Refusal):
    """Who names a beneficiary declares that it is no related party (慈善法 Art 40)."""

    code = "beneficiary_undeclared"
    status = 400
    message = _("指定受益人时，请勾选“不是捐赠人的利害关系人”（慈善法第四十条）。")
    constraint = ("donation_beneficiary_declared", "intake_beneficiary_declared")


class TobaccoRefused(Refusal):
    """Tobacco is neither accepted nor advertised (慈善法 Art 40)."""

    code = "tobacco_refused"
    status = 400
    message = _("不接受烟草制品，也不能借捐赠宣传烟草（慈善法第四十条）：%(word)s。")


class IntakeLinesWrong(Refusal):
    """An intake has between one and fifty lines, and a step speaks about each of them once."""

    code = "intake_lines_wrong"
    status = 400
    message = _("一次接收可以登记 1 到 %(most)s 行物资，每一行都要填。")
    constraint = ("intake_line_positive", "intake_line_adds_up", "intake_line_inspected_whole")


class IntakeMoved(Refusal):
    """The intake is at another step by now."""

    code = "intake_moved"
    message = _("这笔物资已经到了别的步骤（%(status)s），请刷新后再看。")
    constraint = (
        "intake_moves",
        "intake_line_history_stays",
        "intake_signature_of_its_side",
        "intake_signature_once",
    )


class IntakeProductMissing(Refusal):
    """Accepted goods go onto the shelf as one of the store's products."""

    code = "intake_product_missing"
    status = 400
    message = _("请选择上架为哪种商品；没有合适的，先在商品里新建。")


class AcceptedTooMany(Refusal):
    """No more is accepted than came."""

    code = "accepted_too_many"
    status = 400
    message = _("接收数量不能超过实收数量 %(counted)s。")


class GoodsUnsafe(Refusal):
    """Goods are accepted only when usable and safe (慈善法 Art 36)."""

    code = "goods_unsafe"
    status = 400
    message = _("包装、标签、保质期、卫生有一项不合格，就不能接收，请把数量改为谢绝（慈善法第三十六条）。")
    constraint = "intake_line_accepted_is_safe"


class RefusalUnexplained(Refusal):
    """What is not accepted is refused for a reason."""

    code = "refusal_unexplained"
    status = 400
    message = _("没有接收的物资要写明原因。")
    constraint = ("intake_line_refusal_explained", "intake_closed_explained")


class IntakeInspectorSame(Refusal):
    """The policy asks for another person to inspect than who received."""

    code = "intake_inspector_same"
    message = _("验货要由另一位同事来做，收货的人不能验货。")


class NothingAccepted(Refusal):
    """There is nothing to sign for."""

    code = "nothing_accepted"
    message = _("没有一件合格，不能签收，请谢绝这笔物资。")


class HandlerIsDonor(Refusal):
    """Nobody signs for both sides."""

    code = "handler_is_donor"
    status = 403
    message = _("经办人不能替捐赠方签字，也不能经手自己的捐赠，请换一位同事。")
    constraint = ("intake_signature_stays", "intake_signed_by_both")


class SignatureInvalid(Refusal):
    """A drawn signature is a few strokes."""

    code = "signature_invalid"
    status = 400
    message = _("请在框里手写签名，并填写签字人的姓名。")
    constraint = "intake_signature_by_account_or_hand"


class ReceiptAlreadyRevoked(Refusal):
    """A receipt is revoked once."""

    code = "receipt_already_revoked"
    message = _("这张收讫确认已经作废。")
    constraint = "points_receiptrevocation_receipt_id_key"


class ReceiptRevokerIsIssuer(Refusal):
    """Who issued a receipt, or handled the donation, does not revoke it."""

    code = "receipt_revoker_is_issuer"
    status = 403
    message = _("作废要由另一位同事来做，经办人不能自己作废。")
    constraint = "receipt_revoked_by_another"


class MoneyLooksRecorded(Refusal):
    """A gift of the same donor, organisation, amount, day and way stands; `again` says it is another one."""

    code = "money_looks_recorded"
    message = _("这位捐赠人同一天、同样金额和到款方式的捐款已经登记过，编号 %(number)s。")


class TicketCodeInvalid(Refusal):
    """A fiscal ticket's code is digits, and stands beside the ticket's number."""

    code = "ticket_code_invalid"
    status = 400
    message = _("票据代码只能是数字，最多 20 位，并且要同时填写票据号码。")
    constraint = ("donation_ticket_code_form", "intake_ticket_code_form")


class TicketAlreadyRecorded(Refusal):
    """A fiscal ticket, by code and number, stands for one gift whose receipt holds."""

    code = "ticket_already_recorded"
    message = _("这张财政票据（代码和号码都相同）已经登记在另一笔捐赠上，请核对。")
    constraint = "donation_ticket_once"


class PaymentMethodMissing(Refusal):
    """Money is recorded with how it came."""

    code = "payment_method_invalid"
    status = 400
    message = _("请选择到款方式：现金、银行转账、支票或其他。")
    constraint = "donation_method_of_money"
