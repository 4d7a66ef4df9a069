"""Valid, invented identities: resident ID numbers and credit codes whose check digits compute."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.cn import ric, uscc

from backend.config.demo.content import GIVEN, PHONE_PREFIX, SURNAMES

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Identity:
    """A person who does not exist."""

    name: str
    id_number: str
    phone: str


def credit_code(*, authority: str, region: str, serial: str) -> str:
    """Return an 18-character code (GB 32100): authority and class, division, organization code, check."""
    total = sum(
        _ALPHABET.index(char) * weight for char, weight in zip(serial, _ORGANIZATION_WEIGHTS, strict=True)
    )
    organization = serial + "0123456789X0"[(11 - total % 11) % 11]
    body = f"{authority}{region}{organization}"
    return body + uscc.calc_check_digit(body)


def identities(*, count: int, region: str, today: date, seed: int) -> list[Identity]:
    """Return `count` different people, most of them grown up and some of them young."""
    chance = random.Random(seed)  # noqa: S311 – reproducible demo data, no secret
    people = []
    for index in range(count):
        age_days = chance.randrange(15, 72) * 365 + chance.randrange(365)
        if index % 5:
            age_days = max(age_days, 20 * 365)
        birth = today - timedelta(days=age_days)
        body = f"{region}{birth:%Y%m%d}{index + 100:03d}"
        people.append(
            Identity(
                name=SURNAMES[index % len(SURNAMES)]
                + GIVEN[(index * 7 + index // len(SURNAMES)) % len(GIVEN)],
                id_number=body + ric.calc_check_digit(body + "0"),
                phone=f"{PHONE_PREFIX}{index:04d}",
            )
        )
    return people
