"""The thresholds of check-in that a region, an organization or an activity sets for itself, with history."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only

# Every process reads the policies anew within this time: one that starts is in force everywhere.
NOTICE = timedelta(minutes=1)


class PolicyScope(models.TextChoices):
    """Whose attendances a policy is for; the narrower scope wins, figure by figure."""

    PLATFORM = "platform", _("全平台")
    REGION = "region", _("区划")
    ORGANIZATION = "organization", _("组织")
    ACTIVITY = "activity", _("活动")


class CheckInPolicy(models.Model):
    """Some figures of `policy.Policy`, from a time on. A change is a later row; none is ever rewritten.

    `scope_id` is a region's code, or the key of an organization or activity; empty for the platform.
    """

    scope = models.CharField(_("范围"), max_length=12, choices=PolicyScope.choices)
    scope_id = models.CharField(_("范围编号"), max_length=20, blank=True, default="")
    figures = models.JSONField(_("数值"))
    effective_from = models.DateTimeField(_("生效时间"))
    reason = models.CharField(_("说明"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("设定人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    set_at = models.DateTimeField(_("设定时间"))

    class Meta:
        verbose_name = _("签到规则")
        verbose_name_plural = _("签到规则")
        ordering = ("-effective_from", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("scope", "scope_id", "effective_from"), name="check_in_policy_once"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=PolicyScope.values), name="check_in_policy_scope_known"
            ),
            models.CheckConstraint(
                condition=Q(scope=PolicyScope.PLATFORM, scope_id="")
                | (~Q(scope=PolicyScope.PLATFORM) & ~Q(scope_id="")),
                name="check_in_policy_scope_named",
            ),
            models.CheckConstraint(
                condition=Q(effective_from__gte=F("set_at") + Value(NOTICE)),
                name="check_in_policy_announced",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="check_in_policy_explained"),
        ]
        triggers: ClassVar = [append_only("check_in_policy_append_only")]

    def __str__(self) -> str:
        return f"{self.scope}:{self.scope_id}"
