"""The service record: the hinge of the platform. Attendance produces it; everything else only reads it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from volunteers.activities.choices import ActivityType, Difficulty, Recipient
from volunteers.attendance.choices import Grade
from volunteers.people.choices import ServiceCategory
from volunteers.records.choices import RecordKind
from volunteers.records.triggers import one_live_record, recorder_is_not_volunteer, reversal_mirrors

# What points are reckoned from, in the order in which scoring reads it.
SCORED_FACTS = (
    "category",
    "recipient",
    "activity_type",
    "difficulty",
    "skilled",
    "organizer",
    "scheduled_minutes",
)


class ServiceRecord(models.Model):
    """A snapshot of the fields of Order 67 Art 7, so that renaming an activity never changes a record.

    `minutes` is positive on a service row and the same number negative on the row that reverses it, so the
    hours of a volunteer are the plain sum. `version` counts the service rows of one attendance; a reversal
    carries the version it takes back. `manual` marks hours entered by hand without scans (rules.md D3, E).
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="records",
        verbose_name=_("志愿者"),
        db_index=False,  # record_by_volunteer begins with it
    )
    attendance = models.ForeignKey(
        "volunteers.Attendance",
        on_delete=models.PROTECT,
        related_name="records",
        verbose_name=_("考勤"),
        db_index=False,  # record_version_once begins with it
    )
    version = models.PositiveSmallIntegerField(_("版次"), default=1)
    kind = models.CharField(_("类别"), max_length=10, choices=RecordKind.choices, default=RecordKind.SERVICE)
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        related_name="reversal",
        verbose_name=_("撤销的记录"),
        null=True,
        blank=True,
    )
    activity_name = models.CharField(_("活动名称"), max_length=80)
    service_date = models.DateField(_("服务日期"))
    place = models.CharField(_("服务地点"), max_length=300)
    content = models.TextField(_("服务内容"))
    started_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("结束时间"))
    minutes = models.IntegerField(_("时长（分钟）"))
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="records", verbose_name=_("组织单位")
    )
    organization_name = models.CharField(_("组织单位名称"), max_length=200)
    responsible_name = models.CharField(_("活动负责人"), max_length=60)
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="records", verbose_name=_("区划")
    )
    # What rules of points ask about, as it was when the record was written: a recompute reads these.
    category = models.CharField(_("服务类别"), max_length=20, choices=ServiceCategory.choices)
    recipient = models.CharField(_("服务对象"), max_length=20, choices=Recipient.choices)
    activity_type = models.CharField(_("活动类型"), max_length=20, choices=ActivityType.choices)
    difficulty = models.PositiveSmallIntegerField(
        _("难度"), choices=Difficulty.choices, default=Difficulty.ORDINARY
    )
    skilled = models.BooleanField(_("需要专业技能"), default=False)
    organizer = models.BooleanField(_("本人是组织者"), default=False)
    scheduled_minutes = models.PositiveIntegerField(_("班次时长（分钟）"))
    grade = models.CharField(_("证据等级"), max_length=1, choices=Grade.choices)
    manual = models.BooleanField(_("手工补录"), default=False)
    reason = models.CharField(_("说明"), max_length=200, blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("记录人"),
        db_index=False,  # users are not deleted; per-manager reports scan by time
    )
    recorded_at = models.DateTimeField(_("记录时间"))

    class Meta:
        verbose_name = _("服务记录")
        verbose_name_plural = _("服务记录")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("volunteer", "-id"), name="record_by_volunteer"),
            models.Index(fields=("volunteer", "service_date"), name="record_by_day"),
            models.Index(fields=("recorded_at",), name="record_by_time"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("attendance", "version", "kind"), name="record_version_once"),
            models.CheckConstraint(
                condition=Q(kind=RecordKind.SERVICE, reverses__isnull=True, minutes__gt=0)
                | (Q(kind=RecordKind.REVERSAL, reverses__isnull=False, minutes__lt=0) & ~Q(reason="")),
                name="record_kind_sound",
            ),
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="record_ends_after_start"),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="record_grade_known"),
            models.CheckConstraint(
                condition=Q(
                    category__in=ServiceCategory.values,
                    recipient__in=Recipient.values,
                    activity_type__in=ActivityType.values,
                    difficulty__in=Difficulty.values,
                ),
                name="record_facts_known",
            ),
            models.CheckConstraint(
                condition=~Q(activity_name="")
                & ~Q(place="")
                & ~Q(content="")
                & ~Q(organization_name="")
                & ~Q(responsible_name=""),
                name="record_complete",
            ),
        ]
        triggers: ClassVar = [
            append_only("record_append_only"),
            recorder_is_not_volunteer(),
            reversal_mirrors(),
            one_live_record(),
        ]

    def __str__(self) -> str:
        return f"{self.attendance_id}v{self.version}"
