"""Relatives, gifts, and rules that allow them."""

from datetime import date, datetime
from typing import Any

from points.gifts import services
from points.gifts.choices import Relation
from points.gifts.models import Relative
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.presets import DEFAULT_DOCUMENT
from tests.factories.ledger import LONG_AGO
from tests.factories.regions import GUIYANG, RegionFactory
from volunteers.people.models import Volunteer

BOTH = {"charity_pool": True, "relative": {"monthly_points": 100}}


def gift_rules(
    transfer: Any = None,
    *,
    region_code: str = GUIYANG,
    version: int = 1,
    effective_from: date = date(2020, 1, 1),
) -> RuleSet:
    """Put rules with this transfer policy into force; by default both sides are allowed."""
    RegionFactory.create(code=region_code)
    return RuleSet.objects.create(
        region_id=region_code,
        version=version,
        effective_from=effective_from,
        status=RuleSetStatus.ACTIVE,
        document={**DEFAULT_DOCUMENT, "transfer": BOTH if transfer is None else transfer},
        created_at=LONG_AGO,
    )


def relatives(volunteer: Volunteer, relative: Volunteer, *, at: datetime = LONG_AGO) -> Relative:
    """Declare a child who confirms at once."""
    row = services.declare_relative(
        volunteer=volunteer, number=relative.number, relation=Relation.CHILD, at=at
    )
    return services.confirm_relative(relative_id=row.pk, by=relative, at=at)
