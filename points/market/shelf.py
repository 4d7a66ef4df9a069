"""The shelf as a volunteer sees it: what there is, what it costs today, how much of it is theirs to take."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils.timezone import localdate
from django.utils.translation import gettext

from points.market.choices import ProductKind, ProductStatus, StoreStatus
from points.market.limits import (
    Left,
    StorePolicy,
    Taken,
    home_of,
    left_of,
    lives_elsewhere,
    taken,
    terms_of,
    too_young,
)
from points.market.models import Batch, Product, Store
from points.market.rules import Discount, StockWord, stock_word
from points.market.slot_models import ServiceSlot
from volunteers.people.models import Volunteer

SLOTS_SHOWN_AHEAD = timedelta(days=31)
_TENTH = 10
NOTHING_SAID = Left()  # without a limit, or when nobody asks


@dataclass(frozen=True, slots=True)
class NearExpiry:
    """So many of a product are cheaper because they expire soon; the soonest in `days_left` days."""

    points: int
    percent: int
    quantity: int
    days_left: int

    @property
    def sentence(self) -> str:
        """“临期 7 折，还有 3 天”."""
        tenths = f"{self.percent / _TENTH:g}"
        if self.days_left == 0:
            return gettext("临期 %(tenths)s 折，今天到期") % {"tenths": tenths}
        return gettext("临期 %(tenths)s 折，还有 %(days)s 天") % {"tenths": tenths, "days": self.days_left}


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """One product as a volunteer sees it. `reasons` say why it cannot be chosen, besides being gone."""

    product: Product
    free: int
    stock: StockWord
    left: Left = NOTHING_SAID
    discount: NearExpiry | None = None
    slots: tuple[ServiceSlot, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def person_left(self) -> int | None:
        """How many this volunteer may still have; None without a limit, or when nobody asks."""
        return self.left.person

    @property
    def household_left(self) -> int | None:
        """How many those who live together may still have."""
        return self.left.household

    @property
    def limit_sentence(self) -> str:
        """“本月还可换 2 袋（共 3）；本月您家还可换 1 袋（共 4）”, or nothing."""
        return self.left.sentence

    @property
    def cheapest(self) -> int:
        """What the first piece costs now."""
        return self.discount.points if self.discount else self.product.points


def products_on_shelf(*, at: datetime, store_id: int | None = None) -> QuerySet[Product]:
    """Return products on sale of one open store, or of all, each with `free`, the stock to reserve.

    What is kept for households in need is not offered.
    """
    free = (
        usable_batches(localdate(at))
        .filter(product=OuterRef("pk"))
        .order_by()
        .values("product")
        .annotate(total=Sum(F("on_hand") - F("reserved")))
        .values("total")
    )
    products = Product.objects.filter(status=ProductStatus.ON_SHELF, store__status=StoreStatus.OPEN)
    if store_id is not None:
        products = products.filter(store_id=store_id)
    there = Coalesce(Subquery(free, output_field=IntegerField()), 0)
    return products.select_related("store").annotate(free=Greatest(there - F("relief_reserved"), 0))


def as_shelf(
    products: Sequence[Product],
    *,
    volunteer: Volunteer | None,
    at: datetime,
    spendable: int | None = None,
) -> list[ShelfItem]:
    """Turn products of `products_on_shelf` into what this volunteer sees.

    At most one query each, however many products, for the household, the shares taken, goods near expiry and
    slots; none of them where no product asks for it. `spendable` points add “not enough” to the reasons.
    """
    terms = {product.pk: terms_of(product) for product in products}
    shared = volunteer is not None and any(each.household_limit is not None for each in terms.values())
    home = home_of(volunteer) if volunteer is not None and shared else None
    had: Mapping[int, Taken] = {}
    if volunteer is not None:
        had = taken(list(terms.values()), volunteer_id=volunteer.pk, household_id=home, at=at)
    cheaper = _near_expiry(products, today=localdate(at))
    slots = _slots([each.pk for each in products if each.kind == ProductKind.SERVICE], at=at)
    items = []
    for product in products:
        open_slots = slots.get(product.pk, ())
        free = sum(slot.left for slot in open_slots)
        if product.kind == ProductKind.GOODS:
            free = product.free  # type: ignore[attr-defined]  # annotated by products_on_shelf
        of_product = terms[product.pk]
        left = (
            left_of(of_product, had.get(product.pk, Taken()), household_id=home)
            if volunteer
            else NOTHING_SAID
        )
        item = ShelfItem(
            product, free, stock_word(free), left, discount=cheaper.get(product.pk), slots=open_slots
        )
        items.append(_with_reasons(item, volunteer, at=at, spendable=spendable))
    return items


def shelf(
    store: Store, volunteer: Volunteer | None, at: datetime, *, spendable: int | None = None
) -> list[ShelfItem]:
    """Return the whole shelf of a store: what there is first, by category and price."""
    products = list(products_on_shelf(at=at, store_id=store.pk).order_by("category", "points", "pk"))
    items = as_shelf(products, volunteer=volunteer, at=at, spendable=spendable)
    return sorted(items, key=lambda item: item.stock == StockWord.GONE)


def usable_batches(day: date) -> QuerySet[Batch]:
    """Return batches with goods that may be handed out on a day."""
    fresh = Q(expires_on__isnull=True) | Q(expires_on__gte=day)
    return Batch.objects.filter(fresh, on_hand__gt=0, recalled_at__isnull=True)


def policy_of(store: Store) -> StorePolicy:
    """Return what a store asks of everybody who redeems there."""
    return StorePolicy(
        name=store.name,
        is_open=store.status == StoreStatus.OPEN,
        minimum_balance=store.minimum_balance,
        most_redemptions=store.most_redemptions,
        redemptions_period=store.redemptions_period,
        discount=discount_of(store),
    )


def discount_of(store: Store) -> Discount | None:
    """Return the store's discount on goods near expiry, if it gives any."""
    if store.near_expiry_days is None or store.near_expiry_percent is None:
        return None
    return Discount(store.near_expiry_days, store.near_expiry_percent)


