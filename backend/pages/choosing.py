"""A volunteer at the shelf: find a store, choose goods or a time for a service, see the sum, reserve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.core.errors import Refusal
from backend.pages.doors import volunteers_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.templatetags.jishan import clock, day
from backend.pages.visitor import VolunteerRequest
from backend.regions.queries import prefix_of
from points.ledger.queries import balance
from points.market import queries, rules, services
from points.market.choices import ProductCategory, ProductKind
from points.market.models import Store

_PICTURES: Mapping[str, str] = {
    ProductCategory.GRAIN_OIL: "grain",
    ProductCategory.FOOD: "basket",
    ProductCategory.DAILY: "bottle",
    ProductCategory.WASH: "soap",
    ProductCategory.STATIONERY: "pen",
    ProductCategory.CLOTHING: "clothes",
    ProductCategory.HOUSEHOLD: "home",
}
_TONES: Mapping[str, str] = {rules.StockWord.PLENTY: "jade", rules.StockWord.FEW: "amber"}
_COUNTY_DIGITS = 6
_LONG_SHELF = 24  # from so many products on, pictures give way to lines
_LONGEST_QUERY = 40


@dataclass(frozen=True)
class Goods:
    """One product on the shelf, with all the page says about it."""

    item: queries.ShelfItem
    picture: str
    tone: str
    gone: bool
    most: int
    wanted: int
    cheap_count: int


@dataclass
class Group:
    """The products of one category, what can be chosen first."""

    slug: str
    label: str
    goods: list[Goods] = field(default_factory=list)


@require_GET
@never_cache
@volunteers_only
def stores(request: VolunteerRequest) -> HttpResponse:
    """List the charity supermarkets near where the volunteer lives, or found by name or address."""
    q = _query(request)
    context = {
        "page_obj": page_of(request, _stores_for(request, q)),
        "balance": balance(request.volunteer, at=timezone.now()),
        "q": q,
    }
    return render(request, "pages/volunteer/stores.html", context)


def _query(request: VolunteerRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:_LONGEST_QUERY]


def _stores_for(request: VolunteerRequest, q: str) -> QuerySet[Store]:
    everywhere = queries.open_stores().order_by("pk")
    if q:
        return everywhere.filter(Q(name__icontains=q) | Q(address__icontains=q))
    county = prefix_of(request.volunteer.region_id)[:_COUNTY_DIGITS]
    nearby = queries.open_stores(region_prefix=county).order_by("pk")
    return nearby if nearby.exists() else everywhere


@require_http_methods(["GET", "POST"])
@never_cache
@volunteers_only
def shelf(request: VolunteerRequest, store_id: int) -> HttpResponse:
    """Show a store's shelf; reserve what was chosen, once the volunteer has seen the sum.

    The page's script adds up and sends the sum it showed. Without a script the sum is shown on a page of its
    own, which asks once more.
    """
    store = get_object_or_404(queries.open_stores(), pk=store_id)
    at = timezone.now()
    if request.method == "GET":
        return _show_shelf(request, store, at=at)
    wanted, lines = _lines(request)
    expected = whole_number(request.POST.get("expected", ""))
    try:
        if expected is None:
            return _ask(request, store, lines, at=at)
        redemption = services.reserve(
            volunteer=request.volunteer, store_id=store_id, lines=lines, at=at, expected_points=expected
        )
    except Refusal as refusal:
        return _show_shelf(request, store, at=at, wanted=wanted, refusal=refusal)
    note(request, _("已为您留好，到店出示领取码。"))
    return redirect("pages:redemption", redemption.pk)


def _lines(request: VolunteerRequest) -> tuple[dict[int, int], list[services.LineInput]]:
    """Read `quantity-<product>` and `slot-<product>`; what is not a number counts as none."""
    read: dict[str, dict[int, int]] = {"quantity": {}, "slot": {}}
    for name, value in request.POST.items():
        label, _dash, key = name.partition("-")
        product, number = whole_number(key), whole_number(value)
        if label in read and product is not None and number is not None:
            read[label][product] = number
    slots = read["slot"]
    lines = [
        services.LineInput(product_id=pk, quantity=quantity, slot_id=slots.get(pk))
        for pk, quantity in read["quantity"].items()
        if quantity
    ]
    return read["quantity"], lines


def _ask(
    request: VolunteerRequest, store: Store, lines: Sequence[services.LineInput], *, at: datetime
) -> HttpResponse:
    """Show the exact sum before anything is held."""
    quote = services.quote(volunteer=request.volunteer, store_id=store.pk, lines=lines, at=at)
    available = balance(request.volunteer, at=at).available
    context = {
        "store": store,
        "quote": quote,
        "lines": lines,
        "left": available - quote.points,
        "missing": max(quote.points - available, 0),
    }
    return render(request, "pages/volunteer/shelf_sure.html", context)


def _show_shelf(
    request: VolunteerRequest,
    store: Store,
    *,
    at: datetime,
    wanted: Mapping[int, int] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    hold = timedelta(hours=getattr(settings, "REDEMPTION_HOLD_HOURS", services.HOLD_HOURS))
    mine = balance(request.volunteer, at=at)
    items = queries.shelf(store, request.volunteer, at, spendable=mine.available)
    q = _query(request)
    found = [item for item in items if q.casefold() in item.product.name.casefold()]
    context: dict[str, Any] = {
        "store": store,
        "balance": mine,
        "groups": _groups([item for item in found if item.product.kind == ProductKind.GOODS], wanted or {}),
        "services": [
            _goods(item, wanted or {}) for item in found if item.product.kind == ProductKind.SERVICE
        ],
        "empty": not items,
        "q": q,
        "long": len(items) >= _LONG_SHELF,
        "held_until": f"{day(at + hold)} {clock(at + hold)}",
        "refusal": refusal,
        "not_now": None if refusal else services.why_not(volunteer=request.volunteer, store=store, at=at),
    }
    return render(request, "pages/volunteer/shelf.html", context, status=refusal.status if refusal else 200)


def _groups(items: Sequence[queries.ShelfItem], wanted: Mapping[int, int]) -> list[Group]:
    groups: dict[str, Group] = {}
    for item in items:
        slug = item.product.category
        group = groups.setdefault(slug, Group(slug, item.product.get_category_display()))
        group.goods.append(_goods(item, wanted))
    for group in groups.values():
        group.goods.sort(key=lambda goods: goods.most == 0)
    return [groups[slug] for slug in ProductCategory.values if slug in groups]


def _goods(item: queries.ShelfItem, wanted: Mapping[int, int]) -> Goods:
    shares = [left for left in (item.person_left, item.household_left) if left is not None]
    most = 0 if item.reasons else max(min(item.free, rules.MOST_OF_ONE, *shares), 0)
    return Goods(
        item=item,
        picture=_PICTURES.get(item.product.category, "gift"),
        tone=_TONES.get(item.stock, "sub"),
        gone=item.stock == rules.StockWord.GONE,
        most=most,
        wanted=min(wanted.get(item.product.pk, 0), most),
        cheap_count=min(item.discount.quantity, most) if item.discount else 0,
    )
