"""Money that an organisation has received elsewhere, written down; nothing is paid here (慈善法 Art 27)."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import Organization
from backend.core.errors import Refusal
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.notes import note
from backend.pages.numbers import whole_number
from backend.pages.visitor import ActorRequest
from points.giving import queries
from points.giving.choices import PayMethod
from points.giving.errors import MoneyLooksRecorded
from points.giving.rules import MOST_TICKET, MOST_TICKET_CODE
from points.giving.services import MOST_FEN, Meant, record_money

_FEN = 100


class MoneyForm(PageForm):
    """How much, when, how it came, and what for."""

    # A gift that looks recorded is told above the form, where the box about it appears.
    refusal_fields: ClassVar = {"amount_fen": "amount", "again": ""}

    organization = forms.ModelChoiceField(
        label=gettext_lazy("哪个组织收到"), queryset=Organization.objects.none(), empty_label=None
    )
    amount = forms.DecimalField(
        label=gettext_lazy("金额（元）"),
        min_value=Decimal("0.01"),
        max_value=Decimal(MOST_FEN) / _FEN,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01", "data-testid": "amount"}),
    )
    received_on = forms.DateField(
        label=gettext_lazy("到账日期"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-testid": "received-on"}),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("到款方式"),
        choices=PayMethod.choices,
        widget=forms.Select(attrs={"data-testid": "method"}),
    )
    official_ticket = forms.CharField(
        label=gettext_lazy("财政票据号码"),
        max_length=MOST_TICKET,
        required=False,
        help_text=gettext_lazy("已经开过公益事业捐赠票据的，填它的号码。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-testid": "official-ticket"}),
    )
    ticket_code = forms.CharField(
        label=gettext_lazy("财政票据代码"),
        max_length=MOST_TICKET_CODE,
        required=False,
        help_text=gettext_lazy("印在票据上的数字。代码和号码都填，同一张票据就不会登记两次。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "data-testid": "ticket-code"}
        ),
    )
    purpose = forms.CharField(label=gettext_lazy("用途"), max_length=200, required=False)
    designation = forms.CharField(label=gettext_lazy("指定门店或项目"), max_length=120, required=False)
    beneficiary = forms.CharField(
        label=gettext_lazy("指定受益人"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("不能是捐赠人自己或利害关系人（慈善法第四十条）。"),
    )
    unrelated = forms.BooleanField(label=gettext_lazy("我声明：受益人不是捐赠人的利害关系人"), required=False)
    again = forms.BooleanField(
        label=gettext_lazy("这是另一笔，仍要登记"),
        required=False,
        widget=forms.CheckboxInput(attrs={"data-testid": "again"}),
    )

    def __init__(self, *args: Any, offered: QuerySet[Organization], **kwargs: Any) -> None:
        """Offer the organisations this person keeps the books of."""
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = offered  # type: ignore[attr-defined]  # a ModelChoiceField

    def said(self) -> dict[str, Any]:
        """Return the fields as the service takes them: fen, and what the gift is for."""
        said = dict(self.cleaned_data)
        meant = Meant(
            designation=said.pop("designation"),
            beneficiary=said.pop("beneficiary"),
            unrelated=said.pop("unrelated"),
        )
        amount_fen = int(said.pop("amount") * _FEN)
        return {**said, "amount_fen": amount_fen, "meant": meant}


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*queries.RECORDERS)
def money(request: ActorRequest) -> HttpResponse:
    """Write down money a donor gave."""
    asked = whole_number(request.POST.get("donor", request.GET.get("donor", "")))
    donor = get_object_or_404(queries.donors_kept_by(request.actor), pk=asked or 0)
    doubted = "again" in request.POST
    form = MoneyForm(
        request.POST if request.method == "POST" else None,
        offered=queries.organizations_kept_by(request.actor),
        initial={"received_on": timezone.localdate(), "method": PayMethod.BANK_TRANSFER},
    )
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            record_money(donor=donor, **form.said(), actor=request.actor, at=timezone.now())
        except Refusal as refusal:
            doubted = doubted or isinstance(refusal, MoneyLooksRecorded)
            form.add_refusal(refusal)
            status = refusal.status
        else:
            note(request, _("已登记，收讫确认可以打印。"))
            return redirect("pages:giving-donor", donor.pk)
    context = {"donor": donor, "form": form, "doubted": doubted}
    return render(request, "pages/giving/money.html", context, status=status)
