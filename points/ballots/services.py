"""Opening a ballot, entering it, cancelling it. The draw is in drawing.py.

Locks: the ballot, then (winners) the points account inside the ledger, then products with a share, then
batches by id.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound, refusal_for
from points.ballots import rules
from points.ballots.choices import BallotStatus
from points.ballots.errors import (
    BallotNotOpen,
    BallotReasonRequired,
    BallotSettled,
    BallotStockShort,
    BallotTimesInvalid,
    BallotUnitsInvalid,
)
from points.ballots.models import Ballot, BallotEntry, BallotLot
from points.ballots.queries import ballots_kept_by
from points.ballots.recount import commitment_of
from points.market import limits
from points.market import queries as market
from points.market import rules as shelf
from points.market.choices import MoveKind, ProductKind
from points.market.errors import OutOfStock, ProductUnavailable, RedeemerNotActive
from points.market.models import Product, StockMove
from points.market.stock import require_keeper
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Volunteer


def open_ballot(
    *,
    product_id: int,
    units: int,
    points: int,
    opens_at: datetime,
    closes_at: datetime,
    draw_at: datetime,
    actor: Actor,
    at: datetime,
) -> Ballot:
    """Offer units of a product by lot. They are set aside now, and the secret is committed to now.

    :raises ProductUnavailable: no such product. :raises Forbidden, NotFound: not of a store they keep.
    :raises BallotTimesInvalid, BallotUnitsInvalid: rules.py.
    :raises BallotStockShort: fewer are there, usable until the last winner has come.
    """
    product = _product(product_id, actor)
    many = 1 <= units <= rules.MOST_UNITS
    if not many or not 1 <= points <= product.points:
        raise BallotUnitsInvalid(field="points" if many else "units", most=rules.MOST_UNITS)
    if not rules.times_fit(opens_at, closes_at, draw_at, at=at):
        raise BallotTimesInvalid(field="opens_at", days=rules.LONGEST_WINDOW.days)
    secret = rules.new_secret()
    try:
        with transaction.atomic():
            ballot = Ballot.objects.create(
                store=product.store,
                product=product,
                units=units,
                points=points,
                opens_at=opens_at,
                closes_at=closes_at,
                draw_at=draw_at,
                commitment=commitment_of(secret),
                secret=secret,
                opened_by_id=actor.user_id,
                opened_at=at,
            )
            _set_aside(ballot, at=at)
            audit.record(actor=actor, action="ballot.opened", target=ballot, at=at)
    except IntegrityError as error:
        refusal = refusal_for(error)
        if isinstance(refusal, OutOfStock):  # somebody took the goods since they were looked at
            raise BallotStockShort(left="—", unit=product.unit) from error
        raise refusal from error
    return ballot


def enter(*, ballot_id: int, volunteer: Volunteer, at: datetime) -> BallotEntry:
    """Enter a ballot and get a ticket. No points are held; whoever lacks them at the draw is passed over.

    :raises NotFound: no such ballot. :raises RedeemerNotActive: the registration is not in force.
    :raises BallotNotOpen: before or after the window, drawn, or cancelled.
    :raises TooYoungForProduct, ResidentsOnly, PersonLimitReached, HouseholdLimitReached: not for them now.
    :raises BallotEntered, BallotHouseholdEntered: they, or somebody they live with, entered before.
    """
    ballot = Ballot.objects.select_related("product").filter(pk=ballot_id).first()
    if ballot is None:
        raise NotFound
    if volunteer.status != VolunteerStatus.ACTIVE:
        raise RedeemerNotActive
    if ballot.status != BallotStatus.OPEN or not ballot.opens_at <= at < ballot.closes_at:
        raise BallotNotOpen
    home = limits.home_of(volunteer)
    check_shares(ballot, volunteer, household_id=home, at=at)
    try:
        with transaction.atomic():
            return BallotEntry.objects.create(
                ballot=ballot,
                volunteer=volunteer,
                household_id=home,
                ticket=rules.new_ticket(),
                entered_at=at,
            )
    except IntegrityError as error:
        raise refusal_for(error) from error


def cancel_ballot(*, ballot_id: int, reason: str, actor: Actor, at: datetime) -> Ballot:
    """Call a ballot off before it is drawn, with a reason everybody reads; the goods go back to the shelf.

    :raises NotFound: not of a store they keep. :raises BallotReasonRequired: no reason, or a longer one.
    :raises BallotSettled: drawn or cancelled before.
    """
    if not 1 <= len(reason.strip()) <= rules.LONGEST_REASON:
        raise BallotReasonRequired(field="reason", most=rules.LONGEST_REASON)
    with transaction.atomic():
        if not ballots_kept_by(actor).filter(pk=ballot_id).exists():
            raise NotFound
        ballot = Ballot.objects.select_for_update().get(pk=ballot_id)
        if ballot.status != BallotStatus.OPEN:
            raise BallotSettled
        ballot.status = BallotStatus.CANCELLED
        ballot.settled_at = at
        ballot.cancel_reason = reason.strip()
        ballot.save(update_fields=["status", "settled_at", "cancel_reason"])
        put_back(ballot, at=at)
        audit.record(actor=actor, action="ballot.cancelled", target=ballot, at=at)
    return ballot


def check_shares(
    ballot: Ballot,
    volunteer: Volunteer,
    *,
    household_id: int | None,
    at: datetime,
    besides: int | None = None,
) -> None:
    """Let pass who may have one more of the product: old enough, of the place, within both shares.

    :raises Refusal: they may not; as market.limits says.
    """
    terms = limits.terms_of(ballot.product)
    limits.require_allowed([terms], volunteer, at=at)
    limits.require_within_shares(
        [terms],
        {terms.product_id: 1},
        volunteer_id=volunteer.pk,
        household_id=household_id,
        at=at,
        besides=besides,
    )


def put_back(ballot: Ballot, *, at: datetime) -> None:
    """Give what nobody got back to the shelf; the caller holds the ballot's lock."""
    left = BallotLot.objects.filter(ballot=ballot, left_over__gt=0).order_by("batch_id")
    moves = [
        StockMove(batch_id=lot.batch_id, kind=MoveKind.PUT_BACK, quantity=lot.left_over, at=at)
        for lot in left
    ]
    left.update(left_over=0)
    StockMove.objects.bulk_create(moves)


