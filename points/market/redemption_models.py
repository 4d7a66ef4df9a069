"""Redemptions: goods set aside for somebody, and handed over once.

Two kinds of people get goods: a volunteer against held points, and a household in difficulty without points.
Both are one row of the same table, with the same code and the same hand-over, so that nobody in the queue can
tell them apart (rules.md D4 “need-based issue”).
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.market import counter_triggers, triggers
from points.market.choices import Channel, Confirmation, RedemptionStatus
from points.market.models import Product, Store
from points.market.slot_models import ServiceSlot

CODE_FORM = r"^[2-9A-HJKMNP-Z]{10}$"
HANDED_OVER = (RedemptionStatus.COLLECTED, RedemptionStatus.RETURNED)


class Redemption(models.Model):
    """Goods set aside for a volunteer against held points."""

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("志愿者"),
        null=True,
        blank=True,
        db_index=False,  # here and below: Meta.indexes has one that begins with it
    )
    household = models.ForeignKey(
        "volunteers.Household",
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("家庭"),
        null=True,
        blank=True,
        db_index=False,
        help_text=_("志愿者兑换时所在的家庭，或接受帮扶的家庭。"),
    )
    channel = models.CharField(_("方式"), max_length=8, choices=Channel.choices, default=Channel.PHONE)
    store = models.ForeignKey(
        Store,
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("慈善超市"),
        db_index=False,
    )
    status = models.CharField(
        _("状态"), max_length=10, choices=RedemptionStatus.choices, default=RedemptionStatus.RESERVED
    )
    code = models.CharField(_("领取码"), max_length=10)
    points = models.PositiveIntegerField(_("积分"))
    created_at = models.DateTimeField(_("预约时间"))
    reserved_until = models.DateTimeField(_("保留至"))
    collected_at = models.DateTimeField(_("领取时间"), null=True, blank=True)
    collected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("发放人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    settled_at = models.DateTimeField(_("了结时间"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("开单人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    confirmation = models.CharField(
        _("确认方式"), max_length=16, choices=Confirmation.choices, blank=True, default=""
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("确认人"),
        null=True,
        blank=True,
        db_index=False,
    )

    class Meta:
        verbose_name = _("兑换")
        verbose_name_plural = _("兑换")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("volunteer", "-id"), name="redemption_by_volunteer"),
            models.Index(
                fields=("household", "-id"),
                name="redemption_by_household",
                condition=Q(household__isnull=False),
            ),
            models.Index(fields=("store", "-id"), name="redemption_by_store"),
            models.Index(
                fields=("reserved_until", "id"),
                name="redemption_due",
                condition=Q(status=RedemptionStatus.RESERVED),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("code",), name="redemption_code_once"),
            models.CheckConstraint(condition=Q(code__regex=CODE_FORM), name="redemption_code_form"),
            models.CheckConstraint(
                condition=Q(volunteer__isnull=False, points__gte=1) & ~Q(channel=Channel.RELIEF)
                | Q(volunteer__isnull=True, household__isnull=False, points=0, channel=Channel.RELIEF),
                name="redemption_points_or_need",
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="redemption_channel_known"),
            models.CheckConstraint(
                condition=Q(confirmation="", confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (
                    Q(confirmation__in=Confirmation.values, channel=Channel.COUNTER)
                    & Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                ),
                name="redemption_confirmed_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.COUNTER)
                | (
                    Q(started_by__isnull=False) & (~Q(status__in=HANDED_OVER) | Q(confirmed_at__isnull=False))
                ),
                name="redemption_counter_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(confirmation=Confirmation.SECOND_PERSON) | ~Q(confirmed_by=F("started_by")),
                name="redemption_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reserved_until__gt=F("created_at")), name="redemption_reserved_forward"
            ),
            models.CheckConstraint(
                condition=Q(status__in=HANDED_OVER, collected_at__isnull=False, collected_by__isnull=False)
                | (~Q(status__in=HANDED_OVER) & Q(collected_at__isnull=True, collected_by__isnull=True)),
                name="redemption_collected_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status=RedemptionStatus.RESERVED, settled_at__isnull=True)
                | (~Q(status=RedemptionStatus.RESERVED) & Q(settled_at__isnull=False)),
                name="redemption_settled_when",
            ),
        ]
        triggers: ClassVar = [*triggers.REDEMPTION, *counter_triggers.REDEMPTION]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def recipient_name(self) -> str:
        """The full name of who gets the goods; mask it before it is shown."""
        if self.volunteer is not None:
            return self.volunteer.name
        return self.household.name.open() if self.household is not None else ""

    @property
    def worth(self) -> int:
        """Its price in points as the counter shows it: goods for a family in need look like any other's."""
        return self.points or sum(line.product.points * line.quantity for line in self.lines.all())


class RedemptionLine(models.Model):
    """So many of one product at one price; goods near expiry are cheaper and stand on a line of their own.

    A line of a service names its slot.
    """

    redemption = models.ForeignKey(
        Redemption,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("兑换"),
        db_index=False,  # redemption_product_price_once begins with it
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="redemption_lines", verbose_name=_("商品")
    )
    quantity = models.PositiveIntegerField(_("数量"))
    unit_points = models.PositiveIntegerField(_("单价（积分）"))
    slot = models.ForeignKey(
        ServiceSlot,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("时段"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("兑换明细")
        verbose_name_plural = _("兑换明细")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("redemption", "product", "unit_points"), name="redemption_product_price_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, unit_points__gte=0), name="redemption_line_positive"
            ),
        ]
        triggers: ClassVar = [append_only("redemption_line_append_only"), *triggers.REDEMPTION_LINE]

    def __str__(self) -> str:
        return f"{self.product_id} × {self.quantity}"
