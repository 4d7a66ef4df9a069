"""What a volunteer has learned and is insured for, where an activity asks for it (Order 685 Arts 16–17)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from volunteers.training.choices import QualificationKind
from volunteers.training.triggers import qualification_is_history


class Qualification(models.Model):
    """A training passed or an accident insurance held, for a time. It ends early by `revoked_at` only."""

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="qualifications",
        verbose_name=_("志愿者"),
        db_index=False,  # qualification_by_volunteer begins with it
    )
    kind = models.CharField(_("类别"), max_length=10, choices=QualificationKind.choices)
    course = models.CharField(_("课程代码"), max_length=40, blank=True, default="")
    valid_from = models.DateField(_("起始日期"))
    valid_until = models.DateField(_("截止日期"), null=True, blank=True)
    evidence = models.CharField(_("凭据"), max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    recorded_at = models.DateTimeField(_("登记时间"))
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("培训与保险")
        verbose_name_plural = _("培训与保险")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("volunteer", "kind"), name="qualification_by_volunteer")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind=QualificationKind.INSURANCE, course="", valid_until__isnull=False)
                | (Q(kind=QualificationKind.TRAINING) & ~Q(course="")),
                name="qualification_kind_sound",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="qualification_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="qualification_has_evidence"),
        ]
        triggers: ClassVar = [qualification_is_history()]

    def __str__(self) -> str:
        return f"{self.volunteer_id}:{self.kind}"
