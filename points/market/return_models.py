"""Goods that come back after they were handed over: asked by one person, decided by another."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from points.market import counter_triggers
from points.market.choices import ReturnCondition, ReturnDecision
from points.market.redemption_models import Redemption


class GoodsReturn(models.Model):
    """The goods of one redemption, brought back whole; a redemption has one that is not refused."""

    redemption = models.ForeignKey(
        Redemption, on_delete=models.PROTECT, related_name="returns", verbose_name=_("兑换")
    )
    reason = models.CharField(_("原因"), max_length=200)
    condition = models.CharField(_("商品状况"), max_length=16, choices=ReturnCondition.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    asked_at = models.DateTimeField(_("登记时间"))
    decision = models.CharField(
        _("决定"), max_length=10, choices=ReturnDecision.choices, blank=True, default=""
    )
    decision_reason = models.CharField(_("决定说明"), max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("决定人"),
        null=True,
        blank=True,
        db_index=False,
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("退货")
        verbose_name_plural = _("退货")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("redemption",),
                condition=~Q(decision=ReturnDecision.REFUSED),
                name="goods_return_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="goods_return_explained"),
            models.CheckConstraint(
                condition=Q(condition__in=ReturnCondition.values), name="goods_return_condition_known"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | Q(decision__in=ReturnDecision.values, decided_by__isnull=False, decided_at__isnull=False),
                name="goods_return_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="goods_return_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(decision=ReturnDecision.REFUSED) | ~Q(decision_reason=""),
                name="goods_return_refusal_explained",
            ),
        ]
        triggers: ClassVar = counter_triggers.GOODS_RETURN

    def __str__(self) -> str:
        return f"{self.pk}"
