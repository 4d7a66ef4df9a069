"""Goods on their way from one store of an organisation to another."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from points.market.models import Batch, StockMove, Store
from points.stockroom import triggers
from points.stockroom.states import TransferStatus

ARRIVED = (TransferStatus.SHORT, TransferStatus.RECEIVED)


class StockTransfer(models.Model):
    """One delivery between two stores. Sent goods are in neither until they are received or taken back."""

    from_store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="transfers_out", verbose_name=_("调出")
    )
    to_store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="transfers_in", verbose_name=_("调入")
    )
    status = models.CharField(
        _("状态"), max_length=9, choices=TransferStatus.choices, default=TransferStatus.SENT
    )
    note = models.CharField(_("说明"), max_length=100, blank=True, default="")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("发货人")
    )
    sent_at = models.DateTimeField(_("发货时间"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("收货人"),
        null=True,
        blank=True,
    )
    received_at = models.DateTimeField(_("收货时间"), null=True, blank=True)
    loss_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("短少核销人"),
        null=True,
        blank=True,
    )
    loss_at = models.DateTimeField(_("短少核销时间"), null=True, blank=True)
    loss_reason = models.CharField(_("短少原因"), max_length=150, blank=True, default="")
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("撤回人"),
        null=True,
        blank=True,
    )
    cancelled_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("调拨")
        verbose_name_plural = _("调拨")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(from_store=F("to_store")), name="transfer_between_two"),
            models.CheckConstraint(
                condition=Q(status__in=ARRIVED, received_by__isnull=False, received_at__isnull=False)
                | (~Q(status__in=ARRIVED) & Q(received_by__isnull=True, received_at__isnull=True)),
                name="transfer_received_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(loss_by__isnull=True, loss_at__isnull=True, loss_reason="")
                | Q(loss_by__isnull=False, loss_at__isnull=False, status=TransferStatus.RECEIVED)
                & ~Q(loss_reason=""),
                name="transfer_loss_explained",
            ),
            models.CheckConstraint(
                condition=Q(loss_by__isnull=True) | ~Q(loss_by=F("received_by")),
                name="transfer_loss_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=TransferStatus.CANCELLED, cancelled_by__isnull=False, cancelled_at__isnull=False
                )
                | (
                    ~Q(status=TransferStatus.CANCELLED)
                    & Q(cancelled_by__isnull=True, cancelled_at__isnull=True)
                ),
                name="transfer_cancelled_by_someone",
            ),
        ]
        triggers: ClassVar = triggers.TRANSFER

    def __str__(self) -> str:
        return f"{self.pk}"


class StockTransferLine(models.Model):
    """So many of one batch. What arrives is a new batch with the same expiry and root, at either store.

    `arrived` holds what was received (or came back), `lost` what is missing; the latter is written off in the
    moment it is entered, so that the sum over all stores stays what it was.
    """

    transfer = models.ForeignKey(
        StockTransfer, on_delete=models.PROTECT, related_name="lines", verbose_name=_("调拨")
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="transfer_lines", verbose_name=_("批次")
    )
    quantity = models.PositiveIntegerField(_("数量"))
    move = models.OneToOneField(
        StockMove, on_delete=models.PROTECT, related_name="transfer_line", verbose_name=_("调出流水")
    )
    received = models.PositiveIntegerField(_("实收"), null=True, blank=True)
    arrived = models.OneToOneField(
        Batch,
        on_delete=models.PROTECT,
        related_name="arrived_of",
        verbose_name=_("收到的批次"),
        null=True,
        blank=True,
    )
    lost = models.OneToOneField(
        Batch,
        on_delete=models.PROTECT,
        related_name="lost_of",
        verbose_name=_("短少的批次"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("调拨明细")
        verbose_name_plural = _("调拨明细")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("transfer", "batch"), name="transfer_batch_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="transfer_line_positive"),
            models.CheckConstraint(
                condition=Q(received__isnull=True) | Q(received__lte=F("quantity")),
                name="transfer_line_received_within",
            ),
        ]
        triggers: ClassVar = triggers.TRANSFER_LINE

    def __str__(self) -> str:
        return f"{self.batch_id} × {self.quantity}"
