"""Reading the tree."""

from collections.abc import Sequence

from django.db.models import QuerySet

from backend.regions.codes import ancestors_of, prefix_of
from backend.regions.errors import RegionUnknown
from backend.regions.models import Region

__all__ = ["children_of", "get_region", "path_label", "path_of", "prefix_of", "search"]

_CODE_LENGTH = 12
# Directly under a municipality or province the statistics tree has rows that name nothing.
_SILENT = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def get_region(code: str) -> Region:
    """Return the region.

    :raises RegionUnknown: no such code.
    """
    region = Region.objects.filter(code=code).first() if _is_code(code) else None
    if region is None:
        raise RegionUnknown(field="region")
    return region


def children_of(code: str | None) -> QuerySet[Region]:
    """Return the divisions directly below a code; the provinces when it is None or empty."""
    if not code:
        return Region.objects.filter(parent__isnull=True)
    return Region.objects.filter(parent_id=code) if _is_code(code) else Region.objects.none()


def search(text: str, *, prefix: str = "") -> QuerySet[Region]:
    """Return divisions whose name contains the text, inside a subtree."""
    return Region.objects.filter(name__icontains=text.replace("\x00", ""), code__startswith=prefix)


def path_of(code: str) -> Sequence[Region]:
    """Return the region and those above it, the province first."""
    return list(Region.objects.filter(code__in=ancestors_of(code)).order_by("code")) if _is_code(code) else []


def path_label(code: str) -> str:
    """Return `贵州省贵阳市南明区新华路街道` for a code; empty when unknown."""
    return "".join(region.name for region in path_of(code) if region.name not in _SILENT)


def _is_code(code: str) -> bool:
    return len(code) == _CODE_LENGTH and code.isascii() and code.isdigit()
