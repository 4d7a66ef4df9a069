"""Deciding about attendances: sixty rows at six o'clock, of which three need a look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from backend.core.errors import Invalid, NotFound, Refusal
from backend.core.masking import mask_name
from backend.pages.doors import refuse, roles_only
from backend.pages.forms import AdjustForm
from backend.pages.lists import page_of
from backend.pages.notes import note
from backend.pages.numbers import whole_number, whole_numbers
from backend.pages.templatetags.jishan import duration
from backend.pages.visitor import MANAGERS, ActorRequest
from venues.sites.models import Site
from venues.sites.queries import managed_by
from volunteers.activities.models import Shift
from volunteers.attendance.models import Attendance
from volunteers.attendance.queries import decidable_by, pending_for, with_details
from volunteers.records import services as records
from volunteers.records.queries import contested

PER_PAGE = 100


@dataclass(frozen=True)
class Row:
    """One attendance as a line: clean rows are grey, the others say what to look at."""

    pk: int
    name: str
    checked_in_at: datetime
    checked_out_at: datetime | None
    minutes: int | None
    grade: str
    why: str
    outcome: str = ""
    approved: bool = False

    @property
    def clean(self) -> bool:
        """Whether it may be approved with the others, unseen."""
        return not self.why and bool(self.minutes)


@dataclass(frozen=True)
class Group:
    """The attendances of one shift."""

    shift: Shift
    site: Site
    rows: list[Row]


def row_of(attendance: Attendance, *, outcome: str = "", approved: bool = False) -> Row:
    """Return the line of an attendance read with `pending_for`."""
    why = list(attendance.flag_labels)
    if getattr(attendance, "contested", False):
        why.append(_("有异议，核查中"))
    same_phone = getattr(attendance, "same_phone", 0)
    if same_phone:
        why.append(_("与另 %(people)d 人同一手机签到") % {"people": same_phone})
    return Row(
        pk=attendance.pk,
        name=mask_name(attendance.volunteer.name),
        checked_in_at=attendance.checked_in_at,
        checked_out_at=attendance.checked_out_at,
        minutes=attendance.minutes,
        grade=attendance.grade,
        why="；".join(why),
        outcome=outcome,
        approved=approved,
    )


@require_GET
@never_cache
@roles_only(*MANAGERS)
def pending(request: ActorRequest) -> HttpResponse:
    """List what waits for my decision, by shift."""
    chosen = _chosen_site(request)
    page = page_of(request, _waiting(request, chosen), per_page=PER_PAGE)
    groups = _by_shift(page)
    rows = [row for group in groups for row in group.rows]
    clean = sum(row.clean for row in rows)
    context = {
        "page_obj": page,
        "groups": groups,
        "clean": clean,
        "flagged": len(rows) - clean,
        "sites": list(managed_by(request.actor).order_by("pk")[:PER_PAGE]),
        "chosen": chosen,
    }
    return render(request, "pages/manager/approvals.html", context)


def _chosen_site(request: ActorRequest) -> int | None:
    return whole_number(request.GET.get("site", ""))


def _waiting(request: ActorRequest, site_id: int | None) -> QuerySet[Attendance]:
    waiting = pending_for(request.actor).annotate(contested=contested())
    return waiting if site_id is None else waiting.filter(site_id=site_id)


def _by_shift(attendances: Iterable[Attendance]) -> list[Group]:
    groups: dict[int, Group] = {}
    for attendance in attendances:
        group = groups.setdefault(attendance.shift_id, Group(attendance.shift, attendance.site, []))
        group.rows.append(row_of(attendance))
    return list(groups.values())


@require_GET
@never_cache
@roles_only(*MANAGERS)
def fresh(request: ActorRequest) -> HttpResponse:
    """Say how many came in since the page was opened; `shown` are the rows already on it."""
    known = whole_numbers(request.GET.getlist("shown")[: PER_PAGE * 2])
    chosen = _chosen_site(request)
    count = _waiting(request, chosen).exclude(pk__in=known).count()
    return render(request, "pages/manager/part_fresh.html", {"count": count, "chosen": chosen})


@require_POST
@roles_only(*MANAGERS)
def approve_many(request: ActorRequest) -> HttpResponse:
    """Approve the ticked rows by their scanned minutes."""
    ids = whole_numbers(request.POST.getlist("ids")[:PER_PAGE])
    results = records.approve_many(ids=ids, actor=request.actor, at=timezone.now())
    refused = [result.refusal for result in results if result.refusal]
    note(request, _("已通过 %(count)d 条，积分随后到账。") % {"count": len(results) - len(refused)})
    for sentence in dict.fromkeys(str(refusal) for refusal in refused):
        messages.error(request, sentence)
    chosen = _chosen_site(request)
    return redirect(reverse("pages:approvals") + (f"?site={chosen}" if chosen else ""))


@require_POST
@roles_only(*MANAGERS)
def approve(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Approve one row by its scanned minutes."""
    return _decide(request, attendance_id, minutes=None, reason="")


@require_POST
@roles_only(*MANAGERS)
def adjust(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Approve one row with other minutes, saying why."""
    form = AdjustForm(request.POST)
    if not form.is_valid():
        return _row(request, attendance_id, refusal=Invalid(), typed=request.POST)
    return _decide(request, attendance_id, **form.cleaned_data)


def _decide(request: ActorRequest, attendance_id: int, *, minutes: int | None, reason: str) -> HttpResponse:
    try:
        record = records.approve(
            attendance_id=attendance_id,
            actor=request.actor,
            at=timezone.now(),
            minutes=minutes,
            reason=reason,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _row(request, attendance_id, refusal=refusal, typed=request.POST)
    outcome = _("已通过，计入 %(time)s") % {"time": duration(record.minutes)}
    return _row(request, attendance_id, outcome=outcome, approved=True)


@require_POST
@roles_only(*MANAGERS)
def reject(request: ActorRequest, attendance_id: int) -> HttpResponse:
    """Reject one row; the volunteer reads why."""
    try:
        records.reject(
            attendance_id=attendance_id,
            actor=request.actor,
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _row(request, attendance_id, refusal=refusal, typed=request.POST)
    return _row(request, attendance_id, outcome=_("已退回，理由已告诉本人"))


def _row(
    request: ActorRequest,
    attendance_id: int,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, Any] | None = None,
    outcome: str = "",
    approved: bool = False,
) -> HttpResponse:
    """Answer with the row alone when htmx asks, else with a whole page."""
    if not request.htmx:
        if refusal is not None:
            return refuse(request, refusal, back=reverse("pages:approvals"))
        note(request, outcome)
        return redirect("pages:approvals")
    attendance = with_details(decidable_by(request.actor)).filter(pk=attendance_id).first()
    if attendance is None:
        raise NotFound
    context = {
        "row": row_of(attendance, outcome=outcome, approved=approved),
        "refusal": refusal,
        "typed": typed,
    }
    status = refusal.status if refusal else 200
    return render(request, "pages/manager/part_attendance.html", context, status=status)
