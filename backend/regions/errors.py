"""Refusals about regions."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class RegionUnknown(Refusal):
    """The code is no division we know."""

    code = "region_unknown"
    status = 400
    message = _("没有这个区划代码。")
