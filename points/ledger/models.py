"""The book: accounts, transfers between them, entries, and the lots in which points age.

A transfer is a fact with a business key; its entries sum to zero. Points a volunteer gets arrive as a lot
with one expiry; points they lose leave the lots oldest expiry first, and every such use of a lot is a row.
Nothing here is changed or removed: an error is corrected by a later transfer (docs/ledger.md).
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.ledger import triggers

WARNING_STAGES = (30, 7)  # days ahead (rules.md D, default policy: “warnings at 30/7 days”)


def last_day_of(expires_at: datetime) -> date:
    """Return the last day before the instant at which points are gone: midnight belongs to the day before."""
    return localdate(expires_at - timedelta(microseconds=1))


class AccountKind(models.TextChoices):
    """Whose points they are. Every kind but the first exists once."""

    VOLUNTEER = "volunteer", _("志愿者账户")
    ISSUANCE = "issuance", _("积分发放")
    HELD = "held", _("兑换冻结")
    REDEEMED = "redeemed", _("已兑换")
    EXPIRED = "expired", _("已到期")
    CHARITY_POOL = "charity_pool", _("慈善积分池")
    ADJUSTMENT = "adjustment", _("调整")


class TransferKind(models.TextChoices):
    """Why points moved."""

    AWARD = "award", _("服务积分")
    HOLD = "hold", _("兑换冻结")
    CAPTURE = "capture", _("兑换完成")
    RELEASE = "release", _("退回冻结")
    EXPIRE = "expire", _("积分到期")
    REVERSAL = "reversal", _("撤销扣回")
    REFUND = "refund", _("退货退回")
    GIFT = "gift", _("赠出")
    ADJUSTMENT = "adjustment", _("调整")


SETTLEMENTS = (TransferKind.CAPTURE, TransferKind.RELEASE)
UNDOINGS = (TransferKind.REVERSAL, TransferKind.REFUND)  # each names the transfer it takes back, once


class Account(models.Model):
    """Where points are. `balance` is kept by the database, for volunteers only.

    System accounts keep no running balance on purpose: it would be one row that every award of a province has
    to lock. Their sum is read from the entries when somebody asks.
    """

    kind = models.CharField(_("类型"), max_length=12, choices=AccountKind.choices)
    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="point_accounts",
        verbose_name=_("志愿者"),
    )
    balance = models.BigIntegerField(_("余额"), default=0)
    may_go_negative = models.BooleanField(_("允许欠分"), default=False)

    class Meta:
        verbose_name = _("积分账户")
        verbose_name_plural = _("积分账户")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="account_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.VOLUNTEER, volunteer__isnull=False)
                | (~Q(kind=AccountKind.VOLUNTEER) & Q(volunteer__isnull=True)),
                name="account_volunteer_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=0) | Q(kind=AccountKind.VOLUNTEER, may_go_negative=True),
                name="account_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.VOLUNTEER) | Q(balance=0, may_go_negative=False),
                name="account_system_keeps_no_balance",
            ),
            models.UniqueConstraint(fields=("volunteer",), name="account_one_per_volunteer"),
            models.UniqueConstraint(
                fields=("kind",), condition=Q(volunteer__isnull=True), name="account_one_per_system_kind"
            ),
        ]
        triggers = triggers.ACCOUNT

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.volunteer_id or ''}".strip()


class Transfer(models.Model):
    """One movement of points, named by a business key that can be used once, and told in one sentence."""

    key = models.CharField(_("业务编号"), max_length=100)
    kind = models.CharField(_("类型"), max_length=12, choices=TransferKind.choices)
    at = models.DateTimeField(_("时间"))
    business_day = models.DateField(_("业务日"))
    sentence_zh = models.CharField(_("说明"), max_length=300)
    sentence_en = models.CharField(_("英文说明"), max_length=300)
    source_type = models.CharField(_("来源"), max_length=30)
    source_id = models.BigIntegerField(_("来源编号"))
    rule_version = models.CharField(_("规则版本"), max_length=30, null=True, blank=True)
    reverses = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="reversals",
        verbose_name=_("撤销"),
    )
    settles = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="settlements",
        verbose_name=_("了结冻结"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("经办人"),
    )

    class Meta:
        verbose_name = _("积分转账")
        verbose_name_plural = _("积分转账")
        ordering = ("-id",)
        indexes = [models.Index(fields=("business_day", "id"), name="transfer_by_day")]
        constraints = [
            models.UniqueConstraint(fields=("key",), name="transfer_key_once"),
            models.UniqueConstraint(
                fields=("reverses",), condition=Q(reverses__isnull=False), name="transfer_reversed_once"
            ),
            models.UniqueConstraint(
                fields=("settles",), condition=Q(settles__isnull=False), name="transfer_settled_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=TransferKind.values), name="transfer_kind_known"),
            models.CheckConstraint(
                condition=Q(kind__in=UNDOINGS, reverses__isnull=False)
                | (~Q(kind__in=UNDOINGS) & Q(reverses__isnull=True)),
                name="transfer_reverses_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SETTLEMENTS, settles__isnull=False)
                | (~Q(kind__in=SETTLEMENTS) & Q(settles__isnull=True)),
                name="transfer_settles_by_kind",
            ),
        ]
        triggers = [append_only("transfer_append_only"), *triggers.TRANSFER]

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """One leg of a transfer: what one account gained (+) or gave (−)."""

    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, db_index=False, related_name="entries", verbose_name=_("转账")
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="entries", verbose_name=_("账户")
    )
    amount = models.IntegerField(_("积分"))

    class Meta:
        verbose_name = _("积分分录")
        verbose_name_plural = _("积分分录")
        ordering = ("-id",)
        indexes = [models.Index(fields=("account", "-id"), name="entry_by_account")]
        constraints = [
            models.UniqueConstraint(fields=("transfer", "account"), name="entry_once_per_account"),
            models.CheckConstraint(condition=~Q(amount=0), name="entry_amount_not_zero"),
        ]
        triggers = [append_only("entry_append_only"), *triggers.ENTRY]

    def __str__(self) -> str:
        return f"{self.amount:+d}"


class Lot(models.Model):
    """Points that arrived together and expire together. `remaining` is kept by the database from the uses.

    `expires_at` is the first instant at which the points are gone. It may only move later: points released
    into a lot that has expired meanwhile get a grace period.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="lots", verbose_name=_("账户")
    )
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, db_index=False, related_name="lots", verbose_name=_("转账")
    )
    amount = models.IntegerField(_("积分"))
    remaining = models.IntegerField(_("剩余"))
    expires_at = models.DateTimeField(_("到期时间"))

    class Meta:
        verbose_name = _("积分批次")
        verbose_name_plural = _("积分批次")
        ordering = ("expires_at", "id")
        indexes = [
            models.Index(
                fields=("account", "expires_at", "id"),
                include=("remaining",),
                condition=Q(remaining__gt=0),
                name="lot_open_by_account",
            ),
            models.Index(fields=("expires_at",), condition=Q(remaining__gt=0), name="lot_open_by_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("transfer", "account"), name="lot_once_per_transfer"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="lot_amount_positive"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("amount")), name="lot_remaining_in_range"
            ),
        ]
        triggers = triggers.LOT

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"

    @property
    def last_day(self) -> date:
        """The last day on which the points can be used."""
        return last_day_of(self.expires_at)


