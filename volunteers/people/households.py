"""Opening a household, who lives there, and what a volunteer may say against it.

Volunteers are found by their number only, never by browsing names. Full names and contacts come out of
`reveal` alone, and every call of it is an audit row.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, refusal_for
from backend.regions.queries import get_region
from volunteers.people.choices import RequestState
from volunteers.people.errors import (
    HouseholdClosed,
    HouseholdReasonRequired,
    HouseholdRequestAnswered,
    HouseholdVolunteerUnknown,
    NameInvalid,
    NoHousehold,
    OwnHousehold,
    RevealReasonRequired,
)
from volunteers.people.household_models import Household, HouseholdMember, HouseholdRequest
from volunteers.people.models import Volunteer
from volunteers.people.numbers import draw_number
from volunteers.people.queries import (
    REVIEWERS,
    home_of,
    household_requests,
    households_kept_by,
    reviewable_by,
)

FIELDS = ("name", "contact")


def open_household(*, name: str, contact: str, region_code: str, actor: Actor, at: datetime) -> Household:
    """Enter a household under a random number; name and contact are sealed.

    :raises Forbidden: not community staff. :raises NotFound: the region is not theirs.
    :raises RegionUnknown: no such region. :raises NameInvalid: no name.
    """
    _check_role(actor)
    if not name.strip():
        raise NameInvalid(field="name")
    region = get_region(region_code)
    if not any(region.code.startswith(prefix) for prefix in actor.regions(*REVIEWERS)):
        raise NotFound(field="region")
    with transaction.atomic():
        household = Household.objects.create(
            number=draw_number(),
            name=name.strip(),
            contact=contact.strip() or None,
            region=region,
            opened_by_id=actor.user_id,
            opened_at=at,
        )
        audit.record(actor=actor, action="household.opened", target=household, at=at)
    return household


def add_member(*, household_id: int, number: str, actor: Actor, at: datetime) -> HouseholdMember:
    """Count a volunteer, named by their number, in a household.

    :raises Forbidden, NotFound: not staff; the household is not in their regions.
    :raises HouseholdClosed: it is. :raises OwnHousehold: the actor's own number, or where the actor lives.
    :raises HouseholdVolunteerUnknown: no volunteer of their regions has the number.
    :raises HouseholdTaken: the volunteer lives in a household already.
    """
    with transaction.atomic():
        household = _locked(household_id, actor)
        volunteer = reviewable_by(actor).filter(number=number).first()
        if volunteer is None:
            raise HouseholdVolunteerUnknown(field="number")
        if volunteer.user_id == actor.user_id:
            raise OwnHousehold(field="number")
        try:
            with transaction.atomic():
                member = HouseholdMember.objects.create(
                    household=household, volunteer=volunteer, joined_at=at, added_by_id=actor.user_id
                )
        except IntegrityError as error:
            raise refusal_for(error) from error
        audit.record(
            actor=actor,
            action="household.member_added",
            target=household,
            detail={"volunteer": volunteer.pk},
            at=at,
        )
    return member


def remove_member(*, household_id: int, volunteer_id: int, actor: Actor, at: datetime) -> HouseholdMember:
    """Say that a volunteer lives there no longer; that they did stays written.

    :raises Forbidden, NotFound, OwnHousehold: as `add_member`, or they do not live there.
    """
    with transaction.atomic():
        household = _locked(household_id, actor)
        member = HouseholdMember.objects.filter(
            household=household, volunteer_id=volunteer_id, left_at__isnull=True
        ).first()
        if member is None:
            raise NotFound
        _end(member, actor=actor, at=at)
    return member


def close_household(*, household_id: int, actor: Actor, at: datetime) -> Household:
    """Close a household; whoever lives there is counted in none from now on. Closing twice changes nothing.

    :raises Forbidden, NotFound, OwnHousehold: as `add_member`.
    """
    with transaction.atomic():
        household = _locked(household_id, actor, closed_too=True)
        if household.closed_at is None:
            for member in HouseholdMember.objects.filter(household=household, left_at__isnull=True):
                _end(member, actor=actor, at=at)
            household.closed_at = at
            household.save(update_fields=["closed_at"])
            audit.record(actor=actor, action="household.closed", target=household, at=at)
    return household


def reveal(*, household_id: int, field: str, reason: str, actor: Actor, at: datetime) -> str:
    """Return one full value: "name" or "contact"; "" when there is none. Every call is an audit row.

    :raises Forbidden: not staff, or another field. :raises NotFound: not in their regions.
    :raises RevealReasonRequired: no purpose stated.
    """
    _check_role(actor)
    if field not in FIELDS:
        raise Forbidden(field="field")
    if not reason.strip():
        raise RevealReasonRequired(field="reason")
    household = households_kept_by(actor).filter(pk=household_id).first()
    if household is None:
        raise NotFound
    audit.record(
        actor=actor,
        action="household.revealed",
        target=household,
        detail={"field": field, "reason": reason.strip()},
        at=at,
    )
    sealed = household.name if field == "name" else household.contact
    return sealed.open() if sealed else ""


def ask_correction(*, volunteer: Volunteer, reason: str, at: datetime) -> HouseholdRequest:
    """Object to being counted in this household (PIPL Art 46); staff of the community answer.

    :raises NoHousehold: counted in none. :raises HouseholdReasonRequired: nothing said.
    :raises HouseholdRequestWaits: an earlier one is not answered yet.
    """
    if not reason.strip():
        raise HouseholdReasonRequired(field="reason")
    home = home_of(volunteer)
    if home is None:
        raise NoHousehold
    try:
        with transaction.atomic():
            return HouseholdRequest.objects.create(member=home, reason=reason.strip(), asked_at=at)
    except IntegrityError as error:
        raise refusal_for(error) from error


def answer_request(
    *, request_id: int, fixed: bool, answer: str, actor: Actor, at: datetime
) -> HouseholdRequest:
    """Answer a request: `fixed` takes the volunteer out of the household, otherwise they stay.

    :raises Forbidden, NotFound, OwnHousehold: as `add_member`.
    :raises HouseholdReasonRequired: no answer. :raises HouseholdRequestAnswered: somebody did before.
    """
    _check_role(actor)
    if not answer.strip():
        raise HouseholdReasonRequired(field="answer")
    with transaction.atomic():
        request = household_requests(actor).select_for_update(of=("self",)).filter(pk=request_id).first()
        if request is None:
            raise NotFound
        if request.state != RequestState.OPEN:
            raise HouseholdRequestAnswered
        _check_not_own(request.member.household_id, actor)
        if fixed and request.member.left_at is None:
            _end(request.member, actor=actor, at=at)
        request.state = RequestState.FIXED if fixed else RequestState.KEPT
        request.answer = answer.strip()
        request.answered_by_id = actor.user_id
        request.answered_at = at
        request.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        audit.record(
            actor=actor, action=f"household.request_{request.state}", target=request.member.household, at=at
        )
    return request


def _locked(household_id: int, actor: Actor, *, closed_too: bool = False) -> Household:
    """Return the household, locked, that the actor may change."""
    _check_role(actor)
    mine = households_kept_by(actor).select_for_update(of=("self",), no_key=True)
    household = mine.filter(pk=household_id).first()
    if household is None:
        raise NotFound
    _check_not_own(household.pk, actor)
    if household.closed_at is not None and not closed_too:
        raise HouseholdClosed
    return household


def _check_role(actor: Actor) -> None:
    if not actor.has(*REVIEWERS):
        raise Forbidden


def _check_not_own(household_id: int, actor: Actor) -> None:
    lives_there = HouseholdMember.objects.filter(
        household_id=household_id, volunteer__user_id=actor.user_id, left_at__isnull=True
    )
    if lives_there.exists():
        raise OwnHousehold


def _end(member: HouseholdMember, *, actor: Actor, at: datetime) -> None:
    member.left_at = at
    member.save(update_fields=["left_at"])
    audit.record(
        actor=actor,
        action="household.member_removed",
        target=member.household,
        detail={"volunteer": member.volunteer_id},
        at=at,
    )
