"""The hours board, built from the projection of approved minutes."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from points.boards import names
from points.boards.ages import born_by, min_ages
from points.boards.models import HoursTotal
from points.boards.periods import Period
from volunteers.people.choices import ConsentKind
from volunteers.people.models import Consent

MOST_ENTRIES = 100

Row = dict[str, Any]


def totals(*, prefix: str, period: Period) -> dict[str, int]:
    """Count all approved minutes and everybody who gave them."""
    return _served(prefix, period).aggregate(
        volunteers=Count("volunteer", distinct=True), minutes=Coalesce(Sum("minutes"), 0)
    )


def entries(*, prefix: str, period: Period, today: date) -> list[Row]:
    """List the hundred with most minutes who agreed and are old enough; equal minutes share a rank."""
    shown: list[Row] = []
    for position, row in enumerate(_ranked(prefix, period, today=today)):
        if position == MOST_ENTRIES:
            break
        shared = bool(shown) and shown[-1]["minutes"] == row["minutes"]
        shown.append({"rank": shown[-1]["rank"] if shared else position + 1, **row})
    return shown


def _ranked(prefix: str, period: Period, *, today: date) -> Iterator[Row]:
    """Yield whoever may be shown, most minutes first; reads on while a region's higher age drops some."""
    willing = Consent.objects.filter(
        volunteer=OuterRef("volunteer"), kind=ConsentKind.HONOR_BOARD, withdrawn_at__isnull=True
    )
    people = (
        _served(prefix, period)
        .filter(Exists(willing), volunteer__birth_date__lte=born_by(today))
        .values("volunteer_id", "volunteer__name", "volunteer__birth_date", "volunteer__region_id")
        .annotate(total=Sum("minutes"))
        .order_by("-total", "volunteer_id")
    )
    start = 0
    while rows := list(people[start : start + MOST_ENTRIES]):
        start += MOST_ENTRIES
        ages = min_ages({row["volunteer__region_id"] for row in rows})
        for row in rows:
            name = names.of_volunteer(
                name=row["volunteer__name"],
                consented=True,
                birth_date=row["volunteer__birth_date"],
                today=today,
                min_age=ages[row["volunteer__region_id"]],
            )
            if name is not None:
                yield {"name": name, "minutes": row["total"]}
        if len(rows) < MOST_ENTRIES:
            return


def _served(prefix: str, period: Period) -> QuerySet[HoursTotal]:
    return HoursTotal.objects.filter(
        period=period.text, region_code__startswith=prefix, minutes__gt=0
    ).order_by()
