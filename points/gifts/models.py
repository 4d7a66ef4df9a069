"""One declared relative at a time, and what was given away."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.gifts import triggers
from points.gifts.choices import Recipient, Relation


class Relative(models.Model):
    """A volunteer names a lineal relative, who is a volunteer too and confirms it. Either may end it."""

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="relatives",
        verbose_name=_("志愿者"),
    )
    relative = models.ForeignKey(
        "volunteers.Volunteer", on_delete=models.PROTECT, related_name="relative_of", verbose_name=_("亲属")
    )
    relation = models.CharField(_("关系"), max_length=20, choices=Relation.choices)
    declared_at = models.DateTimeField(_("登记时间"))
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("亲属登记")
        verbose_name_plural = _("亲属登记")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("volunteer",), condition=Q(ended_at__isnull=True), name="relative_one_live"
            ),
            models.CheckConstraint(condition=~Q(relative=F("volunteer")), name="relative_is_another"),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="relative_relation_known"),
            models.CheckConstraint(
                condition=(Q(confirmed_at__isnull=True) | Q(confirmed_at__gte=F("declared_at")))
                & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("declared_at"))),
                name="relative_times_in_order",
            ),
        ]
        triggers: ClassVar = triggers.RELATIVE

    def __str__(self) -> str:
        return self.get_relation_display()


class Gift(models.Model):
    """Points given away for good. Its transfer has the key `gift:<id>`; without `relative` the pool got them.

    `token` is what the giver's form or request was known by, so that sending it twice gives once.
    """

    volunteer = models.ForeignKey(
        "volunteers.Volunteer",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="gifts",
        verbose_name=_("赠送人"),
    )
    to = models.CharField(_("赠给"), max_length=10, choices=Recipient.choices)
    relative = models.ForeignKey(
        Relative,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="gifts",
        verbose_name=_("亲属登记"),
    )
    points = models.PositiveIntegerField(_("积分"))
    token = models.CharField(_("单号"), max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("积分赠送")
        verbose_name_plural = _("积分赠送")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("volunteer", "at"), name="gift_by_giver")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("volunteer", "token"), name="gift_token_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="gift_points_positive"),
            models.CheckConstraint(
                condition=Q(to=Recipient.POOL, relative__isnull=True)
                | Q(to=Recipient.RELATIVE, relative__isnull=False),
                name="gift_recipient_by_kind",
            ),
        ]
        triggers: ClassVar = [append_only("gift_append_only"), *triggers.GIFT]

    def __str__(self) -> str:
        return f"{self.points}"
