"""Donors, and what they gave.

A donation of goods enters stock in the transaction that records it: every line is a batch of the market.
Money is recorded, never collected (慈善法 Art 27). A donation row is the internal acknowledgement of 慈善法
Art 38 (donor, kind and quantity, organisation, handler, date) and is never changed; code and number of the
fiscal ticket are kept beside it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from backend.core.triggers import append_only
from backend.core.words import NAME_FORM
from points.giving import contact_triggers, triggers
from points.giving.choices import (
    ConsentBy,
    ConsentMatter,
    DonationKind,
    DonorKind,
    Income,
    PayMethod,
    Publicity,
)
from points.giving.rules import TICKET_CODE_FORM

CREDIT_CODE_FORM = r"^[0-9]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
NUMBER_FORM = r"^[2-9A-HJKMNP-Z]{12}$"
INDEX_FORM = r"^[0-9a-f]{64}$"
KIND_PERSON = "爱心人士"  # how somebody is called who left nothing of themselves


class Donor(models.Model):
    """Who gave. Nothing of a donor is public until they agree, and then only the name and what they allow.

    `contact_index` is the keyed hash an account's phone has: whoever signs in with that phone may claim the
    file. An anonymous donor's file holds nothing that tells who it is.
    """

    name = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(_("类型"), max_length=16, choices=DonorKind.choices)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, null=True, blank=True)
    contact = SealedField(_("联系方式"), purpose="points.donor_contact", null=True, blank=True)
    contact_index = models.CharField(_("电话索引"), max_length=64, null=True, blank=True, editable=False)
    id_number = SealedField(_("居民身份证号"), purpose="points.donor_id", null=True, blank=True)
    id_index = models.CharField(_("证件索引"), max_length=64, null=True, blank=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="donors",
        verbose_name=_("本人账号"),
        null=True,
        blank=True,
    )
    consent = models.CharField(
        _("公开方式"), max_length=10, choices=Publicity.choices, default=Publicity.HIDDEN
    )
    show_amount = models.BooleanField(_("公开金额"), default=False)
    show_picture = models.BooleanField(_("公开照片或标志"), default=False)
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="donors", verbose_name=_("区划")
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        null=True,
        blank=True,
    )
    added_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("捐赠人")
        verbose_name_plural = _("捐赠人")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=("contact_index",), name="donor_by_phone", condition=Q(contact_index__isnull=False)
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("region", "credit_code"), name="donor_credit_code_once"),
            models.UniqueConstraint(fields=("region", "id_index"), name="donor_person_once"),
            models.CheckConstraint(condition=Q(name__regex=NAME_FORM), name="donor_name_plain"),
            models.CheckConstraint(condition=Q(kind__in=DonorKind.values), name="donor_kind_known"),
            models.CheckConstraint(condition=Q(consent__in=Publicity.values), name="donor_consent_known"),
            models.CheckConstraint(
                condition=Q(credit_code__isnull=True) | Q(credit_code__regex=CREDIT_CODE_FORM),
                name="donor_credit_code_form",
            ),
            models.CheckConstraint(
                condition=Q(credit_code__isnull=True) | ~Q(kind=DonorKind.INDIVIDUAL),
                name="donor_credit_code_of_body",
            ),
            models.CheckConstraint(
                condition=Q(id_number__isnull=True, id_index__isnull=True)
                | Q(
                    kind=DonorKind.INDIVIDUAL,
                    id_number__isnull=False,
                    id_index__isnull=False,
                    id_index__regex=INDEX_FORM,
                ),
                name="donor_identity_of_person",
            ),
            models.CheckConstraint(
                condition=Q(contact_index__isnull=True)
                | Q(contact__isnull=False, contact_index__regex=INDEX_FORM),
                name="donor_contact_index_form",
            ),
            models.CheckConstraint(
                condition=~Q(kind=DonorKind.ANONYMOUS)
                | Q(
                    name=KIND_PERSON,
                    credit_code__isnull=True,
                    contact__isnull=True,
                    contact_index__isnull=True,
                    id_number__isnull=True,
                    user__isnull=True,
                    show_picture=False,
                    consent__in=(Publicity.HIDDEN, Publicity.ANONYMOUS),
                ),
                name="donor_anonymous_tells_nothing",
            ),
        ]
        triggers: ClassVar = [*triggers.DONOR, contact_triggers.changed_by_two()]

    def __str__(self) -> str:
        return f"{self.pk}"


class DonorPicture(models.Model):
    """A donor's photograph or logo, re-encoded on the way in. `key` is random and stands in its address."""

    donor = models.OneToOneField(
        Donor, on_delete=models.PROTECT, related_name="picture", verbose_name=_("捐赠人")
    )
    key = models.CharField(_("地址"), max_length=12)
    picture = models.BinaryField(_("图片（JPEG）"), editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("上传人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    set_at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = _("捐赠人图片")
        verbose_name_plural = _("捐赠人图片")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("key",), name="donor_picture_key_once"),
            models.CheckConstraint(condition=Q(key__regex=NUMBER_FORM), name="donor_picture_key_form"),
        ]
        triggers: ClassVar = triggers.DONOR_PICTURE

    def __str__(self) -> str:
        return f"{self.donor_id}"


