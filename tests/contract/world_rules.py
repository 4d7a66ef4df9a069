"""The rules of points in the world of the contract tests, and what waits for somebody's word."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from points.scoring.models import RuleSet
from points.scoring.services import (
    activate_rule_set,
    draft_rule_set,
    ensure_default_rule_set,
    review_rule_set,
)
from tests.factories.ledger import OtherAwardFactory, rules_in_force
from tests.factories.points import RevisionRunFactory
from tests.factories.regions import COMMUNITY, GUIYANG
from volunteers.people.models import Volunteer


def rules(users: Mapping[str, User | None], at: datetime) -> dict[str, Any]:
    """What holds in the city; of the community a draft, a reviewed version, one in force, all to come."""
    active = ensure_default_rule_set(region_code=GUIYANG, at=at - timedelta(days=30))
    staff, admin = users["staff"], users["admin"]
    assert staff is not None
    assert admin is not None
    draft, reviewed, local = (
        draft_rule_set(
            region_code=COMMUNITY,
            effective_from=at.date() + timedelta(days=days),
            document=active.document,
            actor=actor_for(staff),
            at=at,
        )
        for days in (30, 60, 90)
    )
    for made in (reviewed, local):
        review_rule_set(rule_set_id=made.pk, actor=actor_for(admin), at=at)
    local = activate_rule_set(rule_set_id=local.pk, actor=actor_for(staff), at=at)
    return {
        "rule_set": active,
        "draft_rule_set": draft,
        "reviewed_rule_set": reviewed,
        "local_rule_set": local,
        **_revisions(draft, local, at),
    }


def awards(volunteer: Volunteer, at: datetime) -> dict[str, Any]:
    """Rules of the community under which lectures earn points, and one that waits for a second person."""
    rules_in_force(
        region_code=COMMUNITY, version=9, other_awards={"lecture": {"points": 3, "monthly_limit": 30}}
    )
    return {"other_award": OtherAwardFactory(volunteer=volunteer, day=at.date(), entered_at=at)}


def _revisions(draft: RuleSet, tried: RuleSet, at: datetime) -> dict[str, Any]:
    """Rules in force that were tried; of the draft a dry run to stop, and one stopped."""
    RevisionRunFactory(to_rule_set=tried, state="done", finished_at=at)
    return {
        "revision": RevisionRunFactory(to_rule_set=draft),
        "stopped_revision": RevisionRunFactory(to_rule_set=draft, state="cancelled", last_day=at.date()),
    }
