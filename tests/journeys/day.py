"""A day at three sites: three hundred people, when each came and left, and what that is worth.

Runs inside a copy (`manage.py shell`), where the keys are, and writes what the people's phones know.
"""

import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from backend.accounts.scopes import Role
from points.scoring.services import ensure_default_rule_set
from tests.benchmarks import crowd
from tests.factories.accounts import OrganizationFactory, make_staff
from tests.factories.attendance import code_of
from tests.factories.regions import COMMUNITY, GUIYANG, make_path
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ActivityFactory, ProgrammeFactory, ShiftFactory
from volunteers.activities.models import Shift

PEOPLE = 300
SITES = PEOPLE // crowd.PER_SITE
BREAK = 15
_SECONDS = 60


def prepare(path: str, seed: int) -> None:
    """Make the people, their places and a manager, and write who scans what when."""
    chance = random.Random(seed)
    shifts = _shifts()
    ensure_default_rule_set(region_code=GUIYANG, at=timezone.now())
    people = crowd.volunteers(PEOPLE, prefix="D")
    crowd.signed_up(people, shifts)
    phones = []
    for index, person in enumerate(people):
        shift = shifts[index // crowd.PER_SITE]
        phones.append({"jwt": crowd.jwt(person), **_presence(shift, chance)})
    managers = [make_staff(Role.SITE_MANAGER, shift.activity.site_id) for shift in shifts]
    plan = {"phones": phones, "managers": [str(crowd.AccessToken.for_user(user)) for user in managers]}
    Path(path).write_text(json.dumps(plan), encoding="utf-8")


def _shifts() -> list[Shift]:
    region = make_path(COMMUNITY)
    programme = ProgrammeFactory.create(
        organization=OrganizationFactory.create(region=region),
        region=region,
        starts_on=date(2020, 1, 1),
        ends_on=date(2099, 12, 31),
    )
    begun = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=6)
    return [
        ShiftFactory.create(
            activity=ActivityFactory.create(
                programme=programme,
                site=SiteFactory.create(organization=programme.organization, region=region),
            ),
            starts_at=begun,
            ends_at=begun + timedelta(hours=4),
            capacity=crowd.PER_SITE,
            break_minutes=BREAK,
        )
        for _ in range(SITES)
    ]


def _presence(shift: Shift, chance: random.Random) -> dict[str, Any]:
    """Somebody's day, to the second: they came early or late, left early or late, or forgot to check out."""
    came = shift.starts_at + timedelta(seconds=chance.randint(-25 * _SECONDS, 40 * _SECONDS))
    left = shift.ends_at + timedelta(seconds=chance.randint(-50 * _SECONDS, 25 * _SECONDS))
    forgot = chance.random() < 0.1
    counted = min(left, shift.ends_at) - max(came, shift.starts_at)
    return {
        "in": _scan(shift, came),
        "out": None if forgot else _scan(shift, left),
        "minutes": None if forgot else int(counted.total_seconds()) // _SECONDS - BREAK,
    }


def _scan(shift: Shift, at: datetime) -> dict[str, str]:
    return {"token": code_of(shift.activity.site, at), "captured_at": at.isoformat()}
