"""Goods called back, wherever they went."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from points.market.models import Batch
from points.stockroom import triggers


class Recall(models.Model):
    """The batch in which the goods first arrived, and why they are called back.

    Writing the row freezes that batch and all that came from it, in every store, in the same transaction;
    lifting it, which somebody else than the opener does, thaws them in the same way. `settled_at` says that
    every reservation of them has been cancelled. A lifted recall stays as it is; the goods may be called
    back anew.
    """

    root = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="recalls", verbose_name=_("原批次")
    )
    reason = models.CharField(_("原因"), max_length=150)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("发起人")
    )
    opened_at = models.DateTimeField(_("发起时间"))
    settled_at = models.DateTimeField(_("预留清完时间"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("解除人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    lifted_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    lift_reason = models.CharField(_("解除原因"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("召回")
        verbose_name_plural = _("召回")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("root",), condition=Q(lifted_at__isnull=True), name="recall_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="recall_explained"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(settled_at__gte=F("opened_at")),
                name="recall_settled_later",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True, lift_reason="")
                | (Q(lifted_by__isnull=False, lifted_at__gte=F("opened_at")) & ~Q(lift_reason="")),
                name="recall_lift_whole",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("opened_by")),
                name="recall_lifted_by_another",
            ),
        ]
        triggers: ClassVar = triggers.RECALL

    def __str__(self) -> str:
        return f"{self.pk}"
