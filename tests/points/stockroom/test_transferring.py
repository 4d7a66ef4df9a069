"""Goods between two stores of a hub: out, in, short, back; and the sum stays what it was."""

import itertools

import pytest
from django.db.models import Case, F, IntegerField, Sum, When

from backend.core.errors import NotFound
from points.market.choices import MoveKind
from points.market.errors import GoodsExpired, GoodsRecalled
from points.market.models import Batch, StockMove
from points.stockroom import recalling, transferring
from points.stockroom.errors import (
    LossNotOpen,
    LossUnexplained,
    ReceiverExplainsLoss,
    TransferBatchUnknown,
    TransferCountInvalid,
    TransferElsewhere,
    TransferEmpty,
    TransferProductUnknown,
    TransferSettled,
    TransferTooMuch,
)
from points.stockroom.states import TransferStatus
from tests.factories.market import StoreFactory, deliver, make_redeemer, reserve
from tests.factories.stockroom import make_hub, received, sent

pytestmark = pytest.mark.django_db


def on_hand(store):
    return Batch.objects.filter(store=store).aggregate(total=Sum("on_hand"))["total"] or 0


def pieces_in_the_books():
    """Return what all moves between stores add up to: nothing may appear or vanish on the way."""
    signed = Case(
        When(kind=MoveKind.TRANSFER_IN, then=F("quantity")),
        When(kind=MoveKind.TRANSFER_OUT, then=-F("quantity")),
        default=0,
        output_field=IntegerField(),
    )
    return StockMove.objects.aggregate(total=Sum(signed))["total"]


def test_what_is_sent_leaves_at_once_and_arrives_with_expiry_and_root(now):
    hub = make_hub(10)
    transfer = sent(hub, 4, at=now)
    assert (on_hand(hub.store), on_hand(hub.other), pieces_in_the_books()) == (6, 0, -4)

    received(transfer, hub, 4, at=now)

    arrived = Batch.objects.get(store=hub.other)
    assert (arrived.product, arrived.root, arrived.expires_on) == (hub.rice_there, hub.batch, None)
    assert (on_hand(hub.store), on_hand(hub.other), pieces_in_the_books()) == (6, 4, 0)
    transfer.refresh_from_db()
    assert transfer.status == TransferStatus.RECEIVED


@pytest.mark.parametrize("arrives", [0, 3])
def test_what_does_not_arrive_is_written_off_by_somebody_else(now, arrives):
    hub = make_hub(10)
    transfer = received(sent(hub, 4, at=now), hub, arrives, at=now)
    assert transfer.status == TransferStatus.SHORT

    with pytest.raises(ReceiverExplainsLoss):
        transferring.write_off_loss(transfer_id=transfer.pk, reason="破损", actor=hub.there, at=now)
    with pytest.raises(LossUnexplained):
        transferring.write_off_loss(transfer_id=transfer.pk, reason=" ", actor=hub.manager, at=now)
    assert not StockMove.objects.filter(kind=MoveKind.WRITE_OFF).exists()
    transferring.write_off_loss(transfer_id=transfer.pk, reason="路上破损", actor=hub.manager, at=now)

    (loss,) = StockMove.objects.filter(kind=MoveKind.WRITE_OFF)
    assert (loss.quantity, loss.batch.store, loss.batch.root) == (4 - arrives, hub.store, hub.batch)
    assert loss.reason == f"调拨 #{transfer.pk} 短少：路上破损"
    assert (on_hand(hub.store), on_hand(hub.other), pieces_in_the_books()) == (6, arrives, 0)
    with pytest.raises(LossNotOpen):
        transferring.write_off_loss(transfer_id=transfer.pk, reason="破损", actor=hub.manager, at=now)


def test_what_is_taken_back_comes_into_a_batch_of_its_own(now):
    hub = make_hub(10)
    transfer = sent(hub, 4, at=now)
    with pytest.raises(NotFound):
        transferring.take_back(transfer_id=transfer.pk, actor=hub.there, at=now)

    transferring.take_back(transfer_id=transfer.pk, actor=hub.second, at=now)

    assert [(batch.on_hand, batch.root) for batch in Batch.objects.order_by("pk")] == [
        (6, None),
        (4, hub.batch),
    ]
    assert pieces_in_the_books() == 0
    for act in (
        lambda: received(transfer, hub, 4, at=now),
        lambda: transferring.take_back(transfer_id=transfer.pk, actor=hub.second, at=now),
    ):
        with pytest.raises(TransferSettled):
            act()


def test_the_origin_is_kept_over_many_hops(now):
    hub = make_hub(10)
    received(sent(hub, 4, at=now), hub, 4, at=now)
    back = transferring.send(
        from_store=hub.other,
        to_store_id=hub.store.pk,
        lines=[transferring.SentGoods(Batch.objects.get(store=hub.other).pk, 2)],
        actor=hub.there,
        at=now,
    )
    (line,) = back.lines.all()
    transferring.receive(
        transfer_id=back.pk, counted={line.pk: transferring.CountedGoods(2)}, actor=hub.clerk, at=now
    )

    assert set(Batch.objects.exclude(pk=hub.batch.pk).values_list("root", flat=True)) == {hub.batch.pk}


def test_what_cannot_be_sent_stays(now):
    hub = make_hub(10)
    reserve(make_redeemer(), hub.rice, 8, at=now)
    old = deliver(hub.rice, 1, expires_on=now.date())
    bad = deliver(hub.rice, 1)
    recalling.open_recall(batch_id=bad.pk, reason="破损", actor=hub.clerk, at=now)
    goods = transferring.SentGoods
    mine = hub.batch.pk
    cases = [
        (TransferEmpty, [], hub.other.pk, now),
        (TransferEmpty, [goods(mine, 0)], hub.other.pk, now),
        (TransferEmpty, [goods(mine, 1), goods(mine, 1)], hub.other.pk, now),
        (TransferTooMuch, [goods(mine, 3)], hub.other.pk, now),
        (TransferBatchUnknown, [goods(10**9, 1)], hub.other.pk, now),
        (TransferElsewhere, [goods(mine, 1)], hub.store.pk, now),
        (TransferElsewhere, [goods(mine, 1)], StoreFactory.create().pk, now),
        (GoodsExpired, [goods(old.pk, 1)], hub.other.pk, now.replace(day=17)),
        (GoodsRecalled, [goods(bad.pk, 1)], hub.other.pk, now),
    ]

    for refusal, lines, to_store, at in cases:
        with pytest.raises(refusal):
            transferring.send(from_store=hub.store, to_store_id=to_store, lines=lines, actor=hub.clerk, at=at)

    assert not StockMove.objects.filter(kind=MoveKind.TRANSFER_OUT).exists()


def test_on_arrival_every_line_is_counted_and_has_a_product(now):
    hub = make_hub(10)
    transfer = sent(hub, 4, at=now)
    (line,) = transfer.lines.all()
    goods = transferring.CountedGoods
    wrong = [{}, {line.pk: goods(5)}, {line.pk: goods(-1)}, {line.pk: goods(1), line.pk + 1: goods(1)}]

    for counted, actor in itertools.product(wrong, [hub.there]):
        with pytest.raises(TransferCountInvalid):
            transferring.receive(transfer_id=transfer.pk, counted=counted, actor=actor, at=now)
    with pytest.raises(TransferProductUnknown):
        transferring.receive(
            transfer_id=transfer.pk, counted={line.pk: goods(4, hub.rice.pk)}, actor=hub.there, at=now
        )

    assert on_hand(hub.other) == 0
