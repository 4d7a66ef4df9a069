"""What else is credited to the people of a batch around its time: one query for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from volunteers.attendance.facts import policy_of
from volunteers.attendance.models import Attendance
from volunteers.attendance.presence import Span
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.records.rules import Limits

_ROUND = timedelta(days=1)  # a shift is at most a day long


@dataclass(frozen=True, slots=True)
class _Credited:
    day: date
    span: Span
    minutes: int


class DayBook:
    """The credited times of some volunteers, true as long as their rows are locked."""

    def __init__(self, attendances: Sequence[Attendance]) -> None:
        """Read what is credited to the volunteers of these attendances around their shifts."""
        self._credited: defaultdict[int, list[_Credited]] = defaultdict(list)
        if not attendances:
            return
        records = ServiceRecord.objects.filter(
            volunteer_id__in={attendance.volunteer_id for attendance in attendances},
            kind=RecordKind.SERVICE,
            reversal__isnull=True,
            service_date__gte=localdate(min(_begin(one) for one in attendances)) - _ROUND,
            service_date__lte=localdate(max(_begin(one) for one in attendances)) + _ROUND,
        )
        self._note(records)

    def note(self, record: ServiceRecord) -> None:
        """Take a new record into account."""
        self._note([record])

    def limits(self, attendance: Attendance) -> Limits:
        """Return what the volunteer's day leaves for this attendance."""
        policy = policy_of(attendance)
        known = self._credited[attendance.volunteer_id]
        spent: defaultdict[date, int] = defaultdict(int)
        for credited in known:
            spent[credited.day] += credited.minutes
        return Limits(
            min_presence_percent=policy.min_presence_percent,
            daily_minutes=policy.daily_minutes,
            spent=spent,
            taken=tuple(credited.span for credited in known),
        )

    def _note(self, records: Iterable[ServiceRecord]) -> None:
        for record in records:
            span = Span(record.started_at, record.ended_at)
            self._credited[record.volunteer_id].append(_Credited(record.service_date, span, record.minutes))


def _begin(attendance: Attendance) -> datetime:
    return max(attendance.checked_in_at, attendance.shift.starts_at)
