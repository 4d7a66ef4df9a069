"""What a store asks of everybody who redeems there, set by who keeps it."""

from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.notes import note
from backend.pages.stores import tried
from backend.pages.visitor import ActorRequest
from points.market import services as market
from points.market.choices import LimitPeriod
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom import queries
from points.stockroom.queries import KEEPERS

_YEAR = 365


def _figure(name: str) -> forms.NumberInput:
    return forms.NumberInput(attrs={"inputmode": "numeric", "data-testid": name})


class PolicyForm(PageForm):
    """The figures of a store's policy; all of them practice, none of them law (rules.md D4)."""

    FIGURES: ClassVar = (
        "minimum_balance",
        "most_redemptions",
        "redemptions_period",
        "near_expiry_days",
        "near_expiry_percent",
    )

    minimum_balance = forms.IntegerField(
        label=gettext_lazy("最低余额（积分）"),
        min_value=0,
        max_value=MOST_OF_A_BATCH,
        help_text=gettext_lazy("可用积分不到这个数的不能兑换，0 表示不限。"),
        widget=_figure("minimum-balance"),
    )
    most_redemptions = forms.IntegerField(
        label=gettext_lazy("每人最多兑换几次"),
        min_value=1,
        max_value=MOST_OF_A_BATCH,
        required=False,
        help_text=gettext_lazy("不限就留空。"),
        widget=_figure("most-redemptions"),
    )
    redemptions_period = forms.ChoiceField(
        label=gettext_lazy("按多长时间算"),
        choices=LimitPeriod.choices,
        widget=forms.Select(attrs={"data-testid": "period"}),
    )
    near_expiry_days = forms.IntegerField(
        label=gettext_lazy("到期前几天开始便宜"),
        min_value=0,
        max_value=_YEAR,
        required=False,
        help_text=gettext_lazy("不打折就把这两项都留空。"),
        widget=_figure("near-days"),
    )
    near_expiry_percent = forms.IntegerField(
        label=gettext_lazy("便宜后是原价的百分之几"),
        min_value=1,
        max_value=99,
        required=False,
        widget=_figure("near-percent"),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def policy(request: ActorRequest, store_id: int) -> HttpResponse:
    """Show the store's policy, and change it; it counts from the next redemption on."""
    store = queries.store_for(request.actor, store_id)
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(store, name) for name in PolicyForm.FIGURES},
    )
    if form.is_valid() and tried(
        form,
        lambda: market.set_policy(
            store_id=store.pk, actor=request.actor, at=timezone.now(), **form.cleaned_data
        ),
    ):
        note(request, _("已保存，从下一次兑换起按新规则。"))
        return redirect("pages:store-policy", store.pk)
    context = {"store": store, "form": form}
    return render(request, "pages/keeper/policy.html", context, status=400 if form.errors else 200)
