"""What can be said about donors and donations, as lists of choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DonorKind(models.TextChoices):
    """Who gives (rules.md B “Actors”: the Sichuan guide's participants)."""

    ENTERPRISE = "enterprise", _("企业商家")
    SOLE_TRADER = "sole_trader", _("个体工商户")
    CHARITY_STORE = "charity_store", _("慈善超市")
    CHARITY = "charity", _("慈善组织")
    COMMUNITY_GROUP = "community_group", _("社区社会组织")
    INDIVIDUAL = "individual", _("爱心个人")
    ANONYMOUS = "anonymous", _("匿名（不留任何信息）")
    OTHER = "other", _("其他")


class Publicity(models.TextChoices):
    """How a donor agreed to appear in public; hidden until asked (慈善法 Art 82, 捐赠法 Art 8)."""

    HIDDEN = "hidden", _("不公开")
    NAMED = "named", _("公开名称")
    MASKED = "masked", _("名称部分隐藏")
    ANONYMOUS = "anonymous", _("以“爱心人士”公开")


class DonationKind(models.TextChoices):
    """What was given."""

    GOODS = "goods", _("物资")
    MONEY = "money", _("资金")


class Income(models.TextChoices):
    """Whose money or goods these are; a donation is never operating income (rules.md D4)."""

    DONATED = "donated", _("捐赠收入")


class PayMethod(models.TextChoices):
    """How money reached the organisation. Nothing is paid here (慈善法 Art 27)."""

    CASH = "cash", _("现金")
    BANK_TRANSFER = "bank_transfer", _("银行转账")
    CHEQUE = "cheque", _("支票")
    OTHER = "other", _("其他")


class ConsentMatter(models.TextChoices):
    """What a donor agrees to show, each on its own."""

    NAME = "name", _("名称")
    AMOUNT = "amount", _("金额和数量")
    PICTURE = "picture", _("照片或标志")


class ConsentBy(models.TextChoices):
    """Through whom a donor spoke."""

    DONOR = "donor", _("本人在手机上")
    STAFF = "staff", _("工作人员按书面同意")
    PLATFORM = "platform", _("平台")


class ContactOutcome(models.TextChoices):
    """What became of a request for another contact."""

    AGREED = "agreed", _("已同意")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class IntakeStatus(models.TextChoices):
    """How far goods are on their way from a promise to the shelf."""

    PLEDGED = "pledged", _("已认捐")
    RECEIVED = "received", _("已收货")
    INSPECTED = "inspected", _("已验货")
    SIGNED = "signed", _("已签收")
    REFUSED = "refused", _("已谢绝")
    WITHDRAWN = "withdrawn", _("已撤回")


class Party(models.TextChoices):
    """Who signs."""

    HANDLER = "handler", _("经办人")
    DONOR = "donor", _("捐赠方")


class ReceiptForm(models.TextChoices):
    """How the donor takes the receipt; anonymity and waiver are logged (慈善法 Art 38)."""

    NAMED = "named", _("开具")
    ANONYMOUS = "anonymous", _("匿名捐赠")
    WAIVED = "waived", _("捐赠人放弃收据")
