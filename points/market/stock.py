"""Stores, products and deliveries: what the keepers of a store do."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from backend.regions.models import Region
from points.market import queries
from points.market.choices import MoveKind, ProductCategory
from points.market.errors import (
    GoodsExpired,
    StockQuantityInvalid,
    StockTooLow,
    StoreOpeningInvalid,
    WriteOffUnexplained,
)
from points.market.models import Batch, Product, StockMove, Store
from points.market.rules import MOST_OF_A_BATCH
from venues.sites import hours


def create_store(
    *,
    name: str,
    region: Region,
    organization: Organization,
    address: str,
    actor: Actor | None,
    at: datetime,
    phone: str = "",
    opening: Mapping[str, Any] | None = None,
) -> Store:
    """Open a charity supermarket of an organisation. `actor` None is the platform itself.

    :raises Forbidden, NotFound: the actor neither manages the organisation nor the region.
    :raises StoreNameTaken: the organisation already has a store of this name.
    :raises StoreOpeningInvalid: opening hours not in the form of venues.sites.hours.
    """
    store = Store(
        name=name,
        region=region,
        organization=organization,
        address=address,
        phone=phone,
        opening=dict(opening or {}),
    )
    require_keeper(actor, store)
    if hours.first_fault(store.opening) is not None:
        raise StoreOpeningInvalid(field="opening")
    with transaction.atomic():
        store.save(force_insert=True)
        audit.record(actor=actor, action="store.create", target=store, at=at)
    return store


def create_product(
    *,
    store: Store,
    name: str,
    unit: str,
    category: ProductCategory | str,
    points: int,
    actor: Actor | None,
    at: datetime,
    barcode: str | None = None,
    monthly_limit: int | None = None,
    picture: str = "",
) -> Product:
    """Put a product on a store's shelf at a price in points; never a price in money (service is 无偿).

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises BarcodeTaken: the store has another product with this barcode.
    """
    require_keeper(actor, store)
    with transaction.atomic():
        product = Product.objects.create(
            store=store,
            name=name,
            unit=unit,
            category=category,
            points=points,
            barcode=barcode or None,
            monthly_limit=monthly_limit,
            picture=picture,
        )
        audit.record(actor=actor, action="product.create", target=product, at=at)
    return product


def receive_batch(
    *,
    product: Product,
    quantity: int,
    expires_on: date | None,
    actor: Actor | None,
    at: datetime,
    note: str = "",
) -> Batch:
    """Take a delivery into stock. `expires_on` is its last usable day (慈善法 Art 36: goods are usable).

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises StockQuantityInvalid: fewer than one, or more than a million.
    :raises GoodsExpired: past its last usable day already.
    """
    require_keeper(actor, product.store)
    if not 1 <= quantity <= MOST_OF_A_BATCH:
        raise StockQuantityInvalid(field="quantity", most=MOST_OF_A_BATCH)
    if expires_on is not None and expires_on < localdate(at):
        raise GoodsExpired(field="expires_on", expires_on=expires_on)
    with transaction.atomic():
        batch = Batch.objects.create(
            store_id=product.store_id, product=product, expires_on=expires_on, received_at=at, note=note
        )
        StockMove.objects.create(
            batch=batch,
            kind=MoveKind.RECEIVE,
            quantity=quantity,
            made_by_id=actor.user_id if actor else None,
            at=at,
        )
    batch.received = batch.on_hand = quantity  # as the trigger has written it
    return batch


def write_off(*, batch_id: int, quantity: int, reason: str, actor: Actor, at: datetime) -> StockMove:
    """Take damaged or expired goods out of stock, with a reason. Reserved goods stay for who reserved them.

    :raises NotFound, Forbidden: no such batch in a store the actor keeps.
    :raises WriteOffUnexplained: no reason given.
    :raises StockQuantityInvalid: fewer than one.
    :raises StockTooLow: more than is neither gone nor reserved.
    """
    if not reason.strip():
        raise WriteOffUnexplained(field="reason")
    if not 1 <= quantity <= MOST_OF_A_BATCH:
        raise StockQuantityInvalid(field="quantity", most=MOST_OF_A_BATCH)
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(of=("self",)).select_related("store").filter(pk=batch_id).first()
        )
        if batch is None:
            raise NotFound(field="batch")
        require_keeper(actor, batch.store)
        free = batch.on_hand - batch.reserved
        if quantity > free:
            raise StockTooLow(field="quantity", left=free)
        move = StockMove.objects.create(
            batch=batch,
            kind=MoveKind.WRITE_OFF,
            quantity=quantity,
            reason=reason.strip(),
            made_by_id=actor.user_id,
            at=at,
        )
        audit.record(
            actor=actor, action="stock.write_off", target=batch, at=at, detail={"quantity": quantity}
        )
    return move


def require_keeper(actor: Actor | None, store: Store) -> None:
    """Let pass who may change this store's stock; None is the platform itself (commands, demo data).

    :raises Forbidden: the actor's roles never keep a store.
    :raises NotFound: the store is outside their reach.
    """
    if actor is None or queries.keeps_stock(actor, store):
        return
    if actor.has(Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *queries.KEEPERS_BY_REGION):
        raise NotFound
    raise Forbidden
