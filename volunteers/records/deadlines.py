"""The clock of Order 67 Art 11: remind at working day 7, escalate at working day 10."""

from datetime import datetime

from django.utils.timezone import localdate

from volunteers.attendance.due import RECORD_WITHIN, WARN_AT
from volunteers.records.choices import NoticeStage
from volunteers.records.queries import waited
from volunteers.records.ticket_models import DeadlineNotice

_STAGES = ((NoticeStage.WARNED, WARN_AT), (NoticeStage.ESCALATED, RECORD_WITHIN))
_BATCH = 1000


def warn_of_deadlines(*, at: datetime) -> int:
    """Note who waits for a decision since seven working days (the site's managers are reminded) or ten.

    At ten it is community staff's matter. Each attendance gets each notice once, however often and by how
    many workers this is called; returns how many notices are new. Days are those of the business clock.
    """
    return sum(_notify(stage, days, at=at) for stage, days in _STAGES)


def _notify(stage: NoticeStage, days: int, *, at: datetime) -> int:
    late = waited(localdate(at), days).exclude(deadline_notices__stage=stage).order_by("pk")
    keys = list(late.values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        DeadlineNotice.objects.bulk_create(
            [DeadlineNotice(attendance_id=key, stage=stage, at=at) for key in keys[start : start + _BATCH]],
            ignore_conflicts=True,  # another worker was faster; its notice is as good
        )
    return len(keys)
