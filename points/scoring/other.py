"""Points for what is not service: entered by one member of staff, decided by another.

They never become hours (Order 67 Art 19): nothing here touches a service record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, refusal_for
from points.ledger import services as ledger
from points.ledger.models import AccountKind, TransferKind
from points.scoring.awarding import breakdown_of, lot_expiry
from points.scoring.engine import Result
from points.scoring.errors import (
    OtherAwardDecided,
    OtherAwardIncomplete,
    OtherAwardNotInRules,
    OtherAwardReasonRequired,
    OtherAwardTraining,
    OwnOtherAward,
    ReferralUnknown,
)
from points.scoring.extras import other_award
from points.scoring.models import RuleSet
from points.scoring.other_models import MOST_AT_ONCE, OtherAward, OtherAwardKind, OtherAwardState
from points.scoring.queries import READERS, RuleBook
from points.scoring.rules import OtherKind, Rules
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Volunteer
from volunteers.people.queries import REVIEWERS, reviewable_by
from volunteers.people.queries import visible_to as visible_volunteers
from volunteers.training.choices import QualificationKind
from volunteers.training.models import Qualification

SOURCE = "other_award"


def awards_visible_to(actor: Actor) -> QuerySet[OtherAward]:
    """Return one's own awards, and for staff and supervisors those of the volunteers in their regions."""
    own = OtherAward.objects.filter(volunteer__user_id=actor.user_id)
    if not actor.has(*READERS):
        return own
    return OtherAward.objects.filter(volunteer__in=visible_volunteers(actor)) | own


def awards_to_decide(actor: Actor) -> QuerySet[OtherAward]:
    """Return what waits for this actor's decision: in their regions, entered by and for somebody else."""
    waiting = OtherAward.objects.filter(volunteer__in=reviewable_by(actor), state=OtherAwardState.WAITING)
    return waiting.exclude(entered_by_id=actor.user_id).exclude(volunteer__user_id=actor.user_id)


