"""Reserving: points held and goods set aside, or a place taken in a slot, in one transaction.

It locks in one order: the household where a product has a share per household, then the volunteer's points
account (inside the ledger), then products of which some are kept for need by id, then batches by id and slots
(inside the triggers of their moves).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate, localtime

from backend.core.errors import Refusal, refusal_for
from points.market import limits, purse, queries, rules, slots
from points.market.choices import ProductKind
from points.market.errors import (
    BasketEmpty,
    GoodsRecalled,
    OutOfStock,
    PriceChanged,
    PriceRose,
    ProductListedTwice,
    ProductUnavailable,
    RedeemerNotActive,
    StoreClosed,
)
from points.market.models import Product, Store
from points.market.redemption_models import Redemption
from points.market.shelf import policy_of
from points.market.slot_errors import ServiceAlone, SlotFull, SlotMissing, SlotOver
from points.market.slot_models import ServiceSlot
from volunteers.people.choices import VolunteerStatus
from volunteers.people.household_models import Household
from volunteers.people.models import Volunteer

HOLD_HOURS = 24  # rules.md D “Default policy”; settings.REDEMPTION_HOLD_HOURS overrides
_TRIES = 3  # how often a reservation that lost a race looks again
_LOST_TO_SOMEBODY = (OutOfStock, GoodsRecalled, SlotFull, SlotOver, PriceChanged)
_NAMED_IN_SENTENCE = 3

# What is wanted and where it comes from, in one round trip; `batches` is empty for a service. The triggers of
# the moves run at the statement's end and take from the batches in the order given.
_LINES_AND_MOVES = """
    WITH listed AS (
        INSERT INTO points_redemptionline (redemption_id, product_id, quantity, unit_points, slot_id)
        SELECT %(redemption)s, product, quantity, unit_points, %(slot)s
          FROM unnest(%(products)s::bigint[], %(quantities)s::int[], %(prices)s::int[])
               WITH ORDINALITY AS line (product, quantity, unit_points, place)
         ORDER BY place
    )
    INSERT INTO points_stockmove (batch_id, kind, quantity, redemption_id, reason, at)
    SELECT batch, 'reserve', quantity, %(redemption)s, '', %(at)s
      FROM unnest(%(batches)s::bigint[], %(taken)s::int[]) WITH ORDINALITY AS pick (batch, quantity, place)
     ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class LineInput:
    """So many of one product; of a service, in one of its slots."""

    product_id: int
    quantity: int
    slot_id: int | None = None


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One line as it would be reserved now."""

    name: str
    unit: str
    quantity: int
    unit_points: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a basket costs now, to the point."""

    lines: tuple[QuotedLine, ...]
    points: int
    slot: ServiceSlot | None
    until: datetime


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which goods at which prices, or which slot; nothing is written yet."""

    basket: queries.Basket
    wanted: Mapping[int, int]
    lines: Sequence[rules.PricedLine]
    picks: Sequence[rules.Pick]
    slot: ServiceSlot | None
    until: datetime

    @property
    def terms(self) -> list[limits.Terms]:
        return [offer.terms for offer in self.basket.offers.values()]

    @property
    def points(self) -> int:
        return sum(line.unit_points * line.quantity for line in self.lines)


def reserve(
    *,
    volunteer: Volunteer,
    store_id: int,
    lines: Sequence[LineInput],
    at: datetime,
    expected_points: int | None = None,
    start: rules.Start = rules.BY_PHONE,
) -> Redemption:
    """Hold points and set goods aside, first-expired-first-out, until a clerk hands them over or time is up.

    It lasts `settings.REDEMPTION_HOLD_HOURS` (24) or `start.hold`, but never past the last usable day of the
    goods; a place in a slot is kept until the slot ends. Goods near expiry cost less where the store says so;
    it is never more than `expected_points`, the sum the volunteer has seen, if it is given.

    :raises RedeemerNotActive: the registration is pending, rejected or suspended.
    :raises BasketEmpty, ProductListedTwice, ProductUnavailable, StoreClosed: the basket cannot be right.
    :raises ServiceAlone, SlotMissing, SlotOver, SlotFull: a service without a place in one of its slots.
    :raises TooYoungForProduct, ResidentsOnly: not for this volunteer.
    :raises OutOfStock: fewer are free than asked for.
    :raises PriceRose: the sum is more than was expected.
    :raises PersonLimitReached, HouseholdLimitReached: more than the share of the period.
    :raises TooManyRedemptions, BalanceBelowMinimum: the store's policy.
    :raises InsufficientPoints: from the ledger.
    """
    for _attempt in range(_TRIES):
        plan = _plan(volunteer, store_id, lines, at=at, hold=start.hold)
        if expected_points is not None and plan.points > expected_points:
            raise PriceRose(field="expected_points", points=plan.points)
        try:
            return _write(plan, volunteer, store_id, start=start, at=at)
        except IntegrityError as error:
            lost = refusal_for(error)
            if not isinstance(lost, _LOST_TO_SOMEBODY):
                raise
    raise lost


def quote(*, volunteer: Volunteer, store_id: int, lines: Sequence[LineInput], at: datetime) -> Quote:
    """Return what `reserve` would ask for now; writes and locks nothing.

    :raises Refusal: as `reserve` would, but for the balance.
    """
    plan = _plan(volunteer, store_id, lines, at=at)
    limits.require_within_shares(
        plan.terms,
        plan.wanted,
        volunteer_id=volunteer.pk,
        household_id=plan.basket.household_id,
        at=at,
    )
    limits.require_policy(plan.basket.policy, volunteer=volunteer, store_id=store_id, at=at)
    named = {each.product_id: each for each in plan.terms}
    return Quote(
        lines=tuple(
            QuotedLine(
                named[line.product_id].name, named[line.product_id].unit, line.quantity, line.unit_points
            )
            for line in plan.lines
        ),
        points=plan.points,
        slot=plan.slot,
        until=plan.until,
    )


def why_not(*, volunteer: Volunteer, store: Store, at: datetime) -> Refusal | None:
    """Return why this store does not serve the volunteer now, whatever they choose; None if it does."""
    try:
        if volunteer.status != VolunteerStatus.ACTIVE:
            raise RedeemerNotActive
        limits.require_policy(policy_of(store), volunteer=volunteer, store_id=store.pk, at=at)
    except Refusal as refusal:
        return refusal
    return None


def _plan(
    volunteer: Volunteer,
    store_id: int,
    lines: Sequence[LineInput],
    *,
    at: datetime,
    hold: timedelta | None = None,
) -> _Plan:
    """Read the basket and choose batches, without locking anything."""
    if volunteer.status != VolunteerStatus.ACTIVE:
        raise RedeemerNotActive
    require_sound(lines)
    basket = _read_basket(volunteer, store_id, lines, at=at)
    limits.require_allowed([offer.terms for offer in basket.offers.values()], volunteer, at=at)
    wanted = {line.product_id: line.quantity for line in lines}
    prices = {line.product_id: basket.offers[line.product_id].points for line in lines}
    if any(offer.kind == ProductKind.SERVICE for offer in basket.offers.values()):
        slot = _slot_of(basket, lines, at=at)
        (line,) = lines
        priced = [rules.PricedLine(line.product_id, prices[line.product_id], line.quantity)]
        return _Plan(basket, wanted, priced, (), slot, slot.ends_at)
    for position, line in enumerate(lines):
        if line.slot_id is not None:
            raise SlotMissing(
                field=f"/lines/{position}/slot", product=basket.offers[line.product_id].terms.name
            )
    picks = rules.first_expired_first_out(
        [batch for offer in basket.offers.values() for batch in offer.batches],
        wanted,
        kept={product_id: offer.kept for product_id, offer in basket.offers.items()},
    )
    if isinstance(picks, rules.Shortage):
        short = basket.offers[picks.product_id].terms
        raise OutOfStock(field="lines", product=short.name, left=picks.left, unit=short.unit)
    return _Plan(
        basket,
        wanted,
        rules.priced(picks, prices, basket.policy.discount, today=localdate(at)),
        picks,
        slot=None,
        until=rules.held_until(picks, at=at, hold=hold or _hold_time()),
    )


def require_sound(lines: Sequence[LineInput]) -> None:
    """Let pass a basket that could be anybody's: some lines, each product once, quantities of a household.

    :raises BasketEmpty, ProductListedTwice: it cannot be right.
    """
    most = {"most": rules.MOST_LINES, "each": rules.MOST_OF_ONE}
    if not 1 <= len(lines) <= rules.MOST_LINES:
        raise BasketEmpty(field="lines", **most)
    for position, line in enumerate(lines):
        if not 1 <= line.quantity <= rules.MOST_OF_ONE:
            raise BasketEmpty(field=f"/lines/{position}/quantity", **most)
    if len({line.product_id for line in lines}) < len(lines):
        raise ProductListedTwice(field="lines")


def _read_basket(
    volunteer: Volunteer, store_id: int, lines: Sequence[LineInput], *, at: datetime
) -> queries.Basket:
    """Return what the store offers of each product of the basket."""
    basket = queries.basket(
        store_id=store_id,
        wanted={line.product_id: line.quantity for line in lines},
        volunteer_id=volunteer.pk,
        usable_on=localdate(at),
    )
    for position, line in enumerate(lines):
        if basket is None or line.product_id not in basket.offers:
            raise ProductUnavailable(field=f"/lines/{position}/product")
    if basket is None:  # there is at least one line, and it was found
        raise BasketEmpty(field="lines", most=rules.MOST_LINES, each=rules.MOST_OF_ONE)
    if not basket.policy.is_open:
        raise StoreClosed(field="store", store=basket.policy.name)
    return basket


def _slot_of(basket: queries.Basket, lines: Sequence[LineInput], *, at: datetime) -> ServiceSlot:
    if len(lines) > 1:
        raise ServiceAlone(field="lines")
    (line,) = lines
    return slots.find(
        product_id=line.product_id,
        product=basket.offers[line.product_id].terms.name,
        slot_id=line.slot_id,
        quantity=line.quantity,
        at=at,
    )


@transaction.atomic
def _write(
    plan: _Plan, volunteer: Volunteer, store_id: int, *, start: rules.Start, at: datetime
) -> Redemption:
    """Write the reservation.

    :raises IntegrityError: `batch_reserved_within` or a guard of the slot, somebody was faster.
    """
    household_id = plan.basket.household_id
    redemption = Redemption.objects.create(
        volunteer=volunteer,
        household_id=household_id,
        store_id=store_id,
        code=rules.new_code(),
        points=plan.points,
        created_at=at,
        reserved_until=plan.until,
        channel=start.channel,
        started_by_id=start.started_by_id,
    )
    if household_id is not None and any(each.household_limit is not None for each in plan.terms):
        _hold_household(household_id)
    purse.hold(redemption, _held_sentences(plan), at=at)
    _require_within_limits(redemption, plan, volunteer, at=at)
    # Last, because the batches are what many people want at once: from here to the commit they are locked, by
    # the update in the trigger, in the order of their ids. No lock is taken before, as the CHECK on the batch
    # refuses what is not there; a lock held over more round trips would cost much of the throughput.
    if plan.slot is None:
        _lock_shared(plan.basket)
    _set_aside(redemption, plan, at=at)
    if plan.slot is not None:
        slots.take(redemption, plan.slot, plan.lines[0].quantity, at=at)
    return redemption


def _set_aside(redemption: Redemption, plan: _Plan, *, at: datetime) -> None:
    """Write the lines, and the goods they take."""
    asked: Mapping[str, int | datetime | list[int] | None] = {
        "redemption": redemption.pk,
        "slot": None if plan.slot is None else plan.slot.pk,
        "products": [line.product_id for line in plan.lines],
        "quantities": [line.quantity for line in plan.lines],
        "prices": [line.unit_points for line in plan.lines],
        "batches": [pick.batch.batch_id for pick in plan.picks],
        "taken": [pick.quantity for pick in plan.picks],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LINES_AND_MOVES, asked)


def _lock_shared(basket: queries.Basket) -> None:
    """Lock the products of which some are kept, by id; under this lock the trigger counts what is left."""
    kept = [product_id for product_id, offer in basket.offers.items() if offer.kept]
    if kept:
        list(Product.objects.select_for_update(no_key=True).filter(pk__in=kept).order_by("pk").values("pk"))


def _hold_household(household_id: int) -> None:
    """Lock the household until the commit, so that its members reserve one after the other.

    It is not the key that is locked: others may still refer to the household meanwhile.
    """
    list(Household.objects.select_for_update(no_key=True).filter(pk=household_id).values_list("pk"))


def _require_within_limits(
    redemption: Redemption, plan: _Plan, volunteer: Volunteer, *, at: datetime
) -> None:
    """Check what the locks on household and account have made final."""
    limits.require_within_shares(
        plan.terms,
        plan.wanted,
        volunteer_id=volunteer.pk,
        household_id=redemption.household_id,
        at=at,
        besides=redemption.pk,
    )
    limits.require_policy(
        plan.basket.policy,
        volunteer=volunteer,
        store_id=redemption.store_id,
        at=at,
        spent=redemption.points,
        besides=redemption.pk,
    )


def _held_sentences(plan: _Plan) -> purse.Sentences:
    names = {each.product_id: each.name for each in plan.terms}
    named = [f"{names[pk]} × {quantity}" for pk, quantity in list(plan.wanted.items())[:_NAMED_IN_SENTENCE]]
    goods = "、".join(named)
    if plan.slot is not None:
        begins = f"{localtime(plan.slot.starts_at):%m-%d %H:%M}"
        return {
            "sentence_zh": f"预约服务 {goods}，{begins} 开始",
            "sentence_en": f"Booked {goods}, begins {begins}",
        }
    last_moment = f"{localtime(plan.until):%m-%d %H:%M}"
    more = len(plan.wanted) - len(named)
    all_of_them = f" 等 {len(plan.wanted)} 种" if more else ""
    also = f" and {more} more" if more else ""
    return {
        "sentence_zh": f"预约兑换 {goods}{all_of_them}，{last_moment} 前领取",
        "sentence_en": f"Reserved {goods}{also}, collect by {last_moment}",
    }


def _hold_time() -> timedelta:
    return timedelta(hours=getattr(settings, "REDEMPTION_HOLD_HOURS", HOLD_HOURS))
