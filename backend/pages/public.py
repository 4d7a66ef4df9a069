"""Pages for everybody: what this is, what is on, who gave, what became of a gift."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backend.pages.doors import anyone
from backend.pages.lists import page_of
from backend.pages.visitor import PageRequest
from backend.regions.queries import children_of, path_of
from points.appeals.queries import open_appeals, standings
from points.boards import donors as donor_board
from points.boards import queries as boards
from points.boards.names import of_donor
from points.market.queries import open_stores
from volunteers.activities.queries import open_shifts
from volunteers.people.choices import ServiceCategory

_NEXT_SHIFTS = 4
_TEASERS = 3
_PODIUM = 3
_MOST_APPEALS = 3
_MOST_STORES = 200


@require_safe
@anyone
def home(request: PageRequest) -> HttpResponse:
    """Say what this is, in numbers, shifts and names."""
    at = timezone.now()
    hours, donors, honors = (
        boards.board(board=name, at=at) for name in (boards.HOURS, boards.DONORS, boards.HONORS)
    )
    context = {
        "hours": hours,
        "donors": donors,
        "honors": honors,
        "top_hours": hours["entries"][:_TEASERS],
        "top_donors": donors["entries"][:_TEASERS],
        "top_honors": [_dated(entry) for entry in honors["entries"][:_TEASERS]],
        "shifts": open_shifts(at=at)[:_NEXT_SHIFTS],
        "appeals": standings(open_appeals()[:_MOST_APPEALS]),
    }
    return render(request, "pages/public/home.html", context)


@require_safe
@anyone
def openness(request: PageRequest) -> HttpResponse:
    """Gather what is owed to the public: gifts and what became of them, books, draws, help, proofs."""
    page = page_of(request, donor_board.told())
    gifts = [(gift, of_donor(name=gift.donor.name, consent=gift.donor.consent)) for gift in page.object_list]
    context = {"page_obj": page, "gifts": gifts, "stores": open_stores().order_by("name")[:_MOST_STORES]}
    return render(request, "pages/public/openness.html", context)


@require_safe
@anyone
def activities(request: PageRequest) -> HttpResponse:
    """List the shifts somebody can still sign up for."""
    category = request.GET.get("category", "")
    shifts = open_shifts(at=timezone.now())
    if category in ServiceCategory.values:
        shifts = shifts.filter(activity__category=category)
    page = page_of(request, shifts)
    context = {
        "page_obj": page,
        "count": page.paginator.count,
        "categories": ServiceCategory.choices,
        "category": category,
    }
    return render(request, "pages/public/activities.html", context)


@dataclass(frozen=True)
class Tab:
    """One of the three boards."""

    name: str
    label: str


@require_safe
@anyone
def board(request: PageRequest) -> HttpResponse:
    """Show a board of a region and a period; whom it names is decided by consent, below."""
    at = timezone.now()
    name = request.GET.get("board", boards.HOURS)
    region = request.GET.get("region", "")
    page = boards.board(board=name, region=region, period=request.GET.get("period", "all"), at=at)
    entries = [_dated(entry) for entry in page["entries"]]
    stands = name != boards.HONORS and len(entries) >= _PODIUM and entries[_PODIUM - 1]["rank"] is not None
    context = {
        "page": page,
        "tabs": [
            Tab(boards.DONORS, _("捐赠榜")),
            Tab(boards.HONORS, _("好人榜")),
            Tab(boards.HOURS, _("时长榜")),
        ],
        "podium": entries[:_PODIUM] if stands else [],
        "entries": entries[_PODIUM:] if stands else entries,
        "path": path_of(region),
        "below": children_of(region),
        "periods": _periods(timezone.localdate(at), page["period"]),
    }
    return render(request, "pages/public/boards.html", context)


def _dated(entry: dict[str, object]) -> dict[str, object]:
    """Read the dates of a board entry back, so that templates can say them."""
    return {
        key: date.fromisoformat(value)
        if isinstance(value, str) and key.startswith(("term_", "last_"))
        else value
        for key, value in entry.items()
    }


def _periods(today: date, chosen: str) -> list[tuple[str, str]]:
    """Offer all time, this and last year, this month and last; and whatever the address asks for."""
    last_month = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    offered = [
        ("all", _("全部时间")),
        *((str(year), _("%(year)d 年") % {"year": year}) for year in (today.year, today.year - 1)),
        *(
            (f"{day:%Y-%m}", _("%(year)d 年 %(month)d 月") % {"year": day.year, "month": day.month})
            for day in (today, last_month)
        ),
    ]
    return offered if chosen in dict(offered) else [*offered, (chosen, chosen)]
