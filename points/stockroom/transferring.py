"""Goods from one store of an organisation to another: out at once, in when somebody there has counted them.

Between the two they are in transit, in no store. What is sent has arrived, come back or is written off before
a transfer is over (trigger transfer_accounted_for), so the sum over all stores stays what it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound
from backend.core.words import plain_line
from points.market import stock
from points.market.choices import MoveKind
from points.market.errors import GoodsExpired, GoodsRecalled
from points.market.models import Batch, Product, StockMove, Store
from points.market.queries import keeps_stock
from points.stockroom import queries
from points.stockroom.errors import (
    LossNotOpen,
    LossUnexplained,
    NoteInvalid,
    ReceiverExplainsLoss,
    TransferBatchUnknown,
    TransferCountInvalid,
    TransferElsewhere,
    TransferEmpty,
    TransferProductUnknown,
    TransferSettled,
    TransferTooMuch,
)
from points.stockroom.rules import MOST_LINES
from points.stockroom.states import TransferStatus
from points.stockroom.transfer_models import StockTransfer, StockTransferLine

_LONGEST_NOTE = 100
_LONGEST_REASON = 150


@dataclass(frozen=True, slots=True)
class SentGoods:
    """So many of one batch."""

    batch_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CountedGoods:
    """How many of a line have arrived, and as which product of the receiving store if somebody chose one."""

    received: int
    product_id: int | None = None


def send(
    *,
    from_store: Store,
    to_store_id: int,
    lines: Sequence[SentGoods],
    actor: Actor,
    at: datetime,
    note: str = "",
) -> StockTransfer:
    """Take goods out of free stock and send them to another store of the same organisation.

    :raises Forbidden, NotFound: the actor does not keep the store that sends.
    :raises TransferElsewhere: not another store of the same organisation.
    :raises TransferEmpty: no line, more than fifty, a batch twice or fewer than one.
    :raises TransferBatchUnknown, GoodsExpired, GoodsRecalled, TransferTooMuch: a batch cannot be sent.
    :raises NoteInvalid: the note, which may be left out, cannot be kept as it is.
    """
    stock.require_keeper(actor, from_store)
    to_store = queries.other_stores(from_store).filter(pk=to_store_id).first()
    if to_store is None:
        raise TransferElsewhere(field="to_store")
    wanted = {line.batch_id: line.quantity for line in lines}
    if not 1 <= len(wanted) <= MOST_LINES or len(wanted) < len(lines) or min(wanted.values()) < 1:
        raise TransferEmpty(field="lines", most=MOST_LINES)
    written = plain_line(note, most=_LONGEST_NOTE)
    if written is None:
        raise NoteInvalid(field="note", most=_LONGEST_NOTE)
    with transaction.atomic():
        batches = {
            batch.pk: batch
            for batch in Batch.objects.select_for_update(of=("self",))
            .select_related("product")
            .filter(pk__in=wanted, store=from_store)
            .order_by("pk")
        }
        for position, line in enumerate(lines):
            _require_sendable(batches.get(line.batch_id), line, position, at=at)
        transfer = StockTransfer.objects.create(
            from_store=from_store,
            to_store=to_store,
            note=written,
            sent_by_id=actor.user_id,
            sent_at=at,
        )
        _take_out(transfer, wanted, actor=actor, at=at)
        audit.record(actor=actor, action="transfer.send", target=transfer, at=at)
    return transfer


def receive(
    *, transfer_id: int, counted: Mapping[int, CountedGoods], actor: Actor, at: datetime
) -> StockTransfer:
    """Put what has arrived on the shelf of the receiving store; `counted` is keyed by the lines. Once.

    When less arrived than was sent, the transfer waits for a second person to write the rest off.

    :raises NotFound, Forbidden: no such transfer to a store the actor keeps.
    :raises TransferSettled: received or taken back before.
    :raises TransferCountInvalid: a line is missing or out of bounds.
    :raises TransferProductUnknown: the receiving store has no such product and none was chosen.
    """
    with transaction.atomic():
        transfer, lines = _held(transfer_id)
        stock.require_keeper(actor, transfer.to_store)
        if transfer.status != TransferStatus.SENT:
            raise TransferSettled
        if set(counted) != {line.pk for line in lines} or any(
            not 0 <= counted[line.pk].received <= line.quantity for line in lines
        ):
            raise TransferCountInvalid(field="lines")
        for line in lines:
            line.received = counted[line.pk].received
            if line.received:
                product = _product_there(line, transfer.to_store, counted[line.pk].product_id)
                line.arrived = _arrive(line, product, line.received, actor=actor, at=at)
            line.save(update_fields=["received", "arrived"])
        short = any(line.received != line.quantity for line in lines)
        transfer.status = TransferStatus.SHORT if short else TransferStatus.RECEIVED
        transfer.received_by_id, transfer.received_at = actor.user_id, at
        transfer.save(update_fields=["status", "received_by", "received_at"])
        audit.record(actor=actor, action="transfer.receive", target=transfer, at=at, detail={"short": short})
    return transfer


def write_off_loss(*, transfer_id: int, reason: str, actor: Actor, at: datetime) -> StockTransfer:
    """Write off what did not arrive, by somebody who did not receive it. Once.

    It comes back into the books of the store that sent it, as a batch of its own, and leaves them in the same
    transaction: who never had the goods does not account for them.

    :raises NotFound: no such transfer from or to a store the actor keeps.
    :raises LossNotOpen: nothing is missing.
    :raises ReceiverExplainsLoss: the actor received it. :raises LossUnexplained: no reason given.
    """
    written = plain_line(reason, most=_LONGEST_REASON)
    if not written:
        raise LossUnexplained(field="reason")
    with transaction.atomic():
        transfer, lines = _held(transfer_id)
        if not (keeps_stock(actor, transfer.to_store) or keeps_stock(actor, transfer.from_store)):
            stock.require_keeper(actor, transfer.to_store)
        if transfer.status != TransferStatus.SHORT:
            raise LossNotOpen
        if transfer.received_by_id == actor.user_id:
            raise ReceiverExplainsLoss
        for line in lines:
            missing = line.quantity - (line.received or 0)
            if missing:
                line.lost = _arrive(line, line.batch.product, missing, actor=actor, at=at)
                StockMove.objects.create(
                    batch=line.lost,
                    kind=MoveKind.WRITE_OFF,
                    quantity=missing,
                    reason=f"调拨 #{transfer.pk} 短少：{written}",
                    made_by_id=actor.user_id,
                    at=at,
                )
                line.save(update_fields=["lost"])
        transfer.status = TransferStatus.RECEIVED
        transfer.loss_by_id, transfer.loss_at, transfer.loss_reason = actor.user_id, at, written
        transfer.save(update_fields=["status", "loss_by", "loss_at", "loss_reason"])
        audit.record(actor=actor, action="transfer.loss", target=transfer, at=at)
    return transfer


def take_back(*, transfer_id: int, actor: Actor, at: datetime) -> StockTransfer:
    """Cancel a transfer on its way: the goods come back to the store that sent them, as new batches. Once.

    A batch arrives once (stock_batch_received_once), so the old one cannot take them back; the new one keeps
    expiry and root.

    :raises NotFound, Forbidden: no such transfer from a store the actor keeps.
    :raises TransferSettled: received or taken back before.
    """
    with transaction.atomic():
        transfer, lines = _held(transfer_id)
        stock.require_keeper(actor, transfer.from_store)
        if transfer.status != TransferStatus.SENT:
            raise TransferSettled
        for line in lines:
            line.arrived = _arrive(line, line.batch.product, line.quantity, actor=actor, at=at)
            line.save(update_fields=["arrived"])
        transfer.status = TransferStatus.CANCELLED
        transfer.cancelled_by_id, transfer.cancelled_at = actor.user_id, at
        transfer.save(update_fields=["status", "cancelled_by", "cancelled_at"])
        audit.record(actor=actor, action="transfer.cancel", target=transfer, at=at)
    return transfer


def _take_out(transfer: StockTransfer, wanted: Mapping[int, int], *, actor: Actor, at: datetime) -> None:
    """Write what leaves, in the order of the batches' ids."""
    moves = StockMove.objects.bulk_create(
        StockMove(
            batch_id=pk,
            kind=MoveKind.TRANSFER_OUT,
            quantity=wanted[pk],
            reason=f"调拨 #{transfer.pk}",
            made_by_id=actor.user_id,
            at=at,
        )
        for pk in sorted(wanted)
    )
    StockTransferLine.objects.bulk_create(
        StockTransferLine(transfer=transfer, batch_id=move.batch_id, quantity=move.quantity, move=move)
        for move in moves
    )


