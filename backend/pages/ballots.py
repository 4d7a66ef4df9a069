"""Ballots: everybody may recount them, volunteers enter, keepers of a store open them."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.scopes import Role
from backend.core.errors import NotFound, Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import anyone, roles_only, volunteers_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.stores import searched, searched_for
from backend.pages.visitor import ActorRequest, PageRequest, VolunteerRequest
from points.ballots import queries, recount, services
from points.ballots.choices import BallotStatus
from points.ballots.errors import BallotReasonRequired
from points.ballots.rules import MOST_UNITS
from points.market.choices import ProductKind, ProductStatus
from points.market.models import Product
from points.market.queries import KEEPERS_BY_REGION, stores_kept_by

_KEEPERS = (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)
_TICKETS = 100
_OFFERED = 40  # goods on the form; the search finds the others


def _moment(name: str) -> forms.DateTimeInput:
    return forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "data-testid": name})


class BallotForm(PageForm):
    """What is offered, for how many points, and when."""

    product = forms.TypedChoiceField(
        label=gettext_lazy("商品"), coerce=int, widget=forms.Select(attrs={"data-testid": "product"})
    )
    units = forms.IntegerField(
        label=gettext_lazy("数量"),
        min_value=1,
        max_value=MOST_UNITS,
        help_text=gettext_lazy("开设时马上从库存留出，每人抽中一件。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "units"}),
    )
    points = forms.IntegerField(
        label=gettext_lazy("积分"),
        min_value=1,
        max_value=1_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": "ballot-points"}),
    )
    opens_at = forms.DateTimeField(label=gettext_lazy("报名开始"), widget=_moment("opens-at"))
    closes_at = forms.DateTimeField(label=gettext_lazy("报名截止"), widget=_moment("closes-at"))
    draw_at = forms.DateTimeField(
        label=gettext_lazy("抽签时间"),
        help_text=gettext_lazy("不早于截止那天过完后 00:30。"),
        widget=_moment("draw-at"),
    )

    def offer(self, goods: list[Product]) -> None:
        """List only these goods; the service refuses the others whatever is sent."""
        product = self.fields["product"]
        if isinstance(product, forms.TypedChoiceField):
            product.choices = [(each.pk, f"{each.store.name} · {each.name}") for each in goods]


@require_GET
@never_cache
@anyone
def ballots(request: PageRequest) -> HttpResponse:
    """List every ballot."""
    context = {"page_obj": page_of(request, queries.ballots()), "now": timezone.now()}
    return render(request, "pages/public/ballots.html", context)


@require_GET
@never_cache
@anyone
def ballot(request: PageRequest, ballot_id: int) -> HttpResponse:
    """Show one ballot: the promise, the tickets, the draw, and how to recount it."""
    found = queries.ballots().filter(pk=ballot_id).first()
    if found is None:
        raise Http404
    seed = recount.seed_of(ballot=found.pk, secret=found.revealed, head=found.head) if found.revealed else ""
    volunteer = request.visitor.volunteer
    at = timezone.now()
    context = {
        "ballot": found,
        "seed": seed,
        "page_obj": page_of(request, queries.tickets(found), per_page=_TICKETS),
        "mine": queries.entries_of(volunteer, [found.pk]).first() if volunteer else None,
        "may_enter": found.status == BallotStatus.OPEN and found.opens_at <= at < found.closes_at,
    }
    return render(request, "pages/public/ballot.html", context)


@require_GET
@never_cache
@volunteers_only
def my_ballots(request: VolunteerRequest) -> HttpResponse:
    """List my tickets, and the ballots I can enter."""
    at = timezone.now()
    open_now = queries.ballots().filter(status=BallotStatus.OPEN, opens_at__lte=at, closes_at__gt=at)
    context = {
        "page_obj": page_of(request, queries.entries_of(request.volunteer)),
        "open": open_now.exclude(entries__volunteer=request.volunteer)[:_TICKETS],
    }
    return render(request, "pages/volunteer/ballots.html", context)


@by_button
@volunteers_only
def enter(request: VolunteerRequest, ballot_id: int) -> HttpResponse:
    """Get a ticket."""
    entry = services.enter(ballot_id=ballot_id, volunteer=request.volunteer, at=timezone.now())
    note(request, _("报名成功，您的号码是 %(ticket)s。") % {"ticket": entry.ticket})
    return redirect("pages:my-ballots")


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*_KEEPERS)
def keep_ballots(request: ActorRequest) -> HttpResponse:
    """Show the ballots of my stores, and open another one."""
    form = BallotForm(request.POST if request.method == "POST" else None)
    form.offer(_goods(request, form["product"].value()))
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        try:
            made = services.open_ballot(
                product_id=given.pop("product"), **given, actor=request.actor, at=timezone.now()
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.add_refusal(refusal)
        else:
            note(request, _("已开设，物资已留出。"))
            return redirect("pages:ballot", made.pk)
    return _kept(request, form)


@by_button
@roles_only(*_KEEPERS)
def cancel_ballot(request: ActorRequest, ballot_id: int) -> HttpResponse:
    """Call a ballot off before it is drawn."""
    try:
        services.cancel_ballot(
            ballot_id=ballot_id,
            reason=request.POST.get("reason", "").replace("\x00", ""),
            actor=request.actor,
            at=timezone.now(),
        )
    except BallotReasonRequired as refusal:
        form = BallotForm()
        form.offer(_goods(request, None))
        return _kept(request, form, refusal=refusal, refused=ballot_id)
    note(request, _("已取消，物资回到货架。"))
    return redirect("pages:keep-ballots")


def _kept(
    request: ActorRequest,
    form: BallotForm,
    *,
    refusal: BallotReasonRequired | None = None,
    refused: int | None = None,
) -> HttpResponse:
    page = page_of(request, queries.ballots_kept_by(request.actor))
    context = {
        "form": form,
        "q": searched_for(request),
        "page_obj": page,
        "refusal": refusal,
        "refused": refused,
    }
    status = 400 if refusal or form.errors else 200
    return render(request, "pages/manager/ballots.html", context, status=status)


def _goods(request: ActorRequest, chosen: object) -> list[Product]:
    """Return goods to draw for: the chosen one first, then what was searched for."""
    mine = (
        Product.objects.filter(
            store__in=stores_kept_by(request.actor), status=ProductStatus.ON_SHELF, kind=ProductKind.GOODS
        )
        .select_related("store")
        .order_by("store", "name", "pk")
    )
    picked = whole_number(str(chosen or ""))
    kept = list(mine.filter(pk=picked)) if picked else []
    return [*kept, *searched(mine, searched_for(request)).exclude(pk=picked or 0)[:_OFFERED]]
