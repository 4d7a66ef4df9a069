"""Donated goods on their way from a promise to a signed receipt (rules.md D4; 慈善法 Arts 36, 38, 40).

An `Intake` goes pledged → received → inspected → signed; both sides sign, and with the second signature the
goods become a `Donation` with its batches. A `Receipt` is the internal acknowledgement of one donation.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from backend.core.triggers import append_only
from backend.core.words import LINE_FORM, NAME_FORM
from points.giving import triggers
from points.giving.choices import IntakeStatus, Party, ReceiptForm
from points.giving.models import INDEX_FORM, NUMBER_FORM, Donation, Donor
from points.giving.rules import TICKET_CODE_FORM


class Intake(models.Model):
    """One offer of goods by one donor to one store."""

    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="intakes", verbose_name=_("捐赠人")
    )
    store = models.ForeignKey(
        "points.Store", on_delete=models.PROTECT, related_name="intakes", verbose_name=_("慈善超市")
    )
    status = models.CharField(
        _("状态"), max_length=9, choices=IntakeStatus.choices, default=IntakeStatus.PLEDGED
    )
    purpose = models.CharField(_("用途"), max_length=200, blank=True, default="")
    designation = models.CharField(_("指定的门店或项目"), max_length=120, blank=True, default="")
    beneficiary = models.CharField(_("指定受益人"), max_length=100, blank=True, default="")
    beneficiary_code = models.CharField(_("受益人信用代码"), max_length=18, null=True, blank=True)
    unrelated = models.BooleanField(_("声明受益人不是捐赠人的利害关系人"), default=False)
    planned_on = models.DateField(_("预计送到"), null=True, blank=True)
    pledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    pledged_at = models.DateTimeField(_("认捐时间"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("收货人"),
        null=True,
        blank=True,
        db_index=False,
    )
    received_at = models.DateTimeField(_("收货时间"), null=True, blank=True)
    inspected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("验货人"),
        null=True,
        blank=True,
        db_index=False,
    )
    inspected_at = models.DateTimeField(_("验货时间"), null=True, blank=True)
    valuation_fen = models.BigIntegerField(_("申报价值（分）"), null=True, blank=True)
    official_ticket = models.CharField(_("财政票据号"), max_length=40, blank=True, default="")
    ticket_code = models.CharField(_("财政票据代码"), max_length=20, blank=True, default="")
    receipt_waived = models.BooleanField(_("捐赠人放弃收据"), default=False)
    signed_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    donation = models.OneToOneField(
        Donation,
        on_delete=models.PROTECT,
        related_name="intake",
        verbose_name=_("捐赠"),
        null=True,
        blank=True,
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("谢绝或撤回的人"),
        null=True,
        blank=True,
        db_index=False,
    )
    closed_at = models.DateTimeField(_("谢绝或撤回时间"), null=True, blank=True)
    close_reason = models.CharField(_("原因"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("物资接收")
        verbose_name_plural = _("物资接收")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("store", "status", "-id"), name="intake_by_store"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=IntakeStatus.values), name="intake_status_known"),
            models.CheckConstraint(
                condition=Q(
                    purpose__regex=LINE_FORM,
                    designation__regex=LINE_FORM,
                    beneficiary__regex=LINE_FORM,
                    close_reason__regex=LINE_FORM,
                ),
                name="intake_words_plain",
            ),
            models.CheckConstraint(
                condition=Q(beneficiary="", beneficiary_code__isnull=True)
                | (~Q(beneficiary="") & Q(unrelated=True)),
                name="intake_beneficiary_declared",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(IntakeStatus.RECEIVED, IntakeStatus.INSPECTED, IntakeStatus.SIGNED))
                | Q(received_by__isnull=False, received_at__isnull=False),
                name="intake_received_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(IntakeStatus.INSPECTED, IntakeStatus.SIGNED))
                | Q(inspected_by__isnull=False, inspected_at__isnull=False),
                name="intake_inspected_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status=IntakeStatus.SIGNED, signed_at__isnull=False, donation__isnull=False)
                | (~Q(status=IntakeStatus.SIGNED) & Q(signed_at__isnull=True, donation__isnull=True)),
                name="intake_signed_is_donation",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status__in=(IntakeStatus.REFUSED, IntakeStatus.WITHDRAWN))
                    & Q(closed_by__isnull=False, closed_at__isnull=False)
                    & ~Q(close_reason="")
                )
                | (
                    ~Q(status__in=(IntakeStatus.REFUSED, IntakeStatus.WITHDRAWN))
                    & Q(closed_by__isnull=True, closed_at__isnull=True, close_reason="")
                ),
                name="intake_closed_explained",
            ),
            models.CheckConstraint(
                condition=Q(valuation_fen__isnull=True) | Q(valuation_fen__gte=1),
                name="intake_valuation_positive",
            ),
            models.CheckConstraint(
                condition=Q(ticket_code="")
                | (Q(ticket_code__regex=TICKET_CODE_FORM) & ~Q(official_ticket="")),
                name="intake_ticket_code_form",
            ),
        ]
        triggers: ClassVar = triggers.INTAKE

    def __str__(self) -> str:
        return f"{self.pk}"


class IntakeLine(models.Model):
    """One kind of goods: as promised, as counted at the door, as found on inspection (慈善法 Art 36)."""

    intake = models.ForeignKey(
        Intake, on_delete=models.PROTECT, related_name="lines", verbose_name=_("物资接收")
    )
    offered = models.CharField(_("物资"), max_length=80)
    product = models.ForeignKey(
        "points.Product",
        on_delete=models.PROTECT,
        related_name="intake_lines",
        verbose_name=_("商品"),
        null=True,
        blank=True,
    )
    quantity = models.PositiveIntegerField(_("认捐数量"))
    promised_expiry = models.DateField(_("说好的保质期至"), null=True, blank=True)
    counted = models.PositiveIntegerField(_("实收数量"), null=True, blank=True)
    expires_on = models.DateField(_("保质期至"), null=True, blank=True)
    packaging_intact = models.BooleanField(_("包装完好"), null=True, blank=True)
    labelled = models.BooleanField(_("标签齐全"), null=True, blank=True)
    within_shelf_life = models.BooleanField(_("在保质期内"), null=True, blank=True)
    hygienic = models.BooleanField(_("清洁卫生、没有破损"), null=True, blank=True)
    accepted = models.PositiveIntegerField(_("接收数量"), null=True, blank=True)
    refused = models.PositiveIntegerField(_("谢绝数量"), null=True, blank=True)
    reason = models.CharField(_("谢绝原因"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("接收明细")
        verbose_name_plural = _("接收明细")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(offered__regex=NAME_FORM), name="intake_line_plain"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="intake_line_positive"),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, refused__isnull=True)
                | Q(
                    accepted__isnull=False,
                    refused__isnull=False,
                    counted__isnull=False,
                    counted=F("accepted") + F("refused"),
                ),
                name="intake_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True)
                | Q(
                    packaging_intact__isnull=False,
                    labelled__isnull=False,
                    within_shelf_life__isnull=False,
                    hygienic__isnull=False,
                ),
                name="intake_line_inspected_whole",
            ),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True)
                | Q(accepted=0)
                | Q(
                    product__isnull=False,
                    packaging_intact=True,
                    labelled=True,
                    within_shelf_life=True,
                    hygienic=True,
                ),
                name="intake_line_accepted_is_safe",
            ),
            models.CheckConstraint(
                condition=Q(refused__isnull=True)
                | Q(refused=0)
                | (~Q(reason="") & Q(reason__regex=LINE_FORM)),
                name="intake_line_refusal_explained",
            ),
        ]
        triggers: ClassVar = triggers.INTAKE_LINE

    def __str__(self) -> str:
        return f"{self.intake_id}: {self.quantity}"


class IntakeSignature(models.Model):
    """One side's signature. The donor signs by account, or by hand on the clerk's device, sealed.

    Nobody signs for somebody who left nothing of themselves: there `anonymous` says so.
    """

    intake = models.ForeignKey(
        Intake, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("物资接收")
    )
    party = models.CharField(_("哪一方"), max_length=7, choices=Party.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("签字账号"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    name = models.CharField(_("代表姓名"), max_length=60, blank=True, default="")
    drawing = SealedField(_("手写签名"), purpose="points.signature", null=True, blank=True)
    digest = models.CharField(_("签名指纹"), max_length=64, blank=True, default="")
    anonymous = models.BooleanField(_("匿名，无人签字"), default=False)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("签收签名")
        verbose_name_plural = _("签收签名")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("intake", "party"), name="intake_signature_once"),
            models.CheckConstraint(
                condition=Q(party=Party.HANDLER, user__isnull=False, name="", drawing__isnull=True, digest="")
                & Q(anonymous=False)
                | Q(party=Party.DONOR, user__isnull=False, name="", drawing__isnull=True, digest="")
                & Q(anonymous=False)
                | Q(party=Party.DONOR, user__isnull=True, anonymous=False, drawing__isnull=False)
                & Q(name__regex=NAME_FORM, digest__regex=INDEX_FORM)
                | Q(party=Party.DONOR, user__isnull=True, anonymous=True, drawing__isnull=True)
                & Q(name="", digest=""),
                name="intake_signature_by_account_or_hand",
            ),
        ]
        triggers: ClassVar = triggers.INTAKE_SIGNATURE

    def __str__(self) -> str:
        return f"{self.intake_id}:{self.party}"


class Receipt(models.Model):
    """内部收讫确认（非财政票据） of one donation; the facts are the donation's, which never change.

    `donor_name` is the name as it stood on the day; `number` is random, opens the public check and is not the
    number of the trace.
    """

    number = models.CharField(_("收讫编号"), max_length=12)
    donation = models.OneToOneField(
        Donation, on_delete=models.PROTECT, related_name="receipt", verbose_name=_("捐赠")
    )
    form = models.CharField(_("开具方式"), max_length=9, choices=ReceiptForm.choices)
    donor_name = models.CharField(_("捐赠人"), max_length=100)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("开具人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    issued_at = models.DateTimeField(_("开具时间"))

    class Meta:
        verbose_name = _("收讫确认")
        verbose_name_plural = _("收讫确认")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("number",), name="receipt_number_once"),
            models.CheckConstraint(condition=Q(number__regex=NUMBER_FORM), name="receipt_number_form"),
            models.CheckConstraint(condition=Q(form__in=ReceiptForm.values), name="receipt_form_known"),
        ]
        triggers: ClassVar = [append_only("receipt_append_only")]

    def __str__(self) -> str:
        return self.number


class ReceiptRevocation(models.Model):
    """A receipt taken back, by somebody who neither issued it nor handled the donation, for a reason."""

    receipt = models.OneToOneField(
        Receipt, on_delete=models.PROTECT, related_name="revocation", verbose_name=_("收讫确认")
    )
    reason = models.CharField(_("原因"), max_length=200)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("作废人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    revoked_at = models.DateTimeField(_("作废时间"))

    class Meta:
        verbose_name = _("收讫作废")
        verbose_name_plural = _("收讫作废")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(reason__regex=NAME_FORM), name="receipt_revocation_explained")
        ]
        triggers: ClassVar = [
            append_only("receipt_revocation_append_only"),
            *triggers.RECEIPT_REVOCATION,
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}"
