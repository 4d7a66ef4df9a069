"""Stores, products and deliveries; who takes goods home is in redemption_models.py.

A `Batch` is one delivery with one expiry. Its counts change only through `StockMove` rows, which are
append-only and whose trigger moves them; CHECKs keep them sane.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.market import triggers
from points.market.choices import (
    ARRIVALS,
    EXPLAINED,
    OF_REDEMPTION,
    MoveKind,
    ProductCategory,
    ProductStatus,
    StoreStatus,
)


class Store(models.Model):
    """A charity supermarket."""

    name = models.CharField(_("名称"), max_length=80)
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="stores", verbose_name=_("区划")
    )
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="stores", verbose_name=_("管理组织")
    )
    address = models.CharField(_("地址"), max_length=200)
    phone = models.CharField(_("门店电话"), max_length=20, blank=True, default="")
    opening = models.JSONField(_("开放时间"), default=dict, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=StoreStatus.choices, default=StoreStatus.OPEN)

    class Meta:
        verbose_name = _("慈善超市")
        verbose_name_plural = _("慈善超市")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "name"), name="store_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="store_named"),
            models.CheckConstraint(condition=Q(status__in=StoreStatus.values), name="store_status_known"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("opening"), function="jsonb_typeof", output_field=models.TextField()),
                    Value("object"),
                ),
                name="store_opening_object",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Goods of one store with their price in points."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="products", verbose_name=_("慈善超市")
    )
    name = models.CharField(_("名称"), max_length=80)
    unit = models.CharField(_("单位"), max_length=10)
    category = models.CharField(_("类别"), max_length=12, choices=ProductCategory.choices)
    points = models.PositiveIntegerField(_("积分"))
    barcode = models.CharField(_("条码"), max_length=32, null=True, blank=True)
    monthly_limit = models.PositiveSmallIntegerField(_("每人每月限兑"), null=True, blank=True)
    status = models.CharField(
        _("状态"), max_length=10, choices=ProductStatus.choices, default=ProductStatus.ON_SHELF
    )
    picture = models.CharField(_("图片"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("商品")
        verbose_name_plural = _("商品")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("store", "barcode"), name="product_barcode_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(unit=""), name="product_named"),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=1_000_000), name="product_points_sane"
            ),
            models.CheckConstraint(
                condition=Q(monthly_limit__isnull=True) | Q(monthly_limit__gte=1),
                name="product_monthly_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(barcode__isnull=True) | ~Q(barcode=""), name="product_barcode_not_empty"
            ),
            models.CheckConstraint(condition=Q(status__in=ProductStatus.values), name="product_status_known"),
            models.CheckConstraint(
                condition=Q(category__in=ProductCategory.values), name="product_category_known"
            ),
        ]
        triggers: ClassVar = triggers.PRODUCT

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """One delivery of one product. `expires_on` is its last usable day; without one it keeps."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="batches", verbose_name=_("慈善超市")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="batches", verbose_name=_("商品")
    )
    root = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="descendants",
        verbose_name=_("原批次"),
        null=True,
        blank=True,
        help_text=_("从别家慈善超市调来的货，记它最初入库的批次。"),
    )
    received = models.PositiveIntegerField(_("入库"), default=0)
    counted_up = models.PositiveIntegerField(_("盘盈"), default=0)
    on_hand = models.IntegerField(_("在库"), default=0)
    reserved = models.IntegerField(_("已预留"), default=0)
    expires_on = models.DateField(_("保质期至"), null=True, blank=True)
    received_at = models.DateTimeField(_("入库时间"))
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("批次")
        verbose_name_plural = _("批次")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=("product", "expires_on", "id"), name="batch_in_stock", condition=Q(on_hand__gt=0)
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(on_hand__gte=0, reserved__gte=0), name="batch_not_negative"),
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="batch_reserved_within"),
            models.CheckConstraint(
                condition=Q(on_hand__lte=F("received") + F("counted_up")), name="batch_within_received"
            ),
            models.CheckConstraint(
                condition=Q(root__isnull=True) | ~Q(root=F("id")), name="batch_root_is_another"
            ),
        ]
        triggers: ClassVar = triggers.BATCH

    def __str__(self) -> str:
        return f"{self.pk}"


class StockMove(models.Model):
    """One thing that happened to goods of a batch; the trigger carries it into the batch's counts."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="moves", verbose_name=_("批次"))
    kind = models.CharField(_("类型"), max_length=12, choices=MoveKind.choices)
    quantity = models.PositiveIntegerField(_("数量"))
    redemption = models.ForeignKey(
        "points.Redemption",
        on_delete=models.PROTECT,
        related_name="moves",
        verbose_name=_("兑换"),
        null=True,
        blank=True,
    )
    reason = models.CharField(_("原因"), max_length=200, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("经手人"),
        null=True,
        blank=True,
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("库存流水")
        verbose_name_plural = _("库存流水")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=MoveKind.values), name="stock_move_kind_known"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="stock_move_quantity_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=OF_REDEMPTION, redemption__isnull=False)
                | (~Q(kind__in=OF_REDEMPTION) & Q(redemption__isnull=True)),
                name="stock_move_names_redemption",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=EXPLAINED) | (~Q(reason="") & Q(made_by__isnull=False)),
                name="stock_write_off_explained",
            ),
            models.UniqueConstraint(
                fields=("redemption", "batch", "kind"), name="stock_move_once_per_redemption"
            ),
            models.UniqueConstraint(
                fields=("redemption", "batch"),
                condition=Q(kind__in=(MoveKind.RELEASE, MoveKind.ISSUE)),
                name="stock_reservation_settled_once",
            ),
            models.UniqueConstraint(
                fields=("batch",), condition=Q(kind__in=ARRIVALS), name="stock_batch_received_once"
            ),
        ]
        triggers: ClassVar = [append_only("stock_move_append_only"), *triggers.STOCK_MOVE]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
