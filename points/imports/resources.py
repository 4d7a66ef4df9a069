"""How a row becomes goods or a donor: django-import-export reads it, the services of the context make it.

A resource has one field per column. Its rows are plain objects, not models: nothing reaches a table but by
the service that would be called for a single one, with the same refusals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import DatabaseError, IntegrityError
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult

from backend.accounts.scopes import Actor
from backend.core.errors import Refusal, refusal_for
from backend.core.words import spelled
from backend.regions.models import Region
from points.giving import services as giving
from points.giving.choices import DonorKind, Publicity
from points.giving.models import Donor
from points.market import stock
from points.market.choices import ProductCategory
from points.market.models import Product, Store

GOODS_COLUMNS = {
    "name": gettext_lazy("名称"),
    "unit": gettext_lazy("单位"),
    "category": gettext_lazy("类别"),
    "points": gettext_lazy("积分"),
    "barcode": gettext_lazy("条码"),
    "quantity": gettext_lazy("数量"),
    "expires_on": gettext_lazy("保质期至"),
    "note": gettext_lazy("说明"),
}
DONOR_COLUMNS = {
    "name": gettext_lazy("名称"),
    "kind": gettext_lazy("类型"),
    "credit_code": gettext_lazy("统一社会信用代码"),
    "contact": gettext_lazy("联系电话"),
}
_MOST = 1_000_000  # points of a product, pieces of a delivery


class Words(widgets.Widget):
    """A text of at most so many characters."""

    def __init__(self, *, most: int, needed: bool = False) -> None:
        """Say how long it may be and whether it must be there."""
        super().__init__()
        self.most, self.needed = most, needed

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> str:
        """Return the text."""
        text = str(value or "")
        if self.needed and not text:
            raise ValueError(_("这一格不能空。"))
        if len(text) > self.most:
            raise ValueError(_("最多 %(most)s 个字。") % {"most": self.most})
        return text


class Whole(widgets.Widget):
    """A whole number from 1 on, or nothing. The library's own cuts 1.5 down to 1."""

    def __init__(self, *, most: int, needed: bool = False) -> None:
        """Say how large it may be and whether it must be there."""
        super().__init__()
        self.most, self.needed = most, needed

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> int | None:
        """Return the number."""
        text = str(value or "")
        if not text and not self.needed:
            return None
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:12]) <= self.most):
            raise ValueError(_("要填 1 到 %(most)s 的整数。") % {"most": self.most})
        return int(text)


class Chosen(widgets.Widget):
    """One of a list, by its code or by the word for it in any of our languages."""

    def __init__(self, choices: type[TextChoices]) -> None:
        """Remember the list."""
        super().__init__()
        self.choices = choices

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> str:
        """Return the code."""
        for choice in self.choices:
            if str(value) in {str(choice.value), *in_every_language(choice.label)}:
                return str(choice.value)
        words = "、".join(str(choice.label) for choice in self.choices)
        raise ValueError(_("请填其中一个：%(words)s。") % {"words": words})


class Day(widgets.Widget):
    """A date as people write it, or nothing."""

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> date | None:
        """Return the date."""
        text = str(value or "").replace("/", "-").replace(".", "-")
        if not text:
            return None
        for form in ("%Y-%m-%d", "%Y%m%d"):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 – a day, no moment
            except ValueError:
                continue
        raise ValueError(_("日期写成 2026-12-31 这样。"))


def in_every_language(label: object) -> set[str]:
    """Return how a label reads in each of our languages: a table is not in that of who uploads it."""
    words = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words.add(str(label))
    return words


@dataclass
class Row:
    """What one line says, once its cells are read: an attribute per column."""


class TableResource(resources.Resource):  # type: ignore[type-arg]  # generic in its stubs only
    """Common to all tables: rows are new every time, and errors that are nobody's fault stop the whole run.

    `passed` is told how many rows are behind. `interrupts` are what a worker is stopped by.
    """

    columns: ClassVar[Mapping[str, Any]] = {}
    needed: ClassVar[Sequence[str]] = ()

    class Meta:
        """No diffs, no instances kept, nothing looked up by a key."""

        force_init_instance = True
        import_id_fields = ()
        instance_loader_class = BaseInstanceLoader
        skip_diff = True
        report_skipped = True

    def __init__(
        self,
        *,
        actor: Actor,
        at: datetime,
        passed: Callable[[int], None] = lambda _rows: None,
        interrupts: tuple[type[Exception], ...] = (),
    ) -> None:
        """Say who imports, and when."""
        super().__init__()
        self.actor, self.at, self.passed, self.interrupts = actor, at, passed, interrupts
        self.made = self.known = 0

    def init_instance(self, row: Any = None) -> Row:
        """Begin a row."""
        return Row()

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        """Read one row; what is not the row's fault goes up."""
        result = super().import_row(row, instance_loader, **kwargs)
        for error in result.errors:
            foreign = isinstance(error.error, DatabaseError) and not isinstance(error.error, IntegrityError)
            if foreign or isinstance(error.error, self.interrupts):
                raise error.error
        self.passed(kwargs["row_number"])
        return result

    def count(self, *, new: bool) -> None:
        """Count a row as made, or as known before."""
        self.made += new
        self.known += not new


