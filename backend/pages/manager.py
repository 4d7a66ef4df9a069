"""A site manager's pages: what goes on at my sites, and the screen people scan."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.accounts.scopes import Actor, Role
from backend.pages import pictures
from backend.pages.doors import roles_only
from backend.pages.lists import page_of
from backend.pages.numbers import whole_number
from backend.pages.ticket_desk import summary
from backend.pages.visitor import MANAGERS, ActorRequest
from points.appeals.queries import appeals_kept_by, standings, unfinished
from points.giving.question_queries import ANSWERERS, told_about
from points.verification.queries import drift
from venues.sites.models import Site, SiteStatus
from venues.sites.qr import WINDOW_SECONDS, window_of
from venues.sites.queries import managed_by
from venues.sites.services import current_qr
from volunteers.activities.choices import ShiftStatus
from volunteers.activities.models import Shift
from volunteers.activities.queries import public_shifts
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import live_at
from volunteers.attendance.reviews import waiting_for
from volunteers.integrity.choices import SignalState
from volunteers.integrity.queries import REVIEWERS, reviewable_signals

AHEAD = timedelta(minutes=11)  # a screen must survive ten minutes without network; it asks every 20 s
BOOK_KEEPERS = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
_MILLISECONDS = 1000
_WINDOW_MS = WINDOW_SECONDS * _MILLISECONDS


@dataclass
class ShiftToday:
    """One line of a card: who is on it now, and how many wait for a decision."""

    shift: Shift
    here: int = 0
    pending: int = 0


@dataclass
class SiteToday:
    """One card of the manager's first page."""

    site: Site
    here: int = 0
    pending: int = 0
    shifts: list[ShiftToday] = field(default_factory=list)


@require_GET
@never_cache
@roles_only(*MANAGERS)
def home(request: ActorRequest) -> HttpResponse:
    """Show my sites today: who is here, which shifts, what waits for me."""
    at = timezone.now()
    sites = page_of(request, managed_by(request.actor).filter(status=SiteStatus.ACTIVE).order_by("pk"))
    context = {
        "now": at,
        "page_obj": sites,
        "sites": _today(list(sites), request, at),
        "pending": waiting_for(request.actor).count(),
        "desk": {**summary(request.actor), **_owed(request.actor, at)},
        "drift": drift() if request.actor.has(*BOOK_KEEPERS) else None,
        "reviews": request.actor.has(*REVIEWERS),
        "signals": reviewable_signals(request.actor).filter(state=SignalState.NEW).count(),
    }
    return render(request, "pages/manager/home.html", context)


def _owed(actor: Actor, at: datetime) -> dict[str, Any]:
    """Return what the public waits for from this person: answers to donors, reports on appeals."""
    if not actor.has(*ANSWERERS):
        return {}
    kept = standings(unfinished().filter(pk__in=appeals_kept_by(actor)))
    today = timezone.localdate(at)
    return {"questions": told_about(actor), "late_appeals": sum(row.stage(today) is not None for row in kept)}


def _today(sites: list[Site], request: ActorRequest, at: datetime) -> list[SiteToday]:
    """Return one card per site; three queries however many sites."""
    cards = {site.pk: SiteToday(site) for site in sites}
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    today = public_shifts().filter(
        activity__site__in=sites,
        status=ShiftStatus.OPEN,
        starts_at__lt=midnight + timedelta(days=1),
        ends_at__gt=midnight,
    )
    lines: dict[int, ShiftToday] = {}
    for shift in today.order_by("starts_at", "pk"):
        lines[shift.pk] = ShiftToday(shift)
        cards[shift.activity.site_id].shifts.append(lines[shift.pk])
    spare = ShiftToday(Shift())  # for shifts of other days, which have no line
    here = Attendance.objects.filter(site__in=sites, status=AttendanceStatus.OPEN)
    for site_id, shift_id, people in _counted(here):
        cards[site_id].here += people
        lines.get(shift_id, spare).here += people
    for site_id, shift_id, rows in _counted(waiting_for(request.actor).filter(site__in=sites)):
        cards[site_id].pending += rows
        lines.get(shift_id, spare).pending += rows
    return list(cards.values())


def _counted(attendances: QuerySet[Attendance]) -> list[tuple[int, int, int]]:
    """Return (site, shift, number of rows)."""
    return list(attendances.order_by().values_list("site_id", "shift_id").annotate(Count("pk")))


@require_GET
@never_cache
@roles_only(*MANAGERS)
def display(request: ActorRequest, site_id: int) -> HttpResponse:
    """Fill a lobby screen with the site's code."""
    site = get_object_or_404(managed_by(request.actor), pk=site_id)
    at = timezone.now()
    code = current_qr(site=site, at=at)
    context = {
        "site": site,
        "now": at,
        "first": pictures.qr_svg(code.url, label=_label()),
        "demo_link": code.url if settings.DEMO else "",
        "here": live_at(site),
    }
    return render(request, "pages/manager/display.html", context)


@require_GET
@never_cache
@roles_only(*MANAGERS)
def display_codes(request: ActorRequest, site_id: int) -> JsonResponse:
    """Return the codes of the next minutes as SVG with the times they count, and who is here.

    Times are milliseconds since 1970, `now` among them, so that a screen with a wrong clock is right. A
    screen that says how far its codes reach (`until`) and of which key they are gets only the codes after
    those; after a change of the key it gets all of them, for the old ones die with the key.
    """
    site = get_object_or_404(managed_by(request.actor), pk=site_id)
    at = timezone.now()
    first, key = window_of(at), str(site.key_version)
    beyond = first + AHEAD // timedelta(seconds=WINDOW_SECONDS)
    held = whole_number(request.GET.get("until", "")) if request.GET.get("key") == key else None
    codes = []
    for window in range(max(first, min((held or 0) // _WINDOW_MS, beyond)), beyond):
        begins = datetime.fromtimestamp(window * WINDOW_SECONDS, tz=at.tzinfo)
        code = current_qr(site=site, at=begins)
        codes.append(
            {
                "token": code.token,
                "from": window * _WINDOW_MS,
                "until": round(code.expires_at.timestamp() * _MILLISECONDS),
                "svg": pictures.qr_svg(code.url, label=_label()),
            }
        )
    return JsonResponse(
        {"now": round(at.timestamp() * _MILLISECONDS), "live": live_at(site), "key": key, "codes": codes}
    )


def _label() -> str:
    return _("签到二维码，请用手机相机扫")
