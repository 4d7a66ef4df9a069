"""Rule sets come into force; approved records earn points; reversed records give them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from points.scoring.awarding import award_records
from points.scoring.documents import rules_from
from points.scoring.errors import RuleSetFrozen, RuleSetSelfReview
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.other import approve_other_award, give_other_award, reject_other_award
from points.scoring.presets import DEFAULT_DOCUMENT, DEFAULT_EFFECTIVE_FROM
from points.scoring.queries import WRITERS
from points.scoring.reversing import reverse_records

__all__ = [
    "activate_rule_set",
    "approve_other_award",
    "award_records",
    "draft_rule_set",
    "ensure_default_rule_set",
    "give_other_award",
    "reject_other_award",
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
                    version=_next_version(region_code),
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


def draft_rule_set(
    *, region_code: str, document: Mapping[str, Any], effective_from: date, actor: Actor, at: datetime
) -> RuleSet:
    """Write the next version of a region's rules as a draft.

    :raises Forbidden: the actor does not make rules for that region.
    :raises RuleDocumentInvalid: the document has faults; every one is named.
    """
    _require_writer(actor, region_code)
    rules_from(document)
    with transaction.atomic():
        rule_set = RuleSet.objects.create(
            region_id=region_code,
            version=_next_version(region_code),
            effective_from=effective_from,
            document=dict(document),
            created_at=at,
            created_by_id=actor.user_id,
        )
        audit.record(actor=actor, action="rule_set.drafted", target=rule_set, at=at)
    return rule_set


def review_rule_set(*, rule_set_id: int, actor: Actor, at: datetime) -> RuleSet:
    """Confirm a draft that somebody else wrote (design.md §4.7).

    :raises NotFound: no such rule set in the actor's regions.
    :raises RuleSetFrozen: it is not a draft.
    :raises RuleSetSelfReview: the actor wrote it.
    """
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.DRAFT:
            raise RuleSetFrozen
        if rule_set.created_by_id == actor.user_id:
            raise RuleSetSelfReview
        rule_set.status = RuleSetStatus.REVIEWED
        rule_set.reviewed_by_id = actor.user_id
        rule_set.save(update_fields=["status", "reviewed_by"])
        audit.record(actor=actor, action="rule_set.reviewed", target=rule_set, at=at)
    return rule_set


def activate_rule_set(*, rule_set_id: int, actor: Actor, at: datetime) -> RuleSet:
    """Put a reviewed rule set into force from its effective date on; from now on it never changes.

    :raises NotFound: no such rule set in the actor's regions.
    :raises RuleSetFrozen: it is not reviewed, or was in force before.
    """
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.REVIEWED:
            raise RuleSetFrozen
        rule_set.status = RuleSetStatus.ACTIVE
        rule_set.save(update_fields=["status"])
        audit.record(actor=actor, action="rule_set.activated", target=rule_set, at=at)
    return rule_set


def _next_version(region_code: str) -> int:
    latest = (
        RuleSet.objects.filter(region_id=region_code).order_by("-version").values_list("version", flat=True)
    )
    return (latest.first() or 0) + 1


def _locked(rule_set_id: int, actor: Actor) -> RuleSet:
    rule_set = RuleSet.objects.select_for_update().filter(pk=rule_set_id).first()
    if rule_set is None:
        raise NotFound
    _require_writer(actor, rule_set.region_id)
    return rule_set


def _require_writer(actor: Actor, region_code: str) -> None:
    if not actor.has(*WRITERS):
        raise Forbidden
    if not any(region_code.startswith(prefix) for prefix in actor.regions(*WRITERS)):
        raise NotFound
