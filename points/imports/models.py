"""Imports: what was uploaded, how far it is, and what is wrong with it.

The rows themselves may hold telephone numbers, so they are sealed, and forgotten once the import is over.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from points.imports import triggers
from points.imports.states import LIVE, WORKING, ImportKind, ImportState


class ImportJob(models.Model):
    """One uploaded table. `digest` is the SHA-256 of the file; `language` is that of its faults."""

    kind = models.CharField(_("类型"), max_length=8, choices=ImportKind.choices)
    store = models.ForeignKey(
        "points.Store",
        on_delete=models.PROTECT,
        related_name="imports",
        verbose_name=_("慈善超市"),
        null=True,
        blank=True,
    )
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("区划")
    )
    file_name = models.CharField(_("文件名"), max_length=100)
    digest = models.CharField(_("文件摘要"), max_length=64)
    content = SealedField(_("内容"), purpose="points.import_rows", null=True, blank=True)
    language = models.CharField(_("语言"), max_length=10)
    state = models.CharField(
        _("状态"), max_length=10, choices=ImportState.choices, default=ImportState.CHECKING
    )
    rows = models.PositiveIntegerField(_("行数"))
    made = models.PositiveIntegerField(_("新建"), default=0)
    known = models.PositiveIntegerField(_("已有"), default=0)
    faulty = models.PositiveIntegerField(_("有问题"), default=0)
    faults = models.JSONField(_("问题"), default=list, blank=True)
    preview = models.JSONField(_("预览"), default=list, blank=True)
    failure = models.CharField(_("出错原因"), max_length=100, blank=True, default="")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("上传人"),
    )
    asked_at = models.DateTimeField(_("上传时间"))
    touched_at = models.DateTimeField(_("最近进展"))
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("批量导入")
        verbose_name_plural = _("批量导入")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("touched_at", "id"), condition=Q(state__in=WORKING), name="import_working"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("kind", "store", "region", "digest"),
                condition=Q(state__in=LIVE),
                nulls_distinct=False,
                name="import_open_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="import_kind_known"),
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known"),
            models.CheckConstraint(
                condition=Q(kind=ImportKind.GOODS, store__isnull=False)
                | Q(kind=ImportKind.DONORS, store__isnull=True),
                name="import_target_of_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ImportState.IMPORTING, ImportState.DONE)) | Q(faulty=0),
                name="import_without_faults",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, content__isnull=False, finished_at__isnull=True)
                | (~Q(state__in=LIVE) & Q(content__isnull=True, finished_at__isnull=False)),
                name="import_rows_forgotten",
            ),
        ]
        triggers: ClassVar = triggers.JOB

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
