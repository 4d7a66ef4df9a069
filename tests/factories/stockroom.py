"""A hub of two stores with their keepers, and the lives of its goods: counts, transfers, recalls."""

from dataclasses import dataclass
from datetime import datetime

from backend.accounts.scopes import Actor, Role
from points.market.models import Batch, Product, Store
from points.market.redemption_models import Redemption
from points.market.services import collect
from points.stockroom import counting, transferring
from points.stockroom.models import CountLine, StockCount
from points.stockroom.states import CountScope
from points.stockroom.transfer_models import StockTransfer
from tests.factories.accounts import make_actor
from tests.factories.market import ProductFactory, StoreFactory, clerk_of, deliver, make_redeemer, reserve


@dataclass
class Hub:
    """Two stores of one organisation, each with a clerk, and one manager over both."""

    store: Store
    other: Store
    clerk: Actor
    second: Actor
    there: Actor
    manager: Actor
    rice: Product
    rice_there: Product
    batch: Batch


def make_hub(quantity: int = 10) -> Hub:
    """Make a hub with one delivery of rice, which both stores know."""
    store = StoreFactory.create()
    other = StoreFactory.create(organization=store.organization)
    rice = ProductFactory.create(store=store, barcode="6901234567892")
    return Hub(
        store=store,
        other=other,
        clerk=clerk_of(store),
        second=clerk_of(store),
        there=clerk_of(other),
        manager=make_actor(Role.ORGANIZATION_MANAGER, store.organization_id),
        rice=rice,
        rice_there=ProductFactory.create(store=other, barcode=rice.barcode),
        batch=deliver(rice, quantity),
    )


def begin_count(hub: Hub, *, at: datetime) -> StockCount:
    """Begin counting everything."""
    return counting.open_count(store=hub.store, scope=CountScope.ALL, actor=hub.clerk, at=at)


def counted(count: StockCount, hub: Hub, quantity: int, *, at: datetime) -> CountLine:
    """Have the clerk count so much rice."""
    return counting.take_down(
        count_id=count.pk, product_id=hub.rice.pk, counted=quantity, actor=hub.clerk, at=at
    )


def closed_count(hub: Hub, quantity: int, *, at: datetime) -> StockCount:
    """Count so much rice, and close."""
    count = begin_count(hub, at=at)
    counted(count, hub, quantity, at=at)
    return counting.close_count(count_id=count.pk, actor=hub.clerk, at=at)


def sent(hub: Hub, quantity: int = 4, *, at: datetime) -> StockTransfer:
    """Send some of the rice to the other store."""
    return transferring.send(
        from_store=hub.store,
        to_store_id=hub.other.pk,
        lines=[transferring.SentGoods(hub.batch.pk, quantity)],
        actor=hub.clerk,
        at=at,
    )


def received(transfer: StockTransfer, hub: Hub, quantity: int, *, at: datetime) -> StockTransfer:
    """Have the other store count what arrived."""
    (line,) = transfer.lines.all()
    return transferring.receive(
        transfer_id=transfer.pk,
        counted={line.pk: transferring.CountedGoods(quantity)},
        actor=hub.there,
        at=at,
    )


def taken_home(product: Product, quantity: int, *, by: Actor, at: datetime) -> Redemption:
    """Have a volunteer reserve some and take it home."""
    redemption = reserve(make_redeemer(), product, quantity, at=at)
    return collect(code=redemption.code, actor=by, at=at)
