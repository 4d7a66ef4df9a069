"""Reading shelves, redemptions and deliveries, always inside the caller's reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from backend.accounts.scopes import Actor, Role, region_q
from backend.core.errors import NotFound
from points.market.choices import Channel, StoreStatus
from points.market.limits import StorePolicy, Terms
from points.market.models import Store
from points.market.offline_models import OfflineLease
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import Discount, OpenBatch, read_code
from points.market.shelf import ShelfItem, as_shelf, products_on_shelf, shelf
from volunteers.people.household_models import HouseholdMember
from volunteers.people.models import Volunteer

__all__ = [
    "Basket",
    "Offer",
    "ShelfItem",
    "ShownLine",
    "as_shelf",
    "basket",
    "by_code",
    "is_near",
    "keeps_stock",
    "lines_of",
    "open_stores",
    "products_on_shelf",
    "redemptions_of",
    "redemptions_visible_to",
    "shelf",
    "shown_line",
    "stores_kept_by",
]

READERS_BY_REGION = (Role.COMMUNITY_STAFF, Role.SUPERVISOR, Role.PLATFORM_ADMIN)
KEEPERS_BY_REGION = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)

# Plain SQL, because at the counter's rush hour building it took the ORM a fifth of a whole redemption. A free
# batch gives at least one, so as many batches as pieces are always enough: however many there are, only these
# are read, in the order of the index `batch_in_stock`, which is that of handing out.
_OFFERS = """
    SELECT product.id, product.name, product.unit, product.person_limit, product.household_limit,
           product.limit_period, product.minimum_age, product.residents_only, product.kind, product.points,
           product.relief_reserved, batch.id, batch.free, batch.expires_on,
           store.name, store.status = 'open', store.minimum_balance, store.most_redemptions,
           store.redemptions_period, store.near_expiry_days, store.near_expiry_percent,
           (SELECT home.household_id FROM volunteers_householdmember AS home
             WHERE home.volunteer_id = %(volunteer)s AND home.left_at IS NULL)
      FROM unnest(%(products)s::bigint[], %(quantities)s::int[]) AS wanted (product_id, quantity)
      JOIN points_product AS product ON product.id = wanted.product_id
      JOIN points_store AS store ON store.id = product.store_id
      LEFT JOIN LATERAL (
          SELECT id, on_hand - reserved AS free, expires_on
            FROM points_batch
           WHERE product_id = product.id AND on_hand > 0 AND on_hand > reserved AND recalled_at IS NULL
             AND (expires_on IS NULL OR expires_on >= %(usable_on)s)
           ORDER BY expires_on, id
           LIMIT wanted.quantity + product.relief_reserved  -- to see whether so many stay
      ) AS batch ON true
     WHERE product.store_id = %(store)s AND product.status = 'on_shelf'
"""
_TERMS, _STORE = 8, 14  # where in the row the product's terms end, and where the store begins


# As plain as the above, and for the same reason: it is read after everything that happens to a redemption.
_LINES = """
    SELECT line.product_id, product.name, product.unit, line.quantity, line.unit_points, product.points,
           line.slot_id, store.name
      FROM points_redemptionline AS line
      JOIN points_product AS product ON product.id = line.product_id
      JOIN points_store AS store ON store.id = product.store_id
     WHERE line.redemption_id = %s
     ORDER BY line.id
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A product on the shelf as a reservation needs it."""

    terms: Terms
    kind: str
    points: int
    kept: int  # for households in need; not for points
    batches: list[OpenBatch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a redemption with what is shown of its product; `price` is the product's own, in points."""

    product_id: int
    name: str
    unit: str
    quantity: int
    unit_points: int
    price: int
    slot_id: int | None
    store_name: str


@dataclass(frozen=True, slots=True)
class Basket:
    """What a store offers of some products, its policy, and where the volunteer lives."""

    offers: Mapping[int, Offer]
    policy: StorePolicy
    household_id: int | None


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


