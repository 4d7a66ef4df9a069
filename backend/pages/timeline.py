"""What became of an attendance, step by step, in words the volunteer understands. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.due import due_after
from volunteers.attendance.models import Attendance

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """One stage: `state` is done, look (something is missing), now, no (refused) or next (not reached)."""

    name: str
    state: str
    moment: datetime | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def tone(self) -> str:
        """The colour; the sign and the words say the same."""
        return {"done": "jade", "look": "amber", "now": "amber", "no": "rust"}.get(self.state, "sub")

    @property
    def said(self) -> str:
        """The state in a word, for those who do not see the sign."""
        words = {
            "done": _("已完成"),
            "look": _("缺少"),
            "now": _("正在进行"),
            "no": _("结果"),
            "next": _("还没到"),
        }
        return words[self.state]

    @property
    def sign(self) -> str:
        """The icon."""
        return {"done": "ok", "look": "look", "now": "wait", "no": "no"}.get(self.state, "")


@dataclass(frozen=True)
class Presence:
    """An attendance as its volunteer sees it: the steps, and what they can do about it."""

    attendance: Attendance
    steps: list[Step]
    due: date | None

    @property
    def can_propose(self) -> bool:
        """Whether the volunteer may say when they left; it may be corrected until the decision."""
        waits = self.attendance.status == AttendanceStatus.PENDING
        return waits and self.attendance.checked_out_at is None

    @property
    def can_answer(self) -> bool:
        """Whether the manager asked something; an answer may be corrected until the decision."""
        return self.attendance.status == AttendanceStatus.PENDING and self.attendance.question != ""

    @property
    def needs_me(self) -> bool:
        """Whether nothing goes on before the volunteer has said something."""
        unsaid = self.can_propose and self.attendance.proposed_out_at is None
        return unsaid or (self.can_answer and not self.attendance.answer)


def presence_of(attendance: Attendance) -> Presence:
    """Return an attendance (with shift and activity loaded) as its volunteer sees it."""
    waits = attendance.status == AttendanceStatus.PENDING
    due = due_after(attendance.shift.ends_at) if waits else None
    steps = [_arrival(attendance), _leaving(attendance), _confirmation(attendance), _outcome(attendance)]
    return Presence(attendance, steps, due)


def moment_after(start: datetime, clock: time) -> datetime:
    """Return the first moment after `start` at which local clocks show `clock`: shifts may pass midnight."""
    local = localtime(start)
    found = local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return found if found > local else found + _DAY


def _arrival(attendance: Attendance) -> Step:
    notes = [_("纸质签到表补录")] if attendance.manual else []
    return Step(_("签到"), "done", attendance.checked_in_at, notes)


def _leaving(attendance: Attendance) -> Step:
    if attendance.checked_out_at is not None:
        return Step(_("签退"), "done", attendance.checked_out_at)
    if attendance.status == AttendanceStatus.OPEN:
        return Step(_("签退"), "now", notes=[_("正在服务，离开前请签退。")])
    if attendance.proposed_out_at is not None:
        said = _("本人申报 %(time)s，待负责人确认") % {
            "time": f"{localtime(attendance.proposed_out_at):%H:%M}"
        }
        notes = [said, attendance.proposal_note] if attendance.proposal_note else [said]
        return Step(_("没有签退"), "look", notes=notes)
    return Step(_("没有签退"), "look", notes=[_("请申报您离开的时间，由负责人确认。")])


def _confirmation(attendance: Attendance) -> Step:
    """Say who decides and what they look at; the questions asked stay readable afterwards."""
    waits = attendance.status == AttendanceStatus.PENDING
    who = attendance.shift.activity.responsible_name
    notes = [_("由 %(who)s 确认") % {"who": who}] if waits and who else []
    if waits and attendance.flags:
        notes.append(_("要看的是：%(reasons)s") % {"reasons": "；".join(attendance.flag_labels)})
    if attendance.question:
        notes.append(_("负责人问：%(question)s") % {"question": attendance.question})
    if attendance.answer:
        notes.append(_("您答：%(answer)s") % {"answer": attendance.answer})
    if waits:
        return Step(_("待确认"), "now", notes=notes)
    state = "next" if attendance.status == AttendanceStatus.OPEN else "done"
    return Step(_("确认"), state, attendance.decided_at, notes)


def _outcome(attendance: Attendance) -> Step:
    reason = [attendance.decision_reason] if attendance.decision_reason else []
    if attendance.status == AttendanceStatus.APPROVED:
        return Step(_("通过"), "done", notes=reason)
    if attendance.status == AttendanceStatus.REJECTED:
        return Step(_("未通过"), "no", notes=reason)
    return Step(_("通过，计入时长"), "next")
