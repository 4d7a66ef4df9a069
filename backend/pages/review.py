"""One screen per shift: who came, how long, what wants a look; and the shifts that wait for their manager."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.pages.attendance_rows import rows_of, tally
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.numbers import whole_number, whole_numbers
from backend.pages.visitor import MANAGERS, ActorRequest
from venues.sites.queries import managed_by
from volunteers.attendance import reviews
from volunteers.attendance.choices import AttendanceStatus

PER_PAGE = 500
_SHIFTS_PER_PAGE = 20
_SITES = 100
_KNOWN_LENGTH = PER_PAGE * 12  # characters: keys of nine digits, comma and all
_NEW_ROWS = 100
NOTHING_NEW = 204


@require_GET
@never_cache
@roles_only(*MANAGERS)
def overview(request: ActorRequest) -> HttpResponse:
    """List the shifts that wait for my decision, longest waiting first, with how much each asks of me."""
    chosen = whole_number(request.GET.get("site", ""))
    page = page_of(
        request, reviews.shifts_to_review(request.actor, site_id=chosen), per_page=_SHIFTS_PER_PAGE
    )
    loads = reviews.workloads(request.actor, list(page))
    context = {
        "page_obj": page,
        "loads": loads,
        "clean": sum(load.clean for load in loads),
        "flagged": sum(load.flagged for load in loads),
        "sites": list(managed_by(request.actor).order_by("pk")[:_SITES]),
        "chosen": chosen,
        "now": timezone.now(),
    }
    return render(request, "pages/manager/overview.html", context)


@require_GET
@never_cache
@roles_only(*MANAGERS)
def shift(request: ActorRequest, shift_id: int) -> HttpResponse:
    """Show everybody of one shift, decided or not; the script beside it makes deciding quick."""
    found = get_object_or_404(reviews.reviewable_shifts(request.actor), pk=shift_id)
    page = page_of(request, reviews.on_shift(request.actor, found), per_page=PER_PAGE)
    rows = rows_of(list(page), actor=request.actor)
    context = {
        "shift": found,
        "site": found.activity.site,
        "page_obj": page,
        "rows": rows,
        "tally": tally(rows),
        "sheets": sorted({row.sheet_id for row in rows if row.sheet_id}),
        "over": found.ends_at <= timezone.now(),
        "here": reviews.in_service_on(found),
        "most": (found.ends_at - found.starts_at).total_seconds() // 60,
    }
    return render(request, "pages/manager/review.html", context)


@require_GET
@never_cache
@roles_only(*MANAGERS)
def fresh(request: ActorRequest, shift_id: int) -> HttpResponse:
    """Return the rows that came in since, and those on the screen that a colleague has decided meanwhile.

    `known` are the undecided rows on the screen, joined by commas.
    """
    found = get_object_or_404(reviews.reviewable_shifts(request.actor), pk=shift_id)
    known = set(whole_numbers(request.GET.get("known", "")[:_KNOWN_LENGTH].split(",")))
    rows = reviews.on_shift(request.actor, found)
    mine = reviews.waiting_for(request.actor).filter(shift=found)
    new = list(rows.filter(pk__in=mine.exclude(pk__in=known).values("pk"))[:_NEW_ROWS])
    decided = list(rows.filter(pk__in=known).exclude(status=AttendanceStatus.PENDING)[:_NEW_ROWS])
    if not new and not decided:
        return HttpResponse(status=NOTHING_NEW)
    context = {
        "rows": rows_of(new, actor=request.actor),
        "decided": rows_of(decided, actor=request.actor),
    }
    return render(request, "pages/manager/part_rows.html", context)
