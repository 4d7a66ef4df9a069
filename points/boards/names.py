"""The only code that makes a public name. Everything a board shows of a person or a donor passes here.

Consent first, children never, masked unless somebody agreed to more (慈善法 Art 82, 捐赠法 Art 8,
PIPL Arts 25, 28; rules.md B, C6). Each function returns the name to show, or None: then the whole entry is
not shown.
"""

from datetime import date

from backend.core.masking import mask_name
from points.giving.names import of_donor, picture_of_donor
from volunteers.people.rules import age_on

__all__ = ["of_donor", "of_honored", "of_volunteer", "old_enough", "picture_of_donor"]

# A region may raise it (RegistrationPolicy.board_min_age), none may lower it: under 14 is sensitive by law.
BOARD_MIN_AGE = 14


def of_volunteer(
    *, name: str, consented: bool, birth_date: date, today: date, min_age: int = BOARD_MIN_AGE
) -> str | None:
    """Name a volunteer on the hours board: masked, with a live consent to boards, and old enough."""
    if not consented or not old_enough(birth_date, today=today, min_age=min_age):
        return None
    return mask_name(name)


def of_honored(
    *,
    name: str,
    consented: bool,
    full_name: bool,
    birth_date: date | None,
    today: date,
    min_age: int = BOARD_MIN_AGE,
) -> str | None:
    """Name a good neighbour: masked unless they agreed to the full name; unknown age counts as grown up."""
    if not consented:
        return None
    if birth_date is not None and not old_enough(birth_date, today=today, min_age=min_age):
        return None
    return name if full_name else mask_name(name)


def old_enough(birth_date: date, *, today: date, min_age: int = BOARD_MIN_AGE) -> bool:
    """Whether somebody may stand on a board; the law's 14 holds whatever a region says."""
    return age_on(birth_date, today) >= max(BOARD_MIN_AGE, min_age)
