"""Reading shelves, redemptions and deliveries, always inside the caller's reach."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection
from django.db.models import (
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate
from django.utils.translation import gettext

from backend.accounts.scopes import Actor, Role, region_q
from backend.core.errors import NotFound
from points.market.choices import ProductStatus, StoreStatus
from points.market.models import Batch, Product, Store
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import OpenBatch, StockWord, month_of, read_code, stock_word
from points.market.states import COUNTS_AGAINST_LIMIT
from volunteers.people.household_models import HouseholdMember
from volunteers.people.models import Volunteer

READERS_BY_REGION = (Role.COMMUNITY_STAFF, Role.SUPERVISOR, Role.PLATFORM_ADMIN)
KEEPERS_BY_REGION = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)

# Plain SQL, because at the counter's rush hour building it took the ORM a fifth of a whole redemption. A free
# batch gives at least one, so as many batches as pieces are always enough: however many there are, only these
# are read, in the order of the index `batch_in_stock`, which is that of handing out.
_OFFERS = """
    SELECT product.id, product.name, product.unit, product.points, product.monthly_limit, store.name,
           store.status = 'open', batch.id, batch.free, batch.expires_on
      FROM unnest(%(products)s::bigint[], %(quantities)s::int[]) AS wanted (product_id, quantity)
      JOIN points_product AS product ON product.id = wanted.product_id
      JOIN points_store AS store ON store.id = product.store_id
      LEFT JOIN LATERAL (
          SELECT id, on_hand - reserved AS free, expires_on
            FROM points_batch
           WHERE product_id = product.id AND on_hand > 0 AND on_hand > reserved
             AND (expires_on IS NULL OR expires_on >= %(usable_on)s)
           ORDER BY expires_on, id
           LIMIT wanted.quantity
      ) AS batch ON true
     WHERE product.store_id = %(store)s AND product.status = 'on_shelf'
"""


_LINE_SHOWN = (
    *("redemption_id", "product_id", "quantity", "unit_points"),
    *("product__name", "product__unit", "product__store__name"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A product on the shelf as a reservation needs it."""

    product_id: int
    name: str
    unit: str
    points: int
    monthly_limit: int | None
    store_name: str
    store_open: bool
    batches: list[OpenBatch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """One product as a volunteer sees it. `monthly_left` is None when there is no limit or nobody asks."""

    product: Product
    stock: StockWord
    monthly_left: int | None

    @property
    def limit_sentence(self) -> str:
        """“本月还可换 2 袋”, or nothing."""
        if self.monthly_left is None:
            return ""
        return gettext("本月还可换 %(left)s %(unit)s") % {
            "left": self.monthly_left,
            "unit": self.product.unit,
        }


def open_stores(*, region_prefix: str = "") -> QuerySet[Store]:
    """Return the stores that hand out goods, in a subtree of regions."""
    return Store.objects.filter(status=StoreStatus.OPEN, region__code__startswith=region_prefix)


def stores_kept_by(actor: Actor) -> QuerySet[Store]:
    """Return the stores whose stock the actor may change."""
    return Store.objects.filter(
        Q(pk__in=actor.stores(Role.STORE_CLERK))
        | Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(*KEEPERS_BY_REGION))
    )


def keeps_stock(actor: Actor, store: Store) -> bool:
    """Whether the actor may change the stock of this store (`stores_kept_by`, for a row at hand)."""
    return (
        store.pk in actor.stores(Role.STORE_CLERK)
        or store.organization_id in actor.organizations(Role.ORGANIZATION_MANAGER)
        or any(store.region_id.startswith(prefix) for prefix in actor.regions(*KEEPERS_BY_REGION))
    )


def products_on_shelf(*, at: datetime, store_id: int | None = None) -> QuerySet[Product]:
    """Return products on sale of one open store, or of all, each with `free`: so many can be reserved."""
    free = (
        _usable(localdate(at))
        .filter(product=OuterRef("pk"))
        .order_by()
        .values("product")
        .annotate(total=Sum(F("on_hand") - F("reserved")))
        .values("total")
    )
    products = Product.objects.filter(status=ProductStatus.ON_SHELF, store__status=StoreStatus.OPEN)
    if store_id is not None:
        products = products.filter(store_id=store_id)
    return products.annotate(free=Coalesce(Subquery(free, output_field=IntegerField()), 0))


def as_shelf(products: Sequence[Product], *, volunteer: Volunteer | None, at: datetime) -> list[ShelfItem]:
    """Turn products of `products_on_shelf` into what this volunteer sees (at most one more query)."""
    limited = [product.pk for product in products if product.monthly_limit is not None]
    taken = taken_this_month(volunteer=volunteer, product_ids=limited, at=at) if volunteer else {}
    return [
        ShelfItem(
            product=product,
            stock=stock_word(product.free),  # type: ignore[attr-defined]  # annotated by products_on_shelf
            monthly_left=(
                max(0, product.monthly_limit - taken.get(product.pk, 0))
                if volunteer and product.monthly_limit is not None
                else None
            ),
        )
        for product in products
    ]


