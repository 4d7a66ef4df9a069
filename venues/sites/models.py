"""A service site: who hosts it, where it is, when it is open, which key signs its code."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from venues.sites.hours import any_time
from venues.sites.qr import MAX_KEY_VERSION
from venues.sites.triggers import key_version_forward, poster_version_forward


class HostType(models.TextChoices):
    """The kinds of host a station may have (rules.md A, "stations")."""

    HOSPITAL = "hospital", _("医院")
    ELDER_CARE = "elder_care", _("养老服务机构")
    CHILDREN_HOME = "children_home", _("儿童福利机构")
    RESCUE_STATION = "rescue_station", _("救助管理站")
    SCHOOL = "school", _("学校")
    MUSEUM = "museum", _("博物馆")
    LIBRARY = "library", _("图书馆")
    GALLERY = "gallery", _("美术馆")
    STADIUM = "stadium", _("体育场馆")
    PARK = "park", _("公园")
    TRANSPORT_STOP = "transport_stop", _("交通站点")
    SCENIC_AREA = "scenic_area", _("旅游景区")
    COMMUNITY = "community", _("社区")
    OTHER = "other", _("其他")


class SiteStatus(models.TextChoices):
    """Whether a site takes part."""

    ACTIVE = "active", _("开放")
    CLOSED = "closed", _("已关闭")


class Site(models.Model):
    """A place with a screen. Its QR keys are derived (see qr.py), so the row holds no secret."""

    name = models.CharField(_("名称"), max_length=80)
    host_type = models.CharField(_("所在场所"), max_length=20, choices=HostType.choices)
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="sites", verbose_name=_("管理组织")
    )
    region = models.ForeignKey(
        "regions.Region", on_delete=models.PROTECT, related_name="sites", verbose_name=_("区划")
    )
    address = models.CharField(_("地址"), max_length=200)
    latitude = models.FloatField(_("纬度（WGS-84）"))
    longitude = models.FloatField(_("经度（WGS-84）"))
    radius_m = models.PositiveIntegerField(_("有效半径（米）"), default=200)
    opening_hours = models.JSONField(_("开放时间"), default=any_time, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=SiteStatus.choices, default=SiteStatus.ACTIVE)
    key_version = models.PositiveIntegerField(_("密钥版本"), default=1)
    key_rotated_at = models.DateTimeField(_("换钥时间"), null=True, blank=True)
    poster_version = models.PositiveIntegerField(_("海报版次"), default=1)

    class Meta:
        verbose_name = _("志愿服务站点")
        verbose_name_plural = _("志愿服务站点")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("organization", "name"), name="site_name_once"),
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="site_location_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(radius_m__gte=20, radius_m__lte=5000), name="site_radius_sane"
            ),
            models.CheckConstraint(
                condition=Q(key_version__gte=1, key_version__lte=MAX_KEY_VERSION),
                name="site_key_version_in_range",
            ),
            models.CheckConstraint(
                condition=Q(poster_version__gte=1, poster_version__lte=MAX_KEY_VERSION),
                name="site_poster_version_in_range",
            ),
            models.CheckConstraint(
                condition=Q(key_version=1) | Q(key_rotated_at__isnull=False), name="site_rotation_dated"
            ),
            models.CheckConstraint(condition=Q(status__in=SiteStatus.values), name="site_status_known"),
            models.CheckConstraint(condition=Q(host_type__in=HostType.values), name="site_host_type_known"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("opening_hours"), function="jsonb_typeof", output_field=models.TextField()),
                    Value("object"),
                ),
                name="site_opening_hours_object",
            ),
        ]
        triggers = [key_version_forward(), poster_version_forward()]

    def __str__(self) -> str:
        return self.name