class ExpiryWarning(models.Model):
    """A volunteer was told that points are about to expire: once per expiry and stage, never taken back.

    `stage` is how many days ahead the warning speaks, `points` what was left at that moment.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="warnings", verbose_name=_("账户")
    )
    stage = models.PositiveSmallIntegerField(_("提前天数"))
    expires_at = models.DateTimeField(_("到期时间"))
    points = models.PositiveIntegerField(_("积分"))
    warned_at = models.DateTimeField(_("提醒时间"))

    class Meta:
        verbose_name = _("到期提醒")
        verbose_name_plural = _("到期提醒")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("account", "stage", "expires_at"), name="expiry_warning_once"),
            models.CheckConstraint(condition=Q(stage__in=WARNING_STAGES), name="expiry_warning_stage_known"),
            models.CheckConstraint(condition=Q(points__gte=1), name="expiry_warning_about_points"),
            models.CheckConstraint(condition=Q(warned_at__lt=F("expires_at")), name="expiry_warning_in_time"),
        ]
        triggers = [append_only("expiry_warning_append_only")]

    def __str__(self) -> str:
        return f"{self.stage}: {self.points}"

    @property
    def last_day(self) -> date:
        """The last day on which the points can be used."""
        return last_day_of(self.expires_at)


class LotUse(models.Model):
    """What a transfer took from a lot (−) or gave back to it (+)."""

    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, related_name="lot_uses", verbose_name=_("转账")
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="uses", verbose_name=_("批次"))
    amount = models.IntegerField(_("积分"))

    class Meta:
        verbose_name = _("批次使用")
        verbose_name_plural = _("批次使用")
        ordering = ("-id",)
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="lot_use_amount_not_zero")]
        triggers = [append_only("lot_use_append_only"), *triggers.LOT_USE]

    def __str__(self) -> str:
        return f"{self.amount:+d}"


class ClosedDay(models.Model):
    """A business day nothing can be written into any more. Days are closed one after the other."""

    day = models.DateField(_("业务日"))
    closed_at = models.DateTimeField(_("结账时间"))

    class Meta:
        verbose_name = _("已结账的日子")
        verbose_name_plural = _("已结账的日子")
        ordering = ("-day",)
        constraints = [models.UniqueConstraint(fields=("day",), name="closed_day_once")]
        triggers = [append_only("closed_day_append_only"), *triggers.CLOSED_DAY]

    def __str__(self) -> str:
        return str(self.day)
