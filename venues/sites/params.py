"""Query parameters that lists share, read strictly: rubbish is a 400, never a surprise in SQL."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backend.regions.codes import prefix_of

_REGION = re.compile(r"[0-9]{2}(?:[0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})?")
_PAIR = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)\s*")
_LATITUDE_LIMIT, _LONGITUDE_LIMIT = 90, 180


class RegionParam(serializers.CharField):
    """A division code of 2, 4, 6, 9 or 12 digits; its value is the prefix of the subtree."""

    default_error_messages = {"region": _("区划代码应为 2、4、6、9 或 12 位数字。")}

    def to_internal_value(self, data: str) -> str:
        """Return the prefix."""
        code = super().to_internal_value(data)
        if _REGION.fullmatch(code) is None:
            self.fail("region")
        return prefix_of(code)


class NearParam(serializers.CharField):
    """A place as `lat,lng` in WGS-84 degrees; its value is a pair of floats."""

    default_error_messages = {"near": _("位置应为“纬度,经度”，例如 26.578,106.713。")}

    def to_internal_value(self, data: str) -> Any:
        """Return (latitude, longitude)."""
        pair = _PAIR.fullmatch(super().to_internal_value(data))
        if pair is None:
            self.fail("near")
        latitude, longitude = float(pair[1]), float(pair[2])
        if abs(latitude) > _LATITUDE_LIMIT or abs(longitude) > _LONGITUDE_LIMIT:
            self.fail("near")
        return latitude, longitude


class KeyParam(serializers.IntegerField):
    """A row's key: a positive integer that a bigint can hold."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the bounds."""
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)
