"""Deciding about attendances: all the clear ones in one gesture, the others one by one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.core.errors import Invalid, NotFound, Refusal
from backend.pages.attendance_rows import Row, rows_of
from backend.pages.buttons import by_button
from backend.pages.doors import refuse, roles_only
from backend.pages.forms import AdjustForm
from backend.pages.notes import note
from backend.pages.numbers import whole_number, whole_numbers
from backend.pages.visitor import MANAGERS, ActorRequest
from volunteers.attendance import proposals
from volunteers.attendance.choices import Channel, Intent, ScanResult
from volunteers.attendance.models import Attendance, Scan
from volunteers.attendance.queries import decidable_by
from volunteers.records import services as records

_MOST_AT_ONCE = 500
_EVIDENCE = 20
_LONGEST_WORDS = 200  # the columns


@dataclass(frozen=True)
class Evidence:
    """One scan behind an attendance, in words."""

    word: str
    scanned_at: datetime
    received_at: datetime | None
    sentences: list[str]


@by_button
@roles_only(*MANAGERS)
def approve_many(request: ActorRequest) -> HttpResponse:
    """Approve the ticked rows by their scanned minutes; a script gets the rows back, decided or refused."""
    ids = whole_numbers(request.POST.getlist("ids")[:_MOST_AT_ONCE])
    results = records.approve_many(ids=ids, actor=request.actor, at=timezone.now())
    refused = {result.attendance_id: result.refusal for result in results if result.refusal}
    if request.htmx:
        rows = rows_of(_found(request, ids), actor=request.actor, refusals=refused)
        return render(request, "pages/manager/part_rows.html", {"rows": rows})
    note(request, _("已通过 %(count)d 条，积分随后到账。") % {"count": len(results) - len(refused)})
    for sentence in dict.fromkeys(str(refusal) for refusal in refused.values()):
        messages.error(request, sentence)
    shift_id = whole_number(request.POST.get("shift", ""))
    return redirect("pages:review", shift_id) if shift_id else redirect("pages:approvals")


@require_GET
@never_cache
@roles_only(*MANAGERS)
def attendance(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Show one attendance with the scans behind it and everything that can be decided about it."""
    return _page(request, attendance_id)


@by_button
@roles_only(*MANAGERS)
def approve(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Approve one row by its scanned minutes."""
    return _approve(request, attendance_id, minutes=None, reason="")


@by_button
@roles_only(*MANAGERS)
def adjust(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Approve one row with other minutes, saying why."""
    form = AdjustForm(request.POST)
    if not form.is_valid():
        return _refused(request, attendance_id, Invalid())
    return _approve(request, attendance_id, **form.cleaned_data)


def _approve(request: ActorRequest, attendance_id: int, *, minutes: int | None, reason: str) -> HttpResponse:
    try:
        records.approve(
            attendance_id=attendance_id,
            actor=request.actor,
            at=timezone.now(),
            minutes=minutes,
            reason=reason,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(request, attendance_id, refusal)
    return _decided(request, attendance_id)


@by_button
@roles_only(*MANAGERS)
def reject(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Reject one row; the volunteer reads why."""
    try:
        records.reject(
            attendance_id=attendance_id,
            actor=request.actor,
            at=timezone.now(),
            reason=request.POST.get("reason", "")[:_LONGEST_WORDS],
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(request, attendance_id, refusal)
    return _decided(request, attendance_id)


@by_button
@roles_only(*MANAGERS)
def ask(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Ask the volunteer before deciding; the row goes on waiting."""
    try:
        proposals.ask_back(
            attendance_id=attendance_id,
            actor=request.actor,
            question=request.POST.get("question", "")[:_LONGEST_WORDS],
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(request, attendance_id, refusal)
    return _decided(request, attendance_id, said=_("已问本人，答复后会显示在这里"))


def _found(request: ActorRequest, ids: list[int]) -> list[Attendance]:
    rows = decidable_by(request.actor).filter(pk__in=ids)
    return list(rows.select_related("volunteer", "shift__activity", "site").order_by("pk"))


def _one(request: ActorRequest, attendance_id: int) -> Attendance:
    found = _found(request, [attendance_id])
    if not found:
        raise NotFound
    return found[0]


def _decided(request: ActorRequest, attendance_id: int, *, said: str = "") -> HttpResponse:
    """Answer with the row alone when a script asks, else with the shift it belongs to."""
    found = _one(request, attendance_id)
    (row,) = rows_of([found], actor=request.actor)
    if request.htmx:
        return render(request, "pages/manager/part_rows.html", {"rows": [row]})
    note(request, f"{row.name} · {said or row.outcome}")
    return redirect("pages:review", found.shift_id)


def _refused(request: ActorRequest, attendance_id: int, refusal: Refusal) -> HttpResponse:
    """Say no beside the row; what was typed stays where it was typed."""
    if request.htmx:
        return refuse(request, refusal)
    return _page(request, attendance_id, refusal=refusal, typed=request.POST)


def _page(
    request: ActorRequest,
    attendance_id: int,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    found = _one(request, attendance_id)
    (row,) = rows_of([found], actor=request.actor)
    context = {
        "row": row,
        "shift": found.shift,
        "site": found.site,
        "evidence": [_in_words(scan) for scan in found.scans.order_by("pk")[:_EVIDENCE]],
        "most": (found.shift.ends_at - found.shift.starts_at).total_seconds() // 60,
        "refusal": refusal,
        "typed": typed,
        **_given(row, typed or {}),
        "back": reverse("pages:review", args=[found.shift_id]),
    }
    status = refusal.status if refusal else 200
    return render(request, "pages/manager/attendance.html", context, status=status)


def _given(row: Row, typed: Mapping[str, Any]) -> dict[str, object]:
    """Return what the form for other minutes holds: what was typed, else what the volunteer says."""
    if "minutes" in typed:
        return {"minutes_given": typed["minutes"], "reason_given": typed.get("reason", "")}
    return {"minutes_given": row.suggested or "", "reason_given": row.because}


def _in_words(scan: Scan) -> Evidence:
    """Read a scan from the answer that was given, so that it says what the volunteer was told."""
    sentences = [str(reason["message"]) for reason in json.loads(scan.answer)["reasons"]]
    word = " · ".join(
        str(part.label) for part in (Intent(scan.intent), ScanResult(scan.result), Channel(scan.channel))
    )
    late = scan.captured_at is not None and scan.captured_at != scan.received_at
    return Evidence(
        word=word,
        scanned_at=scan.captured_at or scan.received_at,
        received_at=scan.received_at if late else None,
        sentences=sentences,
    )
