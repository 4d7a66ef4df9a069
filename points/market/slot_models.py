"""Times at which a service is given, such as an afternoon of haircuts, and who took which places.

A service has no stock; its slots have places. `ServiceSlot.taken` changes only through `SlotMove` rows, which
are append-only and whose trigger moves it, and a CHECK keeps it within the capacity: many hands may reach
for the last place, and one gets it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.market import triggers
from points.market.choices import SlotMoveKind
from points.market.models import Product
from points.market.rules import MOST_PLACES


class ServiceSlot(models.Model):
    """A time at which so many people can be served. It stays as it was made, but for its places."""

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="slots", verbose_name=_("服务")
    )
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    capacity = models.PositiveSmallIntegerField(_("名额"))
    taken = models.IntegerField(_("已约"), default=0)
    closed_at = models.DateTimeField(_("停止预约"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("开设人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )

    class Meta:
        verbose_name = _("服务时段")
        verbose_name_plural = _("服务时段")
        ordering = ("-starts_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("product", "starts_at"), name="slot_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_forward"),
            models.CheckConstraint(condition=Q(capacity__range=(1, MOST_PLACES)), name="slot_capacity_sane"),
            models.CheckConstraint(
                condition=Q(taken__gte=0, taken__lte=F("capacity")), name="slot_taken_within"
            ),
        ]
        triggers: ClassVar = triggers.SERVICE_SLOT

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def left(self) -> int:
        """Places that are still free."""
        return self.capacity - self.taken


class SlotMove(models.Model):
    """Places taken by a redemption, or given back by it; the trigger carries it into the slot."""

    slot = models.ForeignKey(
        ServiceSlot, on_delete=models.PROTECT, related_name="moves", verbose_name=_("时段")
    )
    kind = models.CharField(_("类型"), max_length=4, choices=SlotMoveKind.choices)
    quantity = models.PositiveIntegerField(_("数量"))
    redemption = models.ForeignKey(
        "points.Redemption", on_delete=models.PROTECT, related_name="slot_moves", verbose_name=_("兑换")
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("时段流水")
        verbose_name_plural = _("时段流水")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=SlotMoveKind.values), name="slot_move_kind_known"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="slot_move_quantity_positive"),
            models.UniqueConstraint(fields=("redemption", "slot", "kind"), name="slot_move_once"),
        ]
        triggers: ClassVar = [append_only("slot_move_append_only"), *triggers.SLOT_MOVE]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
