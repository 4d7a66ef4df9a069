"""A ballot, the goods set aside for it, and who entered.

Tickets are public, and random; whose ticket it is, its owner knows. The secret is sealed until the draw.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from points.ballots import triggers
from points.ballots.choices import BallotStatus, Outcome
from points.ballots.states import FIRST
from points.market.models import Batch, Product, Store
from points.market.redemption_models import Redemption

_DIGEST = r"^[0-9a-f]{64}$"
_DIGEST_OR_NOTHING = r"^([0-9a-f]{64})?$"
_AFTER_DRAW = (BallotStatus.DRAWN, BallotStatus.DONE)


class Ballot(models.Model):
    """So many units of one product, one to a winner, at a price in points that losers keep."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("慈善超市")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("商品")
    )
    units = models.PositiveIntegerField(_("数量"))
    points = models.PositiveIntegerField(_("积分"))
    opens_at = models.DateTimeField(_("报名开始"))
    closes_at = models.DateTimeField(_("报名截止"))
    draw_at = models.DateTimeField(_("抽签时间"))
    status = models.CharField(_("状态"), max_length=10, choices=BallotStatus.choices, default=FIRST)
    commitment = models.CharField(_("承诺摘要"), max_length=64)
    secret = SealedField(_("密数"), purpose="points.ballot_secret")
    revealed = models.CharField(_("公布的密数"), max_length=64, blank=True, default="")
    head = models.CharField(_("账目摘要"), max_length=64, blank=True, default="")
    head_day = models.DateField(_("账目日期"), null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("开设人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    opened_at = models.DateTimeField(_("开设时间"))
    drawn_at = models.DateTimeField(_("抽签完成时间"), null=True, blank=True)
    settled_at = models.DateTimeField(_("了结时间"), null=True, blank=True)
    cancel_reason = models.CharField(_("取消理由"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("抽签")
        verbose_name_plural = _("抽签")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=("draw_at",),
                name="ballot_due",
                condition=Q(status__in=(BallotStatus.OPEN, BallotStatus.DRAWN)),
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(units__gte=1, units__lte=1000, points__gte=1, points__lte=1_000_000),
                name="ballot_units_positive",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__gte=F("opened_at"), closes_at__gt=F("opens_at"))
                & Q(draw_at__gt=F("closes_at")),
                name="ballot_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(commitment__regex=_DIGEST, revealed__regex=_DIGEST_OR_NOTHING)
                & Q(head__regex=_DIGEST_OR_NOTHING),
                name="ballot_digests_are_digests",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status__in=_AFTER_DRAW, drawn_at__gte=F("draw_at"), head_day__isnull=False)
                    & ~Q(revealed="")
                    & ~Q(head="")
                )
                | Q(
                    status__in=(BallotStatus.OPEN, BallotStatus.CANCELLED),
                    drawn_at__isnull=True,
                    head_day__isnull=True,
                    revealed="",
                    head="",
                ),
                name="ballot_drawn_with_seed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(BallotStatus.DONE, BallotStatus.CANCELLED), settled_at__isnull=False)
                | Q(status__in=(BallotStatus.OPEN, BallotStatus.DRAWN), settled_at__isnull=True),
                name="ballot_settled_when",
            ),
            models.CheckConstraint(
                condition=(Q(status=BallotStatus.CANCELLED) & ~Q(cancel_reason=""))
                | (~Q(status=BallotStatus.CANCELLED) & Q(cancel_reason="")),
                name="ballot_cancelled_explained",
            ),
        ]
        triggers: ClassVar = triggers.BALLOT

    def __str__(self) -> str:
        return f"{self.pk}"


class BallotLot(models.Model):
    """Units of one batch set aside for a ballot; `left_over` of them nobody has yet."""

    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="lots", verbose_name=_("抽签"))
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", verbose_name=_("批次"))
    quantity = models.PositiveIntegerField(_("数量"))
    left_over = models.PositiveIntegerField(_("剩余"))

    class Meta:
        verbose_name = _("抽签留出")
        verbose_name_plural = _("抽签留出")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("ballot", "batch"), name="ballot_lot_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, left_over__lte=F("quantity")), name="ballot_lot_within"
            ),
        ]
        triggers: ClassVar = triggers.LOT

    def __str__(self) -> str:
        return f"{self.pk}"


class BallotEntry(models.Model):
    """A volunteer's ticket. `household` is where they lived when they entered; one entry comes from there."""

    ballot = models.ForeignKey(
        Ballot, on_delete=models.PROTECT, related_name="entries", verbose_name=_("抽签"), db_index=False
    )
    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="ballot_entries",
        verbose_name=_("志愿者"),
    )
    household = models.ForeignKey(
        "volunteers.Household",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("家庭"),
        null=True,
        blank=True,
        db_index=False,
    )
    ticket = models.CharField(_("号码"), max_length=10)
    entered_at = models.DateTimeField(_("报名时间"))
    rank = models.PositiveIntegerField(_("名次"), null=True, blank=True)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    redemption = models.OneToOneField(
        Redemption,
        on_delete=models.PROTECT,
        related_name="ballot_entry",
        verbose_name=_("兑换"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("抽签报名")
        verbose_name_plural = _("抽签报名")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("ballot", "volunteer"), name="ballot_entry_once"),
            models.UniqueConstraint(
                fields=("ballot", "household"),
                condition=Q(household__isnull=False),
                name="ballot_entry_household_once",
            ),
            models.UniqueConstraint(fields=("ballot", "ticket"), name="ballot_ticket_once"),
            models.UniqueConstraint(
                fields=("ballot", "rank"), condition=Q(rank__isnull=False), name="ballot_rank_once"
            ),
            models.CheckConstraint(condition=Q(ticket__regex=r"^[1-9][0-9]{9}$"), name="ballot_ticket_form"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.WON, redemption__isnull=False, rank__isnull=False)
                | Q(outcome__in=(Outcome.PASSED, Outcome.LOST), redemption__isnull=True, rank__isnull=False)
                | Q(outcome=Outcome.WAITING, redemption__isnull=True),
                name="ballot_entry_outcome_fits",
            ),
        ]
        triggers: ClassVar = triggers.ENTRY

    def __str__(self) -> str:
        return self.ticket
