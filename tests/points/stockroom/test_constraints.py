"""Every guard of the stockroom's tables, and what it adds to the market's, reached around the Python."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from points.market.choices import MoveKind
from points.market.models import Batch, Product, ShelfLocation, StockMove
from points.stockroom.models import CountAdjustment, CountLine, StockCount, StockNotice
from points.stockroom.recall_models import Recall
from points.stockroom.transfer_models import StockTransfer, StockTransferLine
from tests.factories.accounts import StaffFactory
from tests.factories.database import guards_of, ignored, refused_by
from tests.factories.market import ProductFactory, StoreFactory, deliver, make_redeemer, reserve
from tests.factories.stockroom import begin_count, closed_count, counted, make_hub, received, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def hub():
    return make_hub(10)


def move(batch, kind, quantity, now, **fields):
    values = {"batch": batch, "kind": kind, "quantity": quantity, "at": now} | fields
    if kind in {MoveKind.COUNT_UP, MoveKind.COUNT_DOWN}:
        values = {"reason": "盘点", "made_by": StaffFactory.create()} | values
    return StockMove.objects.create(**values)


def place(store, code="A-01", name="左一"):
    return ShelfLocation.objects.create(store=store, code=code, name=name)


def count_of(hub, now, **fields):
    values = {"store": hub.store, "scope": "all", "opened_by_id": hub.clerk.user_id, "opened_at": now}
    return StockCount.objects.create(**(values | fields))


def line_of(count, hub, now, **fields):
    values = {
        "count": count,
        "product": hub.rice,
        "counted": 1,
        "counted_by_id": hub.clerk.user_id,
        "at": now,
    }
    return CountLine.objects.create(**(values | fields))


# --- shelves and what the market's tables learn -------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("shelf_location_code_form", {"code": "a 1"}),
        ("shelf_location_code_form", {"code": "A-"}),
        ("shelf_location_named", {"name": ""}),
        ("shelf_location_named", {"name": "<b>"}),
    ],
)
def test_a_shelf_is_sound(hub, constraint, fields):
    with refused_by(constraint):
        place(hub.store, **fields)


def test_shelf_location_code_once(hub):
    place(hub.store)
    place(hub.other)

    with refused_by("shelf_location_code_once"):
        place(hub.store)


def test_a_product_stands_on_a_shelf_of_its_store_and_has_a_sane_minimum(hub):
    with refused_by("product_on_own_shelf"):
        Product.objects.filter(pk=hub.rice.pk).update(location=place(hub.other))
    for wrong in (0, 1_000_001):
        with refused_by("product_minimum_sane"):
            Product.objects.filter(pk=hub.rice.pk).update(minimum_stock=wrong)


# --- counts -------------------------------------------------------------------------------------------------


def test_a_count_names_what_it_is_of(hub, now):
    for constraint, fields in [
        ("stock_count_scope_known", {"scope": "half"}),
        ("stock_count_scope_sound", {"category": "food"}),
        ("stock_count_scope_sound", {"scope": "category"}),
        ("stock_count_scope_sound", {"scope": "location"}),
        ("stock_count_shelf_of_store", {"scope": "location", "location": place(hub.other)}),
        ("stock_count_status_moves", {"status": "approved"}),
    ]:
        with refused_by(constraint):
            count_of(hub, now, **fields)


def test_stock_count_one_at_a_time(hub, now):
    count_of(hub, now)

    with refused_by("stock_count_one_at_a_time"):
        count_of(hub, now)


def test_a_count_goes_on_as_the_table_says_and_by_somebody(hub, now):
    count = count_of(hub, now)
    rows = StockCount.objects.filter(pk=count.pk)
    closer = {"closed_by": hub.clerk.user_id, "closed_at": now}
    with refused_by("stock_count_not_empty"):
        rows.update(status="closed", **closer)
    counted(count, hub, 8, at=now)
    with refused_by("stock_count_closed_by_someone"):
        rows.update(status="closed")
    with refused_by("stock_count_status_moves"):
        rows.update(status="approved", decided_by=hub.second.user_id, decided_at=now, **closer)
    rows.update(status="closed", **closer)
    with refused_by("stock_count_approved_by_another"):
        rows.update(status="approved", decided_by=hub.clerk.user_id, decided_at=now)
    with refused_by("stock_count_decided_by_someone"):
        rows.update(status="approved")
    with refused_by("stock_count_status_moves"):
        rows.update(status="open", opened_at=now - timedelta(days=1))
    with refused_by("stock_count_status_moves"):
        rows._raw_delete("default")


def test_a_line_belongs_to_the_count_and_carries_the_true_book(hub, now):
    count = begin_count(hub, at=now)
    line = line_of(count, hub, now, book=99)
    line.refresh_from_db()

    assert line.book == 10
    for constraint, fields in [
        ("count_line_not_negative", {"counted": 1_000_001}),
        ("count_line_in_scope", {"product": hub.rice_there}),
        ("count_line_in_scope", {"batch": hub.batch, "expires_on": date(2027, 1, 1)}),
        ("count_line_one_way", {"batch": hub.batch}),
    ]:
        with refused_by(constraint):
            line_of(count, hub, now, **fields)
    with refused_by("count_line_append_only"):
        CountLine.objects.update(counted=2)
    StockCount.objects.update(status="abandoned", decided_by=hub.clerk.user_id, decided_at=now)
    with refused_by("stock_count_status_moves"):
        line_of(count, hub, now)


def test_an_adjustment_is_what_its_line_says(hub, now):
    count = closed_count(hub, 8, at=now)
    line = count.lines.get()
    down = move(hub.batch, MoveKind.COUNT_DOWN, 2, now)
    with refused_by("count_adjustment_of_its_line"):
        CountAdjustment.objects.create(line=line, move=down)
    StockCount.objects.update(status="approved", decided_by=hub.second.user_id, decided_at=now)
    for other in (
        move(hub.batch, MoveKind.COUNT_UP, 2, now),
        move(deliver(ProductFactory()), MoveKind.COUNT_DOWN, 2, now),
    ):
        with refused_by("count_adjustment_of_its_line"):
            CountAdjustment.objects.create(line=line, move=other)
    CountAdjustment.objects.create(line=line, move=down)

    with refused_by("count_adjustment_append_only"):
        CountAdjustment.objects.all()._raw_delete("default")


# --- transfers ----------------------------------------------------------------------------------------------


def transfer_of(hub, now, **fields):
    values = {"from_store": hub.store, "to_store": hub.other, "sent_by_id": hub.clerk.user_id, "sent_at": now}
    return StockTransfer.objects.create(**(values | fields))


def test_a_transfer_begins_between_two_stores_of_one_organisation(hub, now):
    for constraint, fields in [
        ("transfer_between_two", {"to_store": hub.store}),
        ("transfer_in_one_organization", {"to_store": StoreFactory.create()}),
        ("transfer_status_moves", {"status": "received"}),
    ]:
        with refused_by(constraint):
            transfer_of(hub, now, **fields)


def test_a_line_is_what_left_the_store(hub, now):
    transfer = transfer_of(hub, now)
    out = move(hub.batch, MoveKind.TRANSFER_OUT, 2, now)
    lines = StockTransferLine.objects

    with refused_by("transfer_line_takes_out"):
        lines.create(transfer=transfer, batch=hub.batch, quantity=3, move=out)
    only_the_check = ignored("points.StockTransferLine:transfer_line_takes_out")
    with only_the_check, refused_by("transfer_line_positive"):
        lines.bulk_create([StockTransferLine(transfer=transfer, batch=hub.batch, quantity=0, move=out)])
    lines.create(transfer=transfer, batch=hub.batch, quantity=2, move=out)
    with refused_by("transfer_batch_once"):
        again = move(hub.batch, MoveKind.TRANSFER_OUT, 1, now)
        lines.create(transfer=transfer, batch=hub.batch, quantity=1, move=again)


def test_no_transfer_ends_with_goods_unaccounted_for(hub, now):
    transfer = sent(hub, 4, at=now)
    rows, lines = StockTransfer.objects.filter(pk=transfer.pk), StockTransferLine.objects.all()
    receiver = {"received_by": hub.there.user_id, "received_at": now}

    with refused_by("transfer_accounted_for"):
        rows.update(status="received", **receiver)
    with refused_by("transfer_accounted_for"):
        rows.update(status="cancelled", cancelled_by=hub.clerk.user_id, cancelled_at=now)
    with refused_by("transfer_received_by_someone"):
        rows.update(status="short")
    with refused_by("transfer_line_received_within"):
        lines.update(received=5)
    with refused_by("transfer_line_keeps_origin"):
        lines.update(arrived=deliver(hub.rice_there, 4))
    with refused_by("transfer_facts_stay"):
        rows.update(status="short", sent_at=now - timedelta(days=1), **receiver)
    with refused_by("transfer_line_settled_once"):
        lines.update(quantity=3)


def test_a_transfer_is_settled_once_and_by_somebody_else(hub, now):
    transfer = received(sent(hub, 4, at=now), hub, 4, at=now)
    rows, lines = StockTransfer.objects.filter(pk=transfer.pk), StockTransferLine.objects.all()

    with refused_by("transfer_status_moves"):
        rows.update(status="cancelled")
    with refused_by("transfer_status_moves"):
        rows._raw_delete("default")
    with refused_by("transfer_line_settled_once"):
        lines.update(received=3)
    short = received(sent(hub, 4, at=now), hub, 4 - 1, at=now)
    line = short.lines.get()
    lost = Batch.objects.create(store=hub.store, product=hub.rice, root=hub.batch, received_at=now)
    move(lost, MoveKind.TRANSFER_IN, 1, now)
    StockTransferLine.objects.filter(pk=line.pk).update(lost=lost)
    rows = StockTransfer.objects.filter(pk=short.pk)
    loss = {"status": "received", "loss_at": now, "loss_reason": "破损"}
    with refused_by("transfer_loss_by_another"):
        rows.update(loss_by=hub.there.user_id, **loss)
    with refused_by("transfer_loss_explained"):
        rows.update(**(loss | {"loss_by": hub.manager.user_id, "loss_reason": ""}))
    with refused_by("transfer_cancelled_by_someone"):
        rows.update(cancelled_by=hub.clerk.user_id, cancelled_at=now, status="received")


# --- recalls ------------------------------------------------------------------------------------------------


def recall_of(batch, hub, now, **fields):
    values = {"root": batch, "reason": "破损", "opened_by_id": hub.clerk.user_id, "opened_at": now}
    return Recall.objects.create(**(values | fields))


def test_recalled_goods_stay_where_they_are_in_every_store(hub, now):
    redemption = reserve(make_redeemer(), hub.rice, 2, at=now)
    received(sent(hub, 3, at=now), hub, 3, at=now)
    there = Batch.objects.get(store=hub.other)
    recall_of(hub.batch, hub, now)

    for batch in (hub.batch, there):
        with refused_by("stock_not_moved_after_recall"):
            move(batch, MoveKind.TRANSFER_OUT, 1, now)
    with refused_by("stock_not_moved_after_recall"):
        move(hub.batch, MoveKind.ISSUE, 2, now, redemption=redemption)
    with refused_by("stock_not_moved_after_recall"):
        move(there, MoveKind.RESERVE, 1, now, redemption=redemption)
    with refused_by("batch_counts_by_moves"):
        Batch.objects.filter(pk=there.pk).update(recalled_at=None)
    move(hub.batch, MoveKind.RELEASE, 2, now, redemption=redemption)
    late = Batch.objects.create(store=hub.other, product=hub.rice_there, root=hub.batch, received_at=now)
    late.refresh_from_db()

    assert late.recalled_at == now


def test_a_recall_is_of_a_root_once_explained_and_kept(hub, now):
    received(sent(hub, 3, at=now), hub, 3, at=now)
    with refused_by("recall_names_root"):
        recall_of(Batch.objects.get(store=hub.other), hub, now)
    with refused_by("recall_explained"):
        recall_of(hub.batch, hub, now, reason="")
    recall_of(hub.batch, hub, now)
    with refused_by("recall_once"):
        recall_of(hub.batch, hub, now)
    with refused_by("recall_settled_later"):
        Recall.objects.update(settled_at=now - timedelta(days=1))
    with refused_by("recall_stays"):
        Recall.objects.update(reason="别的")
    Recall.objects.update(settled_at=now)
    with refused_by("recall_stays"):
        Recall.objects.update(settled_at=now + timedelta(days=1))


def test_a_recall_is_lifted_whole_by_another_for_good_and_the_goods_thaw_everywhere(hub, now):
    received(sent(hub, 3, at=now), hub, 3, at=now)
    recall_of(hub.batch, hub, now, settled_at=now)
    lifted = {"lifted_by_id": hub.manager.user_id, "lifted_at": now, "lift_reason": "填错了"}

    for wrong in (
        *({name: value} for name, value in lifted.items()),
        lifted | {"lift_reason": ""},
        lifted | {"lifted_at": now - timedelta(days=1)},
    ):
        with refused_by("recall_lift_whole"):
            Recall.objects.update(**wrong)
    with refused_by("recall_lifted_by_another"):
        Recall.objects.update(**(lifted | {"lifted_by_id": hub.clerk.user_id}))
    with refused_by("recall_stays"):
        Recall.objects.update(**lifted, reason="别的")
    assert set(Batch.objects.values_list("recalled_at", flat=True)) == {now}
    Recall.objects.update(**lifted)
    assert set(Batch.objects.values_list("recalled_at", flat=True)) == {None}
    for change in ({"lift_reason": "别的"}, {"lifted_by": None, "lifted_at": None, "lift_reason": ""}):
        with refused_by("recall_lift_final"):
            Recall.objects.update(**change)
    with refused_by("recall_stays"):
        Recall.objects.all().delete()
    recall_of(hub.batch, hub, now + timedelta(hours=1))
    assert set(Batch.objects.values_list("recalled_at", flat=True)) == {now + timedelta(hours=1)}


def test_a_notice_is_told_once_about_something(hub, now):
    def notice(**fields):
        return StockNotice.objects.create(**({"product": hub.rice, "opened_at": now} | fields))

    notice(kind="shortage")
    notice(kind="expired", batch=hub.batch)
    with refused_by("stock_notice_shortage_once"):
        notice(kind="shortage")
    with refused_by("stock_notice_expired_once"):
        notice(kind="expired", batch=hub.batch)
    with refused_by("stock_notice_about_something"):
        notice(kind="expired")
    with refused_by("stock_notice_ends_later"):
        StockNotice.objects.update(ended_at=now - timedelta(days=1))


def test_every_guard_of_the_stockroom_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")
    trigger_of_a_tested_constraint = {
        "stock_count_begins_open",
        "count_line_taken_down",
        "transfer_begins_sent",
        "recall_freezes",
        "recall_thaws",
    }

    guards = guards_of(
        ShelfLocation,
        StockCount,
        CountLine,
        CountAdjustment,
        StockNotice,
        StockTransfer,
        StockTransferLine,
        Recall,
    )

    assert {name for name in guards - trigger_of_a_tested_constraint if name not in text} == set()
