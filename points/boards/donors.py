"""慈善捐赠榜, built from PostgreSQL."""

from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Coalesce

from points.boards import names
from points.boards.periods import Period
from points.giving.choices import DonationKind, DonorKind, Publicity
from points.giving.models import Donation, DonationLine

MOST_ENTRIES = 100

Row = dict[str, Any]


def totals(*, prefix: str, period: Period) -> dict[str, int]:
    """Count everything that was given, by whomever: hidden and anonymous donors too."""
    gifts = _gifts(prefix, period)
    counted = gifts.aggregate(
        donors=Count("donor", distinct=True),
        donations=Count("pk"),
        money_fen=Coalesce(Sum("amount_fen"), 0),
        goods_valuation_fen=Coalesce(Sum("valuation_fen"), 0),
    )
    items = DonationLine.objects.filter(donation__in=gifts).aggregate(items=Coalesce(Sum("quantity"), 0))
    return {**counted, "goods_items": items["items"]}


def entries(*, prefix: str, period: Period) -> list[Row]:
    """List donors who agreed to be listed, at most a hundred.

    Those who show amounts are ranked by money plus declared valuation. Those who do not follow without a
    rank, latest first: a place in an order by amount would tell the amount.
    """
    donors = (
        _gifts(prefix, period)
        .exclude(donor__consent=Publicity.HIDDEN)
        .values(
            "donor_id",
            "donor__name",
            "donor__kind",
            "donor__consent",
            "donor__show_picture",
            "donor__picture__key",
        )
    )
    facts: Any = donors.annotate(
        money_fen=Coalesce(Sum("amount_fen"), 0),
        goods_valuation_fen=Coalesce(Sum("valuation_fen"), 0),
        value=Coalesce(Sum("amount_fen"), 0) + Coalesce(Sum("valuation_fen"), 0),
        gifts=Count("pk"),
        last_on=Max("received_on"),
    )
    open_rows: list[Row] = list(
        facts.filter(donor__show_amount=True).order_by("-value", "donor_id")[:MOST_ENTRIES]
    )
    room = MOST_ENTRIES - len(open_rows)
    quiet_rows: list[Row] = list(
        facts.filter(donor__show_amount=False).order_by("-last_on", "donor_id")[:room]
    )
    items = _items([row["donor_id"] for row in open_rows], prefix, period)
    ranked = [
        _entry(row, rank=_rank(open_rows, row), items=items.get(row["donor_id"], 0)) for row in open_rows
    ]
    return [
        entry for entry in (*ranked, *(_entry(row, rank=None, items=None) for row in quiet_rows)) if entry
    ]


def told() -> QuerySet[Donation]:
    """Return the goods given by donors who agreed to be told with the amount, newest first, for anybody.

    Another donation is found by its number only (慈善法 Art 82, 捐赠法 Art 8). Nothing is cached: a donor who
    changes their mind is gone with the next look.
    """
    return (
        Donation.objects.filter(kind=DonationKind.GOODS, donor__show_amount=True)
        .exclude(donor__consent=Publicity.HIDDEN)
        .select_related("donor", "store")
        .prefetch_related("lines__product")
        .order_by("-pk")
    )


def _entry(row: Row, *, rank: int | None, items: int | None) -> Row | None:
    name = names.of_donor(name=row["donor__name"], consent=row["donor__consent"])
    if name is None:
        return None
    shows = rank is not None
    return {
        "rank": rank,
        "name": name,
        "picture": names.picture_of_donor(
            key=row["donor__picture__key"],
            consent=row["donor__consent"],
            show_picture=row["donor__show_picture"],
        ),
        "kind": row["donor__kind"],
        "kind_label": str(DonorKind(row["donor__kind"]).label),
        "money_fen": row["money_fen"] if shows else None,
        "goods_valuation_fen": row["goods_valuation_fen"] if shows else None,
        "goods_items": items,
        "donations": row["gifts"],
        "last_on": row["last_on"].isoformat(),
    }


def _rank(rows: list[Row], row: Row) -> int:
    """Equal gifts share a rank."""
    return 1 + sum(1 for other in rows if other["value"] > row["value"])


def _items(donor_ids: list[int], prefix: str, period: Period) -> dict[int, int]:
    lines = DonationLine.objects.filter(donation__donor_id__in=donor_ids, donation__in=_gifts(prefix, period))
    return dict(lines.values_list("donation__donor_id").annotate(total=Sum("quantity")).order_by())


def _gifts(prefix: str, period: Period) -> QuerySet[Donation]:
    gifts = Donation.objects.filter(region__code__startswith=prefix).order_by()
    if period.first is not None:
        gifts = gifts.filter(received_on__gte=period.first, received_on__lt=period.after)
    return gifts
