"""The times at which a service is given: the store opens them, redemptions take places in them."""

from datetime import datetime, timedelta

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound
from points.market import rules
from points.market.choices import ProductKind, SlotMoveKind
from points.market.models import Product
from points.market.redemption_models import Redemption
from points.market.slot_errors import ProductOfOtherKind, SlotFull, SlotInvalid, SlotMissing, SlotOver
from points.market.slot_models import ServiceSlot, SlotMove
from points.market.stock import require_keeper

LONGEST = timedelta(days=1)


def open_slot(
    *,
    product: Product,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    actor: Actor | None,
    at: datetime,
) -> ServiceSlot:
    """Offer so many places of a service at a time; several slots of one service may overlap.

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises ProductOfOtherKind: goods have stock instead.
    :raises SlotInvalid: not ahead, not forward, longer than a day, or without places.
    :raises SlotTaken: the service has one beginning then.
    """
    require_keeper(actor, product.store)
    if product.kind != ProductKind.SERVICE:
        raise ProductOfOtherKind(field="product")
    if not (at < ends_at and starts_at < ends_at <= starts_at + LONGEST):
        raise SlotInvalid(field="starts_at", most=rules.MOST_PLACES)
    _require_places(capacity)
    with transaction.atomic():
        slot = ServiceSlot.objects.create(
            product=product,
            starts_at=starts_at,
            ends_at=ends_at,
            capacity=capacity,
            made_by_id=actor.user_id if actor else None,
        )
        audit.record(actor=actor, action="slot.open", target=slot, at=at, detail={"capacity": capacity})
    return slot


def change_slot(
    *, slot_id: int, actor: Actor, at: datetime, capacity: int | None = None, closed: bool | None = None
) -> ServiceSlot:
    """Give a slot more or fewer places, or stop and resume booking; who has a place keeps it.

    :raises NotFound, Forbidden: no such slot in a store the actor keeps.
    :raises SlotInvalid: fewer places than are taken.
    """
    if capacity is not None:
        _require_places(capacity)
    with transaction.atomic():
        slot = (
            ServiceSlot.objects.select_for_update(of=("self",))
            .select_related("product__store")
            .filter(pk=slot_id)
            .first()
        )
        if slot is None:
            raise NotFound(field="slot")
        require_keeper(actor, slot.product.store)
        if capacity is not None and capacity < slot.taken:
            raise SlotInvalid(field="capacity", most=rules.MOST_PLACES)
        slot.capacity = slot.capacity if capacity is None else capacity
        if closed is not None:
            slot.closed_at = (slot.closed_at or at) if closed else None
        slot.save(update_fields=["capacity", "closed_at"])
        audit.record(
            actor=actor,
            action="slot.change",
            target=slot,
            at=at,
            detail={"capacity": slot.capacity, "closed": slot.closed_at is not None},
        )
    return slot


def find(*, product_id: int, product: str, slot_id: int | None, quantity: int, at: datetime) -> ServiceSlot:
    """Return the slot somebody chose for a service, with places enough at this moment; locks nothing.

    :raises SlotMissing: none was named, or one of something else.
    :raises SlotOver: it has ended or takes no more bookings.
    :raises SlotFull: fewer places are left.
    """
    slot = ServiceSlot.objects.filter(pk=slot_id, product_id=product_id).first() if slot_id else None
    if slot is None:
        raise SlotMissing(field="lines", product=product)
    if slot.ends_at <= at or slot.closed_at is not None:
        raise SlotOver(field="lines")
    if quantity > slot.left:
        raise SlotFull(field="lines", left=slot.left)
    return slot


def take(redemption: Redemption, slot: ServiceSlot, quantity: int, *, at: datetime) -> None:
    """Take places for a redemption; locks the slot, by the update in the trigger, until the commit.

    :raises IntegrityError: `slot_taken_within` or `slot_taken_in_time`, somebody was faster.
    """
    SlotMove.objects.create(
        slot=slot, kind=SlotMoveKind.TAKE, quantity=quantity, redemption=redemption, at=at
    )


def free(redemption: Redemption, *, at: datetime) -> None:
    """Give the places of a redemption back."""
    takings = SlotMove.objects.filter(redemption=redemption, kind=SlotMoveKind.TAKE).order_by("slot_id")
    SlotMove.objects.bulk_create(
        SlotMove(
            slot_id=taking.slot_id,
            kind=SlotMoveKind.FREE,
            quantity=taking.quantity,
            redemption=redemption,
            at=at,
        )
        for taking in takings
    )


def _require_places(capacity: int) -> None:
    if not 1 <= capacity <= rules.MOST_PLACES:
        raise SlotInvalid(field="capacity", most=rules.MOST_PLACES)
