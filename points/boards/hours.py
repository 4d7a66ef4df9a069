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
from volunteers.people.models import Consent, Volunteer

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
    # Grouped by the key alone: names are read for those on the page, not for a whole province.
    ranked = (
        _served(prefix, period)
        .filter(Exists(willing), volunteer__birth_date__lte=born_by(today))
        .values_list("volunteer_id")
        .annotate(total=Sum("minutes"))
        .order_by("-total", "volunteer_id")
    )
    start = 0
    while rows := list(ranked[start : start + MOST_ENTRIES]):
        start += MOST_ENTRIES
        people = Volunteer.objects.only("name", "birth_date", "region_id").in_bulk([key for key, _ in rows])
        ages = min_ages({person.region_id for person in people.values()})
        for key, minutes in rows:
            person = people[key]
            name = names.of_volunteer(
                name=person.name,
                consented=True,
                birth_date=person.birth_date,
                today=today,
                min_age=ages[person.region_id],
            )
            if name is not None:
                yield {"name": name, "minutes": minutes}
        if len(rows) < MOST_ENTRIES:
            return


def _served(prefix: str, period: Period) -> QuerySet[HoursTotal]:
    return HoursTotal.objects.filter(
        period=period.text, region_code__startswith=prefix, minutes__gt=0
    ).order_by()
