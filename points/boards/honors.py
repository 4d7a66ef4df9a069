"""社区好人榜, built from PostgreSQL."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from points.boards import names
from points.boards.ages import min_ages
from points.boards.choices import HonorCategory, HonorStatus
from points.boards.models import Honor
from points.boards.periods import Period
from volunteers.people.choices import ConsentKind
from volunteers.people.models import Consent

MOST_ENTRIES = 100

Row = dict[str, Any]


def willing(honors: QuerySet[Honor]) -> QuerySet[Honor]:
    """Keep those with the separate consent and, of volunteers, the live consent to public boards too."""
    agreed = Exists(
        Consent.objects.filter(
            volunteer=OuterRef("volunteer"), kind=ConsentKind.HONOR_BOARD, withdrawn_at__isnull=True
        )
    )
    return honors.filter(Q(volunteer__isnull=True) | Q(agreed), consent=True)


def entries(*, prefix: str, period: Period, today: date) -> list[Row]:
    """List published honours whose term touches the period (`all` is every term), newest first."""
    honors = Honor.objects.filter(status=HonorStatus.PUBLISHED, region__code__startswith=prefix)
    if period.first is not None:
        honors = honors.filter(term_start__lt=period.after, term_end__gte=period.first)
    shown_first = willing(honors).select_related("volunteer", "region").order_by("-term_start", "-pk")
    rows = list(shown_first[:MOST_ENTRIES])
    ages = min_ages({honor.volunteer.region_id for honor in rows if honor.volunteer})
    shown = []
    for honor in rows:
        person = honor.volunteer
        name = names.of_honored(
            name=honor.name,
            consented=True,
            full_name=honor.full_name,
            birth_date=person.birth_date if person else honor.birth_date,
            today=today,
            min_age=ages[person.region_id] if person else names.BOARD_MIN_AGE,
        )
        if name is not None:
            shown.append(_entry(honor, name))
    return shown


def _entry(honor: Honor, name: str) -> Row:
    return {
        "name": name,
        "category": honor.category,
        "category_label": str(HonorCategory(honor.category).label),
        "title": honor.title,
        "story": honor.story,
        "region_name": honor.region.name,
        "term_start": honor.term_start.isoformat(),
        "term_end": honor.term_end.isoformat(),
    }
