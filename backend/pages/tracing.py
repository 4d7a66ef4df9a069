"""The page of a donation: what became of it, and what its donor asked."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backend.pages import pictures
from backend.pages.doors import anyone
from backend.pages.visitor import PageRequest
from points.boards.names import of_donor
from points.giving.question_queries import public_answers_of
from points.giving.sentences import of_families, of_people
from points.giving.tracing import Fate, donation_of, trace


@dataclass(frozen=True)
class Part:
    """One piece of the bar, with its word in the legend."""

    name: str
    label: str
    pieces: int


@require_safe
@anyone
def donation(request: PageRequest, number: str) -> HttpResponse:
    """Show what became of a donation, to whoever has its number; the donor sees the same."""
    told = trace(number)
    given = donation_of(number)
    parts = _parts(told.total)
    context = {
        "trace": told,
        "donor_name": of_donor(name=given.donor.name, consent=given.donor.consent),
        "parts": parts,
        "bar": pictures.bar_svg([(part.name, part.pieces) for part in parts], label=told.sentence),
        "volunteers": of_people(told.volunteers),
        "families": of_families(told.families),
        "most": max((span.quantity or 0 for span in told.spans), default=0),
        "answers": public_answers_of(told.number),
        "address": request.build_absolute_uri(reverse("pages:donation", args=[told.number])),
    }
    return render(request, "pages/public/donation.html", context)


def _parts(fate: Fate) -> list[Part]:
    """Return what there is something of, in the order the goods go; more found than missed has no place."""
    every = [
        Part("handed", _("发到人手里"), fate.handed_out),
        Part("aside", _("有人预约，待领"), fate.set_aside),
        Part("shelf", _("在货架上"), fate.on_shelf),
        Part("way", _("在调往别店的路上"), fate.in_transit),
        Part("expired", _("过期"), fate.expired),
        Part("damaged", _("破损变质"), fate.damaged),
        Part("recalled", _("召回"), fate.recalled),
        Part("other", _("其他报损"), fate.other_loss),
        Part("counted", _("盘点少了"), fate.counted_off),
    ]
    return [part for part in every if part.pieces > 0]
