"""A scan's answer in one glance: a sign, a word, when and where, what next."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from volunteers.attendance.answers import ScanAnswer
from volunteers.attendance.choices import AttendanceStatus, Intent, ScanResult

_SIGNS = {
    ScanResult.ACCEPTED: ("jade", "ok"),
    ScanResult.PROVISIONAL: ("amber", "look"),
    ScanResult.REFUSED: ("rust", "no"),
}
_MOMENTS = ("checked_in_at", "checked_out_at")
_MILLISECONDS = 1000


def shown(answer: ScanAnswer, *, intent: Intent, token: str, at: datetime) -> dict[str, Any]:
    """Return what the result templates show, read from the kept answer so that a replay looks the same."""
    result = ScanResult(answer.result)
    tone, sign = _SIGNS[result]
    attendance = _attendance(answer)
    moment = at
    if attendance is not None:
        moment = attendance["checked_out_at"] if intent is Intent.OUT else attendance["checked_in_at"]
    return {
        "answer": answer,
        "intent": intent.value,
        "tone": tone,
        "sign": sign,
        "word": _word(result, intent),
        "moment": moment,
        "sentence": answer.reasons[0]["message"],
        "details": answer.reasons[1:],
        "attendance": attendance,
        "site": attendance and attendance["site"],
        "is_open": attendance is not None and attendance["status"] == AttendanceStatus.OPEN,
        "since_ms": round(attendance["checked_in_at"].timestamp() * _MILLISECONDS) if attendance else 0,
        "token": token,
    }


def _word(result: ScanResult, intent: Intent) -> str:
    if result is ScanResult.PROVISIONAL:
        return _("已记下，待核对")
    if result is ScanResult.REFUSED:
        return _("没有签到") if intent is Intent.IN else _("没有签退")
    return _("签到成功") if intent is Intent.IN else _("签退成功")


def _attendance(answer: ScanAnswer) -> dict[str, Any] | None:
    """Return the answer's attendance with its times read back."""
    body = answer.body["attendance"]
    if body is None:
        return None
    shift = body["shift"]
    return {
        **body,
        **{name: _time(body[name]) for name in _MOMENTS},
        "shift": {**shift, "starts_at": _time(shift["starts_at"]), "ends_at": _time(shift["ends_at"])},
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
