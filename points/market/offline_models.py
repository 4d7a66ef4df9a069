"""Lists for handing over without network: a list leases its redemptions to one device (docs/adr/0006)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.market import counter_triggers
from points.market.choices import OfflineResult
from points.market.models import Store
from points.market.redemption_models import Redemption


class OfflineList(models.Model):
    """What one device may hand over until `expires_at`; it may tell the server about it until `ends_at`."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="offline_lists", verbose_name=_("慈善超市")
    )
    serial = models.CharField(_("清单编号"), max_length=32)
    version = models.PositiveSmallIntegerField(_("密钥版本"))
    digest = models.CharField(_("摘要"), max_length=64)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("领取人"),
        db_index=False,  # users are not deleted, and nobody lists by it
    )
    taken_at = models.DateTimeField(_("领取时间"))
    expires_at = models.DateTimeField(_("有效至"))
    ends_at = models.DateTimeField(_("上传截止"))
    closed_at = models.DateTimeField(_("交还时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("交还人"),
        null=True,
        blank=True,
        db_index=False,
    )

    class Meta:
        verbose_name = _("离线清单")
        verbose_name_plural = _("离线清单")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("serial",), name="offline_list_serial_once"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("taken_at"), ends_at__gte=F("expires_at")),
                name="offline_list_forward",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="offline_list_closed_by_someone",
            ),
        ]
        triggers: ClassVar = counter_triggers.OFFLINE_LIST

    def __str__(self) -> str:
        return self.serial


class OfflineLease(models.Model):
    """One redemption in the hands of one device; nobody else settles it until it is released or ends."""

    list = models.ForeignKey(OfflineList, on_delete=models.PROTECT, related_name="leases")
    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="leases")
    released_at = models.DateTimeField(_("释放时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("离线占用")
        verbose_name_plural = _("离线占用")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("list", "redemption"), name="offline_lease_listed_once"),
            models.UniqueConstraint(
                fields=("redemption",),
                condition=Q(released_at__isnull=True),
                name="offline_lease_one_device",
            ),
        ]
        triggers: ClassVar = counter_triggers.OFFLINE_LEASE

    def __str__(self) -> str:
        return f"{self.pk}"


class OfflineCollection(models.Model):
    """What a device said it handed over, when, and what came of it; for good."""

    list = models.ForeignKey(OfflineList, on_delete=models.PROTECT, related_name="collections")
    redemption = models.ForeignKey(
        Redemption, on_delete=models.PROTECT, related_name="offline_collections", verbose_name=_("兑换")
    )
    nonce = models.CharField(max_length=64)
    captured_at = models.DateTimeField(_("发放时间"))
    received_at = models.DateTimeField(_("上传时间"))
    result = models.CharField(_("结果"), max_length=20, choices=OfflineResult.choices)
    problem = models.CharField(_("原因"), max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("离线发放")
        verbose_name_plural = _("离线发放")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("list", "nonce"), name="offline_collection_once"),
            models.CheckConstraint(condition=~Q(nonce=""), name="offline_collection_named"),
            models.CheckConstraint(
                condition=Q(result__in=OfflineResult.values), name="offline_collection_result_known"
            ),
            models.CheckConstraint(
                condition=Q(captured_at__lte=F("received_at")), name="offline_collection_in_order"
            ),
        ]
        triggers: ClassVar = [append_only("offline_collection_append_only")]

    def __str__(self) -> str:
        return f"{self.pk}"
