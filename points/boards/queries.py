"""Reading the boards: from Redis when they are there, built from PostgreSQL when not."""

import json
from datetime import datetime
from typing import Any, TypedDict

from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext

from backend.core.errors import NotFound
from backend.regions.codes import CODE_LENGTH, prefix_of
from backend.regions.errors import RegionUnknown
from backend.regions.queries import get_region, path_label
from points.boards import cache, donors, honors, hours, periods

DONORS, HONORS, HOURS = "donors", "honors", "hours"
BOARDS = (DONORS, HONORS, HOURS)


class BoardPage(TypedDict):
    """One board of one region and period, as everybody may see it."""

    board: str
    region: str
    region_label: str
    period: str
    generated_at: str
    totals: dict[str, int]
    entries: list[dict[str, Any]]


def board(*, board: str, region: str = "", period: str = periods.ALL, at: datetime) -> BoardPage:
    """Return a board for a page to render. `region` is a 12-digit code, or empty for everywhere.

    :raises NotFound, RegionUnknown, PeriodInvalid: no such board, region or period.
    """
    page: BoardPage = json.loads(page_of(board=board, region=region, period=period, at=at).body)
    return page


def page_of(*, board: str, region: str, period: str, at: datetime) -> cache.Page:
    """Return a board as finished JSON; on a hit nothing but Redis is asked.

    :raises NotFound, RegionUnknown, PeriodInvalid: no such board, region or period.
    """
    if board not in BOARDS:
        raise NotFound(field="board")
    if region and not (len(region) == CODE_LENGTH and region.isascii() and region.isdigit()):
        raise RegionUnknown(field="region")
    stretch = periods.parse(period)
    return cache.page(
        board=board,
        key=f"{region}:{period}:{get_language()}",
        at=at,
        build=lambda: _build(board=board, region=region, period=stretch, at=at),
    )


def _build(*, board: str, region: str, period: periods.Period, at: datetime) -> bytes:
    label = path_label(get_region(region).code) if region else gettext("全部地区")
    prefix = prefix_of(region) if region else ""
    today = localdate(at)
    if board == DONORS:
        totals = donors.totals(prefix=prefix, period=period)
        entries = donors.entries(prefix=prefix, period=period)
    elif board == HONORS:
        entries = honors.entries(prefix=prefix, period=period, today=today)
        totals = {"honors": len(entries)}
    else:
        totals = hours.totals(prefix=prefix, period=period)
        entries = hours.entries(prefix=prefix, period=period, today=today)
    page = BoardPage(
        board=board,
        region=region,
        region_label=label,
        period=period.text,
        generated_at=at.isoformat(),
        totals=totals,
        entries=entries,
    )
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()
