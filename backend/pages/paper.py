"""The paper sign-in sheet: its lines typed in beside its photograph, for a colleague to decide about."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from backend.core.errors import Forbidden, Invalid, NotFound, Refusal
from backend.pages.doors import roles_only
from backend.pages.notes import note
from backend.pages.templatetags.jishan import clock
from backend.pages.visitor import MANAGERS, ActorRequest
from venues.sites.queries import managed_by
from volunteers.activities.models import Shift
from volunteers.attendance import paper as sheets
from volunteers.attendance.errors import SheetRowsMissing, SheetRowsRefused
from volunteers.attendance.paper import MOST_ROWS, PaperRow
from volunteers.attendance.reviews import reviewable_sheets

_EMPTY_LINES = 5
_LONGEST = 20  # characters of a field anybody could mean
_EARLIEST = timedelta(hours=6)  # a time further before the shift than this is of the day after


@dataclass
class Line:
    """One line of the sheet as it was typed, and what is wrong with it."""

    number: str = ""
    came: str = ""
    left: str = ""
    error: str = ""

    @property
    def blank(self) -> bool:
        """Whether nobody is on it; its times are only the shift's."""
        return not self.number


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*MANAGERS)
def paper(request: ActorRequest, shift_id: int) -> HttpResponse:
    """Show the sheet to fill in, or enter it: all lines or none, each waiting for a colleague."""
    shift = get_object_or_404(
        Shift.objects.select_related("activity__site"),
        pk=shift_id,
        activity__site__in=managed_by(request.actor),
    )
    if request.method == "GET":
        return _page(request, shift, [_new_line(shift) for _place in range(_EMPTY_LINES)])
    typed = _typed(request)
    lines = [line for line in typed if not line.blank]
    try:
        rows = [_row(line, shift) for line in lines]
        if any(line.error for line in lines):
            return _page(request, shift, lines, refusal=Invalid(field="rows"))
        picture = request.FILES.get("picture")
        made = sheets.enter_sheet(
            shift_id=shift.pk,
            rows=[row for row in rows if row is not None],
            picture=picture.read() if picture else b"",
            note=request.POST.get("note", "")[:200],
            actor=request.actor,
            at=timezone.now(),
        )
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        if isinstance(refusal, SheetRowsRefused):
            for place, why in refusal.rows.items():
                lines[place].error = str(why)
        shown = typed if isinstance(refusal, SheetRowsMissing) else lines
        return _page(request, shift, shown, refusal=refusal)
    note(request, _("已录入 %(count)d 条，由另一位同事确认后才计入。") % {"count": len(made)})
    address = reverse("pages:review", args=[shift.pk])
    # A script goes there itself: following a redirect it would use up the sentence meant for the page.
    return (
        HttpResponse(status=201, headers={"Location": address}) if _by_script(request) else redirect(address)
    )


@require_GET
@never_cache
@roles_only(*MANAGERS)
def photo(request: ActorRequest, sheet_id: int) -> HttpResponse:
    """Return the photograph of a sheet to those who decide about its lines, and let nobody keep a copy."""
    sheet = reviewable_sheets(request.actor).filter(pk=sheet_id).first()
    if sheet is None:
        raise Http404
    response = HttpResponse(bytes(sheet.picture), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="sheet-{sheet.pk}.jpg"'
    return response


def _new_line(shift: Shift) -> Line:
    return Line(came=clock(shift.starts_at), left=clock(shift.ends_at))


def _typed(request: ActorRequest) -> list[Line]:
    """Return the lines as they were typed; one more than may be, so that too many are noticed."""
    columns = (request.POST.getlist(name)[: MOST_ROWS + 1] for name in ("number", "came", "left"))
    return [Line(*(value.strip()[:_LONGEST] for value in values)) for values in zip(*columns, strict=False)]


def _row(line: Line, shift: Shift) -> PaperRow | None:
    """Return the line as the service takes it, or note on it what cannot be read."""
    came, left = _moment(line.came, shift), _moment(line.left, shift)
    if not (line.number.isascii() and line.number.isdecimal()):
        line.error = _("志愿者编号是 12 位数字，在志愿者卡或“我的”里。")
    elif came is None or left is None:
        line.error = _("时间写成 09:00 这样。")
    else:
        return PaperRow(number=line.number, arrived_at=came, left_at=left)
    return None


def _moment(text: str, shift: Shift) -> datetime | None:
    """Read a time of day as a moment of the shift; after midnight it is the next day's."""
    try:
        told = time.fromisoformat(text)
    except ValueError:
        return None
    if told.tzinfo is not None:
        return None
    starts = timezone.localtime(shift.starts_at)
    moment = starts.replace(hour=told.hour, minute=told.minute, second=0, microsecond=0)
    overnight = timezone.localtime(shift.ends_at).date() > starts.date()
    return moment + timedelta(days=1) if overnight and moment < starts - _EARLIEST else moment


def _by_script(request: ActorRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _page(
    request: ActorRequest, shift: Shift, lines: list[Line], *, refusal: Refusal | None = None
) -> HttpResponse:
    """Show the sheet; a script gets the lines alone, so that the chosen photograph stays chosen."""
    context = {
        "shift": shift,
        "site": shift.activity.site,
        "lines": lines or [_new_line(shift)],
        "blank": _new_line(shift),
        "most": MOST_ROWS,
        "over": shift.ends_at <= timezone.now(),
        "note": request.POST.get("note", ""),
        "refusal": refusal,
    }
    template = "pages/manager/part_lines.html" if _by_script(request) else "pages/manager/paper.html"
    return render(request, template, context, status=refusal.status if refusal else 200)
