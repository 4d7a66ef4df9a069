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
from backend.core.words import LINE_FORM, NAME_FORM
from points.market import triggers
from points.market.choices import (
    ARRIVALS,
    EXPLAINED,
    OF_REDEMPTION,
    LimitPeriod,
    MoveKind,
    ProductCategory,
    ProductKind,
    ProductStatus,
    StoreStatus,
)
from points.market.rules import MOST_OF_A_BATCH
from points.market.share_trigger import stock_relief_share_kept

SHELF_CODE_FORM = r"^[A-Z0-9]([A-Z0-9-]{0,10}[A-Z0-9])?$"  # as written on the shelf
BARCODE_FORM = r"^([0-9]{8}|[0-9]{13})$"
REGION_PREFIX_FORM = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?$"

MOST_DAYS_NEAR_EXPIRY = 365
OLDEST_MINIMUM_AGE = 120


class Store(models.Model):
    """A charity supermarket, with its policy of redeeming.

    The policy is practice, not law, and every figure may be changed (rules.md D4): a minimum balance [WZ: 10
    points], so many redemptions in a period [HL: once a quarter], cheaper shortly before expiry. The defaults
    leave all of it off.
    """

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
    minimum_balance = models.PositiveIntegerField(
        _("兑换门槛（积分）"), default=0, help_text=_("可用积分不到这么多，暂不能兑换；0 表示不设门槛。")
    )
    most_redemptions = models.PositiveSmallIntegerField(
        _("每人限兑次数"), null=True, blank=True, help_text=_("空着表示不限次数。")
    )
    redemptions_period = models.CharField(
        _("次数周期"), max_length=8, choices=LimitPeriod.choices, default=LimitPeriod.MONTH
    )
    near_expiry_days = models.PositiveSmallIntegerField(
        _("临期天数"), null=True, blank=True, help_text=_("离保质期多少天以内算临期；空着表示不打折。")
    )
    near_expiry_percent = models.PositiveSmallIntegerField(
        _("临期价（原价的百分之几）"), null=True, blank=True, help_text=_("70 即 7 折，积分向上取整。")
    )

    class Meta:
        verbose_name = _("慈善超市")
        verbose_name_plural = _("慈善超市")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "name"), name="store_name_once"),
            models.CheckConstraint(condition=Q(name__regex=NAME_FORM), name="store_named"),
            models.CheckConstraint(
                condition=Q(address__regex=LINE_FORM, phone__regex=LINE_FORM), name="store_words_plain"
            ),
            models.CheckConstraint(condition=Q(status__in=StoreStatus.values), name="store_status_known"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("opening"), function="jsonb_typeof", output_field=models.TextField()),
                    Value("object"),
                ),
                name="store_opening_object",
            ),
            models.CheckConstraint(condition=Q(minimum_balance__lte=1_000_000), name="store_minimum_sane"),
            models.CheckConstraint(
                condition=Q(most_redemptions__isnull=True) | Q(most_redemptions__gte=1),
                name="store_most_redemptions_positive",
            ),
            models.CheckConstraint(
                condition=Q(redemptions_period__in=LimitPeriod.values), name="store_period_known"
            ),
            models.CheckConstraint(
                condition=Q(near_expiry_days__isnull=True, near_expiry_percent__isnull=True)
                | Q(near_expiry_days__isnull=False, near_expiry_percent__isnull=False)
                & Q(near_expiry_days__lte=MOST_DAYS_NEAR_EXPIRY, near_expiry_percent__range=(1, 99)),
                name="store_near_expiry_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShelfLocation(models.Model):
    """A place in a store where goods stand, with the code that is written on it."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="locations", verbose_name=_("慈善超市")
    )
    code = models.CharField(_("编号"), max_length=12)
    name = models.CharField(_("名称"), max_length=40)

    class Meta:
        verbose_name = _("货位")
        verbose_name_plural = _("货位")
        ordering = ("store", "code")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("store", "code"), name="shelf_location_code_once"),
            models.CheckConstraint(condition=Q(code__regex=SHELF_CODE_FORM), name="shelf_location_code_form"),
            models.CheckConstraint(condition=Q(name__regex=NAME_FORM), name="shelf_location_named"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Product(models.Model):
    """Goods or a service of one store with its price in points, and who may have how much of it.

    A share per person, one per household, an age and a residence are practice (rules.md D4), off by default.
    `residents_only` is a prefix of region codes around the store: only who lives inside it may redeem. A
    barcode is EAN-13 or EAN-8 (GB 12904) with its check digit; EAN-13 from 20 to 29 are the store's own.
    """

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="products", verbose_name=_("慈善超市")
    )
    kind = models.CharField(_("种类"), max_length=8, choices=ProductKind.choices, default=ProductKind.GOODS)
    name = models.CharField(_("名称"), max_length=80)
    unit = models.CharField(_("单位"), max_length=10)
    category = models.CharField(_("类别"), max_length=12, choices=ProductCategory.choices)
    points = models.PositiveIntegerField(_("积分"))
    barcode = models.CharField(_("条码"), max_length=13, null=True, blank=True)
    person_limit = models.PositiveSmallIntegerField(_("每人限兑"), null=True, blank=True)
    household_limit = models.PositiveSmallIntegerField(_("每户限兑"), null=True, blank=True)
    limit_period = models.CharField(
        _("限兑周期"), max_length=8, choices=LimitPeriod.choices, default=LimitPeriod.MONTH
    )
    minimum_age = models.PositiveSmallIntegerField(_("最低年龄"), null=True, blank=True)
    residents_only = models.CharField(
        _("仅限居民（区划代码前缀）"),
        max_length=12,
        blank=True,
        default="",
        help_text=_("本店所在省、市、区县、街道或社区的代码；空着表示不限。"),
    )
    status = models.CharField(
        _("状态"), max_length=10, choices=ProductStatus.choices, default=ProductStatus.ON_SHELF
    )
    picture = models.CharField(_("图片"), max_length=80, blank=True, default="")
    location = models.ForeignKey(
        "points.ShelfLocation",
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name=_("货位"),
        null=True,
        blank=True,
    )
    minimum_stock = models.PositiveIntegerField(_("最低库存"), null=True, blank=True)
    relief_reserved = models.PositiveIntegerField(
        _("帮扶留出"),
        default=0,
        help_text=_("货架上总要留下这么多件给困难家庭，兑换和抽签不能动用。"),
    )

    class Meta:
        verbose_name = _("商品")
        verbose_name_plural = _("商品")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("store", "barcode"), name="product_barcode_once"),
            models.CheckConstraint(
                condition=Q(name__regex=NAME_FORM, unit__regex=NAME_FORM), name="product_named"
            ),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=1_000_000), name="product_points_sane"
            ),
            models.CheckConstraint(
                condition=(Q(person_limit__isnull=True) | Q(person_limit__gte=1))
                & (Q(household_limit__isnull=True) | Q(household_limit__gte=1)),
                name="product_limits_positive",
            ),
            models.CheckConstraint(
                condition=Q(limit_period__in=LimitPeriod.values), name="product_limit_period_known"
            ),
            models.CheckConstraint(
                condition=Q(minimum_age__isnull=True) | Q(minimum_age__range=(1, OLDEST_MINIMUM_AGE)),
                name="product_minimum_age_sane",
            ),
            models.CheckConstraint(
                condition=Q(residents_only__regex=REGION_PREFIX_FORM), name="product_residents_form"
            ),
            models.CheckConstraint(
                condition=Q(barcode__isnull=True) | Q(barcode__regex=BARCODE_FORM),
                name="product_barcode_form",
            ),
            models.CheckConstraint(condition=Q(kind__in=ProductKind.values), name="product_kind_known"),
            models.CheckConstraint(condition=Q(status__in=ProductStatus.values), name="product_status_known"),
            models.CheckConstraint(
                condition=Q(category__in=ProductCategory.values), name="product_category_known"
            ),
            models.CheckConstraint(
                condition=Q(minimum_stock__isnull=True)
                | Q(minimum_stock__gte=1, minimum_stock__lte=MOST_OF_A_BATCH),
                name="product_minimum_sane",
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
    recalled_at = models.DateTimeField(
        _("召回时间"),
        null=True,
        blank=True,
        help_text=_("商品召回后冻结：不能预留、发放和调出。只由召回记录写入。"),
    )

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
        db_index=False,  # stock_move_once_per_redemption begins with it
    )
    reason = models.CharField(_("原因"), max_length=200, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("经手人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
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
        triggers: ClassVar = [
            append_only("stock_move_append_only"),
            *triggers.STOCK_MOVE,
            stock_relief_share_kept(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
