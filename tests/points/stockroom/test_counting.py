"""A blind count, and what a second person's agreement does to the stock."""

from datetime import date, timedelta

import pytest

from backend.core.errors import NotFound
from points.market import services as market
from points.market.choices import MoveKind, ProductCategory
from points.market.models import Batch, StockMove
from points.stockroom import counting, queries
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
)
from points.stockroom.models import CountAdjustment
from points.stockroom.states import CountScope, CountStatus
from tests.factories.market import ProductFactory, clerk_of, deliver, make_redeemer, reserve
from tests.factories.stockroom import begin_count, closed_count, counted, make_hub, taken_home

pytestmark = pytest.mark.django_db

MORNING = date(2027, 1, 1)


def corrections():
    kinds = (MoveKind.COUNT_UP, MoveKind.COUNT_DOWN)
    return list(StockMove.objects.filter(kind__in=kinds).order_by("pk").values_list("kind", "quantity"))


@pytest.mark.parametrize(("found", "moves"), [(7, [("count_down", 3)]), (12, [("count_up", 2)]), (10, [])])
def test_the_stock_becomes_what_was_found_whatever_was_handed_out_meanwhile(now, found, moves):
    hub = make_hub(10)
    count = closed_count(hub, found, at=now)
    taken_home(hub.rice, 2, by=hub.clerk, at=now + timedelta(minutes=5))

    counting.approve_count(count_id=count.pk, actor=hub.second, at=now + timedelta(hours=1))

    assert corrections() == moves
    assert Batch.objects.get().on_hand == found - 2
    assert CountAdjustment.objects.count() == len(moves)
    assert all(
        move.reason == f"盘点 #{count.pk}：按盘点结果调整"
        for move in StockMove.objects.filter(kind__startswith="count")
    )


def test_the_line_that_stands_is_the_last_and_a_replaced_one_still_bars_its_counter(now):
    hub = make_hub(10)
    count = begin_count(hub, at=now)
    counted(count, hub, 3, at=now)
    counting.take_down(count_id=count.pk, product_id=hub.rice.pk, counted=9, actor=hub.manager, at=now)
    counting.close_count(count_id=count.pk, actor=hub.clerk, at=now)

    for somebody in (hub.clerk, hub.manager):
        with pytest.raises(CounterApproves):
            counting.approve_count(count_id=count.pk, actor=somebody, at=now)
    assert corrections() == []
    counting.approve_count(count_id=count.pk, actor=hub.second, at=now)

    assert corrections() == [("count_down", 1)]


def test_a_count_is_decided_once(now):
    hub = make_hub()
    count = closed_count(hub, 8, at=now)
    counting.approve_count(count_id=count.pk, actor=hub.second, at=now)

    for act in (counting.approve_count, counting.reopen_count, counting.abandon_count):
        with pytest.raises(CountNotClosed):
            act(count_id=count.pk, actor=hub.second, at=now)

    assert corrections() == [("count_down", 2)]


def test_goods_without_any_stock_are_counted_too_and_become_a_batch(now):
    hub = make_hub()
    soap = ProductFactory.create(store=hub.store, name="肥皂")
    count = begin_count(hub, at=now)
    counting.take_down(
        count_id=count.pk, product_id=soap.pk, counted=4, expires_on=MORNING, actor=hub.clerk, at=now
    )
    counting.close_count(count_id=count.pk, actor=hub.clerk, at=now)
    counting.approve_count(count_id=count.pk, actor=hub.second, at=now)

    made = Batch.objects.get(product=soap)
    assert (made.on_hand, made.received, made.counted_up, made.expires_on) == (4, 0, 4, MORNING)


def test_what_is_missing_falls_on_free_goods_and_never_on_those_set_aside(now):
    hub = make_hub(10)
    redemption = reserve(make_redeemer(), hub.rice, 8, at=now)
    count = closed_count(hub, 7, at=now)

    with pytest.raises(CountedBelowReserved) as refused:
        counting.approve_count(count_id=count.pk, actor=hub.second, at=now)
    assert refused.value.data == {"product": "大米", "redemptions": f"#{redemption.pk}"}
    assert corrections() == []
    count.refresh_from_db()
    assert count.status == CountStatus.CLOSED

    market.cancel(redemption_id=redemption.pk, actor=hub.clerk, at=now)
    counting.approve_count(count_id=count.pk, actor=hub.second, at=now)
    assert corrections() == [("count_down", 3)]


def test_goods_of_two_deliveries_are_counted_together_or_one_by_one_but_not_both(now):
    hub = make_hub(10)
    newer = deliver(hub.rice, 5)
    count = begin_count(hub, at=now)
    line = counting.take_down(
        count_id=count.pk, product_id=hub.rice.pk, batch_id=newer.pk, counted=4, actor=hub.clerk, at=now
    )
    line.refresh_from_db()

    assert line.book == 5
    with pytest.raises(CountedBothWays):
        counted(count, hub, 15, at=now)
    counting.close_count(count_id=count.pk, actor=hub.clerk, at=now)
    counting.approve_count(count_id=count.pk, actor=hub.second, at=now)
    assert [batch.on_hand for batch in Batch.objects.order_by("pk")] == [10, 4]


def test_a_count_of_a_shelf_or_category_takes_only_what_belongs_there_and_says_what_is_left(now):
    hub = make_hub()
    soap = ProductFactory.create(store=hub.store, name="肥皂", category=ProductCategory.WASH)
    deliver(soap, 3)
    count = counting.open_count(
        store=hub.store, scope=CountScope.CATEGORY, category="wash", actor=hub.clerk, at=now
    )

    with pytest.raises(CountedProductUnknown):
        counted(count, hub, 1, at=now)

    assert [row.product for row in queries.uncounted(count, [])] == [soap]


def test_what_cannot_be_right_is_refused_and_nothing_is_written(now):
    hub = make_hub()
    with pytest.raises(CountScopeInvalid):
        counting.open_count(store=hub.store, scope="location", location_id=1, actor=hub.clerk, at=now)
    with pytest.raises(NotFound):
        counting.open_count(store=hub.store, scope="all", actor=clerk_of(hub.other), at=now)
    count = begin_count(hub, at=now)
    with pytest.raises(CountGoingOn):
        begin_count(hub, at=now)
    with pytest.raises(CountEmpty):
        counting.close_count(count_id=count.pk, actor=hub.clerk, at=now)
    for wrong in (-1, 10**9):
        with pytest.raises(CountedQuantityInvalid):
            counted(count, hub, wrong, at=now)
    with pytest.raises(CountNotClosed):
        counting.approve_count(count_id=count.pk, actor=hub.second, at=now)
    assert not count.lines.exists()

    counted(count, hub, 0, at=now)
    counting.close_count(count_id=count.pk, actor=hub.clerk, at=now)
    with pytest.raises(CountNotOpen):
        counted(count, hub, 1, at=now)
    counting.reopen_count(count_id=count.pk, actor=hub.second, at=now)
    counting.abandon_count(count_id=count.pk, actor=hub.clerk, at=now, reason="改天再点")
    begin_count(hub, at=now)

    assert corrections() == []
