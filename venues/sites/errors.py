"""Refusals about sites and their codes."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class SiteClosed(Refusal):
    """The site no longer takes part."""

    code = "site_closed"
    status = 409
    message = _("这个站点已关闭，请联系站点管理员。")


class SiteNameTaken(Refusal):
    """The organization already has a site of this name."""

    code = "site_name_taken"
    status = 409
    message = _("这个组织已有同名站点，请换一个名称。")
    constraint = "site_name_once"


class SiteLocationInvalid(Refusal):
    """Latitude or longitude is not on the globe."""

    code = "site_location_invalid"
    status = 400
    message = _("经纬度不对，请填写 WGS-84 坐标。")
    constraint = "site_location_on_earth"


class SiteRadiusInvalid(Refusal):
    """The radius is too small for indoor positioning, or too large to mean anything."""

    code = "site_radius_invalid"
    status = 400
    message = _("有效半径须在 20 到 5000 米之间。")
    constraint = "site_radius_sane"


class OpeningHoursInvalid(Refusal):
    """The opening hours do not have the form {"mon": [["08:30", "17:30"]]}."""

    code = "opening_hours_invalid"
    status = 400
    message = _("开放时间填写有误，请按“08:30–17:30”的格式逐日填写。")
    constraint = "site_opening_hours_object"


class RetiredKey(Refusal):
    """A key version that was replaced cannot come back."""

    code = "retired_key"
    status = 409
    message = _("旧密钥不能重新启用，请换一把新的。")
    constraint = "site_key_version_forward"


class PosterNotRotated(Refusal):
    """A poster edition that was replaced cannot come back."""

    code = "poster_edition_retired"
    status = 409
    message = _("旧版海报不能重新启用，请重新打印新版。")
    constraint = "site_poster_version_forward"
