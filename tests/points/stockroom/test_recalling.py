"""Goods called back: frozen in every store, nobody charged, everybody who has them found."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.ledger import queries as ledger
from points.ledger.models import Transfer
from points.market import offline
from points.market import services as market
from points.market.choices import RedemptionStatus
from points.market.errors import OutOfStock
from points.market.models import Batch
from points.stockroom import lookout, recalling
from points.stockroom.errors import (
    AlreadyRecalled,
    NothingLeft,
    RecallLifted,
    RecallLiftedByOpener,
    RecallLiftUnexplained,
    RecallUnexplained,
)
from points.stockroom.recall_models import Recall
from tests.factories.accounts import make_actor
from tests.factories.market import clerk_of, deliver, make_redeemer, reserve
from tests.factories.stockroom import make_hub, received, sent, taken_home

pytestmark = pytest.mark.django_db


def call_back(hub, batch, now):
    return recalling.open_recall(batch_id=batch.pk, reason="厂家通知", actor=hub.manager, at=now)


def test_a_recall_freezes_every_store_and_gives_points_back(now):
    hub = make_hub(10)
    received(sent(hub, 4, at=now), hub, 4, at=now)
    on_its_way = sent(hub, 2, at=now)
    volunteer = make_redeemer(100)
    redemption = reserve(volunteer, hub.rice_there, 3, at=now)

    recall = call_back(hub, Batch.objects.get(store=hub.other), now)  # whichever one is in hand

    received(on_its_way, hub, 2, at=now)
    assert recall.root == hub.batch
    assert set(Batch.objects.values_list("recalled_at", flat=True)) == {now}
    redemption.refresh_from_db()
    assert redemption.status == RedemptionStatus.CANCELLED
    assert ledger.balance(volunteer, at=now).available == 100
    assert Transfer.objects.latest("pk").sentence_zh == "商品召回，已取消兑换，积分退回"
    with pytest.raises(OutOfStock):
        reserve(volunteer, hub.rice, 1, at=now)
    assert Recall.objects.get().settled_at == now


def test_other_deliveries_of_the_same_goods_are_handed_out(now):
    hub = make_hub(10)
    deliver(hub.rice, 5)
    call_back(hub, hub.batch, now)

    reserve(make_redeemer(), hub.rice, 5, at=now)

    assert list(Batch.objects.order_by("pk").values_list("reserved", flat=True)) == [0, 5]


def test_who_has_the_goods_is_told_to_managers_masked_and_every_reading_is_kept(now):
    hub = make_hub(10)
    kept = taken_home(hub.rice, 2, by=hub.clerk, at=now)
    recall = call_back(hub, hub.batch, now)

    (row,) = recalling.read_recipients(recall_id=recall.pk, actor=hub.manager, at=now)
    (with_phone,) = recalling.read_recipients(recall_id=recall.pk, actor=hub.manager, at=now, contacts=True)

    assert (row.redemption_id, row.quantity, row.contact) == (kept.pk, 2, "")
    assert kept.volunteer.name not in row.name
    assert with_phone.contact == kept.volunteer.user.phone.open()
    assert list(
        AuditEntry.objects.filter(action__startswith="recall.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["recall.open", "recall.recipients", "recall.contacts"]
    with pytest.raises(Forbidden):
        recalling.read_recipients(recall_id=recall.pk, actor=hub.clerk, at=now)
    with pytest.raises(NotFound):
        recalling.read_recipients(
            recall_id=recall.pk, actor=make_actor(Role.ORGANIZATION_MANAGER, 10**6), at=now
        )
    assert AuditEntry.objects.filter(action__startswith="recall.").count() == 3


def test_what_is_left_is_written_off_with_the_recall_as_reason(now):
    hub = make_hub(10)
    recall = call_back(hub, hub.batch, now)

    assert recalling.write_off_rest(recall_id=recall.pk, actor=hub.clerk, at=now) == 10

    assert Batch.objects.get().on_hand == 0
    assert Batch.objects.get().moves.latest("pk").reason == f"召回 #{recall.pk}：厂家通知"
    with pytest.raises(NothingLeft):
        recalling.write_off_rest(recall_id=recall.pk, actor=hub.clerk, at=now)


def test_a_recall_is_opened_once_with_a_reason_by_a_keeper(now):
    hub = make_hub(10)
    with pytest.raises(RecallUnexplained):
        recalling.open_recall(batch_id=hub.batch.pk, reason="<b>", actor=hub.clerk, at=now)
    with pytest.raises(NotFound):
        recalling.open_recall(batch_id=hub.batch.pk, reason="破损", actor=clerk_of(hub.other), at=now)
    assert not Recall.objects.exists()

    call_back(hub, hub.batch, now)
    with pytest.raises(AlreadyRecalled):
        call_back(hub, hub.batch, now)


def test_what_a_device_without_network_may_hand_over_is_waited_for_and_said_once(now):
    hub = make_hub(10)
    redemption = reserve(make_redeemer(), hub.rice, 3, at=now)
    offline.take(store_id=hub.store.pk, actor=hub.clerk, at=now)

    with capture_logs() as said:
        call_back(hub, hub.batch, now)
        lookout.look_over(at=now + timedelta(minutes=1))
    waits = Recall.objects.get().settled_at
    lookout.look_over(at=now + timedelta(days=2))

    assert [(row["event"], row["log_level"], row.get("redemptions")) for row in said] == [
        ("recall_waits_for_offline_lists", "info", 1)
    ]
    redemption.refresh_from_db()
    assert (waits, redemption.status) == (None, RedemptionStatus.CANCELLED)
    assert Recall.objects.get().settled_at == now + timedelta(days=2)


def lift(hub, recall, now, *, actor=None, reason="批次填错了"):
    somebody = actor or make_actor(Role.ORGANIZATION_MANAGER, hub.store.organization_id)
    return recalling.lift_recall(recall_id=recall.pk, reason=reason, actor=somebody, at=now)


def test_a_mistaken_recall_is_lifted_and_what_was_cancelled_stays_cancelled(now):
    hub, volunteer = make_hub(10), make_redeemer(100)
    kept = taken_home(hub.rice, 1, by=hub.clerk, at=now)
    redemption = reserve(volunteer, hub.rice, 3, at=now)
    received(sent(hub, 2, at=now), hub, 2, at=now)
    recall = call_back(hub, hub.batch, now)
    posted = Transfer.objects.count()

    lifted = lift(hub, recall, now + timedelta(hours=1))

    redemption.refresh_from_db()
    assert (redemption.status, Transfer.objects.count()) == (RedemptionStatus.CANCELLED, posted)
    assert set(Batch.objects.values_list("recalled_at", flat=True)) == {None}
    reserve(volunteer, hub.rice, 7, at=now)
    reserve(volunteer, hub.rice_there, 2, at=now)
    (row,) = recalling.read_recipients(recall_id=recall.pk, actor=hub.manager, at=now)
    assert (row.redemption_id, lifted.lift_reason) == (kept.pk, "批次填错了")
    assert AuditEntry.objects.filter(action="recall.lift", target_id=str(recall.pk)).count() == 1
    with pytest.raises(RecallLifted):
        lift(hub, recall, now)
    with pytest.raises(RecallLifted):
        recalling.write_off_rest(recall_id=recall.pk, actor=hub.clerk, at=now)
    assert call_back(hub, hub.batch, now + timedelta(hours=2)) != recall


def test_a_recall_is_lifted_with_a_reason_by_somebody_else_above_the_counter(now):
    hub = make_hub(10)
    recall = call_back(hub, hub.batch, now)

    for refusal, changes in (
        (Forbidden, {"actor": hub.clerk}),
        (NotFound, {"actor": make_actor(Role.ORGANIZATION_MANAGER, 10**6)}),
        (RecallLiftedByOpener, {"actor": hub.manager}),
        (RecallLiftUnexplained, {"reason": " "}),
        (RecallLiftUnexplained, {"reason": "<b>"}),
        (RecallLiftUnexplained, {"reason": "填\x00错"}),
        (RecallLiftUnexplained, {"reason": "长" * 4000}),
    ):
        with pytest.raises(refusal):
            lift(hub, recall, now, **changes)

    assert (Batch.objects.get().recalled_at, Recall.objects.get().lifted_at) == (now, None)


def test_what_a_device_handed_over_while_the_goods_were_frozen_counts_when_told_after_the_lift(now):
    hub = make_hub(10)
    waiting, told = (reserve(make_redeemer(), hub.rice, 1, at=now) for _ in range(2))
    taken = offline.take(store_id=hub.store.pk, actor=hub.clerk, at=now)
    recall = call_back(hub, hub.batch, now)

    def tell(redemption, nonce):
        row = offline.HandOver(redemption.pk, redemption.code, now, nonce)
        (answer,) = offline.sync(
            serial=taken.serial, signature=taken.signature, rows=[row], actor=hub.clerk, at=now
        )
        return answer.result, answer.problem and answer.problem.code

    frozen = tell(told, "n0000001")
    lift(hub, recall, now)

    assert recalling.settle_open(at=now + timedelta(days=2)) == 0, "the clock leaves it alone"
    assert [frozen, tell(told, "n0000001")] == [("refused", "goods_recalled")] * 2
    assert [tell(waiting, "n0000002"), tell(told, "n0000003")] == [("collected", None)] * 2
    assert Recall.objects.get().settled_at is None


def test_a_recall_whose_cancelling_was_interrupted_is_finished_by_the_clock(now):
    hub = make_hub(10)
    redemption = reserve(make_redeemer(), hub.rice, 3, at=now)
    Recall.objects.create(root=hub.batch, reason="破损", opened_by_id=hub.clerk.user_id, opened_at=now)

    lookout.look_over(at=now)

    redemption.refresh_from_db()
    assert redemption.status == RedemptionStatus.CANCELLED
    assert Recall.objects.get().settled_at == now
    assert market.cancel_recalled(redemption_id=redemption.pk, actor=hub.clerk, at=now) is False