def give_other_award(
    *,
    volunteer_id: int,
    kind: str,
    quantity: int,
    day: date,
    reference: str,
    evidence: str,
    qualification_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> OtherAward:
    """Enter that a volunteer has earned points beside service; nothing is posted before somebody else agrees.

    :raises Forbidden: not community staff. :raises NotFound: not a volunteer of the actor's regions.
    :raises OwnOtherAward: the actor is the volunteer. :raises OtherAwardIncomplete: something is missing.
    :raises RuleSetMissing, OtherAwardNotInRules: the rules of that day give nothing for it.
    :raises OtherAwardTraining, ReferralUnknown: what it refers to is not there.
    :raises OtherAwardExists: entered before and not rejected.
    """
    if not actor.has(*REVIEWERS):
        raise Forbidden
    volunteer = reviewable_by(actor).filter(pk=volunteer_id).first()
    if volunteer is None:
        raise NotFound
    if volunteer.user_id == actor.user_id:
        raise OwnOtherAward
    reference, evidence = reference.strip(), evidence.strip()
    _check_complete(kind, quantity, day, reference=reference, evidence=evidence, today=localdate(at))
    _, rules = _rules(volunteer, day)
    if OtherKind(kind) not in rules.other_awards:
        raise OtherAwardNotInRules(kind=OtherAwardKind(kind).label)
    _check_reference(volunteer, kind, reference=reference, qualification_id=qualification_id)
    with _coded(), transaction.atomic():
        made = OtherAward.objects.create(
            volunteer=volunteer,
            kind=kind,
            quantity=quantity,
            day=day,
            reference=reference,
            evidence=evidence,
            qualification_id=qualification_id,
            entered_by_id=actor.user_id,
            entered_at=at,
        )
        audit.record(actor=actor, action="other_award.entered", target=made, at=at)
    return made


def approve_other_award(*, award_id: int, actor: Actor, at: datetime) -> OtherAward:
    """Agree and post the points, as far as the month of the day has room. Approving again changes nothing.

    :raises Forbidden, NotFound: as for entering. :raises OwnOtherAward: the actor entered it, or is meant.
    :raises OtherAwardDecided: it was rejected. :raises RuleSetMissing: no rules for that day any more.
    """
    with _coded(), transaction.atomic():
        award = _locked(award_id, actor)
        if award.state == OtherAwardState.APPROVED:
            return award
        _check_open(award, actor)
        rule_set, rules = _rules(award.volunteer, award.day)
        result = other_award(OtherKind(award.kind), award.quantity, _given_that_month(award), rules)
        award.rule_set = rule_set
        award.points = result.points
        award.breakdown = breakdown_of(result)
        _post(award, result, rules, actor=actor, at=at)
        _decide(award, OtherAwardState.APPROVED, actor=actor, at=at)
    return award


def reject_other_award(*, award_id: int, reason: str, actor: Actor, at: datetime) -> OtherAward:
    """Disagree, telling why. Rejecting again changes nothing.

    :raises Forbidden, NotFound: as for entering. :raises OtherAwardReasonRequired: no reason.
    :raises OwnOtherAward: the actor entered it, or is meant. :raises OtherAwardDecided: it was approved.
    """
    if not actor.has(*REVIEWERS):
        raise Forbidden
    if not reason.strip():
        raise OtherAwardReasonRequired(field="reason")
    with _coded(), transaction.atomic():
        award = _locked(award_id, actor)
        if award.state == OtherAwardState.REJECTED:
            return award
        _check_open(award, actor)
        award.decision_reason = reason.strip()
        _decide(award, OtherAwardState.REJECTED, actor=actor, at=at)
    return award


@contextmanager
def _coded() -> Iterator[None]:
    """Give a refusal of the database its code."""
    try:
        yield
    except IntegrityError as error:
        raise refusal_for(error) from error


def _check_complete(
    kind: str, quantity: int, day: date, *, reference: str, evidence: str, today: date
) -> None:
    faults = {
        "kind": kind not in OtherAwardKind.values,
        "quantity": not 1 <= quantity <= MOST_AT_ONCE,
        "day": day > today,
        "reference": not reference,
        "evidence": not evidence,
    }
    for field, wrong in faults.items():
        if wrong:
            raise OtherAwardIncomplete(field=field)


def _check_reference(
    volunteer: Volunteer, kind: str, *, reference: str, qualification_id: int | None
) -> None:
    """What can be looked up is; a donation's number is only text here, for giving lies above."""
    if qualification_id is not None:
        held = Qualification.objects.filter(pk=qualification_id, volunteer=volunteer, revoked_at=None)
        passed = held.filter(kind=QualificationKind.TRAINING).exists()
        if kind != OtherAwardKind.TRAINING or not passed:
            raise OtherAwardTraining(field="qualification")
    if kind == OtherAwardKind.REFERRAL:
        active = Volunteer.objects.filter(status=VolunteerStatus.ACTIVE).exclude(pk=volunteer.pk)
        if not active.filter(number=reference).exists():
            raise ReferralUnknown(field="reference")


def _rules(volunteer: Volunteer, day: date) -> tuple[RuleSet, Rules]:
    """Return the rules of where the volunteer lives: what is not service has no site."""
    book = RuleBook([volunteer.region_id])
    rule_set = book.rule_set_for(volunteer.region_id, day)
    return rule_set, book.rules_of(rule_set)


def _locked(award_id: int, actor: Actor) -> OtherAward:
    """Return an award this actor may decide about, locked after the account its limits are counted under."""
    if not actor.has(*REVIEWERS):
        raise Forbidden
    reach = OtherAward.objects.filter(pk=award_id, volunteer__in=reviewable_by(actor))
    volunteer_id = reach.values_list("volunteer_id", flat=True).first()
    if volunteer_id is None:
        raise NotFound
    ledger.lock_accounts_of({volunteer_id})
    locked = OtherAward.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("volunteer").get(pk=award_id)


def _check_open(award: OtherAward, actor: Actor) -> None:
    if actor.user_id in {award.entered_by_id, award.volunteer.user_id}:
        raise OwnOtherAward
    if award.state != OtherAwardState.WAITING:
        raise OtherAwardDecided


def _given_that_month(award: OtherAward) -> int:
    """Return the points approved for this kind in the month of the award's day."""
    same = OtherAward.objects.filter(volunteer=award.volunteer, kind=award.kind)
    month = same.filter(day__year=award.day.year, day__month=award.day.month)
    return month.aggregate(total=Sum("points"))["total"] or 0


def _post(award: OtherAward, result: Result, rules: Rules, *, actor: Actor, at: datetime) -> None:
    if not result.points or award.rule_set is None:
        return
    award.transfer = ledger.post(
        key=f"{SOURCE}:{award.pk}",
        kind=TransferKind.AWARD,
        legs=[
            ledger.Leg(ledger.account_of(award.volunteer), result.points),
            ledger.Leg(ledger.system_account(AccountKind.ISSUANCE), -result.points),
        ],
        sentence_zh=result.sentence_zh,
        sentence_en=result.sentence_en,
        source_type=SOURCE,
        source_id=award.pk,
        expires_at=lot_expiry(rules, at=at),
        rule_version=award.rule_set.label,
        actor=actor,
        at=at,
    )


def _decide(award: OtherAward, state: OtherAwardState, *, actor: Actor, at: datetime) -> None:
    award.state = state
    award.decided_by_id = actor.user_id
    award.decided_at = at
    award.save(
        update_fields=[
            "state",
            "decided_by",
            "decided_at",
            "decision_reason",
            "rule_set",
            "points",
            "breakdown",
            "transfer",
        ]
    )
    audit.record(actor=actor, action=f"other_award.{state.value}", target=award, at=at)
