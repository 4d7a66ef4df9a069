"""What a clerk looks for: what waits, by number, masked name or code, and goods by name or barcode."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from backend.accounts.scopes import Actor, Role
from points.market.choices import Channel, RedemptionStatus
from points.market.models import Product, Store
from points.market.queries import products_on_shelf, told
from points.market.redemption_models import Redemption
from points.market.rules import CODE_LENGTH, read_code
from volunteers.people.models import Volunteer

_TAIL = 4  # so many digits of a number a clerk is told


def stores_served_by(actor: Actor) -> QuerySet[Store]:
    """Return the stores the actor stands at the counter of, oldest first."""
    return Store.objects.filter(pk__in=actor.stores(Role.STORE_CLERK)).order_by("pk")


def waiting_at(store_id: int, *, text: str = "") -> QuerySet[Redemption]:
    """Return what waits in a store, soonest due first, narrowed by what a person at the counter says.

    `text` is the last four (or more) digits of a number, a name as it is masked (张*明, 张, 张明), or the
    pick-up code. What the mask hides cannot be searched for, nor the sealed name of a household.
    """
    waiting = Redemption.objects.filter(store_id=store_id, status=RedemptionStatus.RESERVED)
    return told(said_at_counter(waiting, text)).order_by("reserved_until", "pk")


def said_at_counter(redemptions: QuerySet[Redemption], text: str) -> QuerySet[Redemption]:
    """Narrow redemptions by what a person at the counter says (`waiting_at`); nothing said is all of them."""
    return redemptions.filter(_said(text)) if text else redemptions


def handed_over_at(store_id: int) -> QuerySet[Redemption]:
    """Return what went over this counter, the last first."""
    gone = Redemption.objects.filter(store_id=store_id, status=RedemptionStatus.COLLECTED)
    return told(gone).order_by("-collected_at", "-pk")


def waiting_for(volunteer_id: int, store_id: int) -> QuerySet[Redemption]:
    """Return what waits in this store for one volunteer, soonest due first."""
    waiting = Redemption.objects.filter(
        store_id=store_id, volunteer_id=volunteer_id, status=RedemptionStatus.RESERVED
    )
    return told(waiting).order_by("reserved_until", "pk")


def to_agree(volunteer: Volunteer, *, at: datetime) -> QuerySet[Redemption]:
    """Return the baskets at a counter that wait for this volunteer's word."""
    waiting = Redemption.objects.filter(
        volunteer=volunteer,
        channel=Channel.COUNTER,
        status=RedemptionStatus.RESERVED,
        confirmed_at__isnull=True,
        reserved_until__gt=at,
    )
    return waiting.select_related("store").order_by("pk")


def served(redemption_id: int, actor: Actor) -> Redemption | None:
    """Return a redemption of a store the actor stands at the counter of."""
    found = Redemption.objects.filter(pk=redemption_id, store_id__in=actor.stores(Role.STORE_CLERK))
    return told(found).first()


def goods_like(store_id: int, text: str, *, at: datetime) -> QuerySet[Product]:
    """Return goods on the shelf whose name or barcode holds the text, by name."""
    like = Q(name__icontains=text) | Q(barcode__startswith=text)
    return products_on_shelf(at=at, store_id=store_id).filter(like).order_by("name", "pk")


def goods_by_barcode(store_id: int, barcode: str) -> Product | None:
    """Return the product a scanner read; an EAN-13 with a leading zero is the UPC-A without."""
    spellings = {barcode, f"0{barcode}", barcode.removeprefix("0")}
    return Product.objects.filter(store_id=store_id, barcode__in=spellings).order_by("pk").first()


def goods_named(store_id: int, product_ids: Collection[int], *, at: datetime) -> Mapping[int, Product]:
    """Return these products of a store's shelf by key."""
    return products_on_shelf(at=at, store_id=store_id).in_bulk(list(product_ids))


def _said(text: str) -> Q:
    said = text.strip()
    if said.isdecimal() and said.isascii():
        if len(said) < _TAIL:
            return Q(pk__in=[])
        return Q(volunteer__number__endswith=said) | Q(household__number__endswith=said)
    code = read_code(said)
    if len(code) == CODE_LENGTH:
        return Q(code=code)
    shown = said.replace("*", "").replace("＊", "").strip()
    if not 1 <= len(shown) <= 2:  # noqa: PLR2004 – a mask shows the first letter and the last
        return Q(pk__in=[])
    first, last = shown[0], shown[1:]
    return Q(volunteer__name__startswith=first, volunteer__name__endswith=last)
