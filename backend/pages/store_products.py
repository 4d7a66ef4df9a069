"""One product of a store: its particulars, its deliveries, and what a keeper does with them."""

from typing import Any, cast

from django import forms
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.core.errors import NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.stores import tried
from backend.pages.visitor import ActorRequest
from points.market import services as market
from points.market.choices import ProductCategory, ProductStatus
from points.market.errors import BarcodeTaken
from points.market.models import Batch, Product, ShelfLocation, Store
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import queries, services
from points.stockroom.queries import KEEPERS

_MOST_POINTS = 1_000_000


class ProductForm(PageForm):
    """What a keeper may say of a product; another field is one line here and one in services.EDITABLE."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=80, widget=forms.TextInput(attrs={"data-testid": "name"})
    )
    unit = forms.CharField(
        label=gettext_lazy("单位"),
        max_length=10,
        help_text=gettext_lazy("如袋、瓶、块。"),
        widget=forms.TextInput(attrs={"data-testid": "unit"}),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("类别"),
        choices=ProductCategory.choices,
        widget=forms.Select(attrs={"data-testid": "category"}),
    )
    points = forms.IntegerField(
        label=gettext_lazy("积分"),
        min_value=1,
        max_value=_MOST_POINTS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "points"}),
    )
    barcode = forms.CharField(
        label=gettext_lazy("条码"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("扫一下包装上的条码，没有就留空。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-testid": "barcode"}),
    )
    location = forms.ChoiceField(
        label=gettext_lazy("货位"), required=False, widget=forms.Select(attrs={"data-testid": "location"})
    )
    minimum_stock = forms.IntegerField(
        label=gettext_lazy("最低库存"),
        min_value=1,
        max_value=MOST_OF_A_BATCH,
        required=False,
        help_text=gettext_lazy("可领的少于这个数就提醒，不提醒就留空。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "minimum"}),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=ProductStatus.choices,
        widget=forms.Select(attrs={"data-testid": "status"}),
    )

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        """Offer the shelves of the store."""
        super().__init__(*args, **kwargs)
        places = ShelfLocation.objects.filter(store=store).order_by("code")
        cast("forms.ChoiceField", self.fields["location"]).choices = [
            ("", _("不指定")),
            *((str(place.pk), str(place)) for place in places),
        ]

    def add_refusal(self, refusal: Refusal) -> None:
        """Show a barcode of another product at its field: the database, which finds it, names none."""
        if isinstance(refusal, BarcodeTaken):
            self.add_error("barcode", str(refusal))
        else:
            super().add_refusal(refusal)

    def said(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        said = dict(self.cleaned_data)
        place = said.pop("location")
        return {**said, "location_id": int(place) if place else None}


class ReceiveForm(PageForm):
    """A delivery that was bought; donated goods come in with their donation."""

    quantity = forms.IntegerField(
        label=gettext_lazy("数量"),
        min_value=1,
        max_value=MOST_OF_A_BATCH,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "quantity"}),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("保质期至"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "expires-on"}),
    )
    note = forms.CharField(
        label=gettext_lazy("供货单位和说明"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"data-testid": "note"}),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def new_product(request: ActorRequest, store_id: int) -> HttpResponse:
    """Put another product on the shelf."""
    store = queries.store_for(request.actor, store_id)
    form = ProductForm(request.POST if request.method == "POST" else None, store=store)
    if form.is_valid() and tried(
        form,
        lambda: services.add_product(store=store, fields=form.said(), actor=request.actor, at=timezone.now()),
    ):
        note(request, _("已新建商品，可以入库了。"))
        return redirect("pages:store", store.pk)
    context = {"store": store, "form": form}
    return render(request, "pages/keeper/product.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def product(request: ActorRequest, store_id: int, product_id: int) -> HttpResponse:
    """Show a product with its deliveries, and change what a keeper may change."""
    store = queries.store_for(request.actor, store_id)
    found = _product(store, product_id)
    form = ProductForm(
        request.POST if request.method == "POST" else None,
        store=store,
        initial=_initial(found),
    )
    if form.is_valid() and tried(
        form,
        lambda: services.change_product(
            product_id=found.pk, fields=form.said(), actor=request.actor, at=timezone.now()
        ),
    ):
        note(request, _("已保存。"))
        return redirect("pages:store-product", store.pk, found.pk)
    return _page(request, store, found, form, ReceiveForm(), status=400 if form.errors else 200)


@by_button
@roles_only(*KEEPERS)
def receive(request: ActorRequest, store_id: int, product_id: int) -> HttpResponse:
    """Take a bought delivery into stock."""
    store = queries.store_for(request.actor, store_id)
    found = _product(store, product_id)
    delivery = ReceiveForm(request.POST)
    if delivery.is_valid() and tried(
        delivery,
        lambda: market.receive_batch(
            product=found, actor=request.actor, at=timezone.now(), **delivery.cleaned_data
        ),
    ):
        note(
            request,
            _("已入库 %(n)s %(unit)s。") % {"n": delivery.cleaned_data["quantity"], "unit": found.unit},
        )
        return redirect("pages:store-product", store.pk, found.pk)
    form = ProductForm(
        store=store,
        initial=_initial(found),
    )
    return _page(request, store, found, form, delivery, status=400)


def _initial(found: Product) -> dict[str, Any]:
    said = {name: getattr(found, name) for name in services.EDITABLE}
    return {**said, "location": found.location_id or ""}


def _product(store: Store, product_id: int) -> Product:
    found = Product.objects.filter(store=store, pk=product_id).select_related("store").first()
    if found is None:
        raise NotFound(field="product")
    return found


def _page(
    request: ActorRequest,
    store: Store,
    found: Product,
    form: ProductForm,
    delivery: ReceiveForm,
    *,
    status: int,
) -> HttpResponse:
    batches = (
        Batch.objects.filter(product=found)
        .annotate(free=F("on_hand") - F("reserved"))
        .order_by("-on_hand", "expires_on", "-pk")
    )
    context = {
        "store": store,
        "product": found,
        "form": form,
        "delivery": delivery,
        "page_obj": page_of(request, batches),
        "today": timezone.localdate(),
    }
    return render(request, "pages/keeper/product.html", context, status=status)
