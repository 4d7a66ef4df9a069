"""Two people at the same count, transfer or batch: first the race, then its absence."""

from contextlib import nullcontext
from threading import Barrier

import pytest

from backend.accounts.scopes import Role
from backend.core.models import AuditEntry
from points.market.choices import MoveKind, RedemptionStatus
from points.market.models import Batch, StockMove
from points.market.redemption_models import Redemption
from points.stockroom import counting, recalling, transferring
from points.stockroom.recall_models import Recall
from tests.concurrency.rivals import PATIENCE_SECONDS, Meeting, outcomes, race
from tests.factories.accounts import make_actor
from tests.factories.market import clerk_of, make_product, make_redeemer, reserve
from tests.factories.stockroom import closed_count, make_hub, sent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("unlocked", [True, False])
def test_a_count_is_approved_once_by_whoever_is_first(now, unlocked):
    hub = make_hub(10)
    count = closed_count(hub, 7, at=now)
    meeting = Meeting(2, ("points_stockcount", "FOR UPDATE"))

    def approve(actor):
        with meeting.unguarded() if unlocked else nullcontext():
            counting.approve_count(count_id=count.pk, actor=actor, at=now)

    told = outcomes(race(lambda: approve(hub.second), lambda: approve(hub.manager)))

    assert told == (
        {"done": 1, "database: count_not_closed": 1} if unlocked else {"done": 1, "count_not_closed": 1}
    )
    assert StockMove.objects.filter(kind=MoveKind.COUNT_DOWN).count() == 1
    assert Batch.objects.get().on_hand == 7


@pytest.mark.parametrize("unlocked", [True, False])
def test_a_transfer_is_received_once(now, unlocked):
    hub = make_hub(10)
    transfer = sent(hub, 4, at=now)
    (line,) = transfer.lines.all()
    meeting = Meeting(2, ("points_stocktransfer", "FOR UPDATE"))

    def receive(actor):
        with meeting.unguarded() if unlocked else nullcontext():
            transferring.receive(
                transfer_id=transfer.pk,
                counted={line.pk: transferring.CountedGoods(4)},
                actor=actor,
                at=now,
            )

    told = outcomes(race(lambda: receive(hub.there), lambda: receive(clerk_of(hub.other))))

    assert told == (
        {"done": 1, "database: transfer_settled": 1} if unlocked else {"done": 1, "transfer_settled": 1}
    )
    assert list(Batch.objects.filter(store=hub.other).values_list("on_hand", flat=True)) == [4]


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_reservation_beside_a_recall_is_refused_or_cancelled_and_never_stays(now, seen_before):
    hub = make_hub(10)
    reserve(make_redeemer(), make_product(), at=now)  # opens the ledger's system accounts
    people = [make_redeemer(100) for _ in range(3)]
    meeting = Meeting(4, ("FROM points_batch",))

    def buy(person):
        with meeting.unguarded() if seen_before else nullcontext():
            reserve(person, hub.rice, 2, at=now)

    def call_back():
        if seen_before:  # after everybody has chosen their batch
            meeting.barrier.wait(PATIENCE_SECONDS)
        recalling.open_recall(batch_id=hub.batch.pk, reason="破损", actor=hub.clerk, at=now)

    *bought, recalled = race(*[lambda person=person: buy(person) for person in people], call_back)

    assert recalled is None
    assert set(outcomes(bought)) <= {"done", "out_of_stock"}
    of_rice = Redemption.objects.filter(store=hub.store)
    assert set(of_rice.values_list("status", flat=True)) <= {RedemptionStatus.CANCELLED}
    assert (Batch.objects.get(pk=hub.batch.pk).reserved, Batch.objects.get(pk=hub.batch.pk).on_hand) == (
        0,
        10,
    )


@pytest.mark.parametrize("unlocked", [True, False])
def test_nothing_is_cancelled_for_a_recall_that_was_lifted_meanwhile(now, unlocked):
    hub = make_hub(10)
    waiting = reserve(make_redeemer(), hub.rice, 2, at=now)
    recall = Recall.objects.create(  # as if whoever opened it had been interrupted
        root=hub.batch, reason="破损", opened_by_id=hub.clerk.user_id, opened_at=now
    )

    def lift():
        recalling.lift_recall(recall_id=recall.pk, reason="填错了", actor=hub.manager, at=now)

    # Without its lock the clock has seen the recall open, and goes on when the other has lifted it.
    meeting = Meeting(1, ("points_recall", "FOR NO KEY UPDATE"))
    meeting.barrier = Barrier(1, action=lambda: told.extend(race(lift)))

    def clock():
        with meeting.unguarded() if unlocked else nullcontext():
            recalling.settle_open(at=now)

    told: list[object] = []
    told += race(clock) if unlocked else race(clock, lift)
    assert outcomes(told) == {"done": 2}

    waiting.refresh_from_db()
    written = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    cancelled_after = written[-2:] == ["recall.lift", "redemption.cancel"]
    assert cancelled_after is unlocked
    assert (waiting.status == RedemptionStatus.CANCELLED) is ("redemption.cancel" in written)
    assert Batch.objects.get().recalled_at is None


@pytest.mark.parametrize("unlocked", [True, False])
def test_a_recall_is_lifted_once(now, unlocked):
    hub = make_hub(10)
    recall = recalling.open_recall(batch_id=hub.batch.pk, reason="破损", actor=hub.clerk, at=now)
    others = [hub.manager, make_actor(Role.ORGANIZATION_MANAGER, hub.store.organization_id)]
    meeting = Meeting(2, ("points_recall", "FOR NO KEY UPDATE"))

    def lift(actor):
        with meeting.unguarded() if unlocked else nullcontext():
            recalling.lift_recall(recall_id=recall.pk, reason="填错了", actor=actor, at=now)

    told = outcomes(race(*[lambda actor=actor: lift(actor) for actor in others]))

    assert told == (
        {"done": 1, "database: recall_lifted": 1} if unlocked else {"done": 1, "recall_lifted": 1}
    )
    assert AuditEntry.objects.filter(action="recall.lift").count() == 1


def test_goods_on_their_way_arrive_recalled_whoever_is_first(now):
    hub = make_hub(10)
    transfer = sent(hub, 4, at=now)
    (line,) = transfer.lines.all()
    counted = {line.pk: transferring.CountedGoods(4)}

    results = race(
        lambda: transferring.receive(transfer_id=transfer.pk, counted=counted, actor=hub.there, at=now),
        lambda: recalling.open_recall(batch_id=hub.batch.pk, reason="破损", actor=hub.clerk, at=now),
    )

    assert outcomes(results) == {"done": 2}
    assert set(Batch.objects.values_list("recalled_at", flat=True)) == {now}
