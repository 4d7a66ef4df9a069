"""A scan is one attempt, kept for ever. An attendance is one presence, with its evidence and its state."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    BigIntegerRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from volunteers.attendance.choices import (
    STAFF_CHANNELS,
    AttendanceStatus,
    Channel,
    Flag,
    Grade,
    Intent,
    ScanResult,
)
from volunteers.attendance.triggers import (
    annulled_by_annulment,
    decider_is_not_volunteer,
    evidence_stays,
    not_under_objection,
    reopened_by_annulment,
    status_moves,
)

_DECIDED = (AttendanceStatus.APPROVED, AttendanceStatus.REJECTED)


def _dated(text: str, moment: str) -> Q:
    """Return the condition that a text and its time are there together or not at all."""
    return Q(**{text: "", f"{moment}__isnull": True}) | (~Q(**{text: ""}) & Q(**{f"{moment}__isnull": False}))


class Attendance(models.Model):
    """One presence on one shift. `minutes` is presence ∩ shift − break, unknown while there is no check-out.

    `credited` is the time the approved record covers; the database keeps a volunteer's credited times apart
    (rules.md E, "impossible overlap"). A `manual` one was entered from a paper `sheet` by somebody who may
    not decide about it. `proposed_out_at` is what the volunteer says about a check-out nobody made;
    `question` and `answer` are the manager asking back.
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="attendances",
        verbose_name=_("志愿者"),
        db_index=False,  # attendance_by_volunteer begins with it
    )
    sign_up = models.ForeignKey(
        "volunteers.SignUp",
        on_delete=models.PROTECT,
        related_name="attendances",
        verbose_name=_("报名"),
        null=True,
        blank=True,
        db_index=False,  # never looked up by it; sign-ups are not deleted
    )
    shift = models.ForeignKey(
        "volunteers.Shift",
        on_delete=models.PROTECT,
        related_name="attendances",
        verbose_name=_("班次"),
        db_index=False,  # attendance_by_shift begins with it
    )
    site = models.ForeignKey(
        "venues.Site",
        on_delete=models.PROTECT,
        related_name="attendances",
        verbose_name=_("站点"),
        db_index=False,  # attendance_by_site begins with it
    )
    status = models.CharField(
        _("状态"), max_length=10, choices=AttendanceStatus.choices, default=AttendanceStatus.OPEN
    )
    checked_in_at = models.DateTimeField(_("签到时间"))
    checked_out_at = models.DateTimeField(_("签退时间"), null=True, blank=True)
    minutes = models.IntegerField(_("时长（分钟）"), null=True, blank=True)
    grade = models.CharField(_("证据等级"), max_length=1, choices=Grade.choices)
    flags = ArrayField(
        models.CharField(max_length=20, choices=Flag.choices),
        verbose_name=_("待看"),
        default=list,
        blank=True,
    )
    credited = DateTimeRangeField(_("计入时间"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("确认人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    decided_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    decision_reason = models.CharField(_("确认说明"), max_length=200, blank=True, default="")
    manual = models.BooleanField(_("纸质补录"), default=False, db_default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("补录人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    sheet = models.ForeignKey(
        "volunteers.PaperSheet",
        on_delete=models.PROTECT,
        related_name="attendances",
        verbose_name=_("签到表"),
        null=True,
        blank=True,
    )
    proposed_out_at = models.DateTimeField(_("本人申报的离开时间"), null=True, blank=True)
    proposed_at = models.DateTimeField(_("申报时间"), null=True, blank=True)
    proposal_note = models.CharField(_("申报说明"), max_length=200, blank=True, default="", db_default="")
    question = models.CharField(_("负责人的询问"), max_length=200, blank=True, default="", db_default="")
    asked_at = models.DateTimeField(_("询问时间"), null=True, blank=True)
    answer = models.CharField(_("本人的答复"), max_length=200, blank=True, default="", db_default="")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("提醒签退时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("考勤")
        verbose_name_plural = _("考勤")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("volunteer", "-id"), name="attendance_by_volunteer"),
            models.Index(fields=("shift", "volunteer"), name="attendance_by_shift"),
            models.Index(fields=("site", "status", "-id"), name="attendance_by_site"),
            # Few rows however many there were: what is due or overdue is asked for at every scrape.
            models.Index(
                fields=("shift",), condition=Q(status=AttendanceStatus.PENDING), name="attendance_pending"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("volunteer",), condition=Q(status=AttendanceStatus.OPEN), name="attendance_open_once"
            ),
            # No btree_gist needed: a point range stands in for the volunteer (design.md §4.6).
            ExclusionConstraint(
                name="attendance_credited_no_overlap",
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
                    ("credited", RangeOperators.OVERLAPS),
                ],
                condition=Q(credited__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(status__in=AttendanceStatus.values), name="attendance_status_known"
            ),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="attendance_grade_known"),
            models.CheckConstraint(
                condition=Q(flags__contained_by=Flag.values), name="attendance_flags_known"
            ),
            models.CheckConstraint(
                condition=Q(checked_out_at__isnull=True) | Q(checked_out_at__gte=F("checked_in_at")),
                name="attendance_out_after_in",
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=0), name="attendance_minutes_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(status=AttendanceStatus.OPEN)
                | Q(checked_out_at__isnull=True, minutes__isnull=True),
                name="attendance_open_has_no_end",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(status__in=_DECIDED) & Q(decided_by__isnull=True, decided_at__isnull=True)),
                name="attendance_decision_signed",
            ),
            models.CheckConstraint(
                condition=Q(status=AttendanceStatus.APPROVED, credited__isnull=False, minutes__isnull=False)
                | (~Q(status=AttendanceStatus.APPROVED) & Q(credited__isnull=True)),
                name="attendance_credited_when_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status=AttendanceStatus.REJECTED) | ~Q(decision_reason=""),
                name="attendance_rejection_explained",
            ),
            models.CheckConstraint(
                condition=Q(manual=False, entered_by__isnull=True, sheet__isnull=True)
                | Q(manual=True, entered_by__isnull=False, sheet__isnull=False),
                name="attendance_manual_has_sheet",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(decided_by=F("entered_by")),
                name="attendance_second_person",
            ),
            models.CheckConstraint(
                condition=Q(proposed_out_at__isnull=True, proposed_at__isnull=True)
                | Q(
                    proposed_out_at__isnull=False,
                    proposed_out_at__gte=F("checked_in_at"),
                    proposed_at__isnull=False,
                ),
                name="attendance_proposal_sound",
            ),
            models.CheckConstraint(
                condition=_dated("question", "asked_at") & _dated("answer", "answered_at"),
                name="attendance_questions_dated",
            ),
        ]
        triggers: ClassVar = [
            status_moves(),
            reopened_by_annulment(),
            annulled_by_annulment(),
            evidence_stays(),
            decider_is_not_volunteer(),
            not_under_objection(),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id}@{self.shift_id}"

    @property
    def flag_labels(self) -> list[str]:
        """What a manager should look at, in words."""
        return [str(Flag(flag).label) for flag in self.flags]


