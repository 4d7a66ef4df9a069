"""Reading stock, counts, transfers and recalls, always inside the caller's reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, IntegerField, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor, Role
from backend.core.errors import NotFound
from points.market.choices import MoveKind, ProductStatus, RedemptionStatus, StoreStatus
from points.market.models import Batch, Product, StockMove, Store
from points.market.queries import KEEPERS_BY_REGION, stores_kept_by
from points.stockroom.models import CountLine, StockCount, StockNotice
from points.stockroom.recall_models import Recall
from points.stockroom.rules import soon
from points.stockroom.states import LIVE_COUNTS, CountScope, NoticeKind, TransferStatus
from points.stockroom.transfer_models import StockTransfer, StockTransferLine

KEEPERS = (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)
# Who may read whom recalled goods went to: named staff above the counter.
RECALLERS = (Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)

OPEN_TRANSFERS = (TransferStatus.SENT, TransferStatus.SHORT)

Group = tuple[int, date | None, int | None]


@dataclass
class StoreCard:
    """One store of a hub, and what needs a look there."""

    store: Store
    shortages: int = 0
    expired: int = 0
    expiring: int = 0
    counts: int = 0
    coming: int = 0


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Goods in stock that nobody has counted yet."""

    product: Product
    expires_on: date | None


def store_for(actor: Actor, store_id: int) -> Store:
    """Return a store the actor keeps.

    :raises NotFound: no such store in their reach.
    """
    found = stores_kept_by(actor).select_related("region", "organization").filter(pk=store_id).first()
    if found is None:
        raise NotFound(field="store")
    return found


def recalls_of(actor: Actor) -> QuerySet[Recall]:
    """Return the recalls that touch a store the actor keeps, newest first."""
    kept = stores_kept_by(actor)
    touching = Q(root__store__in=kept) | Q(root__descendants__store__in=kept)
    found = Recall.objects.filter(pk__in=Recall.objects.filter(touching).order_by().values("pk"))
    return found.select_related("root__product", "root__store", "opened_by", "lifted_by").order_by("-pk")


def recall_for(actor: Actor, recall_id: int) -> Recall:
    """Return one of them.

    :raises NotFound: no such recall in the actor's reach.
    """
    found = recalls_of(actor).filter(pk=recall_id).first()
    if found is None:
        raise NotFound(field="recall")
    return found


def family(root_id: int) -> QuerySet[Batch]:
    """Return a batch and everything that came from it, in the order of their ids."""
    return Batch.objects.filter(Q(pk=root_id) | Q(root_id=root_id)).order_by("pk")


def waiting_redemptions(batches: Collection[int] | QuerySet[Batch]) -> list[int]:
    """Return the redemptions that still hold goods of these batches."""
    moves = StockMove.objects.filter(
        batch__in=batches, kind=MoveKind.RESERVE, redemption__status=RedemptionStatus.RESERVED
    )
    return sorted(set(moves.values_list("redemption_id", flat=True)))


def products_of(store: Store, *, at: datetime) -> QuerySet[Product]:
    """Return a store's products with `stock`, `set_aside`, `free` (for today) and `next_expiry`."""
    standing = Batch.objects.filter(product=OuterRef("pk"), on_hand__gt=0).order_by().values("product")
    stock = standing.annotate(total=Sum("on_hand")).values("total")
    set_aside = standing.annotate(total=Sum("reserved")).values("total")
    next_expiry = standing.annotate(first=Min("expires_on")).values("first")
    return (
        Product.objects.filter(store=store)
        .select_related("location")
        .annotate(
            stock=Coalesce(Subquery(stock, output_field=IntegerField()), 0),
            set_aside=Coalesce(Subquery(set_aside, output_field=IntegerField()), 0),
            free=_free(localdate(at)),
            next_expiry=Subquery(next_expiry),
        )
        .order_by("category", "name", "pk")
    )


def _free(day: date) -> Coalesce:
    """Return how many of a product can be reserved on that day, for an annotation of products."""
    usable = (
        Batch.objects.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=day),
            product=OuterRef("pk"),
            on_hand__gt=0,
            recalled_at__isnull=True,
        )
        .order_by()
        .values("product")
        .annotate(total=Sum(F("on_hand") - F("reserved")))
        .values("total")
    )
    return Coalesce(Subquery(usable, output_field=IntegerField()), 0)


def short_products(*, at: datetime, stores: QuerySet[Store] | Collection[Store]) -> QuerySet[Product]:
    """Return products on the shelf of open stores of which fewer can be reserved than their minimum.

    Each with `free`, and with `since`: when its keepers were told, if they were.
    """
    told = StockNotice.objects.filter(product=OuterRef("pk"), kind=NoticeKind.SHORTAGE, ended_at__isnull=True)
    return (
        Product.objects.filter(
            store__in=stores,
            store__status=StoreStatus.OPEN,
            status=ProductStatus.ON_SHELF,
            minimum_stock__isnull=False,
        )
        .annotate(free=_free(localdate(at)), since=Subquery(told.values("opened_at")[:1]))
        .filter(free__lt=F("minimum_stock"))
        .order_by("store", "name", "pk")
    )


def batches_in(store: Store) -> QuerySet[Batch]:
    """Return what stands in the store, earliest expiry first, each with what is `free`."""
    return (
        Batch.objects.filter(store=store, on_hand__gt=0)
        .select_related("product")
        .annotate(free=F("on_hand") - F("reserved"))
        .order_by(F("expires_on").asc(nulls_last=True), "pk")
    )


