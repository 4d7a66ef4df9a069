"""A clerk fills a basket for a volunteer who stands at the counter; the volunteer agrees; the goods go out.

The basket is a redemption like any other, kept for some minutes, so points and goods are set aside while the
volunteer reads it, and the clock gives back what nobody agreed to. There are three ways to agree: on the
volunteer's own phone; by a code sent to it; or, without a phone, by the printed card and a second member of
staff.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction

from backend.accounts import services as accounts
from backend.accounts.scopes import Actor, Role
from backend.accounts.services import CodeSent
from backend.core import audit, codes
from backend.core.codes import Kind, TokenMalformed
from backend.core.errors import Forbidden, NotFound
from points.market import queries, services
from points.market.choices import Channel, Confirmation
from points.market.errors import (
    CardNeeded,
    ClerkServesSelf,
    ConfirmedBySamePerson,
    PickupCodeWrong,
    RedemptionLapsed,
    WhoExpired,
)
from points.market.redemption_models import Redemption
from points.market.rules import Start
from points.market.services import LineInput
from volunteers.people.models import Volunteer
from volunteers.people.passes import keys_of

HOLD_MINUTES = 10  # settings.COUNTER_HOLD_MINUTES overrides
_READ_LASTS_SECONDS = 900  # a pass rotates every 30 s; filling a basket takes longer
_SALT = "market.counter.who"


@dataclass(frozen=True, slots=True)
class Met:
    """Whose code a clerk has read. `ticket` says so for a while, to the same clerk in the same store only."""

    volunteer: Volunteer
    by_card: bool
    ticket: str


def meet(*, token: str, store_id: int, actor: Actor, at: datetime) -> Met:
    """Read the volunteer's rotating pass or printed card.

    :raises Forbidden, NotFound: the actor is no clerk, or of another store.
    :raises TokenMalformed, TokenForged, TokenExpired: not a volunteer's code, or not one that counts now.
    :raises ClerkServesSelf: the clerk's own, or of somebody they live with.
    """
    _require_clerk(actor, store_id)
    claim = codes.read(token.strip())
    if claim.kind not in {Kind.PASS, Kind.CARD}:
        raise TokenMalformed(field="volunteer")
    codes.verify(token.strip(), keys=keys_of(claim), at=at)
    volunteer = Volunteer.objects.select_related("user").filter(pk=claim.subject_id).first()
    if volunteer is None:
        raise NotFound(field="volunteer")
    if queries.is_near(Redemption(volunteer=volunteer), user_id=actor.user_id):
        raise ClerkServesSelf
    by_card = claim.kind is Kind.CARD
    said = [volunteer.pk, int(by_card), actor.user_id, store_id, int(at.timestamp())]
    return Met(volunteer, by_card, signing.dumps(said, salt=_SALT))


def recall(*, ticket: str, store_id: int, actor: Actor, at: datetime) -> Met:
    """Return what `meet` found, from its ticket.

    :raises WhoExpired: no ticket, an altered one, another clerk's or store's, or one from too long ago.
    """
    try:
        volunteer_id, by_card, user_id, store, then = signing.loads(ticket, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise WhoExpired(field="volunteer") from error
    age = int(at.timestamp()) - int(then)
    if (user_id, store) != (actor.user_id, store_id) or not 0 <= age <= _READ_LASTS_SECONDS:
        raise WhoExpired(field="volunteer")
    volunteer = Volunteer.objects.select_related("user").filter(pk=volunteer_id).first()
    if volunteer is None:
        raise WhoExpired(field="volunteer")
    return Met(volunteer, bool(by_card), ticket)


def whose(*, volunteer: str, store_id: int, actor: Actor, at: datetime) -> Met:
    """Return whose pass, card or ticket this is: an app sends the code itself, the page its ticket.

    :raises Refusal: as `meet` and `recall`.
    """
    if len(volunteer.strip()) == codes.CODE_LENGTH:
        return meet(token=volunteer, store_id=store_id, actor=actor, at=at)
    _require_clerk(actor, store_id)
    return recall(ticket=volunteer, store_id=store_id, actor=actor, at=at)


def open_basket(
    *, volunteer: str, store_id: int, lines: Sequence[LineInput], actor: Actor, at: datetime
) -> Redemption:
    """Reserve what the clerk scanned, for `settings.COUNTER_HOLD_MINUTES` (10).

    :raises ClerkServesSelf: the clerk's own, or of somebody they live with.
    :raises Refusal: as `whose` for the code and as `reserve` for the basket.
    """
    met = whose(volunteer=volunteer, store_id=store_id, actor=actor, at=at)
    if queries.is_near(Redemption(volunteer=met.volunteer), user_id=actor.user_id):
        raise ClerkServesSelf
    hold = timedelta(minutes=getattr(settings, "COUNTER_HOLD_MINUTES", HOLD_MINUTES))
    return services.reserve(
        volunteer=met.volunteer,
        store_id=store_id,
        lines=lines,
        at=at,
        start=Start(channel=Channel.COUNTER, started_by_id=actor.user_id, hold=hold),
    )


def confirm_own(*, redemption_id: int, actor: Actor, at: datetime) -> Redemption:
    """Agree on one's own phone; agreeing twice changes nothing.

    :raises NotFound: not one's own, or nothing that has to be agreed to.
    :raises RedemptionLapsed, RedemptionCancelled, RedemptionAlreadyCollected: too late.
    """
    with transaction.atomic():
        redemption = _waiting(redemption_id)
        if redemption.volunteer is None or redemption.volunteer.user_id != actor.user_id:
            raise NotFound
        _confirm(redemption, Confirmation.OWN_PHONE, by=actor.user_id, at=at)
    return redemption


def send_code(*, redemption_id: int, actor: Actor, at: datetime) -> CodeSent:
    """Send the volunteer a code that is good for this basket only; they read it out to the clerk.

    :raises NotFound: no such basket in the actor's stores.
    :raises PhoneMissing, CodeTooSoon, CodeNotSent: from the accounts.
    """
    redemption = _in_my_store(redemption_id, actor)
    volunteer = redemption.volunteer
    if volunteer is None:
        raise NotFound
    services.require_reserved(redemption)
    audit.record(actor=actor, action="redemption.code_sent", target=redemption, at=at)
    return accounts.send_bound_code(user=volunteer.user, subject=_subject(redemption_id), at=at)


def confirm_by_code(*, redemption_id: int, code: str, actor: Actor, at: datetime) -> Redemption:
    """Take the code the volunteer read out for their agreement.

    The code is spent before the redemption is locked, and a wrong one counts even though it is refused.

    :raises NotFound: no such basket in the actor's stores. :raises CodeWrong, CodeExpired: from the accounts.
    """
    seen = _in_my_store(redemption_id, actor)
    if seen.volunteer is None:
        raise NotFound
    if seen.confirmed_at is not None:
        return seen
    services.require_reserved(seen)
    accounts.spend_bound_code(
        user=seen.volunteer.user, subject=_subject(redemption_id), code=code.strip(), at=at
    )
    with transaction.atomic():
        redemption = _waiting(redemption_id)
        _confirm(redemption, Confirmation.ONE_TIME_CODE, by=seen.volunteer.user_id, at=at)
    return redemption


def confirm_by_card(*, redemption_id: int, card: str, actor: Actor, at: datetime) -> Redemption:
    """Agree for a volunteer without a phone, whose printed card lies on the counter, as a second person.

    `card` is the card's code, or the ticket the clerk who opened the basket got for it.

    :raises NotFound: not a basket of a store the actor works for.
    :raises ConfirmedBySamePerson: the actor opened it.
    :raises ClerkServesSelf: for oneself or one's household.
    :raises CardNeeded: it is not this volunteer's card.
    """
    with transaction.atomic():
        redemption = _waiting(redemption_id)
        if not queries.keeps_stock(actor, redemption.store):
            raise NotFound
        if redemption.started_by_id == actor.user_id:
            raise ConfirmedBySamePerson
        if queries.is_near(redemption, user_id=actor.user_id):
            raise ClerkServesSelf
        _require_card(card, redemption, at=at)
        _confirm(redemption, Confirmation.SECOND_PERSON, by=actor.user_id, at=at)
        audit.record(actor=actor, action="redemption.confirmed_for", target=redemption, at=at)
    return redemption


def hand_over(*, redemption_id: int, actor: Actor, at: datetime, who: str = "") -> Redemption:
    """Hand over without the pick-up code: a basket just agreed to, or to whose pass (`who`) was just read.

    :raises NotFound: not in the actor's stores. :raises PickupCodeWrong: the code is needed after all.
    :raises Refusal: as `services.collect`.
    """
    redemption = _in_my_store(redemption_id, actor)
    if redemption.channel != Channel.COUNTER:
        met = recall(ticket=who, store_id=redemption.store_id, actor=actor, at=at) if who else None
        # A card can be lost; only the code that rotates on the phone says who stands there.
        if met is None or met.by_card or met.volunteer.pk != redemption.volunteer_id:
            raise PickupCodeWrong(field="code")
    return services.collect(redemption_id=redemption_id, code=redemption.code, actor=actor, at=at)


def _require_clerk(actor: Actor, store_id: int) -> None:
    stores = actor.stores(Role.STORE_CLERK)
    if not stores:
        raise Forbidden
    if store_id not in stores:
        raise NotFound(field="store")


def _in_my_store(redemption_id: int, actor: Actor) -> Redemption:
    stores = actor.stores(Role.STORE_CLERK)
    if not stores:
        raise Forbidden
    found = Redemption.objects.select_related("volunteer__user", "household", "store")
    redemption = found.filter(pk=redemption_id, store_id__in=stores).first()
    if redemption is None:
        raise NotFound
    return redemption


def _waiting(redemption_id: int) -> Redemption:
    """Lock a basket of the counter. :raises NotFound: it is none."""
    redemption = (
        Redemption.objects.select_for_update(of=("self",))
        .select_related("volunteer", "household", "store")
        .filter(pk=redemption_id, channel=Channel.COUNTER)
        .first()
    )
    if redemption is None:
        raise NotFound
    return redemption


def _confirm(redemption: Redemption, confirmation: Confirmation, *, by: int, at: datetime) -> None:
    if redemption.confirmed_at is not None:
        return
    services.require_reserved(redemption)
    if at >= redemption.reserved_until:
        raise RedemptionLapsed
    redemption.confirmation = confirmation
    redemption.confirmed_at = at
    redemption.confirmed_by_id = by
    redemption.save(update_fields=["confirmation", "confirmed_at", "confirmed_by"])


def _require_card(card: str, redemption: Redemption, *, at: datetime) -> None:
    """:raises CardNeeded: it is not the printed card of whose basket this is."""
    if len(card.strip()) == codes.CODE_LENGTH:
        claim = codes.read(card.strip())
        codes.verify(card.strip(), keys=keys_of(claim), at=at)
        is_card, volunteer_id = claim.kind is Kind.CARD, claim.subject_id
    else:
        opener = Actor(user_id=redemption.started_by_id or 0)
        met = recall(ticket=card, store_id=redemption.store_id, actor=opener, at=at)
        is_card, volunteer_id = met.by_card, met.volunteer.pk
    if not is_card or volunteer_id != redemption.volunteer_id:
        raise CardNeeded(field="card")


def _subject(redemption_id: int) -> str:
    return f"redemption:{redemption_id}"
