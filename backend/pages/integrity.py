"""What looks wrong, for the people of the community to look at; the weekly sample; where to look first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.errors import NotFound, Refusal
from backend.core.masking import mask_name
from backend.pages.buttons import by_button
from backend.pages.doors import refuse, roles_only
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_numbers
from backend.pages.visitor import ActorRequest
from volunteers.integrity import services
from volunteers.integrity.choices import AuditResult, SignalState
from volunteers.integrity.draws import text_of
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.integrity.queries import (
    READERS,
    REVIEWERS,
    draws_for,
    records_behind,
    reviewable_items,
    scores,
    visible_signals,
    with_details,
)
from volunteers.integrity.wording import sentence_of
from volunteers.records.models import ServiceRecord

PER_PAGE = 20
DRAWS_PER_PAGE = 4
_LONGEST_REASON = 200  # the column
_MOST_RECORDS = 500


@dataclass(frozen=True)
class Tab:
    """One state of the queue."""

    name: str
    label: str
    current: bool


@dataclass(frozen=True)
class Row:
    """One signal as a card, with the records a confirmation may take back."""

    signal: Signal
    sentence: str
    who: str
    records: list[ServiceRecord]
    outcome: str = ""


def rows_of(signals: Iterable[Signal], *, outcome: str = "") -> list[Row]:
    """Return the cards of signals read with `with_details`; one query however many."""
    shown = list(signals)
    behind = records_behind(shown)
    return [
        Row(
            signal=signal,
            sentence=sentence_of(signal.kind, signal.evidence),
            who=_who(signal),
            records=[record for record in behind[signal.pk] if not getattr(record, "is_reversed", False)],
            outcome=outcome,
        )
        for signal in shown
    ]


def _who(signal: Signal) -> str:
    """Return whom it is about, masked, as staff know them: by role."""
    people = []
    if signal.manager is not None:
        name = signal.manager.display_name
        shown = mask_name(name) if name else f"#{signal.manager_id}"
        people.append(_("确认人 %(name)s") % {"name": shown})
    if signal.volunteer is not None:
        people.append(_("志愿者 %(name)s") % {"name": mask_name(signal.volunteer.name)})
    return " · ".join(people)


@require_GET
@never_cache
@roles_only(*READERS)
def queue(request: ActorRequest) -> HttpResponse:
    """List the signals of my regions: those to review, or those reviewed."""
    asked = request.GET.get("state", "")
    state = SignalState(asked) if asked in SignalState.values else SignalState.NEW
    signals = with_details(visible_signals(request.actor)).filter(state=state)
    page = page_of(request, signals, per_page=PER_PAGE)
    context = {
        "page_obj": page,
        "rows": rows_of(page),
        "tabs": [Tab(value, str(label), value == state) for value, label in SignalState.choices],
        "state": state,
        "may_review": request.actor.has(*REVIEWERS),
    }
    return render(request, "pages/manager/integrity.html", context)


@require_GET
@never_cache
@roles_only(*READERS)
def score_list(request: ActorRequest) -> HttpResponse:
    """Say where to look first."""
    found = scores(request.actor, at=timezone.now())
    context = {
        "managers": [score for score in found if score.about == "manager"],
        "sites": [score for score in found if score.about == "site"],
    }
    return render(request, "pages/manager/integrity_scores.html", context)


@dataclass(frozen=True)
class Draw:
    """One week's sample, with the text its seed is made from."""

    draw: AuditDraw
    text: str
    items: list[AuditItem]


@require_GET
@never_cache
@roles_only(*READERS)
def audits(request: ActorRequest) -> HttpResponse:
    """Show the weekly samples, how to draw them again, and the records in my regions."""
    page = page_of(request, draws_for(request.actor).order_by("-period"), per_page=DRAWS_PER_PAGE)
    context = {
        "page_obj": page,
        "draws": [_draw(draw) for draw in page],
        "may_review": request.actor.has(*REVIEWERS),
    }
    return render(request, "pages/manager/integrity_audits.html", context)


def _draw(draw: AuditDraw) -> Draw:
    return Draw(
        draw=draw,
        text=text_of(period=draw.period, population=draw.population),
        items=getattr(draw, "seen_items", []),
    )


@by_button
@roles_only(*READERS)
def clear(request: ActorRequest, signal_id: int) -> HttpResponse:
    """Say that a signal means nothing."""
    try:
        services.clear(signal_id=signal_id, actor=request.actor, reason=_reason(request), at=timezone.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _signal_answer(request, signal_id, refusal=refusal)
    return _signal_answer(request, signal_id, outcome=_("已记为没有问题"))


@by_button
@roles_only(*READERS)
def confirm(request: ActorRequest, signal_id: int) -> HttpResponse:
    """Say that a signal is true, and take the ticked records back."""
    record_ids = whole_numbers(request.POST.getlist("records")[:_MOST_RECORDS])
    try:
        services.confirm(
            signal_id=signal_id,
            actor=request.actor,
            reason=_reason(request),
            record_ids=record_ids,
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _signal_answer(request, signal_id, refusal=refusal)
    taken = len(set(record_ids))
    outcome = _("已确认属实，没有撤销记录")
    if taken:
        outcome = ngettext(
            "已确认属实，撤销 %(count)d 条记录，积分随后扣回",
            "已确认属实，撤销 %(count)d 条记录，积分随后扣回",
            taken,
        ) % {"count": taken}
    return _signal_answer(request, signal_id, outcome=outcome)


@by_button
@roles_only(*READERS)
def decide(request: ActorRequest, item_id: int) -> HttpResponse:
    """Say what the check of a sampled record found."""
    asked = request.POST.get("result", "")
    result = AuditResult(asked) if asked in AuditResult.values else AuditResult.PENDING
    try:
        services.decide_item(
            item_id=item_id,
            result=result,
            actor=request.actor,
            reason=_reason(request),
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _item_answer(request, item_id, refusal=refusal)
    return _item_answer(request, item_id)


def _reason(request: HttpRequest) -> str:
    """Return the reason as far as the column holds it; nothing that is no text."""
    return request.POST.get("reason", "").replace("\x00", "")[:_LONGEST_REASON]


def _signal_answer(
    request: ActorRequest, signal_id: int, *, refusal: Refusal | None = None, outcome: str = ""
) -> HttpResponse:
    """Answer with the card alone when htmx asks, else with a whole page."""
    if not request.htmx:
        return _page_answer(request, reverse("pages:integrity"), refusal=refusal, outcome=outcome)
    (row,) = rows_of(with_details(visible_signals(request.actor)).filter(pk=signal_id), outcome=outcome)
    context = {"row": row, "refusal": refusal, "may_review": True, "typed": request.POST}
    return render(request, "pages/manager/part_signal.html", context, status=_status(refusal))


def _item_answer(request: ActorRequest, item_id: int, *, refusal: Refusal | None = None) -> HttpResponse:
    if not request.htmx:
        back = reverse("pages:integrity-audits")
        return _page_answer(request, back, refusal=refusal, outcome=_("已记下抽查结果"))
    item = reviewable_items(request.actor).select_related("record__volunteer").get(pk=item_id)
    context: Mapping[str, Any] = {"item": item, "refusal": refusal, "may_review": True, "typed": request.POST}
    return render(request, "pages/manager/part_audit_item.html", context, status=_status(refusal))


def _page_answer(request: ActorRequest, back: str, *, refusal: Refusal | None, outcome: str) -> HttpResponse:
    if refusal is not None:
        return refuse(request, refusal, back=back)
    note(request, outcome)
    return redirect(back)


def _status(refusal: Refusal | None) -> int:
    return refusal.status if refusal else 200
