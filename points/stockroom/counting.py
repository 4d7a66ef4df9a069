"""Counting what is really there: blind, then decided by a second person, who has not counted.

Each line keeps what the stock said in the moment it was entered (a trigger writes it). The correction is the
difference of the two, so goods handed out or received between that moment and the approval do not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound
from backend.core.words import plain_line
from points.market import stock
from points.market.choices import MoveKind
from points.market.models import Batch, Product, ShelfLocation, StockMove, Store
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import queries
from points.stockroom.errors import (
    CountedBelowReserved,
    CountedBothWays,
    CountedProductUnknown,
    CountedQuantityInvalid,
    CountEmpty,
    CounterApproves,
    CountGoingOn,
    CountNotClosed,
    CountNotOpen,
    CountScopeInvalid,
    NoteInvalid,
)
from points.stockroom.models import CountAdjustment, CountLine, StockCount
from points.stockroom.states import LIVE_COUNTS, CountScope, CountStatus

_LONGEST_REASON = 150


@dataclass(frozen=True, slots=True)
class _Correction:
    """So many of that batch more (`up`) or less, because of that line."""

    line: CountLine
    batch: Batch
    quantity: int
    up: bool


def open_count(
    *,
    store: Store,
    scope: CountScope | str,
    actor: Actor,
    at: datetime,
    category: str = "",
    location_id: int | None = None,
) -> StockCount:
    """Begin counting a store, one category of it or one shelf.

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises CountScopeInvalid: no such category, or no such shelf in this store.
    :raises CountGoingOn: another count of this store is not decided yet.
    """
    stock.require_keeper(actor, store)
    if scope == CountScope.LOCATION:
        if not ShelfLocation.objects.filter(pk=location_id or 0, store=store).exists():
            raise CountScopeInvalid(field="location")
    elif location_id is not None:
        raise CountScopeInvalid(field="location")
    if StockCount.objects.filter(store=store, status__in=LIVE_COUNTS).exists():
        raise CountGoingOn
    with transaction.atomic():
        made = StockCount.objects.create(
            store=store,
            scope=scope,
            category=category,
            location_id=location_id,
            opened_by_id=actor.user_id,
            opened_at=at,
        )
        audit.record(actor=actor, action="stock_count.open", target=made, at=at)
    return made


def take_down(
    *,
    count_id: int,
    product_id: int,
    counted: int,
    actor: Actor,
    at: datetime,
    expires_on: date | None = None,
    batch_id: int | None = None,
) -> CountLine:
    """Write down how many of a product with one expiry (or of one batch) are there; a later line replaces it.

    Products without any stock are counted like others. The answer of the caller must not show `book`.

    :raises NotFound, Forbidden: no such count in a store the actor keeps.
    :raises CountNotOpen: it is closed. :raises CountedQuantityInvalid: below zero or absurd.
    :raises CountedProductUnknown: not part of the count, or the batch is of other goods.
    :raises CountedBothWays: the same goods were counted the other way before.
    """
    if not 0 <= counted <= MOST_OF_A_BATCH:
        raise CountedQuantityInvalid(field="counted", most=MOST_OF_A_BATCH)
    with transaction.atomic():
        count = _held(count_id, actor)
        if count.status != CountStatus.OPEN:
            raise CountNotOpen
        product = queries.countable(count).filter(pk=product_id).first()
        if product is None:
            raise CountedProductUnknown(field="product")
        if batch_id is not None:
            batch = Batch.objects.filter(pk=batch_id, product=product).first()
            if batch is None:
                raise CountedProductUnknown(field="batch")
            expires_on = batch.expires_on
        same_goods = CountLine.objects.filter(count=count, product=product, expires_on=expires_on)
        if same_goods.filter(batch__isnull=batch_id is not None).exists():
            raise CountedBothWays(field="batch")
        return CountLine.objects.create(
            count=count,
            product=product,
            expires_on=expires_on,
            batch_id=batch_id,
            counted=counted,
            counted_by_id=actor.user_id,
            at=at,
        )


def close_count(*, count_id: int, actor: Actor, at: datetime) -> StockCount:
    """End the counting; from now on the differences can be seen.

    :raises NotFound, Forbidden: as for `take_down`. :raises CountNotOpen: it is closed already.
    :raises CountEmpty: nothing was entered.
    """
    with transaction.atomic():
        count = _held(count_id, actor)
        if count.status != CountStatus.OPEN:
            raise CountNotOpen
        if not count.lines.exists():
            raise CountEmpty
        count.status, count.closed_by_id, count.closed_at = CountStatus.CLOSED, actor.user_id, at
        count.save(update_fields=["status", "closed_by", "closed_at"])
        audit.record(actor=actor, action="stock_count.close", target=count, at=at)
    return count


def reopen_count(*, count_id: int, actor: Actor, at: datetime) -> StockCount:
    """Send a closed count back, to look again at what cannot be right.

    :raises NotFound, Forbidden: as for `take_down`. :raises CountNotClosed: it is open or decided.
    """
    with transaction.atomic():
        count = _held(count_id, actor)
        if count.status != CountStatus.CLOSED:
            raise CountNotClosed
        count.status, count.closed_by, count.closed_at = CountStatus.OPEN, None, None
        count.save(update_fields=["status", "closed_by", "closed_at"])
        audit.record(actor=actor, action="stock_count.reopen", target=count, at=at)
    return count


def abandon_count(*, count_id: int, actor: Actor, at: datetime, reason: str = "") -> StockCount:
    """Give a count up; the stock stays as it is, and what was entered stays to be read.

    :raises NotFound, Forbidden: as for `take_down`. :raises CountNotClosed: it is decided already.
    :raises NoteInvalid: the reason, which may be left out, cannot be kept as it is.
    """
    with transaction.atomic():
        count = _held(count_id, actor)
        if count.status not in LIVE_COUNTS:
            raise CountNotClosed
        _decide(count, CountStatus.ABANDONED, reason, actor=actor, at=at)
        audit.record(actor=actor, action="stock_count.abandon", target=count, at=at)
    return count


def approve_count(*, count_id: int, actor: Actor, at: datetime, reason: str = "") -> StockCount:
    """Agree with the differences: the stock becomes what was found, by COUNT_UP and COUNT_DOWN moves. Once.

    :raises NotFound, Forbidden: no such count in a store the actor keeps.
    :raises CountNotClosed: it is still open, or decided.
    :raises CounterApproves: the actor entered one of its lines, even one that was replaced.
    :raises CountedBelowReserved: fewer were found than redemptions wait for; it names those.
    :raises NoteInvalid: the reason, which may be left out, cannot be kept as it is.
    """
    with transaction.atomic():
        count = _held(count_id, actor)
        if count.status != CountStatus.CLOSED:
            raise CountNotClosed
        if count.lines.filter(counted_by_id=actor.user_id).exists():
            raise CounterApproves
        _decide(count, CountStatus.APPROVED, reason, actor=actor, at=at)
        lines = [line for line in queries.standing_lines(count) if line.difference]
        written = count.reason or "按盘点结果调整"
        moves = _write(lines, f"盘点 #{count.pk}：{written}", actor=actor, at=at)
        audit.record(
            actor=actor, action="stock_count.approve", target=count, at=at, detail={"moves": len(moves)}
        )
    return count


def _held(count_id: int, actor: Actor) -> StockCount:
    """Lock a count of a store the actor keeps."""
    count = (
        StockCount.objects.select_for_update(of=("self",)).select_related("store").filter(pk=count_id).first()
    )
    if count is None:
        raise NotFound(field="count")
    stock.require_keeper(actor, count.store)
    return count


def _decide(count: StockCount, status: CountStatus, reason: str, *, actor: Actor, at: datetime) -> None:
    written = plain_line(reason, most=_LONGEST_REASON)
    if written is None:
        raise NoteInvalid(field="reason", most=_LONGEST_REASON)
    count.status, count.decided_by_id, count.decided_at = status, actor.user_id, at
    count.reason = written
    count.save(update_fields=["status", "decided_by", "decided_at", "reason"])


def _write(lines: Sequence[CountLine], reason: str, *, actor: Actor, at: datetime) -> list[StockMove]:
    """Lock the batches in the order of their ids, plan, and write in that order."""
    held = list(
        Batch.objects.select_for_update(of=("self",))
        .filter(product__in={line.product_id for line in lines})
        .order_by("pk")
    )
    plan = [correction for line in lines for correction in _plan(line, held, at=at)]
    plan.sort(key=lambda correction: correction.batch.pk)
    moves = StockMove.objects.bulk_create(
        StockMove(
            batch=correction.batch,
            kind=MoveKind.COUNT_UP if correction.up else MoveKind.COUNT_DOWN,
            quantity=correction.quantity,
            reason=reason,
            made_by_id=actor.user_id,
            at=at,
        )
        for correction in plan
    )
    CountAdjustment.objects.bulk_create(
        CountAdjustment(line=correction.line, move=move) for correction, move in zip(plan, moves, strict=True)
    )
    return moves


def _plan(line: CountLine, held: Sequence[Batch], *, at: datetime) -> list[_Correction]:
    """Say which batches a difference falls on: a surplus on the latest, a loss on the oldest free ones."""
    own = [
        batch
        for batch in held
        if batch.product_id == line.product_id
        and batch.expires_on == line.expires_on
        and (line.batch_id is None or batch.pk == line.batch_id)
    ]
    if line.difference > 0:
        usable = [batch for batch in own if batch.recalled_at is None] or own
        latest = usable[-1] if usable else _new_batch(line, at=at)
        return [_Correction(line, latest, line.difference, up=True)]
    missing, found = -line.difference, []
    for batch in own:
        part = min(missing, batch.on_hand - batch.reserved)
        if part > 0:
            found.append(_Correction(line, batch, part, up=False))
            missing -= part
    if missing:
        waiting = queries.waiting_redemptions([batch.pk for batch in own])
        named = "、".join(f"#{pk}" for pk in waiting) or "—"
        raise CountedBelowReserved(product=line.product.name, redemptions=named)
    return found


def _new_batch(line: CountLine, *, at: datetime) -> Batch:
    product: Product = line.product
    return Batch.objects.create(
        store_id=product.store_id,
        product=product,
        expires_on=line.expires_on,
        received_at=at,
        note=f"盘点 #{line.count_id}",
    )
