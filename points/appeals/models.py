"""Appeals for goods in an emergency, what they need, what was given, and what was published of it.

A gift is a link to a donation: the goods themselves are the market's. A report is a frozen copy of the
figures of its moment, published by a named person (慈善法 Art 72).
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.appeals import triggers
from points.appeals.choices import AppealStage, AppealStatus
from points.giving.models import Donation


class Appeal(models.Model):
    """One call for goods, under a command order (条例 Art 24)."""

    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="appeals", verbose_name=_("区划")
    )
    organization = models.ForeignKey(
        "accounts.Organization",
        on_delete=models.PROTECT,
        related_name="appeals",
        verbose_name=_("募集组织"),
    )
    title = models.CharField(_("标题"), max_length=80)
    reason = models.CharField(_("情况说明"), max_length=500, blank=True, default="")
    command_order = models.CharField(_("统一指挥文号"), max_length=100)
    bring_to = models.CharField(_("送到哪里"), max_length=200)
    status = models.CharField(
        _("状态"), max_length=6, choices=AppealStatus.choices, default=AppealStatus.OPEN
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("发起人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    opened_at = models.DateTimeField(_("发起时间"))
    rescue_ended_at = models.DateTimeField(_("应急处置结束时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("结束人"),
        null=True,
        blank=True,
        db_index=False,
    )
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("应急募集")
        verbose_name_plural = _("应急募集")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(bring_to=""), name="appeal_named"),
            models.CheckConstraint(condition=~Q(command_order=""), name="appeal_under_command"),
            models.CheckConstraint(
                condition=Q(status=AppealStatus.OPEN, closed_at__isnull=True, closed_by__isnull=True)
                | Q(status=AppealStatus.CLOSED, closed_at__isnull=False, closed_by__isnull=False),
                name="appeal_closed_by_someone",
            ),
            models.CheckConstraint(
                condition=(Q(rescue_ended_at__isnull=True) | Q(rescue_ended_at__gte=F("opened_at")))
                & (Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at"))),
                name="appeal_in_order",
            ),
        ]
        triggers: ClassVar = triggers.APPEAL

    def __str__(self) -> str:
        return self.title


class AppealLine(models.Model):
    """One thing that is needed. Only `needed` changes, and every report keeps what it was."""

    appeal = models.ForeignKey(
        Appeal,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("应急募集"),
        db_index=False,  # appeal_line_item_once begins with it
    )
    item = models.CharField(_("物资"), max_length=40)
    unit = models.CharField(_("单位"), max_length=10)
    needed = models.PositiveIntegerField(_("需要"))

    class Meta:
        verbose_name = _("需要的物资")
        verbose_name_plural = _("需要的物资")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("appeal", "item"), name="appeal_line_item_once"),
            models.CheckConstraint(condition=~Q(item="") & ~Q(unit=""), name="appeal_line_named"),
            models.CheckConstraint(condition=Q(needed__gte=1), name="appeal_line_needed_positive"),
        ]
        triggers: ClassVar = triggers.APPEAL_LINE

    def __str__(self) -> str:
        return self.item


class AppealGift(models.Model):
    """So much of a donation counts for a need. A mistake is a row below zero with its reason."""

    line = models.ForeignKey(
        AppealLine, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("需要的物资")
    )
    donation = models.ForeignKey(
        Donation, on_delete=models.PROTECT, related_name="appeal_gifts", verbose_name=_("捐赠")
    )
    quantity = models.IntegerField(_("数量"))
    reason = models.CharField(_("更正原因"), max_length=200, blank=True, default="")
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        db_index=False,
    )
    linked_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("计入的捐赠")
        verbose_name_plural = _("计入的捐赠")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("line", "donation"), condition=Q(quantity__gt=0), name="appeal_gift_once"
            ),
            models.CheckConstraint(condition=~Q(quantity=0), name="appeal_gift_quantity"),
            models.CheckConstraint(condition=Q(quantity__gt=0) | ~Q(reason=""), name="appeal_gift_explained"),
        ]
        triggers: ClassVar = [append_only("appeal_gift_append_only"), *triggers.APPEAL_GIFT]

    def __str__(self) -> str:
        return f"{self.quantity}"


class AppealReport(models.Model):
    """What was published, as it was: `figures` lists item, unit, needed, received and missing."""

    appeal = models.ForeignKey(
        Appeal,
        on_delete=models.PROTECT,
        related_name="reports",
        verbose_name=_("应急募集"),
        db_index=False,  # appeal_report_number_once begins with it
    )
    number = models.PositiveIntegerField(_("期数"))
    final = models.BooleanField(_("总结报告"), default=False)
    figures = models.JSONField(_("数据"))
    note = models.CharField(_("分配使用情况"), max_length=500, blank=True, default="")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("发布人"),
        db_index=False,
    )
    published_at = models.DateTimeField(_("发布时间"))

    class Meta:
        verbose_name = _("募集公开")
        verbose_name_plural = _("募集公开")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("appeal", "number"), name="appeal_report_number_once"),
            models.UniqueConstraint(
                fields=("appeal",), condition=Q(final=True), name="appeal_report_final_once"
            ),
            models.CheckConstraint(condition=~Q(final=True) | ~Q(note=""), name="appeal_report_final_told"),
        ]
        triggers: ClassVar = [append_only("appeal_report_append_only"), *triggers.APPEAL_REPORT]

    def __str__(self) -> str:
        return f"{self.number}"


class AppealNotice(models.Model):
    """A report was about to be late, or is: somebody was told, once per stage and due day."""

    appeal = models.ForeignKey(
        Appeal,
        on_delete=models.PROTECT,
        related_name="notices",
        verbose_name=_("应急募集"),
        db_index=False,  # appeal_notice_once begins with it
    )
    stage = models.CharField(_("阶段"), max_length=10, choices=AppealStage.choices)
    due_on = models.DateField(_("应公开日"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("公开时限提醒")
        verbose_name_plural = _("公开时限提醒")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("appeal", "due_on", "stage"), name="appeal_notice_once"),
            models.CheckConstraint(
                condition=Q(stage__in=AppealStage.values), name="appeal_notice_stage_known"
            ),
        ]
        triggers: ClassVar = [append_only("appeal_notice_append_only")]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.stage}"
