"""Why (programme), what (activity), when and how many (shift), and who (sign-up)."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import DurationField, ExpressionWrapper, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import CompetentDepartment
from volunteers.activities.choices import (
    LIVE,
    ActivityType,
    Difficulty,
    ProgrammeState,
    Recipient,
    ShiftStatus,
    SignUpStatus,
)
from volunteers.activities.triggers import (
    shift_taken_is_counted,
    shift_time_follows,
    sign_up_admission,
    sign_up_counts,
    sign_up_moves,
)
from volunteers.people.choices import ServiceCategory


class Programme(models.Model):
    """A project: the goal that several activities serve."""

    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="programmes", verbose_name=_("组织")
    )
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="programmes", verbose_name=_("区划")
    )
    name = models.CharField(_("名称"), max_length=80)
    goal = models.TextField(_("目标"), max_length=1000)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"))
    state = models.CharField(
        _("状态"), max_length=10, choices=ProgrammeState.choices, default=ProgrammeState.RUNNING
    )
    competent_department = models.CharField(
        _("主管部门"), max_length=30, choices=CompetentDepartment.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("项目")
        verbose_name_plural = _("项目")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="programme_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProgrammeState.values), name="programme_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Activity(models.Model):
    """What is done at one site. Recruitment states content, risks and protection (Order 685 Art 12)."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="activities", verbose_name=_("项目")
    )
    site = models.ForeignKey(
        "venues.Site", on_delete=models.PROTECT, related_name="activities", verbose_name=_("站点")
    )
    name = models.CharField(_("名称"), max_length=80)
    category = models.CharField(_("服务类别"), max_length=20, choices=ServiceCategory.choices)
    recipient = models.CharField(_("服务对象"), max_length=20, choices=Recipient.choices)
    activity_type = models.CharField(_("活动类型"), max_length=20, choices=ActivityType.choices)
    content = models.TextField(_("服务内容"), max_length=1000)
    risks = models.TextField(_("风险提示"), max_length=1000, blank=True, default="")
    protection = models.TextField(_("保障措施"), max_length=1000, blank=True, default="")
    minors_allowed = models.BooleanField(_("未成年人可参加"), default=False)
    min_age = models.PositiveSmallIntegerField(_("最低年龄"), default=0)
    responsible_name = models.CharField(_("活动负责人"), max_length=60)
    walk_in_allowed = models.BooleanField(_("可现场参加"), default=False)
    required_training = models.CharField(
        _("须先通过的培训（课程代码）"), max_length=40, blank=True, default="", db_default=""
    )
    insurance_required = models.BooleanField(_("须有意外伤害保险"), default=False, db_default=False)
    # What rules of points may ask about (points.scoring); a record copies them when it is written.
    difficulty = models.PositiveSmallIntegerField(
        _("难度"), choices=Difficulty.choices, default=Difficulty.ORDINARY, db_default=Difficulty.ORDINARY
    )
    skilled = models.BooleanField(_("需要专业技能"), default=False, db_default=False)
    organizer = models.ForeignKey(
        "volunteers.Volunteer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="organized_activities",
        verbose_name=_("组织者（本人也参加服务）"),
    )

    class Meta:
        verbose_name = _("活动")
        verbose_name_plural = _("活动")
        ordering = ("-id",)
        constraints: ClassVar = [
            # In rescue and disaster relief minors have no place (rules.md B, C6).
            models.CheckConstraint(
                condition=~Q(activity_type=ActivityType.EMERGENCY) | Q(minors_allowed=False),
                name="activity_emergency_adults_only",
            ),
            models.CheckConstraint(condition=Q(min_age__lte=100), name="activity_min_age_sane"),
            models.CheckConstraint(
                condition=Q(
                    category__in=ServiceCategory.values,
                    recipient__in=Recipient.values,
                    activity_type__in=ActivityType.values,
                ),
                name="activity_kinds_known",
            ),
            models.CheckConstraint(
                condition=Q(difficulty__in=Difficulty.values), name="activity_difficulty_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """A time with places. `taken` is counted by the database from the confirmed sign-ups."""

    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="shifts", verbose_name=_("活动")
    )
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    capacity = models.PositiveIntegerField(_("名额"))
    break_minutes = models.PositiveIntegerField(_("休息（分钟）"), default=0)
    taken = models.PositiveIntegerField(_("已报"), default=0, editable=False)
    status = models.CharField(_("状态"), max_length=10, choices=ShiftStatus.choices, default=ShiftStatus.OPEN)

    class Meta:
        verbose_name = _("班次")
        verbose_name_plural = _("班次")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("status", "starts_at"), name="shift_by_start"),
            models.Index(fields=("ends_at",), name="shift_by_end"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(capacity__gte=1), name="shift_capacity_positive"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="shift_not_overfull"),
            models.CheckConstraint(
                condition=Q(
                    ends_at__gt=F("starts_at")
                    + ExpressionWrapper(
                        F("break_minutes") * Value(timedelta(minutes=1)), output_field=DurationField()
                    )
                ),
                name="shift_longer_than_break",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + Value(timedelta(days=1))),
                name="shift_within_a_day",
            ),
            models.CheckConstraint(condition=Q(status__in=ShiftStatus.values), name="shift_status_known"),
        ]
        triggers: ClassVar = [shift_taken_is_counted(), shift_time_follows()]

    def __str__(self) -> str:
        return f"{self.activity_id}#{self.pk}"

    @property
    def scheduled_minutes(self) -> int:
        """The length without the break, as attendance reckons it."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1) - self.break_minutes


class SignUp(models.Model):
    """A volunteer's place on a shift, or in its waiting list. The database copies `period` from the shift."""

    shift = models.ForeignKey(
        Shift, on_delete=models.PROTECT, related_name="sign_ups", verbose_name=_("班次")
    )
    volunteer = models.ForeignKey(
        "volunteers.Volunteer", on_delete=models.PROTECT, related_name="sign_ups", verbose_name=_("志愿者")
    )
    status = models.CharField(_("状态"), max_length=10, choices=SignUpStatus.choices)
    created_at = models.DateTimeField(_("报名时间"))
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    period = DateTimeRangeField(_("班次时间"), editable=False)

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = _("报名")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=("shift", "created_at", "id"),
                condition=Q(status=SignUpStatus.WAITING),
                name="sign_up_waiting_order",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("shift", "volunteer"), condition=Q(status__in=LIVE), name="sign_up_once"
            ),
            # No btree_gist needed: a point range stands in for the volunteer (design.md §4.6).
            ExclusionConstraint(
                name="sign_up_no_overlap",
                expressions=[
                    (
                        Func(
                            F("volunteer_id"),
                            F("volunteer_id"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE),
            ),
            models.CheckConstraint(condition=Q(status__in=SignUpStatus.values), name="sign_up_status_known"),
            models.CheckConstraint(
                condition=Q(status=SignUpStatus.CANCELLED, cancelled_at__isnull=False)
                | (~Q(status=SignUpStatus.CANCELLED) & Q(cancelled_at__isnull=True)),
                name="sign_up_cancellation_dated",
            ),
        ]
        triggers: ClassVar = [sign_up_admission(), sign_up_counts(), sign_up_moves()]

    def __str__(self) -> str:
        return f"{self.shift_id}:{self.volunteer_id}"
