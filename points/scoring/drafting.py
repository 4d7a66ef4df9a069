"""A rule set from draft to retirement: written by one person, reviewed by another, in force, replaced.

Every move locks the row first and leaves an audit row. Whoever changes a draft last is its maker: they answer
for all of it, so the one who reviews it is always somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, Invalid, NotFound
from backend.regions.models import Region
from points.scoring.documents import rules_from
from points.scoring.errors import (
    RuleSetDateTaken,
    RuleSetNeeded,
    RuleSetNotActive,
    RuleSetNotDraft,
    RuleSetNotReviewed,
    RuleSetSelfReview,
    RuleSetStale,
    RuleSetTooLate,
)
from points.scoring.models import RuleSet, RuleSetStatus
from points.scoring.queries import WRITERS, successor_of


def draft_rule_set(
    *, region_code: str, document: Mapping[str, Any], effective_from: date, actor: Actor, at: datetime
) -> RuleSet:
    """Write the next version of a region's rules as a draft.

    :raises Forbidden: the actor makes no rules anywhere.
    :raises NotFound: no such region, or not one the actor makes rules for.
    :raises RuleDocumentInvalid: the document has faults; every one is named.
    """
    _require_writer(actor, region_code)
    rules_from(document)
    with transaction.atomic():
        # Two drafts at once take turns for the next number.
        if not Region.objects.select_for_update().filter(pk=region_code).exists():
            raise NotFound
        rule_set = RuleSet.objects.create(
            region_id=region_code,
            version=next_version(region_code),
            effective_from=effective_from,
            document=dict(document),
            created_at=at,
            created_by_id=actor.user_id,
        )
        audit.record(actor=actor, action="rule_set.drafted", target=rule_set, at=at)
    return rule_set


def change_draft(
    *,
    rule_set_id: int,
    edition: str,
    actor: Actor,
    at: datetime,
    document: Mapping[str, Any] | None = None,
    effective_from: date | None = None,
) -> RuleSet:
    """Write on a draft; what is None stays. Saving what it says already changes nothing, not even the maker.

    :param edition: `RuleSet.edition` as it was read, so that nobody writes over what they have not seen.
    :raises NotFound: no such rule set in the actor's regions.
    :raises RuleSetNotDraft: it was reviewed meanwhile, or was in force.
    :raises RuleSetStale: somebody else changed it since it was read.
    :raises RuleDocumentInvalid: the document has faults; every one is named.
    """
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.DRAFT:
            raise RuleSetNotDraft
        _require_edition(rule_set, edition)
        if document is not None:
            rules_from(document)
            rule_set.document = dict(document)
        if effective_from is not None:
            rule_set.effective_from = effective_from
        if rule_set.edition == edition:
            return rule_set
        rule_set.created_by_id = actor.user_id
        rule_set.save(update_fields=["document", "effective_from", "created_by"])
        detail = {"edition": rule_set.edition}
        audit.record(actor=actor, action="rule_set.changed", target=rule_set, at=at, detail=detail)
    return rule_set


def review_rule_set(*, rule_set_id: int, actor: Actor, at: datetime, edition: str | None = None) -> RuleSet:
    """Confirm a draft that somebody else wrote (design.md §4.7), as it was read if `edition` is given.

    :raises NotFound: no such rule set in the actor's regions.
    :raises RuleSetNotDraft: it is not a draft.
    :raises RuleSetSelfReview: the actor wrote it.
    :raises RuleSetStale: it was changed since it was read.
    """
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.DRAFT:
            raise RuleSetNotDraft
        if rule_set.created_by_id == actor.user_id:
            raise RuleSetSelfReview
        if edition is not None:
            _require_edition(rule_set, edition)
        rule_set.status = RuleSetStatus.REVIEWED
        rule_set.reviewed_by_id = actor.user_id
        rule_set.save(update_fields=["status", "reviewed_by"])
        detail = {"edition": rule_set.edition}
        audit.record(actor=actor, action="rule_set.reviewed", target=rule_set, at=at, detail=detail)
    return rule_set


def return_rule_set(*, rule_set_id: int, reason: str, actor: Actor, at: datetime) -> RuleSet:
    """Send a reviewed rule set back to draft, saying why; its review no longer counts.

    :raises NotFound: no such rule set in the actor's regions.
    :raises Invalid: no reason is given.
    :raises RuleSetNotReviewed: it is a draft, or was in force.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(field="reason")
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.REVIEWED:
            raise RuleSetNotReviewed
        rule_set.status = RuleSetStatus.DRAFT
        rule_set.reviewed_by_id = None
        rule_set.save(update_fields=["status", "reviewed_by"])
        detail = {"reason": reason}
        audit.record(actor=actor, action="rule_set.returned", target=rule_set, at=at, detail=detail)
    return rule_set


def activate_rule_set(*, rule_set_id: int, actor: Actor, at: datetime) -> RuleSet:
    """Put a reviewed rule set into force from its effective date on; from now on it never changes.

    The date was reviewed with the rules. It is today or later; records of days gone by were scored under what
    held then, so only a platform administrator puts rules into force for them.

    :raises NotFound: no such rule set in the actor's regions.
    :raises RuleSetNotReviewed: it is not reviewed, or was in force before.
    :raises RuleSetTooLate: its day has gone by.
    :raises RuleSetDateTaken: another active version of the region begins on that day.
    """
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.REVIEWED:
            raise RuleSetNotReviewed
        if rule_set.effective_from < localdate(at) and not actor.is_platform_admin:
            raise RuleSetTooLate(day=rule_set.effective_from)
        active = RuleSet.objects.filter(region_id=rule_set.region_id, status=RuleSetStatus.ACTIVE)
        if active.filter(effective_from=rule_set.effective_from).exists():
            raise RuleSetDateTaken
        rule_set.status = RuleSetStatus.ACTIVE
        rule_set.save(update_fields=["status"])
        audit.record(actor=actor, action="rule_set.activated", target=rule_set, at=at)
    return rule_set


def retire_rule_set(*, rule_set_id: int, reason: str, actor: Actor, at: datetime) -> RuleSet:
    """Take a rule set out of force, saying why: the next one before it, here or above, takes over its days.

    Points that were given stay as they are; what is approved from now on is scored under what takes over.

    :raises NotFound: no such rule set in the actor's regions.
    :raises Invalid: no reason is given.
    :raises RuleSetNotActive: it is not in force.
    :raises RuleSetNeeded: nothing would hold from its first day on.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(field="reason")
    with transaction.atomic():
        rule_set = _locked(rule_set_id, actor)
        if rule_set.status != RuleSetStatus.ACTIVE:
            raise RuleSetNotActive
        # Not locked: if it goes at this moment too, then only because something takes over from it in turn,
        # which began no later and stands no lower. The last of such a row is never retired.
        after = successor_of(rule_set)
        if after is None:
            raise RuleSetNeeded(day=rule_set.effective_from)
        rule_set.status = RuleSetStatus.RETIRED
        rule_set.save(update_fields=["status"])
        detail = {"reason": reason, "after": after.label}
        audit.record(actor=actor, action="rule_set.retired", target=rule_set, at=at, detail=detail)
    return rule_set


def next_version(region_code: str) -> int:
    """Return the number the region's next version gets."""
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


def _require_edition(rule_set: RuleSet, edition: str) -> None:
    if rule_set.edition != edition:
        raise RuleSetStale


def _require_writer(actor: Actor, region_code: str) -> None:
    if not actor.has(*WRITERS):
        raise Forbidden
    if not any(region_code.startswith(prefix) for prefix in actor.regions(*WRITERS)):
        raise NotFound
