"""Printed cards for volunteers without a phone: issued by community staff, eight to a sheet of A4."""

import re
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.pages import pictures
from backend.pages.doors import roles_only
from backend.pages.forms import CardsForm
from backend.pages.visitor import ActorRequest
from volunteers.models import Volunteer, VolunteerCard
from volunteers.people import passes
from volunteers.people.choices import VolunteerStatus
from volunteers.people.queries import REVIEWERS, reviewable_by

_MOST = 80


@dataclass(frozen=True)
class PrintedCard:
    """One card on the sheet."""

    card: VolunteerCard
    code: SafeString


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*REVIEWERS)
def cards(request: ActorRequest) -> HttpResponse:
    """Issue cards by volunteer number (POST), and show those that count as a sheet to print (GET ?numbers=).

    Printing again issues nothing: the sheet shows the cards there are.
    """
    if request.method == "POST":
        form = CardsForm(request.POST)
        if form.is_valid():
            numbers = _numbers(form.cleaned_data["numbers"])
            _issue(request, numbers, renew=form.cleaned_data["renew"])
            return redirect(f"{reverse('pages:cards')}?{urlencode({'numbers': ','.join(numbers)})}")
        return render(request, "pages/manager/cards.html", {"form": form, "sheet": [], "without": []})
    numbers = _numbers(request.GET.get("numbers", ""))
    mine = _volunteers(request, numbers)
    live = VolunteerCard.objects.filter(volunteer__in=mine, revoked_at__isnull=True)
    sheet = [
        PrintedCard(card, pictures.qr_svg(passes.card_token(card), label=_("志愿者卡")))
        for card in live.select_related("volunteer").order_by("volunteer__number")
    ]
    printed = {each.card.volunteer.number for each in sheet}
    context = {
        "form": CardsForm(initial={"numbers": "\n".join(numbers)}),
        "sheet": sheet,
        "without": [number for number in numbers if number not in printed],
    }
    return render(request, "pages/manager/cards.html", context)


def _numbers(text: str) -> list[str]:
    """Return the volunteer numbers in a text, each once, in order."""
    return list(dict.fromkeys(re.findall(r"(?<![0-9])[1-9][0-9]{11}(?![0-9])", text)))[:_MOST]


def _volunteers(request: ActorRequest, numbers: list[str]) -> list[Volunteer]:
    """Return the volunteers in service whom this actor looks after; others are not said to exist."""
    mine = reviewable_by(request.actor).filter(number__in=numbers, status=VolunteerStatus.ACTIVE)
    return list(mine.order_by("pk"))


def _issue(request: ActorRequest, numbers: list[str], *, renew: bool) -> None:
    at = timezone.now()
    for volunteer in _volunteers(request, numbers):
        if renew or passes.live_card(volunteer) is None:
            passes.issue_card(volunteer_id=volunteer.pk, actor=request.actor, at=at)
