"""Rule sets, and the award each record got under one."""

import hashlib
import json
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from backend.regions.codes import prefix_of
from points.ledger.models import Transfer
from points.scoring import triggers

_MARK: Final = 16


class RuleSetStatus(models.TextChoices):
    """draft → reviewed → active → retired; only a reviewed one can go back to draft."""

    DRAFT = "draft", _("草稿")
    REVIEWED = "reviewed", _("已复核")
    ACTIVE = "active", _("启用")
    RETIRED = "retired", _("停用")


class RuleSet(models.Model):
    """What service is worth in a region from a day on. Once active its content never changes."""

    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="rule_sets", verbose_name=_("区划")
    )
    version = models.PositiveIntegerField(_("版本"))
    effective_from = models.DateField(_("生效日期"))
    status = models.CharField(
        _("状态"), max_length=10, choices=RuleSetStatus.choices, default=RuleSetStatus.DRAFT
    )
    document = models.JSONField(_("规则内容"))
    created_at = models.DateTimeField(_("建立时间"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("制定人"),
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("复核人"),
    )

    class Meta:
        verbose_name = _("积分规则")
        verbose_name_plural = _("积分规则")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("region", "version"), name="rule_set_version_once"),
            models.UniqueConstraint(
                fields=("region", "effective_from"),
                condition=Q(status=RuleSetStatus.ACTIVE),
                name="rule_set_active_once",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="rule_set_version_positive"),
            models.CheckConstraint(
                condition=Q(status__in=RuleSetStatus.values), name="rule_set_status_known"
            ),
            # A preset comes with the platform and has no maker; whatever a person wrote needs a second one.
            models.CheckConstraint(
                condition=Q(status=RuleSetStatus.DRAFT)
                | Q(created_by__isnull=True)
                | (Q(reviewed_by__isnull=False) & ~Q(reviewed_by=F("created_by"))),
                name="rule_set_reviewed_by_another",
            ),
        ]
        triggers: ClassVar = triggers.RULE_SET

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """How transfers name this rule set: `5201.3` is the third version of Guiyang."""
        return f"{prefix_of(self.region_id)}.{self.version}"

    @property
    def edition(self) -> str:
        """A short mark of what it says and from when: two readings with the same mark read the same."""
        said = json.dumps([self.document, self.effective_from.isoformat()], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:_MARK]


class AwardKind(models.TextChoices):
    """Why a record's points changed."""

    SERVICE = "service", _("服务")
    REVERSAL = "reversal", _("撤销")
    SUPPLEMENT = "supplement", _("补计")
    RECOMPUTE = "recompute", _("重新计算")


class Award(models.Model):
    """What one record earned under one rule set, and why; a record's points are the sum of its rows.

    A row may be worth 0 points (too short, entered by hand, over a cap): then there is no transfer,
    and the breakdown says why. `cause` is the reversing record of a reversal or a supplement. `pieces` are
    what the caps of the day are reckoned from: [minutes, worth] of each engine.Piece.

    A recomputed record gets one more row under `rule_set`; `previous` are the rules it stood under, and
    `points` the difference, often 0. With a `cause` the record kept its rules and only shares a cap with that
    record, whose `previous` it names.
    """

    record = models.ForeignKey(
        "volunteers.ServiceRecord",
        on_delete=models.PROTECT,
        related_name="awards",
        verbose_name=_("服务记录"),
        db_index=False,
    )
    cause = models.ForeignKey(
        "volunteers.ServiceRecord",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("起因"),
    )
    kind = models.CharField(_("类型"), max_length=10, choices=AwardKind.choices)
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, related_name="awards", verbose_name=_("积分规则"), db_index=False
    )
    previous = models.ForeignKey(
        RuleSet,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("原积分规则"),
        db_index=False,
    )
    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="awards",
        verbose_name=_("志愿者"),
        db_index=False,
    )
    business_day = models.DateField(_("业务日"))
    pieces = models.JSONField(_("整段分钟与分值"), default=list, blank=True)
    minutes_counted = models.IntegerField(_("计分分钟"))
    points = models.IntegerField(_("积分"))
    breakdown = models.JSONField(_("计算过程"))
    transfer = models.ForeignKey(
        Transfer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="awards",
        verbose_name=_("转账"),
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("服务积分")
        verbose_name_plural = _("服务积分")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("volunteer", "business_day"), name="award_by_day")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("record", "rule_set", "cause", "previous"),
                nulls_distinct=False,
                name="award_once_per_record",
            ),
            models.UniqueConstraint(
                fields=("transfer",), condition=Q(transfer__isnull=False), name="award_transfer_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=AwardKind.SERVICE, cause__isnull=True, points__gte=0)
                | Q(kind=AwardKind.SUPPLEMENT, cause__isnull=False, points__gt=0)
                | Q(kind=AwardKind.REVERSAL, cause__isnull=False, points__lte=0)
                | Q(kind=AwardKind.RECOMPUTE),
                name="award_sign_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=AwardKind.RECOMPUTE, previous__isnull=False)
                | (~Q(kind=AwardKind.RECOMPUTE) & Q(previous__isnull=True)),
                name="award_previous_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(points=0, transfer__isnull=True) | (~Q(points=0) & Q(transfer__isnull=False)),
                name="award_points_have_a_transfer",
            ),
        ]
        triggers: ClassVar = [append_only("award_append_only")]

    def __str__(self) -> str:
        return f"{self.points:+d}"