def basket(
    *, store_id: int, wanted: Mapping[int, int], volunteer_id: int | None, usable_on: date
) -> Basket | None:
    """Return these products as far as they are on the shelf of this store, with usable batches for so many.

    None when none of them is. Where there are fewer than wanted, the batches are all there are.
    """
    found: dict[int, Offer] = {}
    asked: Mapping[str, int | date | list[int] | None] = {
        "products": list(wanted),
        "quantities": list(wanted.values()),
        "store": store_id,
        "usable_on": usable_on,
        "volunteer": volunteer_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, asked)
        rows = cursor.fetchall()
    for row in rows:
        product_id = row[0]
        if product_id not in found:
            found[product_id] = Offer(Terms(*row[:_TERMS]), *row[_TERMS : _TERMS + 3])
        batch_id, free, expires_on = row[_TERMS + 3 : _STORE]
        if batch_id is not None:
            found[product_id].batches.append(OpenBatch(batch_id, product_id, free, expires_on))
    if not rows:
        return None
    name, is_open, minimum, most, period, days, percent, household_id = rows[0][_STORE:]
    discount = None if days is None or percent is None else Discount(days, percent)
    policy = StorePolicy(name, is_open, minimum, most, period, discount)
    return Basket(found, policy, household_id)


def redemptions_of(volunteer: Volunteer) -> QuerySet[Redemption]:
    """Return a volunteer's redemptions with store and lines, newest first."""
    return told(Redemption.objects.filter(volunteer=volunteer))


def redemptions_visible_to(actor: Actor) -> QuerySet[Redemption]:
    """Return one's own redemptions and those of the stores one keeps or watches."""
    return told(
        Redemption.objects.filter(
            Q(volunteer__user_id=actor.user_id)
            | Q(store_id__in=actor.stores(Role.STORE_CLERK))
            # Who is in need is known to those who keep the list, and to the clerk, to whom all look alike.
            | ~Q(channel=Channel.RELIEF)
            & (
                Q(store__organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
                | region_q(actor.regions(*READERS_BY_REGION), "store__region_id")
            )
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


def near(user_id: int) -> Q:
    """Return the condition of redemptions that are this person's own or their household's (`is_near`)."""
    live = HouseholdMember.objects.filter(left_at__isnull=True)
    homes = live.filter(volunteer__user_id=user_id).values("household")
    mates = live.filter(household__in=homes).values("volunteer")
    return Q(volunteer__user_id=user_id) | Q(household__in=homes) | Q(volunteer__in=mates)


def on_offline_list(at: datetime) -> Exists:
    """Return the condition of redemptions that a device may be handing over without network."""
    live = OfflineLease.objects.filter(redemption=OuterRef("pk"), released_at__isnull=True)
    return Exists(live.filter(list__ends_at__gt=at))


def leased_until(redemption: Redemption, *, at: datetime) -> datetime | None:
    """Return until when a device may tell that it handed this over, or None when none may."""
    live = OfflineLease.objects.filter(redemption=redemption, released_at__isnull=True, list__ends_at__gt=at)
    return live.values_list("list__ends_at", flat=True).first()


def lines_of(redemption: Redemption) -> list[ShownLine]:
    """Return the lines of one redemption as they are shown (one query)."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [redemption.pk])
        return [ShownLine(*row) for row in cursor.fetchall()]


def shown_line(line: RedemptionLine) -> ShownLine:
    """Return the same of a line at hand, whose product and redemption with store are loaded."""
    product = line.product
    return ShownLine(
        product_id=product.pk,
        name=product.name,
        unit=product.unit,
        quantity=line.quantity,
        unit_points=line.unit_points,
        price=product.points,
        slot_id=line.slot_id,
        store_name=line.redemption.store.name,
    )


def by_code(code: str, actor: Actor) -> Redemption:
    """Return the redemption with this pick-up code, of a store the actor is a clerk of.

    :raises NotFound: no such code, or another store's.
    """
    stores = actor.stores(Role.STORE_CLERK)
    found = told(Redemption.objects.filter(code=read_code(code), store_id__in=stores)).first()
    if found is None:
        raise NotFound(field="code")
    return found


def told(redemptions: QuerySet[Redemption]) -> QuerySet[Redemption]:
    """Fetch what a redemption is shown with: two queries however many rows."""
    lines = Prefetch("lines", RedemptionLine.objects.select_related("product", "slot").order_by("pk"))
    return (
        redemptions.select_related("store", "volunteer", "household").prefetch_related(lines).order_by("-pk")
    )
