"""Shelves, products and what the clock tells of them."""

from datetime import date, timedelta

import pytest

from backend.core.errors import NotFound
from points.market import services as market
from points.market.errors import BarcodeInvalid
from points.market.models import Batch, Product, ShelfLocation
from points.stockroom import lookout, queries, services
from points.stockroom.errors import (
    LocationInvalid,
    LocationUnknown,
    MinimumStockInvalid,
    ProductInvalid,
)
from points.stockroom.lookout import Seen
from points.stockroom.models import StockNotice
from tests.factories.market import deliver
from tests.factories.stockroom import begin_count, make_hub, sent

pytestmark = pytest.mark.django_db


def test_a_product_is_made_and_changed_with_its_shelf_and_minimum(now):
    hub = make_hub()
    shelf = services.add_location(store=hub.store, code="a-01", name="左一", actor=hub.clerk, at=now)
    fields = {
        "name": " 食用油 ",
        "unit": "桶",
        "category": "grain_oil",
        "points": 30,
        "barcode": "6901028075763",
    }

    made = services.add_product(store=hub.store, fields=fields, actor=hub.clerk, at=now)
    services.change_product(
        product_id=made.pk, fields={"location_id": shelf.pk, "minimum_stock": 3}, actor=hub.clerk, at=now
    )

    made.refresh_from_db()
    assert (made.name, made.location.code, made.minimum_stock, made.points) == ("食用油", "A-01", 3, 30)


@pytest.mark.parametrize(
    ("refusal", "fields"),
    [
        (ProductInvalid, {"name": "<b>米</b>"}),
        (ProductInvalid, {"name": "米\x00"}),
        (ProductInvalid, {"name": "米" * 81}),
        (ProductInvalid, {"status": "gone"}),
        (BarcodeInvalid, {"barcode": "6901234567890"}),
        (MinimumStockInvalid, {"minimum_stock": 10**9}),
        (LocationUnknown, {"location_id": 10**9}),
    ],
)
def test_what_cannot_be_right_of_a_product_is_refused(now, refusal, fields):
    hub = make_hub()

    with pytest.raises(refusal):
        services.change_product(product_id=hub.rice.pk, fields=fields, actor=hub.clerk, at=now)
    with pytest.raises(NotFound):
        services.change_product(product_id=hub.rice_there.pk, fields={}, actor=hub.clerk, at=now)
    with pytest.raises(LocationInvalid):
        services.add_location(store=hub.store, code="左", name="左", actor=hub.clerk, at=now)

    assert Product.objects.get(pk=hub.rice.pk) == hub.rice
    assert not ShelfLocation.objects.exists()


def test_a_shortage_and_expired_goods_are_told_once_and_again_only_after_they_were_over(now):
    hub = make_hub(10)
    Product.objects.filter(pk=hub.rice.pk).update(minimum_stock=11)
    old = deliver(hub.rice_there, 2, expires_on=date(2026, 9, 14))

    assert lookout.look_over(at=now) == Seen(shortages=1, expired=1, ended=0)
    assert lookout.look_over(at=now + timedelta(days=1)) == Seen(shortages=0, expired=0, ended=0)
    assert Batch.objects.get(pk=old.pk).on_hand == 2  # nothing is written off by the clock

    more = deliver(hub.rice, 1)
    market.write_off(batch_id=old.pk, quantity=2, reason="过期", actor=hub.there, at=now)
    assert lookout.look_over(at=now) == Seen(shortages=0, expired=0, ended=2)
    market.write_off(batch_id=more.pk, quantity=1, reason="破损", actor=hub.clerk, at=now)
    assert lookout.look_over(at=now) == Seen(shortages=1, expired=0, ended=0)
    assert StockNotice.objects.count() == 3


def test_a_hub_sees_all_its_stores_at_a_glance(now, django_assert_num_queries):
    hub = make_hub(10)
    Product.objects.filter(pk=hub.rice.pk).update(minimum_stock=99)
    deliver(hub.rice, 1, expires_on=date(2026, 9, 14))
    deliver(hub.rice, 1, expires_on=date(2026, 9, 20))
    begin_count(hub, at=now)
    sent(hub, 4, at=now)

    with django_assert_num_queries(5):
        cards = {card.store: card for card in queries.hub([hub.store, hub.other], at=now)}

    here, there = cards[hub.store], cards[hub.other]
    assert (here.shortages, here.expired, here.expiring, here.counts, here.coming) == (1, 1, 1, 1, 0)
    assert (there.shortages, there.coming) == (0, 1)