class ConsentChange(models.Model):
    """What a donor agreed to or took back: what, from what to what, who wrote it down, when, through whom."""

    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="consent_changes", verbose_name=_("捐赠人")
    )
    matter = models.CharField(_("事项"), max_length=8, choices=ConsentMatter.choices)
    old = models.CharField(_("原来"), max_length=10)
    new = models.CharField(_("现在"), max_length=10)
    by = models.CharField(_("经由"), max_length=8, choices=ConsentBy.choices)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("记录人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("同意的变更")
        verbose_name_plural = _("同意的变更")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(matter=ConsentMatter.NAME, old__in=Publicity.values, new__in=Publicity.values)
                | Q(
                    matter__in=(ConsentMatter.AMOUNT, ConsentMatter.PICTURE),
                    old__in=("yes", "no"),
                    new__in=("yes", "no"),
                ),
                name="consent_change_known",
            ),
            models.CheckConstraint(
                condition=Q(by=ConsentBy.PLATFORM, changed_by__isnull=True)
                | Q(by__in=(ConsentBy.DONOR, ConsentBy.STAFF), changed_by__isnull=False),
                name="consent_change_by_someone",
            ),
        ]
        triggers: ClassVar = [append_only("consent_change_append_only"), *triggers.CONSENT_CHANGE]

    def __str__(self) -> str:
        return f"{self.donor_id}:{self.matter}"


class Donation(models.Model):
    """One gift. `number` is random, stands on the receipt and opens the public trace.

    `revoked_at` is the time of its receipt's revocation, and all that is ever written to a row again: a
    fiscal ticket, which code and number name together, stands for one gift whose receipt holds.
    """

    number = models.CharField(_("收据编号"), max_length=12)
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="donations", verbose_name=_("捐赠人")
    )
    kind = models.CharField(_("类型"), max_length=5, choices=DonationKind.choices)
    income = models.CharField(_("收入"), max_length=8, choices=Income.choices, default=Income.DONATED)
    method = models.CharField(_("到款方式"), max_length=13, choices=PayMethod.choices, null=True, blank=True)
    organization = models.ForeignKey(
        "accounts.Organization",
        on_delete=models.PROTECT,
        related_name="donations",
        verbose_name=_("接收组织"),
    )
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="donations", verbose_name=_("区划")
    )
    store = models.ForeignKey(
        "points.Store",
        on_delete=models.PROTECT,
        related_name="donations",
        verbose_name=_("慈善超市"),
        null=True,
        blank=True,
    )
    amount_fen = models.BigIntegerField(_("金额（分）"), null=True, blank=True)
    valuation_fen = models.BigIntegerField(_("申报价值（分）"), null=True, blank=True)
    received_on = models.DateField(_("接收日期"))
    purpose = models.CharField(_("用途"), max_length=200, blank=True, default="")
    designation = models.CharField(_("指定的门店或项目"), max_length=120, blank=True, default="")
    beneficiary = models.CharField(_("指定受益人"), max_length=100, blank=True, default="")
    beneficiary_code = models.CharField(_("受益人信用代码"), max_length=18, null=True, blank=True)
    unrelated = models.BooleanField(_("声明受益人不是捐赠人的利害关系人"), default=False)
    official_ticket = models.CharField(_("财政票据号"), max_length=40, blank=True, default="")
    ticket_code = models.CharField(_("财政票据代码"), max_length=20, blank=True, default="")
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    revoked_at = models.DateTimeField(_("收讫作废时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("捐赠")
        verbose_name_plural = _("捐赠")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("donor", "-id"), name="donation_by_donor")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("number",), name="donation_number_once"),
            models.CheckConstraint(condition=Q(number__regex=NUMBER_FORM), name="donation_number_form"),
            models.CheckConstraint(
                condition=Q(
                    kind=DonationKind.MONEY,
                    amount_fen__isnull=False,  # a comparison with NULL would pass the check
                    amount_fen__gte=1,
                    valuation_fen__isnull=True,
                    store__isnull=True,
                )
                | (
                    Q(kind=DonationKind.GOODS, amount_fen__isnull=True, store__isnull=False)
                    & (Q(valuation_fen__isnull=True) | Q(valuation_fen__gte=1))
                ),
                name="donation_money_or_goods",
            ),
            models.CheckConstraint(condition=Q(income=Income.DONATED), name="donation_is_donated_income"),
            models.CheckConstraint(
                condition=Q(method__isnull=True) | Q(kind=DonationKind.MONEY, method__in=PayMethod.values),
                name="donation_method_of_money",
            ),
            models.CheckConstraint(
                condition=Q(beneficiary="", beneficiary_code__isnull=True)
                | (~Q(beneficiary="") & Q(unrelated=True)),
                name="donation_beneficiary_declared",
            ),
            models.CheckConstraint(
                condition=Q(ticket_code="")
                | (Q(ticket_code__regex=TICKET_CODE_FORM) & ~Q(official_ticket="")),
                name="donation_ticket_code_form",
            ),
            models.UniqueConstraint(
                fields=("ticket_code", "official_ticket"),
                condition=~Q(ticket_code="") & Q(revoked_at__isnull=True),
                name="donation_ticket_once",
            ),
        ]
        triggers: ClassVar = triggers.DONATION

    def __str__(self) -> str:
        return self.number


class DonationLine(models.Model):
    """One kind of goods of a donation, and the batch it became."""

    donation = models.ForeignKey(
        Donation, on_delete=models.PROTECT, related_name="lines", verbose_name=_("捐赠")
    )
    product = models.ForeignKey(
        "points.Product", on_delete=models.PROTECT, related_name="donation_lines", verbose_name=_("商品")
    )
    quantity = models.PositiveIntegerField(_("数量"))
    expires_on = models.DateField(_("保质期至"), null=True, blank=True)
    batch = models.OneToOneField(
        "points.Batch", on_delete=models.PROTECT, related_name="donation_line", verbose_name=_("批次")
    )

    class Meta:
        verbose_name = _("捐赠明细")
        verbose_name_plural = _("捐赠明细")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="donation_line_positive")
        ]
        triggers: ClassVar = [append_only("donation_line_append_only"), *triggers.DONATION_LINE]

    def __str__(self) -> str:
        return f"{self.product_id} × {self.quantity}"
