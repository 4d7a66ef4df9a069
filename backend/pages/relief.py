"""Help without points: the list for its keepers, the slip for the counter, and totals for everybody."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.scopes import Role
from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.cascade import chosen_code, home_code, steps_for
from backend.pages.doors import anyone, roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.stores import searched, searched_for
from backend.pages.visitor import ActorRequest, PageRequest
from points.market.choices import ProductKind, ProductStatus, StoreStatus
from points.market.errors import BasketEmpty
from points.market.models import Product
from points.market.queries import stores_kept_by
from points.market.reserving import LineInput
from points.market.rules import MOST_LINES, MOST_OF_ONE
from points.relief import issuing, queries, services
from points.relief.choices import CaseStatus, ReliefCategory
from points.relief.errors import NotReliefKeeper, ReliefShareInvalid
from points.relief.rules import months_told

_PAGE = 50
_GOODS = 24  # on the form at once; the search finds the others
_LONGEST = 500
_FARTHEST = 1_000_000
_QUANTITY = "quantity-"
_HALF_YEAR = timedelta(days=182)


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "review-on"})


class CaseForm(PageForm):
    """Which household, why, and when it is looked at again."""

    number = forms.RegexField(
        label=gettext_lazy("家庭编号"),
        regex=r"^[1-9][0-9]{11}$",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-testid": "number"}),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("类别"),
        choices=ReliefCategory.choices,
        widget=forms.Select(attrs={"data-testid": "category"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=_LONGEST,
        help_text=gettext_lazy("加密保存，只有指定的保管人能看，每次查看都会留痕。"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "input", "data-testid": "reason"}),
    )
    review_on = forms.DateField(label=gettext_lazy("复核日期"), widget=_day())


class ReviewForm(PageForm):
    """What follows, why, and when it is looked at again."""

    status = forms.ChoiceField(
        label=gettext_lazy("结论"),
        choices=CaseStatus.choices,
        widget=forms.Select(attrs={"data-testid": "status"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input", "data-testid": "review-reason"}),
    )
    review_on = forms.DateField(
        label=gettext_lazy("下次复核"),
        required=False,
        help_text=gettext_lazy("结束帮扶时不用填。"),
        widget=_day(),
    )


class KeeperForm(PageForm):
    """Whom to name, for which region."""

    username = forms.CharField(
        label=gettext_lazy("用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "data-testid": "username"}),
    )
    region = forms.CharField(
        label=gettext_lazy("保管哪里的名单"),
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("请选择保管哪里的名单。")},
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(Role.COMMUNITY_STAFF)
def cases(request: ActorRequest) -> HttpResponse:
    """Read the list, what is due first, and put a household on it. Every reading is noted."""
    at = timezone.now()
    initial = {"review_on": timezone.localdate(at) + _HALF_YEAR}
    form = CaseForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.open_case(**form.cleaned_data, actor=request.actor, at=at)
        except NotReliefKeeper:
            raise
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已列入名单。"))
            return redirect("pages:relief-case", made.pk)
    behind = min(whole_number(request.GET.get("from", "")) or 0, _FARTHEST)
    found = services.read_cases(actor=request.actor, at=at, first=behind, most=_PAGE)
    context = {
        "form": form,
        "cases": found,
        "today": timezone.localdate(at),
        "next": behind + _PAGE if len(found) == _PAGE else None,
    }
    return render(request, "pages/manager/relief.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(Role.COMMUNITY_STAFF)
def case(request: ActorRequest, case_id: int) -> HttpResponse:
    """Read one case, review it, find goods or set them aside for it. Every reading is noted."""
    if request.method == "GET":
        return _show(request, case_id)
    if request.POST.get("do") == "review":
        return _review(request, case_id)
    if request.POST.get("do") == "find":
        return _show(request, case_id)
    if request.POST.get("do") == "issue":
        return _issue(request, case_id)
    raise Invalid(field="do")


def _review(request: ActorRequest, case_id: int) -> HttpResponse:
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            services.review_case(case_id=case_id, **form.cleaned_data, actor=request.actor, at=timezone.now())
        except (NotFound, NotReliefKeeper):
            raise
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已复核。"))
            return redirect("pages:relief-case", case_id)
    return _show(request, case_id, form=form, status=400)


def _issue(request: ActorRequest, case_id: int) -> HttpResponse:
    try:
        issuing.issue(
            case_id=case_id,
            store_id=whole_number(request.POST.get("store", "")) or 0,
            lines=_wanted(request),
            actor=request.actor,
            at=timezone.now(),
        )
    except (NotFound, NotReliefKeeper):
        raise
    except Refusal as refusal:
        return _show(request, case_id, refusal=refusal, status=refusal.status)
    note(request, _("已留出。打印领取单，或电话告知领取码。"))
    return redirect("pages:relief-case", case_id)


def _wanted(request: ActorRequest) -> list[LineInput]:
    """Read `quantity-<product>` fields.

    :raises BasketEmpty: one of them is no whole number; the others are not set aside without it.
    """
    wanted = []
    for name, typed in request.POST.items():
        if name.startswith(_QUANTITY) and str(typed).strip():
            product, quantity = whole_number(name.removeprefix(_QUANTITY)), whole_number(str(typed).strip())
            if product is None or quantity is None:
                raise BasketEmpty(field="lines", most=MOST_LINES, each=MOST_OF_ONE)
            if quantity:
                wanted.append(LineInput(product, quantity))
    return wanted


@by_button
@never_cache
@roles_only(Role.COMMUNITY_STAFF)
def issue(request: ActorRequest, issue_id: int) -> HttpResponse:
    """Show the slip with the pick-up code, which is noted, or call the issue off."""
    if request.POST.get("do") == "cancel":
        called_off = issuing.cancel_issue(issue_id=issue_id, actor=request.actor, at=timezone.now())
        note(request, _("已取消，物资回到货架。"))
        return redirect("pages:relief-case", called_off.case_id)
    shown = issuing.show_code(issue_id=issue_id, actor=request.actor, at=timezone.now())
    half = len(shown.code) // 2
    context = {
        "redemption": shown,
        "code_spaced": f"{shown.code[:half]} {shown.code[half:]}",
        "code_label": _("领取码 %(code)s") % {"code": shown.code},
    }
    return render(request, "pages/manager/relief_slip.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.NAMERS)
def keepers(request: ActorRequest) -> HttpResponse:
    """Show who keeps the list in my regions, and name a colleague."""
    region = chosen_code(request.POST) or home_code(request.actor.regions(*queries.NAMERS))
    form = KeeperForm({**request.POST.dict(), "region": region} if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.name_keeper(
                username=given["username"],
                region_code=given["region"],
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已指定。"))
            return redirect("pages:relief-keepers")
    context = {
        "form": form,
        "steps": steps_for(region),
        "page_obj": page_of(request, queries.keepers_under(request.actor)),
    }
    return render(request, "pages/manager/relief_keepers.html", context, status=400 if form.errors else 200)


@by_button
@roles_only(*queries.NAMERS)
def end_keeper(request: ActorRequest, keeper_id: int) -> HttpResponse:
    """End somebody's keeping of the list."""
    services.end_keeper(keeper_id=keeper_id, actor=request.actor, at=timezone.now())
    note(request, _("已解除。"))
    return redirect("pages:relief-keepers")


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*services.SHARE_SETTERS)
def shares(request: ActorRequest) -> HttpResponse:
    """Show how many of each product are left for those in need, and change it."""
    refusal: Refusal | None = None
    product = whole_number(request.POST.get("product", ""))
    if request.method == "POST":
        quantity = whole_number(request.POST.get("quantity", ""))
        try:
            services.set_share(
                product_id=product or 0,
                quantity=-1 if quantity is None else quantity,
                actor=request.actor,
                at=timezone.now(),
            )
        except ReliefShareInvalid as invalid:
            refusal = invalid
        else:
            note(request, _("已保存。"))
            return redirect(request.get_full_path())
    asked = searched_for(request)
    context = {
        "q": asked,
        "page_obj": page_of(request, searched(queries.shares(request.actor), asked)),
        "refusal": refusal,
        "refused": product if refusal else None,
    }
    return render(
        request, "pages/manager/relief_shares.html", context, status=refusal.status if refusal else 200
    )


