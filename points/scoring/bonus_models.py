"""The bonuses volunteers were given beside their minutes."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from points.ledger.models import Transfer
from points.scoring import triggers
from points.scoring.models import RuleSet


class BonusKind(models.TextChoices):
    """What a bonus is for."""

    FIRST_SERVICE = "first_service", _("首次服务")
    MONTHS_IN_A_ROW = "months_in_a_row", _("连续服务")


class BonusAward(models.Model):
    """A bonus, the record that carries it, and its transfer. It is given whole and taken back whole, once.

    `month` is the first day of the month a row ended with and `months` the length of that row; a first
    service has neither. What was taken back stays as a row; the same bonus may be given again by another one.
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="bonuses",
        verbose_name=_("志愿者"),
    )
    kind = models.CharField(_("类型"), max_length=20, choices=BonusKind.choices)
    month = models.DateField(_("月份"), null=True, blank=True)
    months = models.PositiveSmallIntegerField(_("连续月数"), null=True, blank=True)
    record = models.ForeignKey(
        "volunteers.ServiceRecord",
        on_delete=models.PROTECT,
        related_name="bonuses",
        verbose_name=_("服务记录"),
    )
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, related_name="bonuses", verbose_name=_("积分规则"), db_index=False
    )
    points = models.PositiveIntegerField(_("积分"))
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, db_index=False, related_name="bonuses", verbose_name=_("转账")
    )
    at = models.DateTimeField(_("时间"))
    taken_back_at = models.DateTimeField(_("收回时间"), null=True, blank=True)
    taken_back = models.ForeignKey(
        Transfer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="bonuses_taken_back",
        verbose_name=_("收回转账"),
    )

    class Meta:
        verbose_name = _("奖励积分")
        verbose_name_plural = _("奖励积分")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("volunteer",),
                condition=Q(kind=BonusKind.FIRST_SERVICE, taken_back_at__isnull=True),
                name="bonus_first_service_once",
            ),
            models.UniqueConstraint(
                fields=("volunteer", "month"),
                condition=Q(kind=BonusKind.MONTHS_IN_A_ROW, taken_back_at__isnull=True),
                name="bonus_month_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=BonusKind.FIRST_SERVICE, month__isnull=True, months__isnull=True)
                | Q(kind=BonusKind.MONTHS_IN_A_ROW, month__isnull=False, months__gte=2),
                name="bonus_kind_sound",
            ),
            models.UniqueConstraint(fields=("transfer",), name="bonus_transfer_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="bonus_points_positive"),
            models.CheckConstraint(
                condition=Q(taken_back__isnull=True) | Q(taken_back_at__isnull=False),
                name="bonus_taken_back_dated",
            ),
        ]
        triggers: ClassVar = triggers.BONUS

    def __str__(self) -> str:
        return f"{self.kind} {self.points:+d}"
