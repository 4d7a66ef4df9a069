"""One attendance as a line of the manager's list: what it says, why it wants a look, what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backend.accounts.scopes import Actor
from backend.core.errors import Refusal
from backend.core.masking import mask_name
from backend.pages.templatetags.jishan import clock, duration, grade
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.attendance.reviews import is_plain, shared_phones

_TAIL = 4  # digits of the volunteer number that tell two 张*明 apart


@dataclass(frozen=True, slots=True)
class Row:
    """A line in plain words, so that five hundred of them cost the template next to nothing."""

    pk: int
    name: str
    tail: str
    came: str
    left: str
    minutes: int | None
    grade: str
    why: str
    status: str
    own: bool
    outcome: str
    refusal: str = ""

    @property
    def waiting(self) -> bool:
        """Whether this manager may decide about it now."""
        return self.status == AttendanceStatus.PENDING and not self.own

    @property
    def clean(self) -> bool:
        """Whether it may be approved with the others, unseen."""
        return not self.why and bool(self.minutes)

    @property
    def approved(self) -> bool:
        """Whether it was credited."""
        return self.status == AttendanceStatus.APPROVED


@dataclass(frozen=True, slots=True)
class Tally:
    """How the rows of a page divide."""

    clean: int
    flagged: int
    done: int


def rows_of(
    attendances: Sequence[Attendance], *, actor: Actor, refusals: dict[int, Refusal] | None = None
) -> list[Row]:
    """Return the lines of attendances read with `reviews.on_shift`, in their order. Two statements."""
    shared = shared_phones(attendances)
    told = refusals or {}
    return [
        _row(row, actor=actor, phones=shared.get(row.pk, 0), refusal=told.get(row.pk)) for row in attendances
    ]


def tally(rows: Iterable[Row]) -> Tally:
    """Count the rows by what they ask of the manager."""
    clean = flagged = done = 0
    for row in rows:
        if not row.waiting:
            done += not row.own or row.status != AttendanceStatus.PENDING
        elif row.clean:
            clean += 1
        else:
            flagged += 1
    return Tally(clean, flagged, done)


def _row(attendance: Attendance, *, actor: Actor, phones: int, refusal: Refusal | None) -> Row:
    volunteer = attendance.volunteer
    own = volunteer.user_id == actor.user_id
    return Row(
        pk=attendance.pk,
        name=mask_name(volunteer.name),
        tail=volunteer.number[-_TAIL:],
        came=clock(attendance.checked_in_at),
        left=_left(attendance.checked_in_at, attendance.checked_out_at),
        minutes=attendance.minutes,
        grade=grade(attendance.grade),
        why=_why(attendance, phones),
        status=attendance.status,
        own=own,
        outcome=_outcome(attendance, own=own),
        refusal=str(refusal) if refusal else "",
    )


def _left(came: datetime, left: datetime | None) -> str:
    """Return the time of leaving; a night shift's end says that it was the next day."""
    if left is None:
        return _("未签退")
    if localtime(left).date() > localtime(came).date():
        return _("次日 %(time)s") % {"time": clock(left)}
    return clock(left)


def _why(attendance: Attendance, phones: int) -> str:
    why = list(attendance.flag_labels)
    if phones:
        why.append(_("与另 %(people)d 人同一手机签到") % {"people": phones})
    if not why and not is_plain(attendance):
        why.append(_("没有可计入的时长"))
    return "；".join(why)


def _outcome(attendance: Attendance, *, own: bool) -> str:
    if attendance.status == AttendanceStatus.APPROVED:
        return _("已通过，计入 %(time)s") % {"time": duration(attendance.minutes)}
    if attendance.status == AttendanceStatus.REJECTED:
        return _("未通过：%(reason)s") % {"reason": attendance.decision_reason}
    return _("您本人的，由另一位同事确认") if own else ""
