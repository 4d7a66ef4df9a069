"""The stores somebody keeps: what needs a look, what is on the shelves, and where to go from there."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.core.errors import Refusal, refusal_for
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import ActorRequest
from points.market import services as market
from points.market.models import Product, ShelfLocation
from points.market.queries import stores_kept_by
from points.stockroom import queries, services
from points.stockroom.queries import KEEPERS
from points.stockroom.states import LIVE_COUNTS

PER_PAGE = 50
_LONGEST_REASON = 200  # the column


class LocationForm(PageForm):
    """A new shelf."""

    code = forms.CharField(
        label=gettext_lazy("编号"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "data-testid": "location-code"}),
    )
    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=40,
        widget=forms.TextInput(attrs={"data-testid": "location-name"}),
    )


@require_GET
@never_cache
@roles_only(*KEEPERS)
def stores(request: ActorRequest) -> HttpResponse:
    """Show every store the actor keeps, with what needs a look."""
    kept = stores_kept_by(request.actor).select_related("region", "organization").order_by("name", "pk")
    page = page_of(request, kept)
    if page.paginator.count == 1:
        return redirect("pages:store", page.object_list[0].pk)
    context = {"page_obj": page, "cards": queries.hub(list(page), at=timezone.now())}
    return render(request, "pages/keeper/stores.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def store(request: ActorRequest, store_id: int) -> HttpResponse:
    """Show one store: alerts, goods about to expire, and its products; a POST names another shelf."""
    at = timezone.now()
    found = queries.store_for(request.actor, store_id)
    form = LocationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and tried(
        form,
        lambda: services.add_location(store=found, actor=request.actor, at=at, **form.cleaned_data),
    ):
        note(request, _("已添加货位。"))
        return redirect("pages:store", found.pk)
    asked = searched_for(request)
    products = searched(queries.products_of(found, at=at), asked)
    context = {
        "store": found,
        "today": timezone.localdate(at),
        "q": asked,
        "page_obj": page_of(request, products, per_page=PER_PAGE),
        "short": queries.short_products(at=at, stores=[found]),
        "expiring": queries.expiring(found, at=at)[:PER_PAGE],
        "locations": ShelfLocation.objects.filter(store=found).order_by("code"),
        "live": queries.counts_of(request.actor).filter(store=found, status__in=LIVE_COUNTS).first(),
        "coming": queries.transfers_of(request.actor)
        .filter(to_store=found, status__in=queries.OPEN_TRANSFERS)
        .count(),
        "form": form,
    }
    return render(request, "pages/keeper/store.html", context, status=400 if form.errors else 200)


@by_button
@roles_only(*KEEPERS)
def write_off(request: ActorRequest, store_id: int) -> HttpResponse:
    """Take goods of one batch out of stock, with a reason."""
    found = queries.store_for(request.actor, store_id)
    market.write_off(
        batch_id=whole_number(request.POST.get("batch", "")) or 0,
        quantity=whole_number(request.POST.get("quantity", "")) or 0,
        reason=request.POST.get("reason", "").replace("\x00", "")[:_LONGEST_REASON],
        actor=request.actor,
        at=timezone.now(),
    )
    note(request, _("已报损，原因已记录。"))
    return redirect("pages:store", found.pk)


def searched_for(request: ActorRequest) -> str:
    """Return what was typed into the search; a form that is refused brings it along."""
    return (request.GET.get("q", "") or request.POST.get("q", "")).replace("\x00", "").strip()


def searched(products: QuerySet[Product], asked: str) -> QuerySet[Product]:
    """Narrow products by what was typed or scanned: part of the name, a barcode or a shelf's code."""
    if not asked:
        return products
    return products.filter(Q(name__icontains=asked) | Q(barcode=asked) | Q(location__code__iexact=asked))


def tried(form: PageForm, act: Callable[[], Any]) -> bool:
    """Do it, and say whether it was done; a refusal is shown at the field it means."""
    try:
        act()
    except Refusal as refusal:
        form.add_refusal(refusal)
        return False
    except IntegrityError as error:
        form.add_refusal(refusal_for(error))
        return False
    return True
