"""Redeeming: reserve, collect, cancel, lapse. Deliveries and shelves are in stock.py.

Every transaction here locks in one order: redemption, then the volunteer's points account (inside the
ledger), then batches by id (inside the trigger of the stock move). Points and goods move together or not at
all.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.timezone import localdate, localtime

from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, Refusal, refusal_for
from points.market import purse, queries, rules
from points.market.choices import Channel, MoveKind, RedemptionStatus
from points.market.errors import (
    BasketEmpty,
    ClerkServesSelf,
    MonthlyLimitReached,
    OutOfStock,
    PickupCodeWrong,
    ProductListedTwice,
    ProductUnavailable,
    RedeemerNotActive,
    RedemptionAlreadyCollected,
    RedemptionCancelled,
    RedemptionLapsed,
    RedemptionNotConfirmed,
    RedemptionReturned,
    StoreClosed,
)
from points.market.models import StockMove
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.stock import create_product, create_store, receive_batch, write_off
from volunteers.people.choices import VolunteerStatus
from volunteers.people.models import Volunteer

__all__ = [
    "LineInput",
    "cancel",
    "collect",
    "create_product",
    "create_store",
    "lapse_due",
    "receive_batch",
    "reserve",
    "write_off",
]

log = structlog.get_logger(__name__)

HOLD_HOURS = 24  # rules.md D “Default policy”; settings.REDEMPTION_HOLD_HOURS overrides
LAPSE_BATCH = 500
_TRIES = 3  # how often a reservation that lost a race for a batch looks for another one
_NAMED_IN_SENTENCE = 3
_SETTLED: Mapping[str, type[Refusal]] = {
    RedemptionStatus.COLLECTED: RedemptionAlreadyCollected,
    RedemptionStatus.CANCELLED: RedemptionCancelled,
    RedemptionStatus.LAPSED: RedemptionLapsed,
    RedemptionStatus.RETURNED: RedemptionReturned,
}
_RETURNED: Mapping[str, purse.Sentences] = {
    RedemptionStatus.CANCELLED: {
        "sentence_zh": "已取消兑换，积分退回",
        "sentence_en": "Cancelled, points returned",
    },
    RedemptionStatus.LAPSED: {
        "sentence_zh": "超过领取时间，积分退回",
        "sentence_en": "Not collected in time, points returned",
    },
}


@dataclass(frozen=True, slots=True)
class LineInput:
    """So many of one product."""

    product_id: int
    quantity: int


def reserve(*, volunteer: Volunteer, store_id: int, lines: Sequence[LineInput], at: datetime) -> Redemption:
    """Hold points and set goods aside, first-expired-first-out, until a clerk hands them over or time is up.

    It lasts `settings.REDEMPTION_HOLD_HOURS` (24), but never past the last usable day of the goods.

    :raises RedeemerNotActive: the registration is pending, rejected or suspended.
    :raises BasketEmpty, ProductListedTwice, ProductUnavailable, StoreClosed: the basket cannot be right.
    :raises OutOfStock: fewer are free than asked for.
    :raises MonthlyLimitReached: more than this volunteer's share of the month.
    :raises InsufficientPoints: from the ledger.
    """
    if volunteer.status != VolunteerStatus.ACTIVE:
        raise RedeemerNotActive
    _require_sound(lines)
    wanted = {line.product_id: line.quantity for line in lines}
    for _attempt in range(_TRIES):
        basket = _read_basket(store_id, lines, at=at)
        try:
            return _reserve(volunteer, store_id, basket, wanted, at=at)
        except IntegrityError as error:
            lost = refusal_for(error)
            if not isinstance(lost, OutOfStock):
                raise
    raise lost


def collect(*, code: str, actor: Actor, at: datetime, redemption_id: int | None = None) -> Redemption:
    """Hand the goods over: the clerk of that store, once, in time, to somebody else than themself.

    :raises Forbidden: the actor is no clerk of any store.
    :raises NotFound: no such redemption in the actor's stores.
    :raises PickupCodeWrong: the code is not that redemption's.
    :raises ClerkServesSelf: it is the clerk's own, or of somebody they live with.
    :raises RedemptionAlreadyCollected, RedemptionCancelled, RedemptionLapsed: nothing is left to collect.
    :raises RedemptionNotConfirmed: a clerk put it together and the volunteer has not agreed yet.
    """
    stores = actor.stores(Role.STORE_CLERK)
    if not stores:
        raise Forbidden
    wanted = rules.read_code(code)
    which = {"code": wanted} if redemption_id is None else {"pk": redemption_id}
    with transaction.atomic():
        redemption = (
            Redemption.objects.select_for_update(of=("self",))
            .select_related("volunteer", "household", "store")
            .filter(store_id__in=stores, **which)
            .first()
        )
        if redemption is None:
            raise NotFound
        if not secrets.compare_digest(redemption.code.encode(), wanted.encode()):
            raise PickupCodeWrong(field="code")
        if queries.is_near(redemption, user_id=actor.user_id):
            raise ClerkServesSelf
        _require_reserved(redemption)
        if at >= redemption.reserved_until:
            raise RedemptionLapsed
        if redemption.channel == Channel.COUNTER and redemption.confirmed_at is None:
            raise RedemptionNotConfirmed
        redemption.status = RedemptionStatus.COLLECTED
        redemption.collected_at = redemption.settled_at = at
        redemption.collected_by_id = actor.user_id
        redemption.save(update_fields=["status", "collected_at", "settled_at", "collected_by"])
        if redemption.points:
            purse.capture(
                redemption,
                {
                    "sentence_zh": f"已在“{redemption.store.name}”领取",
                    "sentence_en": "Collected at the store",
                },
                at=at,
            )
        _move_reserved(redemption, MoveKind.ISSUE, made_by_id=actor.user_id, at=at)
    return redemption


def cancel(*, redemption_id: int, actor: Actor, at: datetime) -> Redemption:
    """Give points back to the lots they came from and goods back to the shelf; by the owner or the store.

    :raises NotFound: neither one's own nor in a store one keeps.
    :raises RedemptionAlreadyCollected, RedemptionCancelled, RedemptionLapsed: it was settled before.
    """
    with transaction.atomic():
        redemption = (
            Redemption.objects.select_for_update(of=("self",))
            .select_related("volunteer", "store")
            .filter(pk=redemption_id)
            .first()
        )
        if redemption is None:
            raise NotFound
        own = redemption.volunteer is not None and redemption.volunteer.user_id == actor.user_id
        if not own and not queries.keeps_stock(actor, redemption.store):
            raise NotFound
        _require_reserved(redemption)
        _give_back(redemption, RedemptionStatus.CANCELLED, made_by_id=actor.user_id, at=at)
        audit.record(actor=actor, action="redemption.cancel", target=redemption, at=at, detail={"own": own})
    return redemption


def lapse_due(*, at: datetime) -> int:
    """Give back what nobody collected in time; return how many. Safe to run twice and side by side.

    Each redemption is a transaction of its own, so that one that fails (and is logged) holds up no other.
    """
    due = Redemption.objects.filter(status=RedemptionStatus.RESERVED, reserved_until__lte=at)
    lapsed = 0
    for pk in list(due.order_by("reserved_until", "pk").values_list("pk", flat=True)[:LAPSE_BATCH]):
        try:
            lapsed += _lapse(pk, at=at)
        except (DatabaseError, Refusal) as error:
            log.exception("redemption_lapse_failed", redemption_id=pk, error=type(error).__name__)
    return lapsed


def _lapse(redemption_id: int, *, at: datetime) -> bool:
    with transaction.atomic():
        redemption = (
            Redemption.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=redemption_id, status=RedemptionStatus.RESERVED)
            .first()
        )
        if redemption is None:  # a clerk, the owner or another clock has it
            return False
        _give_back(redemption, RedemptionStatus.LAPSED, made_by_id=None, at=at)
    return True


def _require_sound(lines: Sequence[LineInput]) -> None:
    limits = {"most": rules.MOST_LINES, "each": rules.MOST_OF_ONE}
    if not 1 <= len(lines) <= rules.MOST_LINES:
        raise BasketEmpty(field="lines", **limits)
    for position, line in enumerate(lines):
        if not 1 <= line.quantity <= rules.MOST_OF_ONE:
            raise BasketEmpty(field=f"/lines/{position}/quantity", **limits)
    if len({line.product_id for line in lines}) < len(lines):
        raise ProductListedTwice(field="lines")


def _read_basket(store_id: int, lines: Sequence[LineInput], *, at: datetime) -> Mapping[int, queries.Offer]:
    """Return what the store offers of each product of the basket, without locking anything."""
    offers = queries.offers(
        store_id=store_id,
        wanted={line.product_id: line.quantity for line in lines},
        usable_on=localdate(at),
    )
    basket = {offer.product_id: offer for offer in offers}
    for position, line in enumerate(lines):
        if line.product_id not in basket:
            raise ProductUnavailable(field=f"/lines/{position}/product")
    if not offers[0].store_open:
        raise StoreClosed(field="store", store=offers[0].store_name)
    return basket


@transaction.atomic
def _reserve(
    volunteer: Volunteer,
    store_id: int,
    basket: Mapping[int, queries.Offer],
    wanted: Mapping[int, int],
    *,
    at: datetime,
) -> Redemption:
    """Choose batches and write the reservation.

    :raises IntegrityError: `batch_reserved_within`, somebody took the goods since the basket was read.
    """
    batches = [batch for offer in basket.values() for batch in offer.batches]
    picks = rules.first_expired_first_out(batches, wanted)
    if isinstance(picks, rules.Shortage):
        short = basket[picks.product_id]
        raise OutOfStock(field="lines", product=short.name, left=picks.left, unit=short.unit)
    redemption = Redemption.objects.create(
        volunteer=volunteer,
        store_id=store_id,
        code=rules.new_code(),
        points=sum(basket[product_id].points * quantity for product_id, quantity in wanted.items()),
        created_at=at,
        reserved_until=rules.held_until(picks, at=at, hold=_hold_time()),
    )
    RedemptionLine.objects.bulk_create(
        RedemptionLine(
            redemption=redemption,
            product_id=product_id,
            quantity=quantity,
            unit_points=basket[product_id].points,
        )
        for product_id, quantity in wanted.items()
    )
    purse.hold(redemption, _held_sentences(basket, wanted, redemption.reserved_until), at=at)
    _require_within_limits(redemption, basket, wanted, at=at)  # the account's lock makes this final
    # Last, because the batches are what many people want at once: from here to the commit they are locked, by
    # the update in the trigger, in the order of their ids. No lock is taken before, as the CHECK on the batch
    # refuses what is not there; a lock held over more round trips would cost much of the throughput.
    StockMove.objects.bulk_create(
        StockMove(
            batch_id=pick.batch.batch_id,
            kind=MoveKind.RESERVE,
            quantity=pick.quantity,
            redemption=redemption,
            at=at,
        )
        for pick in picks
    )
    return redemption


def _require_within_limits(
    redemption: Redemption, basket: Mapping[int, queries.Offer], wanted: Mapping[int, int], *, at: datetime
) -> None:
    if redemption.volunteer is None:
        return
    limited = {pk: offer.monthly_limit for pk, offer in basket.items() if offer.monthly_limit}
    taken = queries.taken_this_month(
        volunteer=redemption.volunteer, product_ids=list(limited), at=at, besides=redemption.pk
    )
    for product_id, limit in limited.items():
        left = max(0, limit - taken.get(product_id, 0))
        if wanted[product_id] > left:
            offer = basket[product_id]
            raise MonthlyLimitReached(
                field="lines", product=offer.name, limit=limit, left=left, unit=offer.unit
            )


def _give_back(
    redemption: Redemption, status: RedemptionStatus, *, made_by_id: int | None, at: datetime
) -> None:
    redemption.status = status
    redemption.settled_at = at
    redemption.save(update_fields=["status", "settled_at"])
    if redemption.points:
        purse.release(redemption, _RETURNED[status], at=at)
    _move_reserved(redemption, MoveKind.RELEASE, made_by_id=made_by_id, at=at)


def _move_reserved(redemption: Redemption, kind: MoveKind, *, made_by_id: int | None, at: datetime) -> None:
    """Settle every reservation of the redemption, batches in the order of their ids."""
    reservations = StockMove.objects.filter(redemption=redemption, kind=MoveKind.RESERVE).order_by("batch_id")
    StockMove.objects.bulk_create(
        StockMove(
            batch_id=reservation.batch_id,
            kind=kind,
            quantity=reservation.quantity,
            redemption=redemption,
            made_by_id=made_by_id,
            at=at,
        )
        for reservation in reservations
    )


def _require_reserved(redemption: Redemption) -> None:
    if redemption.status != RedemptionStatus.RESERVED:
        raise _SETTLED[redemption.status]


def _held_sentences(
    basket: Mapping[int, queries.Offer], wanted: Mapping[int, int], until: datetime
) -> purse.Sentences:
    named = [f"{basket[pk].name} × {quantity}" for pk, quantity in list(wanted.items())[:_NAMED_IN_SENTENCE]]
    last_moment = f"{localtime(until):%m-%d %H:%M}"
    goods = "、".join(named)
    more = len(wanted) - len(named)
    return {
        "sentence_zh": f"预约兑换 {goods}{f' 等 {len(wanted)} 种' if more else ''}，{last_moment} 前领取",
        "sentence_en": f"Reserved {goods}{f' and {more} more' if more else ''}, collect by {last_moment}",
    }


def _hold_time() -> timedelta:
    return timedelta(hours=getattr(settings, "REDEMPTION_HOLD_HOURS", HOLD_HOURS))
