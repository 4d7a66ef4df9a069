"""A store's goods over a week or a month, reckoned from the moves, which are append-only.

Nothing is stored and nothing is frozen: a period that is over reads the same for ever, because no move can be
changed or removed and each carries the moment it happened. Opening and closing are each summed from the first
move on, so opening + in - out = closing is a check and no definition (tests/points/storebook).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Min, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from backend.core.small_cells import is_few
from points.boards import names
from points.market.choices import Channel, MoveKind
from points.market.models import Product, StockMove, Store
from points.market.redemption_models import Redemption
from points.storebook.errors import StatementPeriodOpen
from points.storebook.rules import Period, few, over

_IN = (MoveKind.RECEIVE, MoveKind.TRANSFER_IN, MoveKind.RETURN, MoveKind.COUNT_UP)
_OUT = (MoveKind.ISSUE, MoveKind.WRITE_OFF, MoveKind.TRANSFER_OUT, MoveKind.COUNT_DOWN)
_SIGNED = Case(
    When(kind__in=_IN, then=F("quantity")),
    When(kind__in=_OUT, then=-F("quantity")),
    default=0,
    output_field=IntegerField(),
)
_DONATED = Q(batch__donation_line__isnull=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened to some goods, in pieces."""

    opening: int = 0
    donated: int = 0
    purchased: int = 0
    transferred_in: int = 0
    counted_up: int = 0
    returned: int = 0
    issued: int = 0
    transferred_out: int = 0
    written_off: int = 0
    counted_down: int = 0
    closing: int = 0

    @property
    def balance(self) -> int:
        """Opening + in - out - closing: nought, or goods are unaccounted for."""
        came = self.donated + self.purchased + self.transferred_in + self.counted_up + self.returned
        went = self.issued + self.transferred_out + self.written_off + self.counted_down
        return self.opening + came - went - self.closing

    def __add__(self, other: "Figures") -> "Figures":
        """Return both together."""
        return Figures(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Figures)}
        )


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product of the statement."""

    product: Product
    figures: Figures


@dataclass(frozen=True, slots=True)
class DonorRow:
    """What came from one donor who agreed to be shown with amounts, or from all the others together."""

    name: str
    received: int
    issued: int
    written_off: int
    in_stock: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything the page, the file and the API show."""

    store: Store
    period: Period
    products: list[ProductRow]
    total: Figures
    donors: list[DonorRow]
    points_redeemed: int
    points_returned: int
    people: str
    relief_households: str
    relief_pieces: str


def periods_of(store: Store, *, at: datetime) -> list[Period]:
    """Return the weeks and months of which the store has a statement, the latest first."""
    first = StockMove.objects.filter(batch__store=store).aggregate(first=Min("at"))["first"]
    return [] if first is None else over(since=first, at=at)


def statement_of(store: Store, period: Period, *, at: datetime) -> Statement:
    """Reckon a statement; a fixed number of queries.

    :raises StatementPeriodOpen: the period is not over.
    """
    if period.ends > at:
        raise StatementPeriodOpen(field="period")
    moves = StockMove.objects.filter(batch__store=store, at__lt=period.ends).order_by()
    products = list(_products(moves, period))
    issues = moves.filter(kind=MoveKind.ISSUE, at__gte=period.begins)
    relief = issues.filter(redemption__channel=Channel.RELIEF)
    helped = relief.aggregate(
        households=Count("redemption__household", distinct=True), pieces=Coalesce(Sum("quantity"), 0)
    )
    people = issues.aggregate(people=Count("redemption__volunteer", distinct=True))["people"]
    households = helped["households"]
    return Statement(
        store=store,
        period=period,
        products=products,
        total=sum((row.figures for row in products), Figures()),
        donors=_donors(moves, period),
        points_redeemed=_points(issues),
        points_returned=_points(moves.filter(kind=MoveKind.RETURN, at__gte=period.begins)),
        people=few(people),
        relief_households=few(households),
        # How much two families got would tell of them as well.
        relief_pieces=_("不公布") if is_few(households) else str(helped["pieces"]),
    )


def _products(moves: QuerySet[StockMove], period: Period) -> Iterator[ProductRow]:
    within = Q(at__gte=period.begins)

    def pieces(chosen: Q) -> Coalesce:
        return Coalesce(Sum("quantity", filter=chosen & within), 0)

    rows: Any = moves.values("batch__product").annotate(
        opening=Coalesce(Sum(_SIGNED, filter=Q(at__lt=period.begins)), 0),
        donated=pieces(Q(kind=MoveKind.RECEIVE) & _DONATED),
        purchased=pieces(Q(kind=MoveKind.RECEIVE) & ~_DONATED),
        transferred_in=pieces(Q(kind=MoveKind.TRANSFER_IN)),
        counted_up=pieces(Q(kind=MoveKind.COUNT_UP)),
        returned=pieces(Q(kind=MoveKind.RETURN)),
        issued=pieces(Q(kind=MoveKind.ISSUE)),
        transferred_out=pieces(Q(kind=MoveKind.TRANSFER_OUT)),
        written_off=pieces(Q(kind=MoveKind.WRITE_OFF)),
        counted_down=pieces(Q(kind=MoveKind.COUNT_DOWN)),
        closing=Sum(_SIGNED),
    )
    figures = {row.pop("batch__product"): Figures(**row) for row in rows}
    products = Product.objects.filter(pk__in=figures).order_by("category", "name", "pk")
    for product in products:
        if figures[product.pk] != Figures():
            yield ProductRow(product, figures[product.pk])


def _donors(moves: QuerySet[StockMove], period: Period) -> list[DonorRow]:
    """Return donors by name, those who did not agree in one row; goods keep their donor over stores."""
    within = Q(at__gte=period.begins)
    arrivals = Q(kind__in=(MoveKind.RECEIVE, MoveKind.TRANSFER_IN))
    own, first = "batch__donation_line__donation__donor", "batch__root__donation_line__donation__donor"
    rows: Any = (
        moves.annotate(donor=Coalesce(own, first))
        .filter(donor__isnull=False)
        .values(
            "donor",
            named=Coalesce(f"{own}__name", f"{first}__name"),
            consent=Coalesce(f"{own}__consent", f"{first}__consent"),
            open=Coalesce(f"{own}__show_amount", f"{first}__show_amount"),
        )
        .annotate(
            received=Coalesce(Sum("quantity", filter=arrivals & within), 0),
            issued=Coalesce(Sum("quantity", filter=Q(kind=MoveKind.ISSUE) & within), 0)
            - Coalesce(Sum("quantity", filter=Q(kind=MoveKind.RETURN) & within), 0),
            written_off=Coalesce(Sum("quantity", filter=Q(kind=MoveKind.WRITE_OFF) & within), 0),
            in_stock=Sum(_SIGNED),
        )
    )
    others = _("爱心人士")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        shown = names.of_donor(name=row["named"], consent=row["consent"]) if row["open"] else None
        figures = (row["received"], row["issued"], row["written_off"], row["in_stock"])
        total = sums[shown or others]
        total[:] = [one + more for one, more in zip(total, figures, strict=True)]
    told = [DonorRow(name, *figures) for name, figures in sums.items() if any(figures)]
    return sorted(told, key=lambda row: (row.name == others, -row.received, row.name))


def _points(moves: QuerySet[StockMove]) -> int:
    redemptions = Redemption.objects.filter(pk__in=moves.values("redemption"))
    return int(redemptions.aggregate(total=Coalesce(Sum("points"), 0))["total"])
