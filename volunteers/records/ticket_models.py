"""Corrections and objections, tickets about a record or an attendance; and reminders to decide in time."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.core.crypto import SealedField
from backend.core.triggers import append_only
from volunteers.attendance.due import due_on
from volunteers.records import ticket_triggers as guards
from volunteers.records.choices import CorrectionState, NoticeStage, ObjectionState

_CLOSED_CORRECTION = (CorrectionState.APPROVED, CorrectionState.REFUSED)
_WAITING_OBJECTION = (ObjectionState.RECEIVED, ObjectionState.OPEN)
_JUDGED_OBJECTION = (ObjectionState.UPHELD, ObjectionState.DISMISSED)


class Correction(models.Model):
    """Somebody says that a record is wrong (Order 67 Arts 12–13). The record itself never changes.

    `minutes_after` is what they say it should be, 0 to take it back. An approved correction names the
    reversing record, and the new one unless it was taken back.
    """

    record = models.ForeignKey(
        "volunteers.ServiceRecord",
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name=_("服务记录"),
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("申请人"),
        db_index=False,  # looked up through the record
    )
    asked_at = models.DateTimeField(_("申请时间"))
    reason = models.CharField(_("理由"), max_length=200)
    minutes_before = models.IntegerField(_("原时长（分钟）"))
    minutes_after = models.IntegerField(_("应为（分钟）"))
    state = models.CharField(
        _("状态"), max_length=10, choices=CorrectionState.choices, default=CorrectionState.OPEN
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("核实人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    decided_at = models.DateTimeField(_("核实时间"), null=True, blank=True)
    decision_reason = models.CharField(_("核实说明"), max_length=200, blank=True, default="")
    reversal = models.OneToOneField(
        "volunteers.ServiceRecord",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("撤销记录"),
        null=True,
        blank=True,
    )
    replacement = models.OneToOneField(
        "volunteers.ServiceRecord",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("更正后的记录"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("更正")
        verbose_name_plural = _("更正")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("record",), condition=Q(state=CorrectionState.OPEN), name="correction_open_once"
            ),
            models.CheckConstraint(
                condition=Q(minutes_before__gt=0, minutes_after__gte=0)
                & ~Q(minutes_after=F("minutes_before")),
                name="correction_changes_minutes",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_reason_given"),
            models.CheckConstraint(
                condition=Q(state__in=_CLOSED_CORRECTION, decided_by__isnull=False, decided_at__isnull=False)
                | Q(state=CorrectionState.OPEN, decided_by__isnull=True, decided_at__isnull=True),
                name="correction_decision_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state=CorrectionState.REFUSED) | ~Q(decision_reason=""),
                name="correction_refusal_explained",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=CorrectionState.APPROVED,
                    minutes_after=0,
                    reversal__isnull=False,
                    replacement__isnull=True,
                )
                | Q(
                    state=CorrectionState.APPROVED,
                    minutes_after__gt=0,
                    reversal__isnull=False,
                    replacement__isnull=False,
                )
                | (~Q(state=CorrectionState.APPROVED) & Q(reversal__isnull=True, replacement__isnull=True)),
                name="correction_result_fits",
            ),
        ]
        triggers: ClassVar = [
            guards.correction_fits_record(),
            guards.correction_history_stays(),
            guards.correction_decider_is_another(),
            guards.correction_result_is_its_own(),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def due_on(self) -> date:
        """Until when it should be answered."""
        return due_on(localdate(self.asked_at))


class Objection(models.Model):
    """Somebody doubts an attendance or its record. While it is open, neither is used any further.

    From the public it begins as received and has to be accepted; `raised_by` is then null, unless they were
    signed in. `ticket` is random: whoever has it may read the state and nothing else.
    """

    ticket = models.CharField(_("编号"), max_length=16, unique=True)
    attendance = models.ForeignKey(
        "volunteers.Attendance",
        on_delete=models.PROTECT,
        related_name="objections",
        verbose_name=_("考勤"),
    )
    record = models.ForeignKey(
        "volunteers.ServiceRecord",
        on_delete=models.PROTECT,
        related_name="objections",
        verbose_name=_("服务记录"),
        null=True,
        blank=True,
    )
    reason = models.CharField(_("理由"), max_length=500)
    contact = SealedField(_("联系方式"), purpose="records.objection_contact", null=True, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("提出人"),
        null=True,
        blank=True,
    )
    raised_at = models.DateTimeField(_("提出时间"))
    state = models.CharField(_("状态"), max_length=10, choices=ObjectionState.choices)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("受理人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("核查人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    decided_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    decision_reason = models.CharField(_("核查结论"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("attendance",), condition=Q(state=ObjectionState.OPEN), name="objection_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ticket__regex=r"^[0-9A-HJKMNP-TV-Z]{16}$"), name="objection_ticket_shape"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="objection_reason_given"),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | (
                    Q(accepted_by__isnull=False, accepted_at__isnull=False)
                    & ~Q(state=ObjectionState.RECEIVED)
                ),
                name="objection_acceptance_signed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_WAITING_OBJECTION, decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(state__in=_JUDGED_OBJECTION, decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decision_reason="")
                )
                | Q(
                    state=ObjectionState.WITHDRAWN,
                    raised_by__isnull=False,
                    decided_by__isnull=True,
                    decided_at__isnull=False,
                ),
                name="objection_decision_signed",
            ),
        ]
        triggers: ClassVar = [
            guards.objection_fits_attendance(),
            guards.objection_history_stays(),
            guards.objection_decider_is_another(),
        ]

    def __str__(self) -> str:
        return self.ticket

    @property
    def due_on(self) -> date:
        """Until when it should be answered."""
        return due_on(localdate(self.raised_at))

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in _WAITING_OBJECTION


class DeadlineNotice(models.Model):
    """An attendance waited so long that somebody was told (Order 67 Art 11): once per stage."""

    attendance = models.ForeignKey(
        "volunteers.Attendance",
        on_delete=models.PROTECT,
        related_name="deadline_notices",
        verbose_name=_("考勤"),
        db_index=False,  # deadline_notice_once begins with it
    )
    stage = models.CharField(_("阶段"), max_length=10, choices=NoticeStage.choices)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("时限提醒")
        verbose_name_plural = _("时限提醒")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("attendance", "stage"), name="deadline_notice_once"),
            models.CheckConstraint(
                condition=Q(stage__in=NoticeStage.values), name="deadline_notice_stage_known"
            ),
        ]
        triggers: ClassVar = [append_only("deadline_notice_append_only")]

    def __str__(self) -> str:
        return f"{self.attendance_id} {self.stage}"
