"""Divisions: a real path in Guiyang, and the way to make any other."""

from factory.declarations import LazyAttribute
from factory.django import DjangoModelFactory

from backend.regions.codes import PREFIX_LENGTHS, ancestors_of, prefix_of
from backend.regions.models import Region

GUIZHOU = "520000000000"
GUIYANG = "520100000000"
NANMING = "520102000000"
XINHUA_ROAD = "520102001000"
COMMUNITY = "520102001001"
CHENGDU_JINJIANG = "510104000000"

_LEVELS = {length: level for level, length in PREFIX_LENGTHS.items()}


class RegionFactory(DjangoModelFactory[Region]):
    """One division; asking twice for a code gives the same row."""

    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = COMMUNITY
    name = LazyAttribute(lambda made: f"区划{prefix_of(made.code)}")
    level = LazyAttribute(lambda made: _LEVELS[len(prefix_of(made.code))])
    parent = None


def make_path(code: str = COMMUNITY) -> Region:
    """Make the division and everything above it, and return the division."""
    region: Region | None = None
    for step in ancestors_of(code):
        region = RegionFactory.create(code=step, parent=region)
    assert region is not None
    return region


def picked(code: str = COMMUNITY) -> dict[str, str]:
    """What the region picker of a page sends for a code: one field a level."""
    return {f"region_level_{level}": step for level, step in enumerate(ancestors_of(code))}
