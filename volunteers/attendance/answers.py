"""What a scan is answered with: built once, kept as text, and given again word for word."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils.timezone import localtime

from volunteers.attendance.models import Attendance
from volunteers.attendance.reasons import Reason

Body = dict[str, Any]


@dataclass(frozen=True)
class ScanAnswer:
    """The answer to one scan. `body` is what the API sends; `attendance` is what the scan made or closed."""

    body: Body
    attendance: Attendance | None
    replayed: bool = False

    @property
    def result(self) -> str:
        """`accepted`, `provisional` or `refused`."""
        return str(self.body["result"])

    @property
    def reasons(self) -> list[dict[str, str]]:
        """The reasons, each a code and a sentence; the first is the headline."""
        return list(self.body["reasons"])

    @classmethod
    def again(cls, text: str) -> Self:
        """Read a kept answer back."""
        body = json.loads(text)
        attendance = body["attendance"]
        found = attendance and Attendance.objects.filter(pk=attendance["id"]).first()
        return cls(body=body, attendance=found or None, replayed=True)

    def as_text(self) -> str:
        """Return the text to keep."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


def body_of(*, result: str, reasons: tuple[Reason, ...], attendance: Body | None) -> Body:
    """Return the answer on the wire."""
    return {"result": result, "reasons": [reason.as_json() for reason in reasons], "attendance": attendance}


def attendance_body(
    attendance: Attendance,
    *,
    activity_name: str,
    starts_at: datetime,
    ends_at: datetime,
    site_name: str,
) -> Body:
    """Return the attendance as a scan answers it, without a query."""
    return {
        "id": attendance.pk,
        "status": str(attendance.status),
        "shift": {
            "id": attendance.shift_id,
            "activity_name": activity_name,
            "starts_at": _text(starts_at),
            "ends_at": _text(ends_at),
        },
        "site": {"id": attendance.site_id, "name": site_name},
        "checked_in_at": _text(attendance.checked_in_at),
        "checked_out_at": _text(attendance.checked_out_at),
        "minutes": attendance.minutes,
        "grade": str(attendance.grade),
        "flags": [str(flag) for flag in attendance.flags],
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else localtime(moment).isoformat()
