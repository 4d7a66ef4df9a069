"""`/s/<token>`: what opens when a phone's camera reads the code on a site's screen."""

import math
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.captures import stamp, stamped_at
from backend.pages.doors import anyone, volunteers_only
from backend.pages.errors import ScanOfAnother
from backend.pages.scan_result import shown
from backend.pages.taking_back import way_back
from backend.pages.visitor import PageRequest, VolunteerRequest
from venues.sites import qr
from venues.sites.queries import visible_sites
from volunteers.activities.queries import shifts_of
from volunteers.attendance import services
from volunteers.attendance.choices import Intent
from volunteers.attendance.facts import Location
from volunteers.attendance.queries import open_attendance
from volunteers.models import Volunteer
from volunteers.people.choices import ConsentKind
from volunteers.people.queries import consents_of

_NONCE_LENGTH = 64
_POLES, _DATE_LINE, _VAGUEST_M = 90, 180, 1_000_000


@require_http_methods(["GET", "POST"])
@never_cache
@anyone
def scan(request: PageRequest, token: str) -> HttpResponse:
    """Let a signed-in volunteer check in or out with this code; others sign in or register first.

    The time of the first opening travels along, signed, so that signing in costs nobody their check-in.
    """
    given = request.POST.get("captured") or request.GET.get("c") or ""
    captured = given if stamped_at(token, given) else stamp(token, timezone.now())
    volunteer = request.visitor.volunteer
    if volunteer is None:
        here = f"{reverse('pages:scan', args=[token])}?{urlencode({'c': captured})}"
        if request.visitor.user is None:
            return redirect_to_login(here, reverse("pages:login"))
        return redirect(f"{reverse('pages:register')}?{urlencode({'next': here})}")
    if request.method == "GET":
        return _landing(request, volunteer, token, captured)
    if not _wants_data(request):
        return render(request, "pages/scan/result.html", _submit(request, volunteer, token, given))
    try:
        context = _submit(request, volunteer, token, given)
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "detail": str(refusal)}, status=refusal.status)
    return JsonResponse(
        {
            "result": context["answer"].result,
            "word": context["word"],
            "sentence": context["sentence"],
            "site": context["site"]["name"] if context["site"] else "",
            "html": render_to_string("pages/scan/part_result.html", context, request),
        }
    )


def _wants_data(request: PageRequest) -> bool:
    """Whether a script asks: the phone's tray, which has to tell an answer from any other page."""
    return request.headers.get("Accept") == "application/json"


def _landing(request: PageRequest, volunteer: Volunteer, token: str, captured: str) -> HttpResponse:
    """Show the place, the shift, and one button."""
    at = timezone.now()
    claim = qr.read(token)
    site = visible_sites(None).filter(pk=claim.site_id).first()
    if site is None:
        raise NotFound
    attendance = open_attendance(volunteer)
    intent = Intent.OUT if attendance else Intent.IN
    here = shifts_of(volunteer, at).filter(shift__activity__site=site)
    context = {
        "token": token,
        "captured": captured,
        "nonce": uuid4().hex,
        "site": site,
        "volunteer": volunteer,
        "now": at,
        "attendance": attendance,
        "sign_up": None if attendance else here.first(),
        "intent": intent.value,
        "other": (Intent.IN if intent is Intent.OUT else Intent.OUT).value,
        "is_poster": claim.is_poster,
        "location_agreed": ConsentKind.LOCATION in consents_of(volunteer),
    }
    return render(request, "pages/scan/landing.html", context)


def _submit(request: PageRequest, volunteer: Volunteer, token: str, given: str) -> dict[str, Any]:
    """Hand the scan to the service and return what the result templates show.

    `owner` is whose tray it lay in: what one person scanned is never counted for another who signed in later.

    :raises Invalid: no intent.
    :raises ScanOfAnother: it lay in another volunteer's tray.
    """
    data, at = request.POST, timezone.now()
    if data.get("intent") not in Intent.values:
        raise Invalid(field="intent")
    if data.get("owner", volunteer.number) != volunteer.number:
        raise ScanOfAnother
    nonce, stamped = _nonce(data.get("nonce", "")), stamped_at(token, given)
    answer = services.scan(
        volunteer_user_id=volunteer.user_id,
        token=token,
        intent=data["intent"],
        nonce=nonce,
        device=data.get("device", "")[:_NONCE_LENGTH],
        captured_at=stamped or _phone_time(data.get("captured_at", "")),
        # How wrong the phone's clock is matters only for a time of the phone's.
        sent_at=None if stamped else _phone_time(data.get("sent_at", "")),
        location=_location(data.get("lat", ""), data.get("lng", ""), data.get("accuracy", "")),
        at=at,
    )
    return {
        **shown(answer, intent=Intent(data["intent"]), token=token, at=at),
        **way_back(volunteer_id=volunteer.pk, nonce=nonce),
    }


def _nonce(text: str) -> str:
    cleaned = "".join(letter for letter in text if letter.isalnum() or letter == "-")
    return cleaned[:_NONCE_LENGTH] or uuid4().hex


def _phone_time(text: str) -> datetime | None:
    """Read the time a phone without network says it scanned at; the service judges it."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _location(lat: str, lng: str, accuracy: str) -> Location | None:
    """Read a position; one that is no place on earth is none at all, and costs nothing."""
    try:
        values = (float(lat), float(lng), float(accuracy or 0))
    except ValueError:
        return None
    within = all(map(math.isfinite, values)) and abs(values[0]) <= _POLES and abs(values[1]) <= _DATE_LINE
    if not within or not 0 <= values[2] <= _VAGUEST_M:
        return None
    return Location(latitude=values[0], longitude=values[1], accuracy_m=values[2])


@require_GET
@never_cache
@volunteers_only
def offline(request: VolunteerRequest) -> HttpResponse:
    """Show what a phone keeps for a code opened without network; the script beside it keeps the scan."""
    return render(request, "pages/scan/offline.html", {"volunteer": request.volunteer})


@require_GET
@never_cache
@anyone
def service_worker(request: PageRequest) -> HttpResponse:
    """Return the script that answers when the network does not; it lives at the root to reach `/s/`."""
    addresses = {
        "shell": reverse("pages:scan-offline"),
        "waiting": reverse("pages:scan-waiting"),
        "counter": reverse("pages:counter"),
        "away": reverse("pages:counter-offline"),
    }
    return render(request, "pages/scan/sw.js", addresses, content_type="text/javascript")


@require_GET
@never_cache
@volunteers_only
def waiting(request: VolunteerRequest) -> HttpResponse:
    """Show what this phone keeps; the list itself lives on the phone.

    A script that is about to send it asks here whose scans would count now, and gets a fresh CSRF token: the
    page it runs in may be a day old.
    """
    if _wants_data(request):
        return JsonResponse({"number": request.volunteer.number, "csrf": get_token(request)})
    return render(request, "pages/scan/waiting.html", {"volunteer": request.volunteer})
