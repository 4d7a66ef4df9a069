"""Households: who shares a kitchen, for fair shares of scarce goods and for help without points.

Community staff keep them. A volunteer lives in one household at a time, or in none that we know of.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from volunteers.people.choices import RequestState
from volunteers.people.models import Volunteer
from volunteers.people.triggers import (
    household_closes_empty,
    household_member_is_history,
    household_member_joins,
    household_request_is_history,
)


class Household(models.Model):
    """One family or person living alone. `number` is random and says nothing of who they are."""

    number = models.CharField(_("家庭编号"), max_length=12)
    name = SealedField(_("户主姓名"), purpose="volunteers.household_name")
    contact = SealedField(_("联系方式"), purpose="volunteers.household_contact", null=True, blank=True)
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="households", verbose_name=_("区划")
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    opened_at = models.DateTimeField(_("登记时间"))
    closed_at = models.DateTimeField(_("注销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("家庭")
        verbose_name_plural = _("家庭")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("number",), name="household_number_once"),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[1-9][0-9]{11}$"), name="household_number_form"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="household_closed_after_opened",
            ),
        ]
        triggers: ClassVar = [household_closes_empty()]

    def __str__(self) -> str:
        return self.number


class HouseholdMember(models.Model):
    """A volunteer lives there, from one day to another; rows are ended, never rewritten."""

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="members", verbose_name=_("家庭")
    )
    volunteer = models.ForeignKey(
        Volunteer, on_delete=models.PROTECT, related_name="homes", verbose_name=_("志愿者")
    )
    joined_at = models.DateTimeField(_("加入时间"))
    left_at = models.DateTimeField(_("离开时间"), null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        null=True,
        blank=True,
        db_index=False,
    )

    class Meta:
        verbose_name = _("家庭成员")
        verbose_name_plural = _("家庭成员")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("volunteer",), condition=Q(left_at__isnull=True), name="household_one_home"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                name="household_left_after_joined",
            ),
        ]
        triggers: ClassVar = [household_member_joins(), household_member_is_history()]

    def __str__(self) -> str:
        return f"{self.pk}"


class HouseholdRequest(models.Model):
    """A volunteer says that they are counted in the wrong household; staff answer, and the answer stays."""

    member = models.ForeignKey(
        HouseholdMember, on_delete=models.PROTECT, related_name="requests", verbose_name=_("家庭成员")
    )
    reason = models.CharField(_("哪里不对"), max_length=200)
    asked_at = models.DateTimeField(_("提出时间"))
    state = models.CharField(_("状态"), max_length=8, choices=RequestState.choices, default=RequestState.OPEN)
    answer = models.CharField(_("答复"), max_length=200, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("答复人"),
        null=True,
        blank=True,
        db_index=False,
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("家庭更正请求")
        verbose_name_plural = _("家庭更正请求")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("member",), condition=Q(state=RequestState.OPEN), name="household_request_open_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="household_request_explained"),
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values), name="household_request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, answered_by__isnull=True, answered_at__isnull=True)
                | (
                    ~Q(state=RequestState.OPEN)
                    & ~Q(answer="")
                    & Q(answered_by__isnull=False, answered_at__isnull=False)
                ),
                name="household_request_answered",
            ),
        ]
        triggers: ClassVar = [household_request_is_history()]

    def __str__(self) -> str:
        return f"{self.pk}"
