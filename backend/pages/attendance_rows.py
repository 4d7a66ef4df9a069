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
from volunteers.attendance.choices import AttendanceStatus, Channel
from volunteers.attendance.models import Attendance
from volunteers.attendance.presence import creditable_minutes, within_shift
from volunteers.attendance.reviews import Signals, is_plain, signals
from volunteers.records.queries import under_objection

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
    notes: tuple[str, ...]
    status: str
    barred: str  # why this manager may not decide about it
    outcome: str
    sheet_id: int | None
    suggested: int | None = None  # minutes, if the volunteer left when they say
    because: str = ""
    refusal: str = ""

    @property
    def waiting(self) -> bool:
        """Whether this manager may decide about it now."""
        return self.status == AttendanceStatus.PENDING and not self.barred

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
    """Return the lines of attendances with volunteer and shift loaded, in their order. Three statements."""
    told, scans = refusals or {}, signals(attendances)
    doubted = under_objection([row.pk for row in attendances])
    return [
        _row(row, actor=actor, scans=scans, refusal=told.get(row.pk), doubted=row.pk in doubted)
        for row in attendances
    ]


def tally(rows: Iterable[Row]) -> Tally:
    """Count the rows by what they ask of the manager."""
    clean = flagged = done = 0
    for row in rows:
        if not row.waiting:
            done += not row.barred
        elif row.clean:
            clean += 1
        else:
            flagged += 1
    return Tally(clean, flagged, done)


def _row(
    attendance: Attendance, *, actor: Actor, scans: Signals, refusal: Refusal | None, doubted: bool
) -> Row:
    barred = _barred(attendance, actor)
    proposed = attendance.proposed_out_at if attendance.checked_out_at is None else None
    return Row(
        pk=attendance.pk,
        name=mask_name(attendance.volunteer.name),
        tail=attendance.volunteer.number[-_TAIL:],
        came=clock(attendance.checked_in_at),
        left=_left(attendance.checked_in_at, attendance.checked_out_at),
        minutes=attendance.minutes,
        grade=grade(attendance.grade),
        why=_why(attendance, scans.phones.get(attendance.pk, 0), doubted=doubted),
        notes=tuple(_notes(attendance, scans.channels.get(attendance.pk, ()))),
        status=attendance.status,
        barred=barred,
        outcome=_outcome(attendance) or barred,
        sheet_id=attendance.sheet_id,
        suggested=_minutes_until(attendance, proposed) if proposed else None,
        because=_("本人申报 %(time)s 离开") % {"time": clock(proposed)} if proposed else "",
        refusal=str(refusal) if refusal else "",
    )


def _barred(attendance: Attendance, actor: Actor) -> str:
    """Return why somebody else has to decide; nobody approves their own hours, or what they typed in."""
    if attendance.volunteer.user_id == actor.user_id:
        return _("您本人的，由另一位同事确认")
    if attendance.entered_by_id == actor.user_id:
        return _("您补录的，由另一位同事确认")
    return ""


def _notes(attendance: Attendance, channels: Iterable[Channel]) -> Iterable[str]:
    """Yield what a manager should know before deciding: by which way, and what was said."""
    yield from (str(channel.label) for channel in channels)
    if attendance.proposed_out_at:
        said = _("本人申报 %(time)s 离开") % {"time": clock(attendance.proposed_out_at)}
        yield f"{said}：{attendance.proposal_note}" if attendance.proposal_note else said
    if attendance.question:
        yield _("已问本人：%(words)s") % {"words": attendance.question}
        yield _("本人答：%(words)s") % {"words": attendance.answer} if attendance.answer else _("等本人答复")


def _minutes_until(attendance: Attendance, left_at: datetime) -> int:
    """Return what would be credited if the volunteer left when they say; at most to the scheduled end."""
    shift = attendance.shift
    span = within_shift(
        checked_in_at=attendance.checked_in_at,
        checked_out_at=left_at,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )
    return creditable_minutes(span, break_minutes=shift.break_minutes)


def _left(came: datetime, left: datetime | None) -> str:
    """Return the time of leaving; a night shift's end says that it was the next day."""
    if left is None:
        return _("未签退")
    if localtime(left).date() > localtime(came).date():
        return _("次日 %(time)s") % {"time": clock(left)}
    return clock(left)


def _why(attendance: Attendance, phones: int, *, doubted: bool) -> str:
    why = list(attendance.flag_labels)
    if doubted:
        why.append(_("有异议，核查中"))
    if phones:
        why.append(_("与另 %(people)d 人同一手机签到") % {"people": phones})
    if not why and not is_plain(attendance):
        why.append(_("没有可计入的时长"))
    return "；".join(why)


def _outcome(attendance: Attendance) -> str:
    if attendance.status == AttendanceStatus.APPROVED:
        return _("已通过，计入 %(time)s") % {"time": duration(attendance.minutes)}
    if attendance.status == AttendanceStatus.REJECTED:
        return _("未通过：%(reason)s") % {"reason": attendance.decision_reason}
    return ""
