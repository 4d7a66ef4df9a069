"""Two signatures make a donation: the store's handler and the donor, each for their own side.

With the second signature, in one transaction, goods become a `Donation` with its lines and batches and a
receipt. It happens once: the intake is locked, each side signs once, and an intake has one donation, which
the database guards as well (慈善法 Art 38; rules.md D4 “two-party signed receipt”).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.models import User
from backend.accounts.scopes import Actor, actor_for
from backend.core import audit
from points.giving import rules, services
from points.giving.choices import DonorKind, IntakeStatus, Party
from points.giving.errors import AmountInvalid, HandlerIsDonor, NothingAccepted, SignatureInvalid
from points.giving.intake_models import Intake, IntakeSignature
from points.giving.intakes import locked, require_move

_MOST_NAME = 60


@dataclass(frozen=True, slots=True)
class Hand:
    """A signature drawn on the clerk's device: who drew it for the donor, and the strokes."""

    name: str
    drawing: str


def sign_as_handler(
    *,
    intake_id: int,
    actor: Actor,
    at: datetime,
    hand: Hand | None = None,
    valuation_fen: int | None = None,
    official_ticket: str = "",
    ticket_code: str = "",
    waived: bool = False,
) -> Intake:
    """Sign for the store. With `hand` the donor's side signs on the clerk's device in the same moment.

    Without it the goods wait for the donor's own phone. Signing again changes nothing and returns the same.

    :raises NotFound, Forbidden: outside the actor's reach. :raises IntakeMoved: not inspected, or closed.
    :raises NothingAccepted: every line was refused. :raises AmountInvalid: a valuation below one fen.
    :raises HandlerIsDonor: the goods are the handler's own, or they sign in their own name for the donor.
    :raises SignatureInvalid: no name, or no strokes.
    :raises WordsInvalid, TicketCodeInvalid, TicketAlreadyRecorded: about the fiscal ticket.
    """
    ticket = rules.checked_ticket(code=ticket_code, number=official_ticket)
    if valuation_fen is not None and not 1 <= valuation_fen <= services.MOST_FEN:
        raise AmountInvalid(field="valuation_fen")
    with transaction.atomic():
        intake = locked(intake_id, actor)
        if intake.status == IntakeStatus.SIGNED:
            return intake
        require_move(intake, IntakeStatus.SIGNED)
        if intake.donor.user_id == actor.user_id:
            raise HandlerIsDonor
        _require_something(intake)
        sides = {signature.party: signature for signature in intake.signatures.all()}
        if Party.HANDLER not in sides:
            services.refuse_used_ticket(ticket)
            waived = waived or intake.receipt_waived
            said = {**ticket, "valuation_fen": valuation_fen, "receipt_waived": waived}
            sides[Party.HANDLER] = _store_side(intake, said, actor=actor, at=at)
        if Party.DONOR not in sides:  # they may have signed on their phone before
            by_hand = _donor_side(intake, hand, actor=actor, at=at)
            if by_hand is not None:
                sides[Party.DONOR] = by_hand
        if Party.DONOR in sides:
            _book(intake, handler=_handler(sides[Party.HANDLER]), at=at)
    return intake


def sign_as_donor(*, intake_id: int, actor: Actor, at: datetime, waived: bool | None = None) -> Intake:
    """Sign for the donor, on the donor's own phone; the store's handler may have signed before or sign after.

    :raises NotFound: not the donor's own. :raises IntakeMoved: not inspected yet, or closed.
    :raises NothingAccepted: every line was refused.
    :raises TicketAlreadyRecorded: the fiscal ticket was used since the handler wrote it down.
    """
    with transaction.atomic():
        intake = locked(intake_id, actor, own=True)
        if intake.donor.user_id != actor.user_id:
            raise HandlerIsDonor
        if intake.status == IntakeStatus.SIGNED:
            return intake
        require_move(intake, IntakeStatus.SIGNED)
        _require_something(intake)
        sides = {signature.party: signature for signature in intake.signatures.all()}
        if Party.DONOR not in sides:
            IntakeSignature.objects.create(intake=intake, party=Party.DONOR, user_id=actor.user_id, at=at)
            if waived is not None:
                intake.receipt_waived = waived
                intake.save(update_fields=["receipt_waived"])
            audit.record(actor=actor, action="intake.sign", target=intake, at=at)
        if Party.HANDLER in sides:
            _book(intake, handler=_handler(sides[Party.HANDLER]), at=at)
    return intake


def _require_something(intake: Intake) -> None:
    if not intake.lines.filter(accepted__gte=1).exists():
        raise NothingAccepted


def _store_side(intake: Intake, said: Mapping[str, Any], *, actor: Actor, at: datetime) -> IntakeSignature:
    """Return the handler's signature, and write beside it what they said of the goods."""
    for column, value in said.items():
        setattr(intake, column, value)
    intake.save(update_fields=list(said))
    audit.record(actor=actor, action="intake.sign", target=intake, at=at)
    return IntakeSignature.objects.create(intake=intake, party=Party.HANDLER, user_id=actor.user_id, at=at)


def _donor_side(intake: Intake, hand: Hand | None, *, actor: Actor, at: datetime) -> IntakeSignature | None:
    """Return the donor's signature given on the clerk's device; somebody anonymous leaves none."""
    if intake.donor.kind == DonorKind.ANONYMOUS:
        return IntakeSignature.objects.create(intake=intake, party=Party.DONOR, anonymous=True, at=at)
    if hand is None:
        return None
    name = rules.plain_words(hand.name, field="representative", most=_MOST_NAME)
    if not name:
        raise SignatureInvalid(field="representative")
    handler = User.objects.get(pk=actor.user_id)
    if name in {handler.display_name, handler.username}:
        raise HandlerIsDonor(field="representative")
    drawing = rules.checked_drawing(hand.drawing)
    return IntakeSignature.objects.create(
        intake=intake,
        party=Party.DONOR,
        name=name,
        drawing=drawing,
        digest=hashlib.sha256(drawing.encode()).hexdigest(),
        at=at,
    )


def _handler(signature: IntakeSignature) -> Actor:
    """Return the handler as they are now: who has left the store since brings nothing into its stock."""
    return actor_for(User.objects.get(pk=signature.user_id or 0))


def _book(intake: Intake, *, handler: Actor, at: datetime) -> None:
    """Turn what was accepted into a donation with its batches; both sides have signed."""
    lines = list(intake.lines.filter(accepted__gte=1).order_by("pk"))
    received = intake.received_at or at
    donation = services.book_goods(
        donor=intake.donor,
        store=intake.store,
        lines=[
            services.GoodsLine(line.product_id, line.accepted or 0, line.expires_on)
            for line in lines
            if line.product_id is not None
        ],
        received_on=localdate(received),
        purpose=intake.purpose,
        meant=services.Meant(
            designation=intake.designation,
            beneficiary=intake.beneficiary,
            beneficiary_code=intake.beneficiary_code,
            unrelated=intake.unrelated,
        ),
        valuation_fen=intake.valuation_fen,
        official_ticket=intake.official_ticket,
        ticket_code=intake.ticket_code,
        waived=intake.receipt_waived,
        actor=handler,
        at=at,
    )
    intake.status = IntakeStatus.SIGNED
    intake.signed_at = at
    intake.donation = donation
    intake.save(update_fields=["status", "signed_at", "donation"])
