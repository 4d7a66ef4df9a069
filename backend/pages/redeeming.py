"""A volunteer at the shelf: choose, reserve, show the code, or give it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.scopes import Actor
from backend.core.errors import Refusal
from backend.pages.doors import volunteers_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.templatetags.jishan import clock, day
from backend.pages.visitor import VolunteerRequest
from backend.regions.queries import prefix_of
from points.ledger.queries import balance
from points.market import counter, queries, rules, services
from points.market.choices import ProductCategory
from points.market.models import Product, Store
from points.market.redemption_models import Redemption

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


@dataclass(frozen=True)
class Goods:
    """One product on the shelf, with all the page says about it."""

    product: Product
    stock: str
    tone: str
    gone: bool
    picture: str
    monthly_left: int | None
    most: int
    wanted: int


@require_GET
@never_cache
@volunteers_only
def stores(request: VolunteerRequest) -> HttpResponse:
    """List the charity supermarkets near where the volunteer lives, or found by name or address."""
    q = request.GET.get("q", "").replace("\x00", "").strip()
    context = {
        "page_obj": page_of(request, _stores_for(request, q)),
        "balance": balance(request.volunteer, at=timezone.now()),
        "q": q,
    }
    return render(request, "pages/volunteer/stores.html", context)


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
    """Show a store's shelf; reserve what was chosen."""
    store = get_object_or_404(queries.open_stores(), pk=store_id)
    at = timezone.now()
    if request.method == "GET":
        return _show_shelf(request, store, at=at)
    wanted = _wanted(request)
    lines = [
        services.LineInput(product_id=pk, quantity=quantity) for pk, quantity in wanted.items() if quantity
    ]
    try:
        redemption = services.reserve(volunteer=request.volunteer, store_id=store_id, lines=lines, at=at)
    except Refusal as refusal:
        return _show_shelf(request, store, at=at, wanted=wanted, refusal=refusal)
    note(request, _("已为您留好，到店出示领取码。"))
    return redirect("pages:redemption", redemption.pk)


def _wanted(request: VolunteerRequest) -> dict[int, int]:
    """Read `quantity-<product>` fields; what is not a number counts as none."""
    wanted: dict[int, int] = {}
    for name, value in request.POST.items():
        label, _dash, key = name.partition("-")
        product, quantity = whole_number(key), whole_number(value)
        if label == "quantity" and product is not None and quantity is not None:
            wanted[product] = quantity
    return wanted


def _show_shelf(
    request: VolunteerRequest,
    store: Store,
    *,
    at: datetime,
    wanted: Mapping[int, int] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    hold = timedelta(hours=getattr(settings, "REDEMPTION_HOLD_HOURS", services.HOLD_HOURS))
    context = {
        "store": store,
        "balance": balance(request.volunteer, at=at),
        "items": [_goods(item, wanted or {}) for item in queries.shelf(store, request.volunteer, at)],
        "held_until": f"{day(at + hold)} {clock(at + hold)}",
        "refusal": refusal,
    }
    return render(request, "pages/volunteer/shelf.html", context, status=refusal.status if refusal else 200)


def _goods(item: queries.ShelfItem, wanted: Mapping[int, int]) -> Goods:
    free: int = item.product.free  # type: ignore[attr-defined] # annotated by products_on_shelf
    most = min(free, rules.MOST_OF_ONE if item.monthly_left is None else item.monthly_left, rules.MOST_OF_ONE)
    return Goods(
        product=item.product,
        stock=str(item.stock.label),
        tone=_TONES.get(item.stock, "sub"),
        gone=item.stock == rules.StockWord.GONE,
        picture=_PICTURES.get(item.product.category, "gift"),
        monthly_left=item.monthly_left,
        most=max(most, 0),
        wanted=min(wanted.get(item.product.pk, 0), max(most, 0)),
    )


@require_GET
@never_cache
@volunteers_only
def redemptions(request: VolunteerRequest) -> HttpResponse:
    """List what I redeemed."""
    context = {"page_obj": page_of(request, queries.redemptions_of(request.volunteer))}
    return render(request, "pages/volunteer/redemptions.html", context)


@require_GET
@never_cache
@volunteers_only
def redemption(request: VolunteerRequest, redemption_id: int) -> HttpResponse:
    """Show one redemption and, while it waits, its pick-up code."""
    return _show_redemption(request, redemption_id)


@require_POST
@volunteers_only
def cancel(request: VolunteerRequest, redemption_id: int) -> HttpResponse:
    """Give a reservation back: points to me, goods to the shelf."""
    mine = _my_redemption(request, redemption_id)
    try:
        services.cancel(
            redemption_id=mine.pk, actor=Actor(user_id=request.volunteer.user_id), at=timezone.now()
        )
    except Refusal as refusal:
        return _show_redemption(request, redemption_id, refusal=refusal)
    return redirect("pages:redemption", redemption_id)


@require_POST
@volunteers_only
def confirm(request: VolunteerRequest, redemption_id: int) -> HttpResponse:
    """Agree to what a clerk put together for me at the counter."""
    mine = _my_redemption(request, redemption_id)
    try:
        counter.confirm_own(
            redemption_id=mine.pk, actor=Actor(user_id=request.volunteer.user_id), at=timezone.now()
        )
    except Refusal as refusal:
        return _show_redemption(request, redemption_id, refusal=refusal)
    return redirect("pages:redemption", redemption_id)


def _my_redemption(request: VolunteerRequest, redemption_id: int) -> Redemption:
    found = queries.redemptions_of(request.volunteer).filter(pk=redemption_id).first()
    if found is None:
        raise Http404
    return found


def _show_redemption(
    request: VolunteerRequest, redemption_id: int, *, refusal: Refusal | None = None
) -> HttpResponse:
    found = _my_redemption(request, redemption_id)
    half = len(found.code) // 2
    context = {
        "redemption": found,
        "code_spaced": f"{found.code[:half]} {found.code[half:]}",
        "code_label": _("领取码 %(code)s") % {"code": found.code},
        "refusal": refusal,
    }
    return render(
        request, "pages/volunteer/redemption.html", context, status=refusal.status if refusal else 200
    )
