"""The region picker: one select per level, each filled from the choice above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.regions.codes import CODE_LENGTH
from backend.regions.models import Region
from backend.regions.queries import children_of, path_of, prefix_of

DEPTH = 5
FIELD = "region_level_"


@dataclass(frozen=True)
class Step:
    """One select of the picker."""

    name: str
    label: str
    options: Sequence[Region]
    chosen: str


def chosen_code(data: Mapping[str, str]) -> str:
    """Return the deepest choice that still lies below the choice above it; "" when nothing is chosen."""
    deepest = ""
    for level in range(DEPTH):
        code = data.get(f"{FIELD}{level}", "")
        if not code or (deepest and not code.startswith(prefix_of(deepest))):
            break
        deepest = code
    return deepest


def home_code(prefixes: Sequence[str]) -> str:
    """Return the code of the first of somebody's regions (`Actor.regions`), where their picker begins."""
    return prefixes[0].ljust(CODE_LENGTH, "0") if prefixes and prefixes[0] else ""


def steps_for(code: str) -> list[Step]:
    """Return the selects down to `code` and the one below it, if there is anything below."""
    labels = [_("省"), _("市"), _("区县"), _("街道（乡镇）"), _("社区（村）")]
    chain = [region.code for region in path_of(code)]
    steps: list[Step] = []
    for level, parent in enumerate([None, *chain][:DEPTH]):
        options = list(children_of(parent))
        if options:
            chosen = chain[level] if level < len(chain) else ""
            steps.append(Step(f"{FIELD}{level}", labels[level], options, chosen))
    return steps