def _with_reasons(
    item: ShelfItem, volunteer: Volunteer | None, *, at: datetime, spendable: int | None
) -> ShelfItem:
    if volunteer is None:
        return item
    terms, reasons = terms_of(item.product), []
    if lives_elsewhere(terms, volunteer):
        reasons.append(terms.residents_sentence)
    if too_young(terms, volunteer, at=at):
        reasons.append(gettext("满 %(age)s 周岁可换") % {"age": terms.minimum_age})
    if 0 in (item.left.person, item.left.household):
        reasons.append(gettext("您的份额已经换完"))
    if spendable is not None and spendable < item.cheapest:
        reasons.append(gettext("余额不足，还差 %(points)s 分") % {"points": item.cheapest - spendable})
    return ShelfItem(
        item.product, item.free, item.stock, item.left, item.discount, item.slots, tuple(reasons)
    )


def _near_expiry(products: Sequence[Product], *, today: date) -> Mapping[int, NearExpiry]:
    """Return which products have goods near expiry, by the policies of their stores."""
    discounts: dict[int, Discount] = {}
    for product in products:
        discount = discount_of(product.store)
        if discount is not None and product.kind == ProductKind.GOODS:
            discounts[product.pk] = discount
    if not discounts:
        return {}
    longest = max(discount.days for discount in discounts.values())
    asked = Q(product__in=discounts, expires_on__lte=today + timedelta(days=longest))
    batches = usable_batches(today).filter(asked, on_hand__gt=F("reserved")).order_by("expires_on", "pk")
    points = {product.pk: product.points for product in products}
    found: dict[int, NearExpiry] = {}
    for pk, expires_on, free in batches.values_list("product_id", "expires_on", F("on_hand") - F("reserved")):
        discount = discounts[pk]
        price = discount.price(points[pk])
        if not discount.holds(expires_on, today) or price == points[pk]:  # a point cannot be cheaper
            continue
        days = found[pk].days_left if pk in found else (expires_on - today).days
        quantity = free + (found[pk].quantity if pk in found else 0)
        found[pk] = NearExpiry(price, discount.percent, quantity, days)
    return found


def _slots(product_ids: Collection[int], *, at: datetime) -> Mapping[int, tuple[ServiceSlot, ...]]:
    """Return the slots with places of the coming weeks, the soonest first."""
    if not product_ids:
        return {}
    found: dict[int, tuple[ServiceSlot, ...]] = {}
    slots = ServiceSlot.objects.filter(
        product__in=product_ids,
        closed_at__isnull=True,
        ends_at__gt=at,
        starts_at__lt=at + SLOTS_SHOWN_AHEAD,
        taken__lt=F("capacity"),
    )
    for slot in slots.order_by("starts_at", "pk"):
        found[slot.product_id] = (*found.get(slot.product_id, ()), slot)
    return found
