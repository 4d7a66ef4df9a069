"""The public trace of a donation: what became of the goods, in numbers and weeks, never in names.

Goods that moved to other stores are followed through `Batch.root`: the figures of a line are those of the
batch it became and of every batch that descends from it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import TruncDate, TruncMonth, TruncWeek

from backend.core.errors import NotFound
from backend.core.small_cells import FEWEST, is_few
from points.giving import sentences
from points.giving.choices import DonationKind
from points.giving.losses import loss_of
from points.giving.models import Donation
from points.market.choices import MoveKind
from points.market.models import Batch, StockMove
from points.market.rules import read_code

_MOST_WEEKS = 26  # what lasts longer is told by the month
# Which figure a move adds to (1) or takes from (-1); a write-off is sorted by its reason.
_MEANINGS: Mapping[MoveKind, Sequence[tuple[str, int]]] = {
    MoveKind.RECEIVE: [("received", 1)],
    MoveKind.RESERVE: [],  # stays in stock
    MoveKind.RELEASE: [],
    MoveKind.SET_ASIDE: [],
    MoveKind.PUT_BACK: [],
    MoveKind.ISSUE: [("handed_out", 1)],
    MoveKind.RETURN: [("handed_out", -1), ("returned", 1)],
    MoveKind.TRANSFER_OUT: [("in_transit", 1)],
    MoveKind.TRANSFER_IN: [("in_transit", -1)],
    MoveKind.COUNT_UP: [("counted_off", -1)],
    MoveKind.COUNT_DOWN: [("counted_off", 1)],
}
_VOLUNTEERS = Count("redemption__volunteer", distinct=True)
_FAMILIES = Count("redemption__household", distinct=True, filter=Q(redemption__volunteer__isnull=True))


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of goods, in pieces: `received` is the sum of the parts, `returned` and `moved` aside.

    `counted_off` is what stock counts missed less what they found, so it may be below zero.
    """

    received: int
    on_shelf: int
    set_aside: int
    handed_out: int
    expired: int
    damaged: int
    recalled: int
    other_loss: int
    counted_off: int
    in_transit: int
    returned: int
    moved: int

    @property
    def in_stock(self) -> int:
        """What lies in a store, for somebody or for anybody."""
        return self.on_shelf + self.set_aside

    @property
    def written_off(self) -> int:
        """What nobody can use any more, for whatever reason."""
        return self.expired + self.spoiled

    @property
    def spoiled(self) -> int:
        """What was written off for anything but its age."""
        return self.damaged + self.recalled + self.other_loss

    @property
    def accounted(self) -> int:
        """The sum of what became of it; equals `received`."""
        return self.in_stock + self.handed_out + self.written_off + self.counted_off + self.in_transit


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One kind of goods of a donation."""

    product: str
    unit: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Span:
    """A week or a month in which goods were handed out. `quantity` is None where too few people came."""

    begins: date
    monthly: bool
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Trace:
    """What anybody may know of a donation who has its number: where it is, never who gave or who took.

    `volunteers` and `families` are None for one or two; 0 is nobody.
    """

    number: str
    kind: str
    organization: str
    store: str | None
    received_on: date
    purpose: str
    amount_fen: int | None
    lines: tuple[TraceLine, ...]
    total: Fate
    volunteers: int | None
    families: int | None
    stores: tuple[str, ...]
    spans: tuple[Span, ...]

    @property
    def sentence(self) -> str:
        """Say it in one line: “50 袋大米，已有 42 袋到了 38 位志愿者和 12 户家庭手里。”."""
        if self.kind == DonationKind.MONEY:
            return sentences.of_money(self.organization)
        kinds = {(line.product, line.unit) for line in self.lines}
        product, unit = kinds.pop() if len(kinds) == 1 else ("", "")
        return sentences.of_goods(
            product=product,
            unit=unit,
            received=self.total.received,
            handed_out=self.total.handed_out,
            in_stock=self.total.in_stock,
            volunteers=self.volunteers,
            families=self.families,
        )


def trace(number: str) -> Trace:
    """Return what became of a donation, by line and in total (at most eight queries, however many lines).

    :raises NotFound: no donation has this number.
    """
    donation = donation_of(number)
    roots = list(donation.lines.select_related("product").order_by("pk"))
    family = _family([line.batch_id for line in roots])
    fates = _fates(family)
    kept = _kept([batch.pk for batch in family])
    volunteers, families = _recipients(kept)
    return Trace(
        number=donation.number,
        kind=donation.kind,
        organization=donation.organization.name,
        store=donation.store.name if donation.store else None,
        received_on=donation.received_on,
        purpose=donation.purpose,
        amount_fen=donation.amount_fen if donation.donor.show_amount else None,
        lines=tuple(TraceLine(line.product.name, line.product.unit, fates[line.batch_id]) for line in roots),
        total=_sum(fates.values()),
        volunteers=shown(volunteers),
        families=shown(families),
        stores=tuple(
            sorted({batch.store.name for batch in family if batch.root_id} - {_name(donation.store)})
        ),
        spans=_spans(kept) if volunteers + families else (),
    )


def donation_of(number: str) -> Donation:
    """Return the donation with this receipt number, however it was typed.

    :raises NotFound: no donation has this number.
    """
    found = (
        Donation.objects.select_related("organization", "store", "donor")
        .filter(number=read_code(number))
        .first()
    )
    if found is None:
        raise NotFound(field="number")
    return found


def shown(people: int) -> int | None:
    """Return a number of people as the public may see it: None for one or two, who could be recognised."""
    return None if is_few(people) else people


def _name(store: object) -> str:
    return str(store) if store is not None else ""


def _family(roots: Sequence[int]) -> list[Batch]:
    """Return the batches of the lines and all that descend from them, in whatever store."""
    if not roots:
        return []
    found = Batch.objects.filter(Q(pk__in=roots) | Q(root_id__in=roots))
    return list(found.select_related("store").order_by("pk"))


def _fates(family: Sequence[Batch]) -> Mapping[int, Fate]:
    """Return what became of each root batch; stock is read from the batches, the rest from their moves."""
    roots = {batch.pk: batch.root_id or batch.pk for batch in family}
    facts = {root: dict.fromkeys((field.name for field in fields(Fate)), 0) for root in roots.values()}
    for batch in family:
        facts[roots[batch.pk]]["on_shelf"] += batch.on_hand - batch.reserved
        facts[roots[batch.pk]]["set_aside"] += batch.reserved
    moves = (
        StockMove.objects.filter(batch_id__in=list(roots))
        .annotate(late=ExpressionWrapper(Q(batch__expires_on__lt=TruncDate("at")), BooleanField()))
        .values("batch_id", "kind", "reason", "late")
        .annotate(pieces=Sum("quantity"))
        .order_by()
    )
    for move in moves:
        root = roots[move["batch_id"]]
        for name, sign in _meaning(move["kind"], reason=move["reason"], late=bool(move["late"])):
            facts[root][name] += sign * move["pieces"]
        if move["kind"] == MoveKind.TRANSFER_OUT and move["batch_id"] == root:
            facts[root]["moved"] += move["pieces"]
    return {root: Fate(**found) for root, found in facts.items()}


def _meaning(kind: str, *, reason: str, late: bool) -> Sequence[tuple[str, int]]:
    """Return which figures a move adds to, or takes from."""
    if kind == MoveKind.WRITE_OFF:
        return [(loss_of(reason, late=late).value, 1)]
    return _MEANINGS[MoveKind(kind)]


def _sum(fates: Iterable[Fate]) -> Fate:
    every = list(fates)
    return Fate(**{field.name: sum(getattr(fate, field.name) for fate in every) for field in fields(Fate)})


# --- people: counted, never named; somebody who brought everything back is not counted ---


def _kept(batch_ids: Sequence[int]) -> QuerySet[StockMove]:
    """Return the hand-overs of these batches that did not come back."""
    returned = StockMove.objects.filter(
        kind=MoveKind.RETURN, redemption=OuterRef("redemption"), batch=OuterRef("batch")
    )
    issues = StockMove.objects.filter(kind=MoveKind.ISSUE, batch_id__in=batch_ids)
    return issues.filter(~Exists(returned)).order_by()


def _recipients(kept: QuerySet[StockMove]) -> tuple[int, int]:
    """Return how many volunteers and how many families: goods without points count for the household."""
    found = kept.aggregate(volunteers=_VOLUNTEERS, families=_FAMILIES)
    return found["volunteers"], found["families"]


def _spans(kept: QuerySet[StockMove]) -> tuple[Span, ...]:
    """Return when goods were handed out: by week, or by month when it took longer than half a year.

    A span in which fewer than three people came hides its quantity. If the hidden spans together are still
    fewer than three people, the smallest other one hides too, or the total would give the quantity away.
    """
    weekly = _counted(kept, monthly=False)
    monthly = len(weekly) > _MOST_WEEKS
    found = _counted(kept, monthly=True) if monthly else weekly
    hidden = {row["begins"] for row in found if row["people"] < FEWEST}
    if hidden and _people_in(kept, hidden, monthly=monthly) < FEWEST:
        others = [row for row in found if row["begins"] not in hidden]
        hidden |= {row["begins"] for row in sorted(others, key=lambda row: row["people"])[:1]}
    return tuple(
        Span(row["begins"], monthly, None if row["begins"] in hidden else row["pieces"]) for row in found
    )


def _counted(kept: QuerySet[StockMove], *, monthly: bool) -> list[dict[str, Any]]:
    spans = kept.annotate(begins=_begins(monthly=monthly)).values("begins")
    rows: Any = spans.annotate(pieces=Sum("quantity"), people=_VOLUNTEERS + _FAMILIES)
    return list(rows.order_by("begins"))


def _people_in(kept: QuerySet[StockMove], spans: Collection[date], *, monthly: bool) -> int:
    return sum(_recipients(kept.annotate(begins=_begins(monthly=monthly)).filter(begins__in=spans)))


def _begins(*, monthly: bool) -> TruncMonth | TruncWeek:
    kind = TruncMonth if monthly else TruncWeek
    return kind("at", output_field=DateField())
