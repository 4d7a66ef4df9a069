"""Stores, products and deliveries: what the keepers of a store do."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from backend.core.words import plain_line
from backend.regions.codes import CODE_LENGTH, prefix_of
from backend.regions.models import Region
from points.market import queries, rules
from points.market.choices import LimitPeriod, MoveKind, ProductCategory, ProductKind
from points.market.errors import (
    BarcodeInvalid,
    BarcodeTaken,
    GoodsExpired,
    ProductTermsInvalid,
    StockQuantityInvalid,
    StockTooLow,
    StoreOpeningInvalid,
    StorePolicyInvalid,
    StoreWordsInvalid,
    WriteOffUnexplained,
)
from points.market.models import Batch, Product, StockMove, Store
from points.market.rules import MOST_OF_A_BATCH
from points.market.slot_errors import ProductOfOtherKind
from venues.sites import hours

_MOST_NAME = 80
_MOST_UNIT = 10
_MOST_ADDRESS = 200
_MOST_PHONE = 20
_MOST_NOTE = 200


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
    :raises StoreWordsInvalid: name, address or phone are no plain text.
    :raises StoreNameTaken: the organisation already has a store of this name.
    :raises StoreOpeningInvalid: opening hours not in the form of venues.sites.hours.
    """
    store = Store(
        name=_words(name, field="name", most=_MOST_NAME, needed=True),
        region=region,
        organization=organization,
        address=_words(address, field="address", most=_MOST_ADDRESS),
        phone=_words(phone, field="phone", most=_MOST_PHONE),
        opening=dict(opening or {}),
    )
    require_keeper(actor, store)
    if hours.first_fault(store.opening) is not None:
        raise StoreOpeningInvalid(field="opening")
    with transaction.atomic():
        store.save(force_insert=True)
        audit.record(actor=actor, action="store.create", target=store, at=at)
    return store


class ProductTerms(TypedDict, total=False):
    """Who may have how much of a product; what is left out stays without a limit (rules.md D4: practice)."""

    person_limit: int | None
    household_limit: int | None
    limit_period: LimitPeriod | str
    minimum_age: int | None
    residents_only: str  # a division code of the store's, or the part of it that its places share


def create_product(
    *,
    store: Store,
    name: str,
    unit: str,
    category: ProductCategory | str,
    points: int,
    actor: Actor | None,
    at: datetime,
    kind: ProductKind | str = ProductKind.GOODS,
    barcode: str | None = None,
    picture: str = "",
    **terms: Unpack[ProductTerms],
) -> Product:
    """Put a product on a store's shelf at a price in points; never a price in money (service is 无偿).

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises StoreWordsInvalid: name or unit are no plain text.
    :raises BarcodeInvalid: not EAN-13 or EAN-8 with its check digit.
    :raises BarcodeTaken: the store has another product with this barcode.
    :raises ProductTermsInvalid: a share below one, no age, or a residence the store does not lie in.
    """
    require_keeper(actor, store)
    if "residents_only" in terms:
        terms["residents_only"] = _around(store, terms["residents_only"])
    with transaction.atomic():
        product = Product.objects.create(
            store=store,
            name=_words(name, field="name", most=_MOST_NAME, needed=True),
            kind=kind,
            unit=_words(unit, field="unit", most=_MOST_UNIT, needed=True),
            category=category,
            points=points,
            barcode=read_barcode(barcode),
            picture=picture,
            **terms,
        )
        audit.record(actor=actor, action="product.create", target=product, at=at)
    return product


def read_barcode(text: str | None) -> str | None:
    """Return a typed or scanned barcode as stored, None for none.

    :raises BarcodeInvalid: not EAN-13 or EAN-8 with its check digit.
    """
    if text is None or not text.strip():
        return None
    barcode = rules.read_barcode(text)
    if barcode is None:
        raise BarcodeInvalid(field="barcode")
    return barcode


def draw_barcode(*, product_id: int, actor: Actor | None, at: datetime) -> Product:
    """Give a product without a barcode one of the store's own, EAN-13 beginning with 20 to 29.

    :raises Forbidden, NotFound: no such product in a store the actor keeps.
    :raises BarcodeTaken: it has a barcode already, or the draw met another product's.
    """
    with transaction.atomic():
        product = (
            Product.objects.select_for_update(of=("self",))
            .select_related("store")
            .filter(pk=product_id)
            .first()
        )
        if product is None:
            raise NotFound(field="product")
        require_keeper(actor, product.store)
        if product.barcode is not None:
            raise BarcodeTaken(field="barcode")
        product.barcode = rules.new_barcode()
        product.save(update_fields=["barcode"])
        audit.record(actor=actor, action="product.draw_barcode", target=product, at=at)
    return product


def set_policy(
    *,
    store_id: int,
    actor: Actor,
    at: datetime,
    minimum_balance: int,
    most_redemptions: int | None,
    redemptions_period: LimitPeriod | str,
    near_expiry_days: int | None,
    near_expiry_percent: int | None,
) -> Store:
    """Set what a store asks of everybody who redeems there; practice, not law (rules.md D4).

    :raises Forbidden, NotFound: no such store, or the actor does not keep it.
    :raises StorePolicyInvalid: figures that make no sense.
    """
    figures = {
        "minimum_balance": minimum_balance,
        "most_redemptions": most_redemptions,
        "redemptions_period": redemptions_period,
        "near_expiry_days": near_expiry_days,
        "near_expiry_percent": near_expiry_percent,
    }
    if any(isinstance(figure, int) and not 0 <= figure <= MOST_OF_A_BATCH for figure in figures.values()):
        raise StorePolicyInvalid
    with transaction.atomic():
        store = Store.objects.select_for_update(of=("self",), no_key=True).filter(pk=store_id).first()
        if store is None:
            raise NotFound(field="store")
        require_keeper(actor, store)
        before = {name: getattr(store, name) for name in figures}
        for name, figure in figures.items():
            setattr(store, name, figure)
        store.save(update_fields=list(figures))
        audit.record(
            actor=actor, action="store.policy", target=store, at=at, detail={"before": before, "now": figures}
        )
    return store


def _around(store: Store, code: str) -> str:
    """Return the part of a division code that its places share, if the store lies there; empty for none."""
    prefix = prefix_of(code) if len(code) == CODE_LENGTH else code
    if not store.region_id.startswith(prefix):
        raise ProductTermsInvalid(field="residents_only")
    return prefix


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
    :raises ProductOfOtherKind: a service has slots instead.
    :raises StoreWordsInvalid: the note is no plain text.
    """
    require_keeper(actor, product.store)
    note = _words(note, field="note", most=_MOST_NOTE)
    if product.kind != ProductKind.GOODS:
        raise ProductOfOtherKind(field="product")
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


def _words(text: str, *, field: str, most: int, needed: bool = False) -> str:
    plain = plain_line(text, most=most)
    if plain is None or (needed and not plain):
        raise StoreWordsInvalid(field=field, most=most)
    return plain


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
