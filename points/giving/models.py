"""Donors, and what they gave.

A donation of goods enters stock in the transaction that records it: every line is a batch of the market.
Money is recorded, never collected (慈善法 Art 27). A donation row is the internal acknowledgement of 慈善法
Art 38 (donor, kind and quantity, organisation, handler, date) and is never changed; the number of the fiscal
ticket is kept beside it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from backend.core.triggers import append_only
from points.giving.choices import DonationKind, DonorKind, Publicity
from points.giving.triggers import DONATION_LINE

NAME_FORM = r"^[^<>[:cntrl:]]+$"
CREDIT_CODE_FORM = r"^[0-9]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
NUMBER_FORM = r"^[2-9A-HJKMNP-Z]{12}$"


class Donor(models.Model):
    """Who gave. Nothing of a donor is public until they agree, and then only the name and what they allow."""

    name = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(_("类型"), max_length=16, choices=DonorKind.choices)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, null=True, blank=True)
    contact = SealedField(_("联系方式"), purpose="points.donor_contact", null=True, blank=True)
    consent = models.CharField(
        _("公开方式"), max_length=10, choices=Publicity.choices, default=Publicity.HIDDEN
    )
    show_amount = models.BooleanField(_("公开金额"), default=False)
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
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("region", "credit_code"), name="donor_credit_code_once"),
            models.CheckConstraint(condition=Q(name__regex=NAME_FORM), name="donor_name_plain"),
            models.CheckConstraint(condition=Q(kind__in=DonorKind.values), name="donor_kind_known"),
            models.CheckConstraint(condition=Q(consent__in=Publicity.values), name="donor_consent_known"),
            models.CheckConstraint(
                condition=Q(credit_code__isnull=True) | Q(credit_code__regex=CREDIT_CODE_FORM),
                name="donor_credit_code_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Donation(models.Model):
    """One gift. `number` is random, stands on the receipt and opens the public trace."""

    number = models.CharField(_("收据编号"), max_length=12)
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="donations", verbose_name=_("捐赠人")
    )
    kind = models.CharField(_("类型"), max_length=5, choices=DonationKind.choices)
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
    official_ticket = models.CharField(_("财政票据号"), max_length=40, blank=True, default="")
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    recorded_at = models.DateTimeField(_("登记时间"))

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
        ]
        triggers: ClassVar = [append_only("donation_append_only")]

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
        triggers: ClassVar = [append_only("donation_line_append_only"), *DONATION_LINE]

    def __str__(self) -> str:
        return f"{self.product_id} × {self.quantity}"