@require_GET
@never_cache
@anyone
def totals(request: PageRequest) -> HttpResponse:
    """Tell everybody what was given to families in need, in figures that point at nobody."""
    at = timezone.now()
    since, until = months_told(at)
    context = {"totals": queries.totals(at=at), "since": since, "until": until}
    return render(request, "pages/public/relief.html", context)


def _show(
    request: ActorRequest,
    case_id: int,
    *,
    form: ReviewForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    opened = services.read_case(case_id=case_id, actor=request.actor, at=at)
    initial = {"review_on": timezone.localdate(at) + _HALF_YEAR}
    context: dict[str, Any] = {
        "opened": opened,
        "case": opened.case,
        "form": form or ReviewForm(initial=initial),
        "refusal": refusal,
        "refused_lines": refusal is not None and "lines" in (refusal.field or ""),
        "today": timezone.localdate(at),
        "left": max(0, opened.policy.monthly_items - opened.had_this_month),
        "stores": stores_kept_by(request.actor).filter(status=StoreStatus.OPEN).order_by("pk")[:_PAGE],
        **_goods(request),
    }
    return render(request, "pages/manager/relief_case.html", context, status=status)


def _goods(request: ActorRequest) -> dict[str, Any]:
    """Return the store that was chosen, or the first there is, and goods of its shelf for the form.

    What was typed stays on the form, whatever is searched for next; what is kept back for those in need
    comes first.
    """
    mine = stores_kept_by(request.actor).filter(status=StoreStatus.OPEN).order_by("pk")
    wanted = whole_number(request.GET.get("store", "") or request.POST.get("store", ""))
    store = mine.filter(pk=wanted).first() if wanted is not None else mine.first()
    if store is None:
        return {"store": None}
    asked = searched_for(request)
    shelf = Product.objects.filter(store=store, status=ProductStatus.ON_SHELF, kind=ProductKind.GOODS)
    typed = _typed(request)
    chosen = list(shelf.filter(pk__in=typed).order_by("category", "pk"))
    others = searched(shelf.exclude(pk__in=typed), asked).order_by("-relief_reserved", "category", "pk")
    shown = list(others[:_GOODS])
    goods = [*chosen, *shown]
    for product in goods:
        product.typed = typed.get(product.pk, "0")  # type: ignore[attr-defined]  # for the form
    return {"store": store, "goods": goods, "more": others.count() - len(shown), "q": asked}


def _typed(request: ActorRequest) -> dict[int, str]:
    """Return what was typed beside the goods, by product, where it is not nothing."""
    fields = {
        whole_number(name.removeprefix(_QUANTITY)): str(typed)
        for name, typed in request.POST.items()
        if name.startswith(_QUANTITY)
    }
    return {pk: typed for pk, typed in fields.items() if pk and typed.strip() not in ("", "0")}
