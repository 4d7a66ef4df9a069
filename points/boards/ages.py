"""From which age somebody may stand on a board, by the place they live in."""

from collections.abc import Collection, Mapping
from datetime import date

from backend.regions.codes import ancestors_of
from points.boards.names import BOARD_MIN_AGE
from volunteers.people.models import RegistrationPolicy


def min_ages(region_codes: Collection[str]) -> Mapping[str, int]:
    """Return the board age of each region: the nearest policy above it, else the law's (one query)."""
    chains = {code: ancestors_of(code) for code in region_codes}
    asked = {ancestor for chain in chains.values() for ancestor in chain}
    policies = dict(
        RegistrationPolicy.objects.filter(region_id__in=asked).values_list("region_id", "board_min_age")
    )
    return {
        code: next((policies[step] for step in reversed(chain) if step in policies), BOARD_MIN_AGE)
        for code, chain in chains.items()
    }


def born_by(today: date, *, age: int = BOARD_MIN_AGE) -> date:
    """Return the latest birth date of somebody who is `age` today."""
    try:
        return today.replace(year=today.year - age)
    except ValueError:  # 29 February of a common year
        return today.replace(year=today.year - age, day=28)
