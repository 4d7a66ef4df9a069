"""Counts and notices of a store's stock; transfers and recalls have their own files.

A product stands on one shelf (`Product.location`), not a batch: deliveries of one product stand together, a
count walks shelf by shelf with a phone, and which delivery goes first is decided by expiry and not by place.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.market.choices import ProductCategory
from points.market.models import Batch, Product, ShelfLocation, StockMove, Store
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import triggers
from points.stockroom.states import LIVE_COUNTS, CountScope, CountStatus, NoticeKind


class StockCount(models.Model):
    """Counting a store, or part of it: blind, then decided by somebody who has not counted."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="counts", verbose_name=_("慈善超市")
    )
    scope = models.CharField(_("范围"), max_length=8, choices=CountScope.choices)
    category = models.CharField(
        _("类别"), max_length=12, choices=ProductCategory.choices, blank=True, default=""
    )
    location = models.ForeignKey(
        ShelfLocation,
        on_delete=models.PROTECT,
        related_name="counts",
        verbose_name=_("货位"),
        null=True,
        blank=True,
    )
    status = models.CharField(_("状态"), max_length=9, choices=CountStatus.choices, default=CountStatus.OPEN)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("开始人")
    )
    opened_at = models.DateTimeField(_("开始时间"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("结束人"),
        null=True,
        blank=True,
    )
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("复核人"),
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    reason = models.CharField(_("说明"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("盘点")
        verbose_name_plural = _("盘点")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("store",), condition=Q(status__in=LIVE_COUNTS), name="stock_count_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(scope__in=CountScope.values), name="stock_count_scope_known"),
            models.CheckConstraint(
                condition=Q(scope=CountScope.ALL, category="", location__isnull=True)
                | Q(scope=CountScope.CATEGORY, category__in=ProductCategory.values, location__isnull=True)
                | Q(scope=CountScope.LOCATION, category="", location__isnull=False),
                name="stock_count_scope_sound",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(CountStatus.CLOSED, CountStatus.APPROVED))
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="stock_count_closed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LIVE_COUNTS, decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(status__in=LIVE_COUNTS) & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="stock_count_decided_by_someone",
            ),
        ]
        triggers: ClassVar = triggers.STOCK_COUNT

    def __str__(self) -> str:
        return f"{self.pk}"


class CountLine(models.Model):
    """What somebody found of one product with one expiry, or of one batch; the latest of each stands.

    `book` is what the stock said at that moment. The trigger writes it, and nobody reads it before the count
    is closed. Because the difference is taken against it, goods handed out later do not matter.
    """

    count = models.ForeignKey(
        StockCount, on_delete=models.PROTECT, related_name="lines", verbose_name=_("盘点")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="count_lines", verbose_name=_("商品")
    )
    expires_on = models.DateField(_("保质期至"), null=True, blank=True)
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        related_name="count_lines",
        verbose_name=_("批次"),
        null=True,
        blank=True,
    )
    counted = models.PositiveIntegerField(_("实点"))
    book = models.IntegerField(_("账面"), default=0)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("盘点人")
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("盘点明细")
        verbose_name_plural = _("盘点明细")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(counted__gte=0, counted__lte=MOST_OF_A_BATCH), name="count_line_not_negative"
            ),
        ]
        triggers: ClassVar = [append_only("count_line_append_only"), *triggers.COUNT_LINE]

    def __str__(self) -> str:
        return f"{self.product_id} × {self.counted}"

    @property
    def difference(self) -> int:
        """How many more were found than the book said; negative when some are missing."""
        return self.counted - self.book


class CountAdjustment(models.Model):
    """The stock move that a line of an approved count led to."""

    line = models.ForeignKey(
        CountLine, on_delete=models.PROTECT, related_name="adjustments", verbose_name=_("盘点明细")
    )
    move = models.OneToOneField(
        StockMove, on_delete=models.PROTECT, related_name="count_adjustment", verbose_name=_("库存流水")
    )

    class Meta:
        verbose_name = _("盘点调整")
        verbose_name_plural = _("盘点调整")
        triggers: ClassVar = [append_only("count_adjustment_append_only"), *triggers.COUNT_ADJUSTMENT]

    def __str__(self) -> str:
        return f"{self.line_id} → {self.move_id}"


class StockNotice(models.Model):
    """Something a keeper has to look at, told once and ended when it is over."""

    kind = models.CharField(_("类型"), max_length=8, choices=NoticeKind.choices)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="stock_notices", verbose_name=_("商品")
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        related_name="stock_notices",
        verbose_name=_("批次"),
        null=True,
        blank=True,
    )
    opened_at = models.DateTimeField(_("发现时间"))
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("库存提醒")
        verbose_name_plural = _("库存提醒")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("product",),
                condition=Q(kind=NoticeKind.SHORTAGE, ended_at__isnull=True),
                name="stock_notice_shortage_once",
            ),
            models.UniqueConstraint(
                fields=("batch",),
                condition=Q(kind=NoticeKind.EXPIRED, ended_at__isnull=True),
                name="stock_notice_expired_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.SHORTAGE, batch__isnull=True)
                | Q(kind=NoticeKind.EXPIRED, batch__isnull=False),
                name="stock_notice_about_something",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("opened_at")),
                name="stock_notice_ends_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.product_id}"