class Scan(models.Model):
    """One attempt to check in or out, accepted or refused. It never changes.

    Of the place only the distance to the site and its accuracy are kept, never coordinates; of the phone only
    a keyed hash (PIPL Arts 6 and 28). `answer` is the text that was given, and is given again for the nonce.
    `captured_at` is what the phone's clock said; `clock_offset_s` is how far it was behind ours when it
    uploaded (negative: ahead), and is already taken into account wherever a time was decided.
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="scans",
        verbose_name=_("志愿者"),
        db_index=False,  # scan_nonce_once begins with it
    )
    nonce = models.CharField(_("一次性号"), max_length=64)
    intent = models.CharField(_("意图"), max_length=3, choices=Intent.choices)
    result = models.CharField(_("结果"), max_length=11, choices=ScanResult.choices)
    reasons = ArrayField(models.CharField(max_length=30), verbose_name=_("原因"))
    site = models.ForeignKey(
        "venues.Site",
        on_delete=models.PROTECT,
        related_name="scans",
        verbose_name=_("站点"),
        null=True,
        blank=True,
        db_index=False,  # scan_by_site begins with it
    )
    attendance = models.ForeignKey(
        Attendance,
        on_delete=models.PROTECT,
        related_name="scans",
        verbose_name=_("考勤"),
        null=True,
        blank=True,
    )
    received_at = models.DateTimeField(_("收到时间"))
    captured_at = models.DateTimeField(_("扫码时间（手机）"), null=True, blank=True)
    grade = models.CharField(_("证据等级"), max_length=1, choices=Grade.choices, blank=True, default="")
    distance_m = models.IntegerField(_("距站点（米）"), null=True, blank=True)
    accuracy_m = models.IntegerField(_("定位精度（米）"), null=True, blank=True)
    device = models.CharField(_("手机（散列）"), max_length=64, blank=True, default="")
    answer = models.TextField(_("答复"))
    channel = models.CharField(
        _("方式"),
        max_length=6,
        choices=Channel.choices,
        default=Channel.SCREEN,
        db_default=Channel.SCREEN.value,
    )
    scanned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("代扫人"),
        null=True,
        blank=True,
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    clock_offset_s = models.IntegerField(_("手机时钟慢（秒）"), null=True, blank=True)

    class Meta:
        verbose_name = _("扫码")
        verbose_name_plural = _("扫码")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("site", "received_at"), name="scan_by_site"),
            models.Index(fields=("device", "received_at"), condition=~Q(device=""), name="scan_by_device"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("volunteer", "nonce"), name="scan_nonce_once"),
            models.CheckConstraint(condition=~Q(nonce=""), name="scan_nonce_given"),
            models.CheckConstraint(
                condition=Q(intent__in=Intent.values, result__in=ScanResult.values), name="scan_words_known"
            ),
            models.CheckConstraint(
                condition=Q(result=ScanResult.REFUSED, attendance__isnull=True, grade="")
                | (
                    Q(attendance__isnull=False, site__isnull=False, grade__in=Grade.values)
                    & ~Q(result=ScanResult.REFUSED)
                ),
                name="scan_accepted_has_attendance",
            ),
            models.CheckConstraint(
                condition=Q(distance_m__isnull=True, accuracy_m__isnull=True)
                | Q(distance_m__isnull=False, accuracy_m__isnull=False, distance_m__gte=0, accuracy_m__gte=0),
                name="scan_distance_with_accuracy",
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="scan_channel_known"),
            models.CheckConstraint(
                condition=Q(channel__in=STAFF_CHANNELS, scanned_by__isnull=False)
                | (~Q(channel__in=STAFF_CHANNELS) & Q(scanned_by__isnull=True)),
                name="scan_staff_named",
            ),
        ]
        triggers: ClassVar = [append_only("scan_append_only")]

    def __str__(self) -> str:
        return f"{self.volunteer_id}:{self.nonce}"


class ScanAnnulment(models.Model):
    """A scan that was a mistake, taken back within minutes, with its reason. The scan itself stays."""

    scan = models.OneToOneField(
        Scan, on_delete=models.PROTECT, related_name="annulment", verbose_name=_("扫码")
    )
    reason = models.CharField(_("原因"), max_length=200)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("撤销人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    annulled_at = models.DateTimeField(_("撤销时间"))

    class Meta:
        verbose_name = _("扫码撤销")
        verbose_name_plural = _("扫码撤销")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="annulment_explained"),
        ]
        triggers: ClassVar = [append_only("annulment_append_only")]

    def __str__(self) -> str:
        return f"{self.scan_id}"
