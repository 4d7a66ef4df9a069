"""Somebody at every page of the keepers of a store, with plenty on it."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from points.market.models import Product
from points.stockroom import counting, recalling
from points.stockroom.models import StockNotice
from tests.factories.market import ProductFactory, deliver
from tests.factories.stockroom import Hub, begin_count, make_hub, received, sent, taken_home
from tests.pages.scenes import browser
from tests.pages.visits_rules import Visit

MANY = 300


def full_hub(products: int = MANY) -> Hub:
    """A hub whose first store has many products, some short, some about to expire."""
    hub = make_hub(50)
    today = timezone.localdate()
    made = Product.objects.bulk_create(
        ProductFactory.build(store=hub.store, name=f"商品{number}", minimum_stock=5 if number < 5 else None)
        for number in range(products)
    )
    for number, product in enumerate(made[:20]):
        deliver(product, 3, expires_on=today + timedelta(days=number))
    return hub


def _at(hub: Hub, name: str, *keys: object) -> Visit:
    return browser(User.objects.get(pk=hub.manager.user_id)), reverse(f"pages:{name}", args=keys)


def _stores() -> Visit:
    return _at(full_hub(10), "stores")


def _store() -> Visit:
    hub = full_hub()
    assert not StockNotice.objects.exists()
    return _at(hub, "store", hub.store.pk)


def _store_policy() -> Visit:
    hub = make_hub()
    return _at(hub, "store-policy", hub.store.pk)


def _store_product() -> Visit:
    hub = make_hub()
    for _ in range(20):
        deliver(hub.rice, 3)
    return _at(hub, "store-product", hub.store.pk, hub.rice.pk)


def _store_count() -> Visit:
    hub = full_hub()
    at = timezone.now()
    count = begin_count(hub, at=at)
    for product in Product.objects.filter(store=hub.store)[:50]:
        counting.take_down(count_id=count.pk, product_id=product.pk, counted=2, actor=hub.clerk, at=at)
    return _at(hub, "store-count", count.pk)


def _store_transfers() -> Visit:
    hub = full_hub(30)
    for _ in range(20):
        sent(hub, 1, at=timezone.now())
    return _at(hub, "store-transfers", hub.store.pk)


def _store_transfer() -> Visit:
    hub = make_hub()
    return _at(hub, "store-transfer", sent(hub, 2, at=timezone.now()).pk)


def _store_recall() -> Visit:
    hub = make_hub()
    at = timezone.now()
    received(sent(hub, 2, at=at), hub, 2, at=at)
    made = recalling.open_recall(batch_id=hub.batch.pk, reason="破损", actor=hub.clerk, at=at)
    return _at(hub, "store-recall", made.pk)


def _statement() -> Visit:
    hub = full_hub(30)
    at = timezone.now() - timedelta(days=40)
    taken_home(hub.rice, 2, by=hub.clerk, at=at)
    return browser(), reverse("pages:statement", args=[hub.store.pk, f"{timezone.localdate(at):%Y-%m}"])


VISITS: dict[str, Callable[[], Visit]] = {
    f"keeper_{made.__name__.strip('_')}": made
    for made in (
        _stores,
        _store,
        _store_policy,
        _store_product,
        _store_count,
        _store_transfers,
        _store_transfer,
        _store_recall,
        _statement,
    )
}
