"""Another contact for a donor's file that has one: asked for by one keeper, agreed to by another.

Whoever has the phone of a file may claim it, so a new phone takes the file from its owner; that is not left
to one person's word (design.md §4.7). The donor's row is locked first, then the request.
"""

from datetime import datetime

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from points.giving import queries
from points.giving.choices import ContactOutcome
from points.giving.contact_models import ContactRequest
from points.giving.donor_files import checked_contact, checked_contact_reason, refuse_reach
from points.giving.errors import ContactDecidedByAsker, ContactRequestDecided, ContactRequestOpen
from points.giving.models import Donor


def ask_contact(*, donor: Donor, contact: str, reason: str, actor: Actor, at: datetime) -> ContactRequest:
    """Ask for another contact of a donor, or for none; nothing changes before a second person agrees.

    :raises Forbidden, NotFound: outside the actor's reach.
    :raises WordsInvalid: no reason given, or a contact that is not plain text.
    :raises DonorAnonymous: nothing is kept of an anonymous donor.
    :raises ContactRequestOpen: another request waits.
    """
    reason = checked_contact_reason(donor, reason=reason, actor=actor)
    sealed = checked_contact(contact)
    with transaction.atomic():
        held = Donor.objects.select_for_update(no_key=True).get(pk=donor.pk)
        if queries.open_contact_requests().filter(donor=held).exists():
            raise ContactRequestOpen
        request = ContactRequest.objects.create(
            donor=held, **sealed, reason=reason, asked_by_id=actor.user_id, asked_at=at
        )
        audit.record(actor=actor, action="donor.contact_ask", target=request, at=at)
    return request


def agree_contact(*, request_id: int, actor: Actor, at: datetime) -> ContactRequest:
    """Agree to a new contact: who claimed the file loses it, who signs in with the new phone may claim it.

    :raises NotFound, Forbidden: outside the actor's reach. :raises ContactDecidedByAsker: their own request.
    :raises ContactRequestDecided: somebody has decided otherwise, or before.
    """
    return _decide(request_id, ContactOutcome.AGREED, actor=actor, at=at)


def refuse_contact(*, request_id: int, actor: Actor, at: datetime) -> ContactRequest:
    """Do not agree: the file stays as it is, with its owner.

    :raises: what `agree_contact` raises.
    """
    return _decide(request_id, ContactOutcome.REFUSED, actor=actor, at=at)


def withdraw_contact(*, request_id: int, actor: Actor, at: datetime) -> ContactRequest:
    """Take one's own request back, while nobody has decided.

    :raises NotFound, Forbidden: outside the actor's reach, or another's request.
    :raises ContactRequestDecided: somebody has decided.
    """
    return _decide(request_id, ContactOutcome.WITHDRAWN, actor=actor, at=at)


def _decide(request_id: int, outcome: ContactOutcome, *, actor: Actor, at: datetime) -> ContactRequest:
    """Decide once; the same person who says the same again is shown the same."""
    with transaction.atomic():
        held, request = _locked(request_id, actor)
        if (request.outcome, request.decided_by_id) == (outcome, actor.user_id):
            return request
        if request.outcome is not None:
            raise ContactRequestDecided
        _require_side(request, outcome, actor)
        request.outcome, request.decided_by_id, request.decided_at = outcome, actor.user_id, at
        request.save(update_fields=["outcome", "decided_by", "decided_at"])
        if outcome == ContactOutcome.AGREED:
            held.user = None
            held.contact = request.contact.open() if request.contact else None
            held.contact_index = request.contact_index
            held.save(update_fields=["user", "contact", "contact_index"])
        audit.record(actor=actor, action=f"donor.contact_{outcome.value}", target=request, at=at)
    return request


def _locked(request_id: int, actor: Actor) -> tuple[Donor, ContactRequest]:
    held = (
        Donor.objects.select_for_update(of=("self",), no_key=True).filter(contact_requests=request_id).first()
    )
    if held is None:
        raise NotFound
    if not queries.donors_kept_by(actor).filter(pk=held.pk).exists():
        refuse_reach(actor)
    return held, ContactRequest.objects.select_for_update(no_key=True).get(pk=request_id)


def _require_side(request: ContactRequest, outcome: ContactOutcome, actor: Actor) -> None:
    mine = request.asked_by_id == actor.user_id
    if outcome == ContactOutcome.WITHDRAWN and not mine:
        raise Forbidden
    if outcome != ContactOutcome.WITHDRAWN and mine:
        raise ContactDecidedByAsker
