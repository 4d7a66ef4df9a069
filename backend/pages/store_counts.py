"""Counting a store with a phone in hand: blind until it is closed, then decided by somebody else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.stores import searched, searched_for, tried
from backend.pages.visitor import ActorRequest
from points.market.choices import ProductCategory
from points.market.models import Batch, Product, ShelfLocation, Store
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import counting, queries
from points.stockroom.errors import CountedQuantityInvalid
from points.stockroom.models import StockCount
from points.stockroom.queries import KEEPERS
from points.stockroom.rules import MOST_LINES
from points.stockroom.states import CountScope, CountStatus

_FOUND = 12  # products shown for a search
_NEXT = 12  # goods proposed to be counted next

Step = Callable[..., StockCount]
STEPS: Mapping[str, tuple[Step, str | Promise]] = {
    "close": (counting.close_count, gettext_lazy("盘点已结束，请另一位工作人员复核。")),
    "reopen": (counting.reopen_count, gettext_lazy("已退回，请再点一遍。")),
    "abandon": (counting.abandon_count, gettext_lazy("这次盘点已作废，库存没有改动。")),
    "approve": (counting.approve_count, gettext_lazy("已通过，库存已按盘点结果调整。")),
}
_EXPLAINED = {"abandon", "approve"}


class CountForm(PageForm):
    """What to count."""

    scope = forms.ChoiceField(
        label=gettext_lazy("盘点范围"),
        choices=CountScope.choices,
        widget=forms.Select(attrs={"data-testid": "scope"}),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("类别"),
        choices=[("", gettext_lazy("不限")), *ProductCategory.choices],
        required=False,
        widget=forms.Select(attrs={"data-testid": "category"}),
    )
    location = forms.ChoiceField(
        label=gettext_lazy("货位"), required=False, widget=forms.Select(attrs={"data-testid": "location"})
    )

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        """Offer the shelves of the store."""
        super().__init__(*args, **kwargs)
        places = ShelfLocation.objects.filter(store=store).order_by("code")
        cast("forms.ChoiceField", self.fields["location"]).choices = [
            ("", _("不限")),
            *((str(place.pk), str(place)) for place in places),
        ]

    def clean(self) -> dict[str, Any]:
        """Drop what the scope does not use, and take the key of the shelf."""
        said = dict(super().clean() or {})
        place = said.pop("location", "")
        if said.get("scope") != CountScope.CATEGORY:
            said["category"] = ""
        said["location_id"] = int(place) if place and said.get("scope") == CountScope.LOCATION else None
        return said


@dataclass(frozen=True)
class Goods:
    """Something to count: a product with one expiry, without its quantity."""

    product: Product
    expires_on: date | None
    typed: str = ""
    refused: bool = False


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def counts(request: ActorRequest, store_id: int) -> HttpResponse:
    """Show the counts of a store, and begin another one."""
    store = queries.store_for(request.actor, store_id)
    form = CountForm(request.POST if request.method == "POST" else None, store=store)
    made: list[StockCount] = []
    if form.is_valid() and tried(
        form,
        lambda: made.append(
            counting.open_count(store=store, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        ),
    ):
        return redirect("pages:store-count", made[0].pk)
    rows = queries.counts_of(request.actor).filter(store=store)
    context = {"store": store, "form": form, "page_obj": page_of(request, rows)}
    return render(request, "pages/keeper/counts.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def count(request: ActorRequest, count_id: int) -> HttpResponse:
    """Count: type or scan, write down how many. Once it is closed, show and decide the differences."""
    found = queries.count_for(request.actor, count_id)
    if request.method == "GET":
        return _page(request, found)
    try:
        step = request.POST.get("step", "")
        if step == "line":
            _take_down(request, found)
        elif step in STEPS:
            act, said = STEPS[step]
            reason = request.POST.get("reason", "")
            explained = {"reason": reason} if step in _EXPLAINED else {}
            act(count_id=found.pk, actor=request.actor, at=timezone.now(), **explained)
            note(request, str(said))
        else:
            raise Invalid(field="step")
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, found, refusal=refusal)
    return redirect("pages:store-count", found.pk)


def _take_down(request: ActorRequest, found: StockCount) -> None:
    counted = whole_number(request.POST.get("counted", ""))
    if counted is None:
        raise CountedQuantityInvalid(field="counted", most=MOST_OF_A_BATCH)
    typed = request.POST.get("expires_on", "")
    line = counting.take_down(
        count_id=found.pk,
        product_id=whole_number(request.POST.get("product", "")) or 0,
        counted=counted,
        expires_on=_day(typed),
        actor=request.actor,
        at=timezone.now(),
    )
    note(
        request,
        _("已记下 %(name)s：%(n)s %(unit)s。")
        % {
            "name": line.product.name,
            "n": line.counted,
            "unit": line.product.unit,
        },
    )


def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    if day is None:
        raise Invalid(field="expires_on")
    return day


def _page(request: ActorRequest, found: StockCount, *, refusal: Refusal | None = None) -> HttpResponse:
    lines = queries.standing_lines(found)
    asked = searched_for(request)
    left = queries.uncounted(found, lines)
    goods = _goods(found, asked) if asked else [Goods(row.product, row.expires_on) for row in left[:_NEXT]]
    counted_it = found.lines.filter(counted_by_id=request.actor.user_id).exists()
    context = {
        "count": found,
        "store": found.store,
        "blind": found.status == CountStatus.OPEN,
        "q": asked,
        "goods": _with_typed(request, goods, refusal),
        "left": len(left),
        "unseen": [] if found.status == CountStatus.OPEN else left[:MOST_LINES],
        "lines": list(reversed(lines)),
        "waits": found.status == CountStatus.CLOSED,
        "may_approve": found.status == CountStatus.CLOSED and not counted_it,
        "refusal": refusal,
    }
    return render(request, "pages/keeper/count.html", context, status=refusal.status if refusal else 200)


def _with_typed(request: ActorRequest, goods: list[Goods], refusal: Refusal | None) -> list[Goods]:
    """Give the row that was refused what was typed there."""
    if refusal is None:
        return goods
    asked = (whole_number(request.POST.get("product", "")), request.POST.get("expires_on", ""))
    typed = request.POST.get("counted", "")
    return [
        replace(row, typed=typed, refused=True)
        if (row.product.pk, row.expires_on.isoformat() if row.expires_on else "") == asked
        else row
        for row in goods
    ]


def _goods(found: StockCount, asked: str) -> list[Goods]:
    """Return what the search finds: a row for each expiry in stock, or one for goods without any."""
    products = list(searched(queries.countable(found), asked)[:_FOUND])
    groups = (
        Batch.objects.filter(product__in=products, on_hand__gt=0)
        .order_by("expires_on")
        .values_list("product_id", "expires_on")
        .distinct()
    )
    expiries: dict[int, list[date | None]] = {}
    for product_id, expires_on in groups:
        expiries.setdefault(product_id, []).append(expires_on)
    return [Goods(one, day) for one in products for day in expiries.get(one.pk, [None])]
