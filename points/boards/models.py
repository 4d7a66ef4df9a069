"""Honours, and the projection of hours the hours board is built from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.words import NAME_FORM
from points.boards.choices import HonorCategory, HonorStatus
from points.boards.triggers import HONOR

PERIOD_FORM = r"^(all|[0-9]{4}|[0-9]{4}-(0[1-9]|1[0-2]))$"


class Honor(models.Model):
    """A good neighbour's entry on 社区好人榜 for a term. `name` reaches the public only through names.py."""

    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="honors", verbose_name=_("区划")
    )
    name = models.CharField(_("姓名"), max_length=60)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="honors",
        verbose_name=_("志愿者"),
        null=True,
        blank=True,
    )
    category = models.CharField(_("类别"), max_length=10, choices=HonorCategory.choices)
    title = models.CharField(_("称号"), max_length=60)
    story = models.TextField(_("事迹"), max_length=2000, blank=True, default="")
    term_start = models.DateField(_("起"))
    term_end = models.DateField(_("止"))
    consent = models.BooleanField(_("本人单独同意公开"), default=False)
    full_name = models.BooleanField(_("同意公开全名"), default=False)
    status = models.CharField(
        _("状态"), max_length=10, choices=HonorStatus.choices, default=HonorStatus.DRAFT
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    entered_at = models.DateTimeField(_("登记时间"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("公布人"),
        null=True,
        blank=True,
    )
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤下时间"), null=True, blank=True)
    revoke_reason = models.CharField(_("撤下原因"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("社区好人")
        verbose_name_plural = _("社区好人")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(name__regex=NAME_FORM), name="honor_name_plain"),
            models.CheckConstraint(condition=Q(title__regex=NAME_FORM), name="honor_title_plain"),
            models.CheckConstraint(condition=Q(status__in=HonorStatus.values), name="honor_status_known"),
            models.CheckConstraint(
                condition=Q(category__in=HonorCategory.values), name="honor_category_known"
            ),
            models.CheckConstraint(condition=Q(term_end__gte=F("term_start")), name="honor_term_forward"),
            models.CheckConstraint(
                condition=~Q(status=HonorStatus.PUBLISHED)
                | Q(consent=True, published_by__isnull=False, published_at__isnull=False),
                name="honor_published_with_consent",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("entered_by")),
                name="honor_maker_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(status=HonorStatus.REVOKED)
                | (Q(revoked_at__isnull=False) & ~Q(revoke_reason="")),
                name="honor_revoked_explained",
            ),
        ]
        triggers: ClassVar = HONOR

    def __str__(self) -> str:
        return f"{self.pk}"


class HoursTotal(models.Model):
    """Approved minutes of one volunteer in one place and period: a projection of the service records.

    `region_code` is the place of the service, `period` is "all", "2026" or "2026-11" by service date. Rows
    hold absolute totals and can be rebuilt at any time.
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="hours_totals",
        verbose_name=_("志愿者"),
    )
    period = models.CharField(_("期间"), max_length=7)
    region_code = models.CharField(_("区划代码"), max_length=12)
    minutes = models.IntegerField(_("分钟"), default=0)

    class Meta:
        verbose_name = _("时长汇总")
        verbose_name_plural = _("时长汇总")
        indexes: ClassVar = [
            models.Index(
                fields=("period", "region_code"),
                name="hours_total_place",
                opclasses=("varchar_ops", "varchar_pattern_ops"),
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("volunteer", "period", "region_code"), name="hours_total_once"),
            models.CheckConstraint(condition=Q(period__regex=PERIOD_FORM), name="hours_total_period_form"),
            models.CheckConstraint(
                condition=Q(region_code__regex=r"^\d{12}$"), name="hours_total_region_form"
            ),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="hours_total_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} {self.period} {self.minutes}"