def _product(product_id: int, actor: Actor) -> Product:
    product = Product.objects.select_related("store").filter(pk=product_id).first()
    if product is None:
        raise ProductUnavailable(field="product")
    require_keeper(actor, product.store)
    return product


def _set_aside(ballot: Ballot, *, at: datetime) -> None:
    """Choose batches that last, set their units aside, and remember which.

    :raises BallotStockShort: fewer are free.
    :raises IntegrityError: somebody took them since.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=ballot.product_id)
    basket = market.basket(
        store_id=ballot.store_id,
        wanted={product.pk: ballot.units},
        volunteer_id=None,
        usable_on=rules.kept_until(ballot.draw_at),
    )
    offer = None if basket is None else basket.offers[product.pk]
    if offer is None or offer.kind != ProductKind.GOODS:
        raise ProductUnavailable(field="product")
    wanted, kept = {product.pk: ballot.units}, {product.pk: offer.kept}
    picks = shelf.first_expired_first_out(offer.batches, wanted, kept=kept)
    if isinstance(picks, shelf.Shortage):
        raise BallotStockShort(field="units", left=picks.left, unit=product.unit)
    BallotLot.objects.bulk_create(
        BallotLot(
            ballot=ballot, batch_id=pick.batch.batch_id, quantity=pick.quantity, left_over=pick.quantity
        )
        for pick in picks
    )
    StockMove.objects.bulk_create(
        StockMove(batch_id=pick.batch.batch_id, kind=MoveKind.SET_ASIDE, quantity=pick.quantity, at=at)
        for pick in picks
    )
