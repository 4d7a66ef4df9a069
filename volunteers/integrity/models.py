"""Signals with their evidence and review, and the weekly sample of records with what its check found."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from volunteers.integrity.choices import AuditResult, SignalKind, SignalState
from volunteers.integrity.triggers import (
    auditor_is_apart,
    evidence_stays,
    item_is_decided_once,
    reviewer_is_apart,
    state_moves,
)


class Signal(models.Model):
    """Something that looks wrong, once per kind, subject and day. It punishes nobody; a person decides.

    `evidence` holds ids, minutes, seconds, metres and times, never a name or a number to call;
    `attendances` in it are the presences it is about. `subject` says what of the day it is about.
    """

    kind = models.CharField(_("类型"), max_length=20, choices=SignalKind.choices)
    subject = models.CharField(_("对象"), max_length=80)
    day = models.DateField(_("日期"))
    evidence = models.JSONField(_("证据"))
    site = models.ForeignKey(
        "venues.Site", on_delete=models.PROTECT, related_name="signals", verbose_name=_("站点")
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="signals",
        verbose_name=_("确认人"),
        null=True,
        blank=True,
    )
    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="signals",
        verbose_name=_("志愿者"),
        null=True,
        blank=True,
        db_index=False,  # volunteers are not deleted, and nobody lists by one
    )
    attendance = models.ForeignKey(
        "volunteers.Attendance",
        on_delete=models.PROTECT,
        related_name="signals",
        verbose_name=_("考勤"),
        null=True,
        blank=True,
        db_index=False,  # attendances are not deleted, and nobody lists by one
    )
    found_at = models.DateTimeField(_("发现时间"))
    state = models.CharField(_("状态"), max_length=10, choices=SignalState.choices, default=SignalState.NEW)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("复核人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    reviewed_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    reason = models.CharField(_("复核说明"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("疑点")
        verbose_name_plural = _("疑点")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("state", "-id"), name="signal_by_state")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("kind", "subject", "day"), name="signal_once"),
            models.CheckConstraint(
                condition=Q(kind__in=SignalKind.values, state__in=SignalState.values),
                name="signal_words_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=SignalState.NEW, reviewed_by__isnull=True, reviewed_at__isnull=True, reason=""
                )
                | (
                    ~Q(state=SignalState.NEW)
                    & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(reason="")
                ),
                name="signal_review_signed",
            ),
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        Func(
                            F("evidence"),
                            Value("attendances"),
                            function="jsonb_extract_path",
                            output_field=models.JSONField(),
                        ),
                        function="jsonb_typeof",
                        output_field=models.TextField(),
                    ),
                    Value("array"),
                ),
                name="signal_names_attendances",
            ),
        ]
        triggers: ClassVar = [evidence_stays(), state_moves(), reviewer_is_apart()]

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


class AuditDraw(models.Model):
    """A week's sample, drawn so that anybody who has the records' numbers can draw it again (draws.py)."""

    period = models.CharField(_("周"), max_length=10)
    seed = models.CharField(_("种子"), max_length=64)
    percent = models.PositiveSmallIntegerField(_("比例（%）"))
    population = models.PositiveIntegerField(_("记录数"))
    drawn_at = models.DateTimeField(_("抽取时间"))

    class Meta:
        verbose_name = _("抽查")
        verbose_name_plural = _("抽查")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("period",), name="audit_draw_once"),
            models.CheckConstraint(
                condition=Q(period__regex=r"^[0-9]{4}-W[0-9]{2}$", seed__regex=r"^[0-9a-f]{64}$"),
                name="audit_draw_form",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="audit_draw_percent_sane"
            ),
        ]
        triggers: ClassVar = [append_only("audit_draw_append_only")]

    def __str__(self) -> str:
        return self.period


class AuditItem(models.Model):
    """One record of a sample; `place` is its position in the order of the draw, from 1."""

    draw = models.ForeignKey(
        AuditDraw, on_delete=models.PROTECT, related_name="items", verbose_name=_("抽查"), db_index=False
    )  # audit_item_place_once begins with it
    record = models.ForeignKey(
        "volunteers.ServiceRecord", on_delete=models.PROTECT, related_name="audits", verbose_name=_("记录")
    )
    place = models.PositiveIntegerField(_("次序"))
    result = models.CharField(
        _("结果"), max_length=10, choices=AuditResult.choices, default=AuditResult.PENDING
    )
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("抽查人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    reviewed_at = models.DateTimeField(_("抽查时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("抽查的记录")
        verbose_name_plural = _("抽查的记录")
        ordering = ("draw", "place")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("draw", "place"), name="audit_item_place_once"),
            models.UniqueConstraint(fields=("draw", "record"), name="audit_item_once"),
            models.CheckConstraint(
                condition=Q(result__in=AuditResult.values), name="audit_item_result_known"
            ),
            models.CheckConstraint(
                condition=Q(result=AuditResult.PENDING, reviewed_by__isnull=True, reviewed_at__isnull=True)
                | (~Q(result=AuditResult.PENDING) & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="audit_item_decision_signed",
            ),
            models.CheckConstraint(
                condition=~Q(result=AuditResult.FRAUD) | ~Q(note=""), name="audit_item_fraud_explained"
            ),
        ]
        triggers: ClassVar = [item_is_decided_once(), auditor_is_apart()]

    def __str__(self) -> str:
        return f"{self.draw_id}#{self.place}"
