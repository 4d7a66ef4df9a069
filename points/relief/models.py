"""Who keeps the list, who is on it and why, how that was reviewed, and what went out.

Reasons are sealed. A case changes through `ReliefReview` rows only, whose trigger carries them into it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import RPad
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from backend.core.triggers import append_only
from backend.regions.codes import CODE_LENGTH
from points.relief import triggers
from points.relief.choices import CaseStatus, ReliefCategory
from points.relief.states import FIRST


class ReliefKeeper(models.Model):
    """Somebody of the staff named to keep the list of a region, by somebody else. Terms end, rows stay."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("保管人")
    )
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("区划")
    )
    prefix = models.CharField(_("区划前缀"), max_length=12)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("指定人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    named_at = models.DateTimeField(_("指定时间"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("解除人"),
        null=True,
        blank=True,
        db_index=False,
    )
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("帮扶名单保管人")
        verbose_name_plural = _("帮扶名单保管人")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("user", "region"), condition=Q(ended_at__isnull=True), name="relief_keeper_once"
            ),
            models.CheckConstraint(condition=~Q(user=F("named_by")), name="relief_keeper_named_by_another"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__gte=F("named_at"), ended_by__isnull=False),
                name="relief_keeper_ended_by_someone",
            ),
            models.CheckConstraint(
                condition=Exact(F("region"), RPad(F("prefix"), CODE_LENGTH, Value("0")))
                & Q(prefix__regex=r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"),
                name="relief_keeper_prefix_of_region",
            ),
        ]
        triggers: ClassVar = triggers.KEEPER

    def __str__(self) -> str:
        return f"{self.pk}"


class ReliefPolicy(models.Model):
    """How a region helps. The longest matching region wins; without a row rules.Policy holds."""

    region = models.OneToOneField(
        "regions.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("区划")
    )
    grace_days = models.PositiveSmallIntegerField(_("复核宽限天数"), default=14)
    monthly_items = models.PositiveSmallIntegerField(_("每户每月件数"), default=10)
    hold_hours = models.PositiveSmallIntegerField(_("保留小时"), default=72)

    class Meta:
        verbose_name = _("帮扶规则")
        verbose_name_plural = _("帮扶规则")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(grace_days__lte=90, monthly_items__gte=1, monthly_items__lte=999)
                & Q(hold_hours__gte=1, hold_hours__lte=240),
                name="relief_policy_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id}"


class ReliefCase(models.Model):
    """A household on the list. `review_on` is when it must be looked at again."""

    household = models.ForeignKey(
        "volunteers.Household", on_delete=models.PROTECT, related_name="relief_cases", verbose_name=_("家庭")
    )
    category = models.CharField(_("类别"), max_length=12, choices=ReliefCategory.choices)
    reason = SealedField(_("理由"), purpose="points.relief_reason")
    status = models.CharField(_("状态"), max_length=8, choices=CaseStatus.choices, default=FIRST)
    review_on = models.DateField(_("复核日期"))
    kept_by = models.ForeignKey(
        ReliefKeeper, on_delete=models.PROTECT, related_name="cases", verbose_name=_("保管人")
    )
    opened_at = models.DateTimeField(_("登记时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("帮扶个案")
        verbose_name_plural = _("帮扶个案")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("household",), condition=~Q(status=CaseStatus.ENDED), name="relief_case_once"
            ),
            models.CheckConstraint(
                condition=Q(category__in=ReliefCategory.values), name="relief_case_category_known"
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.ENDED, ended_at__isnull=False)
                | Q(status__in=(CaseStatus.ACTIVE, CaseStatus.PAUSED), ended_at__isnull=True),
                name="relief_case_status_known",
            ),
        ]
        triggers: ClassVar = triggers.CASE

    def __str__(self) -> str:
        return f"{self.pk}"


class ReliefReview(models.Model):
    """Somebody looked at a case again: what follows, until when, and why."""

    case = models.ForeignKey(
        ReliefCase, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("帮扶个案")
    )
    status = models.CharField(_("结论"), max_length=8, choices=CaseStatus.choices)
    review_on = models.DateField(_("下次复核"), null=True, blank=True)
    reason = SealedField(_("理由"), purpose="points.relief_review")
    keeper = models.ForeignKey(
        ReliefKeeper,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("复核人"),
        db_index=False,
    )
    at = models.DateTimeField(_("复核时间"))

    class Meta:
        verbose_name = _("帮扶复核")
        verbose_name_plural = _("帮扶复核")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=CaseStatus.values), name="relief_review_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.ENDED, review_on__isnull=True)
                | (~Q(status=CaseStatus.ENDED) & Q(review_on__isnull=False)),
                name="relief_review_names_day",
            ),
        ]
        triggers: ClassVar = triggers.REVIEW

    def __str__(self) -> str:
        return f"{self.pk}"


class ReliefIssue(models.Model):
    """Goods set aside for a case without points. `allowed` and `grace_days` are the rules of the moment."""

    case = models.ForeignKey(
        ReliefCase, on_delete=models.PROTECT, related_name="issues", verbose_name=_("帮扶个案")
    )
    redemption = models.OneToOneField(
        "points.Redemption", on_delete=models.PROTECT, related_name="relief_issue", verbose_name=_("领取单")
    )
    keeper = models.ForeignKey(
        ReliefKeeper,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("经办人"),
        db_index=False,
    )
    allowed = models.PositiveSmallIntegerField(_("每月件数"))
    grace_days = models.PositiveSmallIntegerField(_("宽限天数"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("帮扶发放")
        verbose_name_plural = _("帮扶发放")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(allowed__gte=1, allowed__lte=999, grace_days__lte=90),
                name="relief_issue_rules_sane",
            ),
        ]
        triggers: ClassVar = [append_only("relief_issue_append_only"), *triggers.ISSUE]

    def __str__(self) -> str:
        return f"{self.pk}"


class ReliefNotice(models.Model):
    """A review that was not made in time, noted once."""

    case = models.ForeignKey(
        ReliefCase, on_delete=models.PROTECT, related_name="notices", verbose_name=_("帮扶个案")
    )
    review_on = models.DateField(_("复核日期"))
    at = models.DateTimeField(_("提醒时间"))

    class Meta:
        verbose_name = _("复核逾期提醒")
        verbose_name_plural = _("复核逾期提醒")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("case", "review_on"), name="relief_notice_once"),
        ]
        triggers: ClassVar = [append_only("relief_notice_append_only")]

    def __str__(self) -> str:
        return f"{self.pk}"
