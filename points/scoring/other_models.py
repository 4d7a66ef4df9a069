"""What earns points and is not service: lectures, referrals, training passed, donated goods."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from points.ledger.models import Transfer
from points.scoring import triggers
from points.scoring.models import RuleSet


class OtherAwardKind(models.TextChoices):
    """The kinds a rule document may name (`rules.OtherKind`)."""

    LECTURE = "lecture", _("参加讲座")
    REFERRAL = "referral", _("推荐新志愿者")
    TRAINING = "training", _("通过培训")
    DONATED_GOODS = "donated_goods", _("捐赠物资")


class OtherAwardState(models.TextChoices):
    """waiting → approved or rejected, by somebody else than who entered it."""

    WAITING = "waiting", _("待复核")
    APPROVED = "approved", _("已通过")
    REJECTED = "rejected", _("未通过")


MOST_AT_ONCE = 100
COUNTED_ONCE = (OtherAwardKind.REFERRAL, OtherAwardKind.DONATED_GOODS)


class OtherAward(models.Model):
    """Something that is not service, entered by one person and decided by another. It never becomes hours.

    `reference` says which one: the lecture, the new volunteer's number, the course, the donation's public
    number. `points` are those of the decision, after the limit of the month of `day`.
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        related_name="other_awards",
        verbose_name=_("志愿者"),
        db_index=False,  # other_award_by_month begins with it
    )
    kind = models.CharField(_("类别"), max_length=20, choices=OtherAwardKind.choices)
    quantity = models.PositiveSmallIntegerField(_("次数"), default=1)
    day = models.DateField(_("日期"))
    reference = models.CharField(_("是哪一项"), max_length=80)
    evidence = models.CharField(_("看过的凭据"), max_length=200)
    qualification = models.ForeignKey(
        "volunteers.Qualification",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("培训记录"),
        db_index=False,
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=OtherAwardState.choices, default=OtherAwardState.WAITING
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("登记人"),
        db_index=False,
    )
    entered_at = models.DateTimeField(_("登记时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("复核人"),
        db_index=False,
    )
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    decision_reason = models.CharField(_("理由"), max_length=200, blank=True, default="")
    rule_set = models.ForeignKey(
        RuleSet,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="other_awards",
        verbose_name=_("积分规则"),
        db_index=False,
    )
    points = models.PositiveIntegerField(_("积分"), null=True, blank=True)
    breakdown = models.JSONField(_("计算过程"), default=dict, blank=True)
    transfer = models.ForeignKey(
        Transfer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="other_awards",
        verbose_name=_("转账"),
    )

    class Meta:
        verbose_name = _("其他积分")
        verbose_name_plural = _("其他积分")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("volunteer", "kind", "day"), name="other_award_by_month"),
            models.Index(
                fields=("id",), condition=Q(state=OtherAwardState.WAITING), name="other_award_waiting"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("volunteer", "kind", "day", "reference"),
                condition=~Q(state=OtherAwardState.REJECTED),
                name="other_award_once",
            ),
            models.UniqueConstraint(
                fields=("kind", "reference"),
                condition=Q(kind__in=COUNTED_ONCE) & ~Q(state=OtherAwardState.REJECTED),
                name="other_award_reference_once",
            ),
            models.UniqueConstraint(
                fields=("qualification",),
                condition=Q(qualification__isnull=False) & ~Q(state=OtherAwardState.REJECTED),
                name="other_award_training_once",
            ),
            models.UniqueConstraint(
                fields=("transfer",),
                condition=Q(transfer__isnull=False),
                name="other_award_transfer_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OtherAwardKind.values, quantity__gte=1, quantity__lte=MOST_AT_ONCE)
                & ~Q(reference="")
                & ~Q(evidence=""),
                name="other_award_complete",
            ),
            models.CheckConstraint(
                condition=Q(qualification__isnull=True) | Q(kind=OtherAwardKind.TRAINING),
                name="other_award_qualification_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=OtherAwardState.WAITING,
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    points__isnull=True,
                )
                | Q(
                    state=OtherAwardState.APPROVED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    rule_set__isnull=False,
                    points__isnull=False,
                )
                | Q(
                    state=OtherAwardState.REJECTED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    points__isnull=True,
                )
                & ~Q(decision_reason=""),
                name="other_award_state_sound",
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0, transfer__isnull=False)
                | ((Q(points__isnull=True) | Q(points=0)) & Q(transfer__isnull=True)),
                name="other_award_points_have_a_transfer",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("entered_by")),
                name="other_award_decided_by_another",
            ),
        ]
        triggers: ClassVar = triggers.OTHER_AWARD

    def __str__(self) -> str:
        return f"{self.volunteer_id}:{self.kind}"
