"""Runs over the awards of a region, chunk by chunk; where each is and what it found lives here."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from points.revision import triggers
from points.revision.states import LIVE, RunKind, RunState


class RevisionRun(models.Model):
    """What was asked, how far it is, and what came of it.

    `cursor` is the key of the last volunteer whose records are done, so a killed worker loses at most one
    chunk. `from_rule_set` is None where the comparison is with what was really awarded, `last_day` where the
    period is open. `digest` is the SHA-256 of the rules the run began with.
    """

    kind = models.CharField(_("类型"), max_length=10, choices=RunKind.choices)
    to_rule_set = models.ForeignKey(
        "points.RuleSet", on_delete=models.PROTECT, related_name="revisions", verbose_name=_("新规则")
    )
    from_rule_set = models.ForeignKey(
        "points.RuleSet",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("对比的规则"),
        db_index=False,
    )
    region = models.ForeignKey(
        "regions.Region",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("区划"),
        db_index=False,
    )
    first_day = models.DateField(_("开始日期"))
    last_day = models.DateField(_("结束日期"), null=True, blank=True)
    digest = models.CharField(_("规则摘要"), max_length=64)
    state = models.CharField(_("状态"), max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    records_total = models.PositiveIntegerField(_("记录总数"), default=0)
    records_done = models.PositiveIntegerField(_("已处理记录"), default=0)
    records_changed = models.PositiveIntegerField(_("积分变化的记录"), default=0)
    cursor = models.BigIntegerField(_("进度"), default=0)
    result = models.JSONField(_("结果"), default=dict, blank=True)
    failure = models.CharField(_("出错原因"), max_length=100, blank=True, default="")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("发起人"),
        db_index=False,
    )
    asked_at = models.DateTimeField(_("发起时间"))
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    touched_at = models.DateTimeField(_("最近进展"))
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("规则试算与重算")
        verbose_name_plural = _("规则试算与重算")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("touched_at", "id"), condition=Q(state__in=LIVE), name="revision_live"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("kind", "to_rule_set", "from_rule_set", "region", "first_day", "last_day"),
                condition=Q(state__in=LIVE),
                nulls_distinct=False,
                name="revision_live_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=RunKind.values), name="revision_kind_known"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="revision_state_known"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="revision_period_ordered",
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.DONE, finished_at__isnull=False)
                | (~Q(state=RunState.DONE) & Q(finished_at__isnull=True)),
                name="revision_done_has_a_time",
            ),
        ]
        triggers: ClassVar = triggers.RUN

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def percent(self) -> int:
        """How far it is, in whole percent."""
        if self.state == RunState.DONE:
            return 100
        return min(99, self.records_done * 100 // self.records_total) if self.records_total else 0
