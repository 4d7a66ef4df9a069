"""The forms of giving. They check shape only; what is allowed is the services' to say."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.accounts.scopes import Actor
from backend.core.errors import Refusal
from backend.pages.forms import PageForm
from points.giving.choices import DonorKind, Publicity
from points.giving.donor_files import LONGEST_CONTACT
from points.giving.intake_models import IntakeLine
from points.giving.intakes import Finding, Offer
from points.giving.rules import MOST_TICKET, MOST_TICKET_CODE
from points.giving.services import MOST_FEN, Meant
from points.market.models import Product, Store
from points.market.queries import open_stores, stores_kept_by
from points.market.rules import MOST_OF_A_BATCH

_MOST_STORES = 200
_MOST_DRAWING = 8000
_FEN = 100
ROWS = 5


def _date() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"})


def _whole() -> forms.NumberInput:
    return forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


class DonorForm(PageForm):
    """A new donor. Nothing of them is public unless they say so here."""

    kind = forms.ChoiceField(label=_("是谁"), choices=DonorKind.choices)
    name = forms.CharField(
        label=_("名称或姓名"), max_length=100, required=False, help_text=_("匿名捐赠不用填。")
    )
    region = forms.ChoiceField(label=_("区划"))
    contact = forms.CharField(
        label=_("手机号"),
        max_length=60,
        required=False,
        help_text=_("加密保存。本人用这个手机号登录，就能自己看捐赠去向、改公开方式。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=24, required=False)
    id_number = forms.CharField(
        label=_("居民身份证号"),
        max_length=40,
        required=False,
        help_text=_("只有个人可以填，也可以不填。加密保存，页面上只显示头尾几位。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    consent = forms.ChoiceField(
        label=_("榜单上怎么称呼"), choices=Publicity.choices, initial=Publicity.HIDDEN
    )
    show_amount = forms.BooleanField(label=_("同意公开金额和数量"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        """Offer the regions of the stores this person keeps."""
        super().__init__(*args, **kwargs)
        stores = stores_kept_by(actor).select_related("region").order_by("region_id", "pk")[:_MOST_STORES]
        places = {store.region_id: store.region.name for store in stores}
        self.fields["region"] = forms.ChoiceField(
            label=_("区划"), choices=list(places.items()), widget=forms.Select(attrs={"class": "input"})
        )


class PledgeForm(PageForm):
    """Where goods go and what they are meant for."""

    refusal_fields: ClassVar = {"lines": "store"}

    store = forms.ModelChoiceField(label=_("送到哪家慈善超市"), queryset=Store.objects.none())
    planned_on = forms.DateField(label=_("预计哪天送到"), required=False, widget=_date())
    purpose = forms.CharField(
        label=_("用途"), max_length=200, required=False, help_text=_("如：帮助独居老人。可以不填。")
    )
    designation = forms.CharField(label=_("指定门店或项目"), max_length=120, required=False)
    beneficiary = forms.CharField(
        label=_("指定受益人"),
        max_length=100,
        required=False,
        help_text=_("不能是捐赠人自己或利害关系人（慈善法第四十条）。"),
    )
    unrelated = forms.BooleanField(label=_("我声明：受益人不是捐赠人的利害关系人"), required=False)

    def __init__(self, *args: Any, actor: Actor | None = None, **kwargs: Any) -> None:
        """Offer the stores somebody keeps, or all open ones to a donor."""
        super().__init__(*args, **kwargs)
        stores = stores_kept_by(actor) if actor else open_stores()
        field = self.fields["store"]
        field.queryset = stores.order_by("pk")  # type: ignore[attr-defined]  # a ModelChoiceField, as declared
        field.empty_label = None  # type: ignore[attr-defined]  # same

    @property
    def meant(self) -> Meant:
        """What the gift is for, as the services take it."""
        read = self.cleaned_data
        return Meant(
            designation=read["designation"],
            beneficiary=read["beneficiary"],
            unrelated=read["unrelated"],
        )


class OfferForm(PageForm):
    """One row of goods; an empty row is no row."""

    offered = forms.CharField(label=_("物资"), max_length=80, required=False)
    quantity = forms.IntegerField(
        label=_("数量"), min_value=1, max_value=MOST_OF_A_BATCH, required=False, widget=_whole()
    )
    promised_expiry = forms.DateField(label=_("保质期至"), required=False, widget=_date())

    def clean(self) -> dict[str, Any]:
        """What is named is counted, and what is counted is named."""
        read = super().clean() or {}
        if bool(read.get("offered")) != (read.get("quantity") is not None) and not self.errors:
            raise forms.ValidationError(_("物资和数量要一起填。"))
        return read

    @property
    def offer(self) -> Offer | None:
        """The row as the services take it."""
        read = self.cleaned_data
        if not read.get("offered"):
            return None
        return Offer(
            quantity=read["quantity"], offered=read["offered"], promised_expiry=read["promised_expiry"]
        )


class CountForm(PageForm):
    """How much of one line has come."""

    counted = forms.IntegerField(label=_("实收数量"), min_value=0, max_value=MOST_OF_A_BATCH, widget=_whole())


class FindingForm(PageForm):
    """What was found of one line."""

    product = forms.TypedChoiceField(label=_("上架为哪种商品"), coerce=int, empty_value=None, required=False)
    expires_on = forms.DateField(label=_("保质期至"), required=False, widget=_date())
    packaging_intact = forms.BooleanField(label=_("包装完好"), required=False)
    labelled = forms.BooleanField(label=_("标签齐全（食品要有名称、厂家、日期）"), required=False)
    within_shelf_life = forms.BooleanField(label=_("在保质期内"), required=False)
    hygienic = forms.BooleanField(label=_("清洁卫生、没有破损"), required=False)
    accepted = forms.IntegerField(
        label=_("接收数量"), min_value=0, max_value=MOST_OF_A_BATCH, widget=_whole()
    )
    reason = forms.CharField(
        label=_("没有全收的原因"), max_length=200, required=False, help_text=_("全收不用填。")
    )

    def __init__(self, *args: Any, line: IntakeLine, products: Sequence[Product], **kwargs: Any) -> None:
        """Offer the products of the store, beginning with what was promised and counted."""
        first = {
            "product": line.product_id,
            "expires_on": line.promised_expiry,
            "accepted": line.counted,
        }
        super().__init__(*args, initial=first, **kwargs)
        self.line = line
        named = [(product.pk, f"{product.name}（{product.unit}）") for product in products]
        self.fields["product"].choices = [("", _("请选择")), *named]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def finding(self) -> Finding:
        """The finding as the services take it."""
        read = dict(self.cleaned_data)
        return Finding(product_id=read.pop("product"), **read)

    def take(self, refusal: Refusal) -> bool:
        """Show a refusal that means this line; say whether it does."""
        mine = f"/lines/{self.line.pk}/"
        if not (refusal.field or "").startswith(mine):
            return False
        name = str(refusal.field).removeprefix(mine)
        self.add_error(name if name in self.fields else None, str(refusal))
        return True


class SignForm(PageForm):
    """Both sides sign on one device, or the handler alone."""

    representative = forms.CharField(label=_("捐赠方签字人姓名"), max_length=60, required=False)
    drawing = forms.CharField(max_length=_MOST_DRAWING, required=False, widget=forms.HiddenInput)
    valuation = forms.DecimalField(
        label=_("申报价值（元）"),
        min_value=0,
        max_value=MOST_FEN // _FEN,
        decimal_places=2,
        required=False,
        help_text=_("捐赠人有发票或申报时填写。"),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
    )
    official_ticket = forms.RegexField(
        r"^[0-9A-Za-z-]*$", label=_("财政票据号码"), max_length=MOST_TICKET, required=False
    )
    ticket_code = forms.RegexField(
        r"^[0-9]*$", label=_("财政票据代码"), max_length=MOST_TICKET_CODE, required=False
    )
    receipt_waived = forms.BooleanField(label=_("捐赠人不要收据（会记录在案）"), required=False)
    refusal_fields: ClassVar = {"drawing": "representative", "valuation_fen": "valuation"}

    @property
    def fen(self) -> int | None:
        """The declared value in fen."""
        value = self.cleaned_data["valuation"]
        return int(value * _FEN) if value else None


class ReasonForm(PageForm):
    """Why."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class ContactForm(PageForm):
    """A donor's new phone, and why it is written down."""

    contact = forms.CharField(
        label=_("新的手机号"),
        max_length=LONGEST_CONTACT,
        required=False,
        help_text=_("留空就是不再留联系方式。旧号码的主人从此看不到这份档案。"),
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "off", "data-testid": "new-contact"}
        ),
    )
    reason = forms.CharField(
        label=_("原因"), max_length=200, widget=forms.TextInput(attrs={"data-testid": "contact-reason"})
    )


class ConsentForm(PageForm):
    """Name, amount and picture, each on its own."""

    consent = forms.ChoiceField(label=_("榜单上怎么称呼"), choices=Publicity.choices)
    show_amount = forms.BooleanField(label=_("公开金额和数量"), required=False)
    show_picture = forms.BooleanField(label=_("公开照片或标志（只在公开名称时显示）"), required=False)


class PictureForm(PageForm):
    """A donor's photograph or logo."""

    picture = forms.FileField(
        label=_("照片或标志"),
        help_text=_("JPEG、PNG 或 WebP，不超过 2 MB。上传后默认不公开。"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