def expiring(store: Store, *, at: datetime) -> QuerySet[Batch]:
    """Return what stands in the store past its last day or within a week of it, earliest first."""
    return batches_in(store).filter(expires_on__lte=soon(localdate(at)))


def hub(stores: Sequence[Store], *, at: datetime) -> list[StoreCard]:
    """Return these stores with what needs a look in each; a fixed number of queries."""
    cards = {store.pk: StoreCard(store) for store in stores}
    today = localdate(at)
    standing = Batch.objects.filter(store__in=stores, on_hand__gt=0)
    coming = StockTransfer.objects.filter(to_store__in=stores, status__in=OPEN_TRANSFERS)
    live = StockCount.objects.filter(store__in=stores, status__in=LIVE_COUNTS)
    for store_id, number in _per_store(short_products(at=at, stores=stores)):
        cards[store_id].shortages = number
    for store_id, number in _per_store(standing.filter(expires_on__lt=today)):
        cards[store_id].expired = number
    for store_id, number in _per_store(standing.filter(expires_on__range=(today, soon(today)))):
        cards[store_id].expiring = number
    for store_id, number in _per_store(live):
        cards[store_id].counts = number
    for store_id, number in _per_store(coming, "to_store"):
        cards[store_id].coming = number
    return list(cards.values())


def _per_store(rows: QuerySet[Any], store: str = "store") -> list[tuple[int, int]]:
    return list(rows.order_by().values_list(store).annotate(Count("pk")))


# --- counts -------------------------------------------------------------------------------------------------


def counts_of(actor: Actor) -> QuerySet[StockCount]:
    """Return the counts of the stores the actor keeps, newest first."""
    found = StockCount.objects.filter(store__in=stores_kept_by(actor))
    return found.select_related("store", "location", "opened_by").order_by("-pk")


def count_for(actor: Actor, count_id: int) -> StockCount:
    """Return one of them.

    :raises NotFound: no such count in the actor's stores.
    """
    found = counts_of(actor).filter(pk=count_id).first()
    if found is None:
        raise NotFound(field="count")
    return found


def standing_lines(count: StockCount) -> list[CountLine]:
    """Return the latest line of each product and expiry (or batch), in the order they were entered."""
    latest: dict[Group, CountLine] = {}
    lines = CountLine.objects.filter(count=count).select_related("product", "counted_by").order_by("pk")
    for line in lines:
        key = (line.product_id, line.expires_on, line.batch_id)
        latest.pop(key, None)
        latest[key] = line
    return list(latest.values())


def countable(count: StockCount) -> QuerySet[Product]:
    """Return the products that belong to the count."""
    products = Product.objects.filter(store_id=count.store_id)
    if count.scope == CountScope.CATEGORY:
        products = products.filter(category=count.category)
    if count.scope == CountScope.LOCATION:
        products = products.filter(location_id=count.location_id)
    return products.order_by("category", "name", "pk")


def uncounted(count: StockCount, lines: Sequence[CountLine]) -> list[Uncounted]:
    """Return what the stock holds and no line tells of: left as it is, and shown so that nobody forgets it.

    It says that there is something, not how much, so it may be shown during a blind count.
    """
    told = {(line.product_id, line.expires_on) for line in lines}
    products = {product.pk: product for product in countable(count)}
    groups = (
        Batch.objects.filter(product__in=products, on_hand__gt=0)
        .order_by("product", "expires_on")
        .values_list("product_id", "expires_on")
        .distinct()
    )
    return [Uncounted(products[pk], expires_on) for pk, expires_on in groups if (pk, expires_on) not in told]


# --- transfers ----------------------------------------------------------------------------------------------


def transfers_of(actor: Actor) -> QuerySet[StockTransfer]:
    """Return the transfers from or to a store the actor keeps, newest first."""
    kept = stores_kept_by(actor)
    lines = Prefetch("lines", StockTransferLine.objects.select_related("batch__product", "arrived__product"))
    found = StockTransfer.objects.filter(Q(from_store__in=kept) | Q(to_store__in=kept))
    return found.select_related("from_store", "to_store").prefetch_related(lines).order_by("-pk")


def transfer_for(actor: Actor, transfer_id: int) -> StockTransfer:
    """Return one of them.

    :raises NotFound: no such transfer from or to the actor's stores.
    """
    found = transfers_of(actor).filter(pk=transfer_id).first()
    if found is None:
        raise NotFound(field="transfer")
    return found


def other_stores(store: Store) -> QuerySet[Store]:
    """Return where this store may send goods: the other stores of its organisation."""
    return Store.objects.filter(organization_id=store.organization_id).exclude(pk=store.pk).order_by("name")


def same_product(product: Product, store: Store) -> Product | None:
    """Return the product of another store that is the same thing: by barcode, else by name and unit."""
    there = Product.objects.filter(store=store)
    if product.barcode:
        found = there.filter(barcode=product.barcode).first()
        if found is not None:
            return found
    return there.filter(name=product.name, unit=product.unit).order_by("pk").first()


def due_notices(*, at: datetime) -> tuple[QuerySet[Product], QuerySet[Batch]]:
    """Return the shortages and expired batches that nobody has been told of."""
    shortages = short_products(at=at, stores=Store.objects.all()).exclude(
        stock_notices__in=StockNotice.objects.filter(kind=NoticeKind.SHORTAGE, ended_at__isnull=True)
    )
    expired = Batch.objects.filter(on_hand__gt=0, expires_on__lt=localdate(at)).exclude(
        stock_notices__in=StockNotice.objects.filter(kind=NoticeKind.EXPIRED, ended_at__isnull=True)
    )
    return shortages, expired
