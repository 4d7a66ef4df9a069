"""Redeeming: collect, cancel, lapse; reserving is in reserving.py, deliveries and shelves are in stock.py.

Every transaction here locks in one order: redemption, then household, then the volunteer's points account
(inside the ledger), then batches by id and slots (inside the triggers of their moves). Points and goods move
together or not at all.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction
from django.utils.timezone import localtime

from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound, Refusal
from points.market import purse, queries, rules, slots
from points.market.choices import Channel, MoveKind, RedemptionStatus
from points.market.errors import (
    ClerkServesSelf,
    PickupCodeWrong,
    RedemptionAlreadyCollected,
    RedemptionCancelled,
    RedemptionLapsed,
    RedemptionNotConfirmed,
    RedemptionOnOfflineList,
    RedemptionReturned,
)
from points.market.models import StockMove
from points.market.redemption_models import Redemption
from points.market.reserving import HOLD_HOURS, LineInput, quote, reserve, why_not
from points.market.slots import change_slot, open_slot
from points.market.stock import (
    create_product,
    create_store,
    draw_barcode,
    receive_batch,
    set_policy,
    write_off,
)

__all__ = [
    "HOLD_HOURS",
    "LineInput",
    "cancel",
    "cancel_recalled",
    "change_slot",
    "collect",
    "create_product",
    "create_store",
    "draw_barcode",
    "hand_over",
    "lapse_due",
    "open_slot",
    "quote",
    "receive_batch",
    "require_reserved",
    "reserve",
    "set_policy",
    "why_not",
    "write_off",
]

log = structlog.get_logger(__name__)

LAPSE_BATCH = 500
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
_RECALLED: purse.Sentences = {
    "sentence_zh": "商品召回，已取消兑换，积分退回",
    "sentence_en": "Goods recalled, cancelled, points returned",
}


def collect(*, code: str, actor: Actor, at: datetime, redemption_id: int | None = None) -> Redemption:
    """Hand the goods over: the clerk of that store, once, in time, to somebody else than themself.

    :raises Forbidden: the actor is no clerk of any store.
    :raises NotFound: no such redemption in the actor's stores.
    :raises PickupCodeWrong: the code is not that redemption's.
    :raises ClerkServesSelf: it is the clerk's own, or of somebody they live with.
    :raises RedemptionAlreadyCollected, RedemptionCancelled, RedemptionLapsed: nothing is left to collect.
    :raises RedemptionNotConfirmed: a clerk put it together and the volunteer has not agreed yet.
    :raises RedemptionOnOfflineList: a device without network may be handing it over (offline.py).
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
        require_reserved(redemption)
        if at >= redemption.reserved_until:
            raise RedemptionLapsed
        if redemption.channel == Channel.COUNTER and redemption.confirmed_at is None:
            raise RedemptionNotConfirmed
        _require_not_leased(redemption, at=at)
        hand_over(redemption, clerk_id=actor.user_id, handed_at=at, at=at)
    return redemption


def hand_over(redemption: Redemption, *, clerk_id: int, handed_at: datetime, at: datetime) -> None:
    """Write that the goods went out at `handed_at`, and spend the points at `at`, when the server learns it.

    The caller has locked the redemption and looked at everything; the two times differ for a hand-over that
    happened without network.
    """
    redemption.status = RedemptionStatus.COLLECTED
    redemption.collected_at = redemption.settled_at = handed_at
    redemption.collected_by_id = clerk_id
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
    _move_reserved(redemption, MoveKind.ISSUE, made_by_id=clerk_id, at=handed_at)


def cancel(*, redemption_id: int, actor: Actor, at: datetime) -> Redemption:
    """Give points back to the lots they came from and goods back to the shelf; by the owner or the store.

    :raises NotFound: neither one's own nor in a store one keeps.
    :raises RedemptionAlreadyCollected, RedemptionCancelled, RedemptionLapsed: it was settled before.
    :raises RedemptionOnOfflineList: a device without network may be handing it over.
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
        require_reserved(redemption)
        _require_not_leased(redemption, at=at)
        _give_back(redemption, RedemptionStatus.CANCELLED, made_by_id=actor.user_id, at=at)
        audit.record(actor=actor, action="redemption.cancel", target=redemption, at=at, detail={"own": own})
    return redemption


def cancel_recalled(*, redemption_id: int, actor: Actor, at: datetime) -> bool:
    """Cancel a reservation of goods that are called back, and say so in the volunteer's statement.

    Whoever opened the recall need not keep the store: goods may have travelled. Return False when it was
    settled before; safe to run twice.

    :raises RedemptionOnOfflineList: a device without network may be handing it over; the clock asks again.
    """
    with transaction.atomic():
        redemption = (
            Redemption.objects.select_for_update(of=("self",))
            .select_related("volunteer", "store")
            .filter(pk=redemption_id, status=RedemptionStatus.RESERVED)
            .first()
        )
        if redemption is None:
            return False
        _require_not_leased(redemption, at=at)
        _give_back(
            redemption, RedemptionStatus.CANCELLED, made_by_id=actor.user_id, at=at, sentences=_RECALLED
        )
        audit.record(
            actor=actor, action="redemption.cancel", target=redemption, at=at, detail={"recall": True}
        )
    return True


def lapse_due(*, at: datetime) -> int:
    """Give back what nobody collected in time; return how many. Safe to run twice and side by side.

    What a device without network may have handed over waits until its list ends. Each redemption is a
    transaction of its own, so that one that fails (and is logged) holds up no other.
    """
    due = Redemption.objects.filter(
        ~queries.on_offline_list(at), status=RedemptionStatus.RESERVED, reserved_until__lte=at
    )
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
        # A clerk, the owner or another clock has it, or a device without network.
        if redemption is None or queries.leased_until(redemption, at=at):
            return False
        _give_back(redemption, RedemptionStatus.LAPSED, made_by_id=None, at=at)
    return True


def _give_back(
    redemption: Redemption,
    status: RedemptionStatus,
    *,
    made_by_id: int | None,
    at: datetime,
    sentences: purse.Sentences | None = None,
) -> None:
    redemption.status = status
    redemption.settled_at = at
    redemption.save(update_fields=["status", "settled_at"])
    if redemption.points:
        purse.release(redemption, sentences or _RETURNED[status], at=at)
    _move_reserved(redemption, MoveKind.RELEASE, made_by_id=made_by_id, at=at)


def _move_reserved(redemption: Redemption, kind: MoveKind, *, made_by_id: int | None, at: datetime) -> None:
    """Settle every reservation of the redemption, batches in the order of their ids."""
    reservations = list(
        StockMove.objects.filter(redemption=redemption, kind=MoveKind.RESERVE).order_by("batch_id")
    )
    if not reservations and kind == MoveKind.RELEASE:  # a service, which has no stock
        slots.free(redemption, at=at)
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


def require_reserved(redemption: Redemption) -> None:
    """Let pass what still waits.

    :raises RedemptionAlreadyCollected, RedemptionCancelled, RedemptionLapsed: it does not, nor if returned.
    """
    if redemption.status != RedemptionStatus.RESERVED:
        raise _SETTLED[redemption.status]


def _require_not_leased(redemption: Redemption, *, at: datetime) -> None:
    until = queries.leased_until(redemption, at=at)
    if until is not None:
        raise RedemptionOnOfflineList(until=f"{localtime(until):%H:%M}")
