"""The desk of those who decide: corrections and objections in their scope, and what is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.accounts.scopes import Actor, Role
from backend.core.errors import Invalid, NotFound, Refusal
from backend.core.workdays import working_days_since
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.forms import DeskCorrectionForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.visitor import MANAGERS, ActorRequest
from volunteers.attendance.due import due_after
from volunteers.records import corrections, objections, queries
from volunteers.records.ticket_models import Correction, Objection

_LONGEST_REASON = 200
_CORRECTIONS, _OBJECTIONS = "corrections", "objections"


@dataclass(frozen=True)
class Trouble:
    """What a decision met with, to be shown at its ticket with what was typed."""

    ticket_id: int
    refusal: Refusal
    typed: Mapping[str, Any] = field(default_factory=dict)


@require_GET
@never_cache
@roles_only(*MANAGERS)
def tickets(request: ActorRequest) -> HttpResponse:
    """List what waits for a decision: corrections or objections."""
    kind = request.GET.get("kind", "")
    return _desk(request, kind if kind in {_CORRECTIONS, _OBJECTIONS} else "")


@by_button
@roles_only(*MANAGERS)
def ask_correction(request: ActorRequest) -> HttpResponse:
    """Ask for other minutes in a record, by its number; somebody else decides."""
    form = DeskCorrectionForm(request.POST)
    if not form.is_valid():
        return _desk(request, _CORRECTIONS, form=form, status=400)
    try:
        corrections.ask(
            record_id=form.cleaned_data["record"],
            minutes=form.cleaned_data["minutes"],
            reason=form.cleaned_data["reason"],
            actor=request.actor,
            at=timezone.now(),
        )
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _desk(request, _CORRECTIONS, form=form, status=refusal.status)
    note(request, _("更正申请已提交，请另一位同事核实。"))
    return _back(_CORRECTIONS)


@by_button
@roles_only(*MANAGERS)
def decide_correction(request: ActorRequest, correction_id: int) -> HttpResponse:
    """Grant or refuse a correction."""
    decision, reason = request.POST.get("decision"), request.POST.get("reason", "")[:_LONGEST_REASON]
    try:
        if decision == "approve":
            corrections.approve(
                correction_id=correction_id, actor=request.actor, reason=reason, at=timezone.now()
            )
            note(request, _("已更正：原记录撤销，新记录生效，积分随后调整。"))
        elif decision == "refuse":
            corrections.refuse(
                correction_id=correction_id, actor=request.actor, reason=reason, at=timezone.now()
            )
            note(request, _("未更正，理由已告诉申请人。"))
        else:
            raise Invalid(field="decision")
    except NotFound:
        raise
    except Refusal as refusal:
        trouble = Trouble(correction_id, refusal, request.POST)
        return _desk(request, _CORRECTIONS, trouble=trouble, status=refusal.status)
    return _back(_CORRECTIONS)


@by_button
@roles_only(*MANAGERS)
def decide_objection(request: ActorRequest, objection_id: int) -> HttpResponse:
    """Accept an objection from the public, uphold one or dismiss it."""
    decision, reason = request.POST.get("decision"), request.POST.get("reason", "")[:_LONGEST_REASON]
    given: dict[str, Any] = {"objection_id": objection_id, "actor": request.actor, "at": timezone.now()}
    try:
        if decision == "accept":
            objections.accept(**given)
            note(request, _("已受理，有结论前这条记录不会被使用。"))
        elif decision == "uphold":
            objections.uphold(**given, reason=reason)
            note(request, _("异议成立，考勤已退回或记录已撤销。"))
        elif decision == "dismiss":
            objections.dismiss(**given, reason=reason)
            note(request, _("异议不成立，一切照旧。"))
        else:
            raise Invalid(field="decision")
    except NotFound:
        raise
    except Refusal as refusal:
        trouble = Trouble(objection_id, refusal, request.POST)
        return _desk(request, _OBJECTIONS, trouble=trouble, status=refusal.status)
    return _back(_OBJECTIONS)


@by_button
@never_cache
@roles_only(*MANAGERS)
def contact(request: ActorRequest, objection_id: int) -> HttpResponse:
    """Show how to reach who raised it; the reading is noted."""
    told = objections.reveal_contact(objection_id=objection_id, actor=request.actor, at=timezone.now())
    return _desk(request, _OBJECTIONS, told={"ticket_id": objection_id, "contact": told})


@require_GET
@never_cache
@roles_only(*MANAGERS, Role.SUPERVISOR)
def overdue(request: ActorRequest) -> HttpResponse:
    """List what waits past its tenth working day, and whose task it is (Order 67 Art 11)."""
    today = timezone.localdate()
    page = page_of(request, queries.overdue_for(request.actor, today))
    for attendance in page:
        last = due_after(attendance.shift.ends_at)
        vars(attendance).update(due_on=last, days_late=working_days_since(last, today))
    context = {"page_obj": page, "count": page.paginator.count, "decides": request.visitor.manages}
    return render(request, "pages/manager/overdue.html", context)


def summary(actor: Actor) -> dict[str, int]:
    """Return what the manager's first page says about tickets and deadlines."""
    return {
        **queries.reminders_for(actor),
        "tickets": queries.corrections_to_decide(actor).count() + queries.objections_to_decide(actor).count(),
    }


def _back(kind: str) -> HttpResponse:
    return redirect(f"{reverse('pages:tickets')}?kind={kind}")


def _desk(request: ActorRequest, kind: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show one kind of tickets; without a wish the kind that has any."""
    wishes = queries.corrections_to_decide(request.actor)
    doubts = queries.objections_to_decide(request.actor)
    counts = {_CORRECTIONS: wishes.count(), _OBJECTIONS: doubts.count()}
    if not kind:
        kind = _OBJECTIONS if counts[_OBJECTIONS] and not counts[_CORRECTIONS] else _CORRECTIONS
    rows: QuerySet[Any] = wishes if kind == _CORRECTIONS else doubts
    page = page_of(request, rows)
    for ticket in page:
        vars(ticket)["own"] = request.actor.user_id in _makers(ticket)
    more.setdefault("form", DeskCorrectionForm())
    context = {"kind": kind, "counts": counts, "page_obj": page, **more}
    return render(request, "pages/manager/tickets.html", context, status=status)


def _makers(ticket: Correction | Objection) -> set[int | None]:
    """Return who may not decide this ticket, as the services will say."""
    if isinstance(ticket, Correction):
        return {ticket.asked_by_id, ticket.record.volunteer.user_id, ticket.record.recorded_by_id}
    recorder = ticket.record.recorded_by_id if ticket.record else None
    return {ticket.raised_by_id, ticket.attendance.volunteer.user_id, recorder}