class GoodsResource(TableResource):
    """Products of one store, and deliveries of them. A barcode the store knows is that product."""

    columns = GOODS_COLUMNS
    needed = ("name", "unit", "category", "points")

    name = fields.Field(column_name="name", attribute="name", widget=Words(most=80, needed=True))
    unit = fields.Field(column_name="unit", attribute="unit", widget=Words(most=10, needed=True))
    category = fields.Field(column_name="category", attribute="category", widget=Chosen(ProductCategory))
    points = fields.Field(column_name="points", attribute="points", widget=Whole(most=_MOST, needed=True))
    barcode = fields.Field(column_name="barcode", attribute="barcode", widget=Words(most=32))
    quantity = fields.Field(column_name="quantity", attribute="quantity", widget=Whole(most=_MOST))
    expires_on = fields.Field(column_name="expires_on", attribute="expires_on", widget=Day())
    note = fields.Field(column_name="note", attribute="note", widget=Words(most=200))

    def __init__(self, *, store: Store, **common: Any) -> None:
        """Say which store."""
        super().__init__(**common)
        self.store = store

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # type: ignore[override]  # noqa: FBT001 – stubs lag
        """Make the product unless it is known, and receive the delivery if there is one."""
        given = vars(instance)
        barcode = stock.read_barcode(given.get("barcode"))
        product = self._known(given, barcode)
        self.count(new=product is None)
        if product is None:
            product = stock.create_product(
                store=self.store,
                name=given["name"],
                unit=given["unit"],
                category=given["category"],
                points=given["points"],
                barcode=barcode,
                actor=self.actor,
                at=self.at,
            )
        if given.get("quantity"):
            stock.receive_batch(
                product=product,
                quantity=given["quantity"],
                expires_on=given.get("expires_on"),
                note=given.get("note", ""),
                actor=self.actor,
                at=self.at,
            )

    def _known(self, given: Mapping[str, Any], barcode: str | None) -> Product | None:
        same: dict[str, Any] = (
            {"barcode": barcode}
            if barcode
            else {"barcode": None, "name": spelled(given["name"]), "unit": spelled(given["unit"])}
        )
        return Product.objects.select_related("store").filter(store=self.store, **same).first()


class DonorResource(TableResource):
    """Donors of one community, hidden until each of them was asked (捐赠法 Art 8)."""

    columns = DONOR_COLUMNS
    needed = ("name", "kind")

    name = fields.Field(column_name="name", attribute="name", widget=Words(most=100, needed=True))
    kind = fields.Field(column_name="kind", attribute="kind", widget=Chosen(DonorKind))
    credit_code = fields.Field(column_name="credit_code", attribute="credit_code", widget=Words(most=18))
    contact = fields.Field(column_name="contact", attribute="contact", widget=Words(most=40))

    def __init__(self, *, region: Region, **common: Any) -> None:
        """Say which community."""
        super().__init__(**common)
        self.region = region

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # type: ignore[override]  # noqa: FBT001 – stubs lag
        """Enter the donor; one whose credit code is known in this community stays as they are."""
        given = vars(instance)
        credit_code = given.get("credit_code") or None
        if credit_code and Donor.objects.filter(region=self.region, credit_code=credit_code).exists():
            self.count(new=False)
            return
        self.count(new=True)
        giving.add_donor(
            name=given["name"],
            kind=given["kind"],
            region=self.region,
            credit_code=credit_code,
            contact=given.get("contact") or None,
            consent=Publicity.HIDDEN,
            actor=self.actor,
            at=self.at,
        )


def told(error: Exception) -> tuple[str, str]:
    """Return the column and the sentence of what is wrong with a row."""
    refusal = refusal_for(error) if isinstance(error, IntegrityError) else error
    if isinstance(refusal, Refusal):
        return (refusal.field or "").strip("/"), str(refusal)
    return "", _("这一行无法处理，请检查后重试。")