def _require_sendable(batch: Batch | None, line: SentGoods, position: int, *, at: datetime) -> None:
    if batch is None:
        raise TransferBatchUnknown(field=f"/lines/{position}/batch")
    if batch.recalled_at is not None:
        raise GoodsRecalled(field=f"/lines/{position}/batch")
    if batch.expires_on is not None and batch.expires_on < localdate(at):
        raise GoodsExpired(field=f"/lines/{position}/batch", expires_on=batch.expires_on)
    free = batch.on_hand - batch.reserved
    if line.quantity > free:
        raise TransferTooMuch(field=f"/lines/{position}/quantity", product=batch.product.name, left=free)


def _held(transfer_id: int) -> tuple[StockTransfer, list[StockTransferLine]]:
    """Lock a transfer and read its lines, by their roots, which what arrives locks (batch_begins_empty)."""
    transfer = (
        StockTransfer.objects.select_for_update(of=("self",))
        .select_related("from_store", "to_store")
        .filter(pk=transfer_id)
        .first()
    )
    if transfer is None:
        raise NotFound(field="transfer")
    lines = (
        StockTransferLine.objects.filter(transfer=transfer).select_related("batch__product").order_by("pk")
    )
    return transfer, sorted(lines, key=lambda line: line.batch.root_id or line.batch_id)


def _product_there(line: StockTransferLine, store: Store, chosen: int | None) -> Product:
    """Return the product of the receiving store the goods become."""
    product = line.batch.product
    if chosen is not None:
        found = Product.objects.filter(pk=chosen, store=store).first()
    else:
        found = queries.same_product(product, store)
    if found is None:
        raise TransferProductUnknown(field="product", product=product.name)
    return found


def _arrive(line: StockTransferLine, product: Product, quantity: int, *, actor: Actor, at: datetime) -> Batch:
    source = line.batch
    batch = Batch.objects.create(
        store_id=product.store_id,
        product=product,
        root_id=source.root_id or source.pk,
        expires_on=source.expires_on,
        received_at=at,
        note=f"调拨 #{line.transfer_id}",
    )
    StockMove.objects.create(
        batch=batch,
        kind=MoveKind.TRANSFER_IN,
        quantity=quantity,
        reason=f"调拨 #{line.transfer_id}",
        made_by_id=actor.user_id,
        at=at,
    )
    return batch
