"""Rule sets come into force; approved records earn points; reversed records give them back."""

from __future__ import annotations

from datetime import datetime

from points.scoring.awarding import award_records
from points.scoring.drafting import (
    activate_rule_set,
    change_draft,
    draft_rule_set,
    next_version,
    retire_rule_set,
    return_rule_set,
    review_rule_set,
)
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.other import approve_other_award, give_other_award, reject_other_award
from points.scoring.presets import DEFAULT_DOCUMENT, DEFAULT_EFFECTIVE_FROM
from points.scoring.reversing import reverse_records

__all__ = [
    "activate_rule_set",
    "approve_other_award",
    "award_records",
    "change_draft",
    "draft_rule_set",
    "ensure_default_rule_set",
    "give_other_award",
    "reject_other_award",
    "retire_rule_set",
    "return_rule_set",
    "reverse_records",
    "review_rule_set",
]


def ensure_default_rule_set(*, region_code: str, at: datetime) -> RuleSet:
    """Return the region's oldest rule set in force; without one, put the default preset into force.

    Safe to call at every start and by two processes at once.
    """
    active = RuleSet.objects.filter(region_id=region_code, status=RuleSetStatus.ACTIVE).order_by(
        "effective_from"
    )
    found = active.first()
    if found is None:
        RuleSet.objects.bulk_create(
            [
                RuleSet(
                    region_id=region_code,
                    version=next_version(region_code),
                    effective_from=DEFAULT_EFFECTIVE_FROM,
                    status=RuleSetStatus.ACTIVE,
                    document=DEFAULT_DOCUMENT,
                    created_at=at,
                )
            ],
            ignore_conflicts=True,  # the other process won the version or the date; its row is as good
        )
        found = active.get()
    return found