def shelf(store: Store, volunteer: Volunteer | None, at: datetime) -> list[ShelfItem]:
    """Return the whole shelf of a store: what there is first, by category and price."""
    products = list(products_on_shelf(at=at, store_id=store.pk).order_by("category", "points", "pk"))
    items = as_shelf(products, volunteer=volunteer, at=at)
    return sorted(items, key=lambda item: item.stock == StockWord.GONE)


def taken_this_month(
    *, volunteer: Volunteer, product_ids: Collection[int], at: datetime, besides: int | None = None
) -> Mapping[int, int]:
    """Return how many of each product the volunteer reserved or collected in the business month of `at`."""
    if not product_ids:
        return {}
    lines = RedemptionLine.objects.filter(
        product_id__in=product_ids,
        redemption__volunteer=volunteer,
        redemption__status__in=COUNTS_AGAINST_LIMIT,
        redemption__created_at__gte=month_of(at),
    )
    if besides is not None:
        lines = lines.exclude(redemption_id=besides)
    rows = lines.values_list("product_id").annotate(total=Sum("quantity")).order_by()
    return dict(rows)


def offers(*, store_id: int, wanted: Mapping[int, int], usable_on: date) -> list[Offer]:
    """Return these products as far as they are on the shelf of this store, with usable batches for so many.

    Where there are fewer than wanted, the batches are all there are.
    """
    found: dict[int, Offer] = {}
    products, quantities = list(wanted), list(wanted.values())
    with connection.cursor() as cursor:
        cursor.execute(
            _OFFERS,
            {"products": products, "quantities": quantities, "store": store_id, "usable_on": usable_on},
        )
        for row in cursor.fetchall():
            offer = found.setdefault(row[0], Offer(*row[:7]))
            batch_id, free, expires_on = row[7:]
            if batch_id is not None:
                offer.batches.append(OpenBatch(batch_id, offer.product_id, free, expires_on))
    return list(found.values())


def redemptions_of(volunteer: Volunteer) -> QuerySet[Redemption]:
    """Return a volunteer's redemptions with store and lines, newest first."""
    return _told(Redemption.objects.filter(volunteer=volunteer))


def redemptions_visible_to(actor: Actor) -> QuerySet[Redemption]:
    """Return one's own redemptions and those of the stores one keeps or watches."""
    return _told(
        Redemption.objects.filter(
            Q(volunteer__user_id=actor.user_id)
            | Q(store_id__in=actor.stores(Role.STORE_CLERK))
            | Q(store__organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
            | region_q(actor.regions(*READERS_BY_REGION), "store__region_id")
        )
    )


def is_near(redemption: Redemption, *, user_id: int) -> bool:
    """Whether the goods are this person's own or their household's: then somebody else has to serve."""
    if redemption.volunteer is not None and redemption.volunteer.user_id == user_id:
        return True
    home = HouseholdMember.objects.filter(volunteer__user_id=user_id, left_at__isnull=True)
    shared = Q(household_id=redemption.household_id)
    if redemption.volunteer_id is not None:
        shared |= Q(
            household__members__volunteer_id=redemption.volunteer_id, household__members__left_at=None
        )
    return home.filter(shared).exists()


def lines_of(redemption: Redemption) -> list[RedemptionLine]:
    """Return the lines of one redemption with their products and store (one query)."""
    lines = RedemptionLine.objects.filter(redemption=redemption).select_related("product__store")
    return list(lines.only(*_LINE_SHOWN).order_by("pk"))


def by_code(code: str, actor: Actor) -> Redemption:
    """Return the redemption with this pick-up code, of a store the actor is a clerk of.

    :raises NotFound: no such code, or another store's.
    """
    stores = actor.stores(Role.STORE_CLERK)
    found = _told(Redemption.objects.filter(code=read_code(code), store_id__in=stores)).first()
    if found is None:
        raise NotFound(field="code")
    return found


def _told(redemptions: QuerySet[Redemption]) -> QuerySet[Redemption]:
    """Fetch what a redemption is shown with: two queries however many rows."""
    lines = Prefetch("lines", RedemptionLine.objects.select_related("product").order_by("pk"))
    return (
        redemptions.select_related("store", "volunteer", "household").prefetch_related(lines).order_by("-pk")
    )


def _usable(day: date) -> QuerySet[Batch]:
    return Batch.objects.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day), on_hand__gt=0)
