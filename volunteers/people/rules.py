"""Age: one way to count it, and what it decides. Pure."""

from collections.abc import Collection
from datetime import date

from volunteers.people.choices import ConsentKind
from volunteers.people.errors import ConsentRequired, GuardianRequired, TooYoungToRegister

ADULT_AGE = 18


def age_on(birth_date: date, day: date) -> int:
    """Return the completed years on `day`; who was born on 29 February completes one on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def check_age(*, age: int, min_age: int, guardian_until: int, has_guardian: bool) -> None:
    """Let somebody of this age register, by the ages of their region (rules.md C6: configurable defaults).

    :raises TooYoungToRegister: under `min_age`.
    :raises GuardianRequired: under `guardian_until` and no guardian has been named and agreed.
    """
    if age < min_age:
        raise TooYoungToRegister(min_age=min_age)
    if age < guardian_until and not has_guardian:
        raise GuardianRequired(field="guardian", guardian_until=guardian_until)


def check_consents(consents: Collection[str]) -> frozenset[ConsentKind]:
    """Return the consents as kinds.

    :raises ConsentRequired: the one without which nothing may be stored is missing (PIPL Art 13).
    """
    if ConsentKind.PRIVACY not in consents:
        raise ConsentRequired(field="consents")
    return frozenset(ConsentKind(kind) for kind in consents)
