"""The clock of 慈善法 Arts 72 and 79: remind the day before a report is due, complain when it is late."""

from datetime import datetime

import structlog
from django.utils.timezone import localdate

from points.appeals.choices import AppealStage
from points.appeals.models import AppealNotice
from points.appeals.queries import standings, unfinished

log = structlog.get_logger(__name__)


def warn_of_appeals(*, at: datetime) -> int:
    """Note whose report is due within a day (a week, where it is every three months), and whose is late.

    Each appeal gets each notice once per due day, however often and by how many workers this is called;
    returns how many notices are new. A late report is also said aloud in the log every time.
    """
    today = localdate(at)
    notices = []
    for standing in standings(unfinished()):
        stage, due = standing.stage(today), standing.due_on
        if stage is None or due is None:
            continue
        if stage == AppealStage.ESCALATED:
            log.warning("appeal_report_late", appeal=standing.appeal.pk, due_on=due.isoformat())
        notices.append(AppealNotice(appeal=standing.appeal, stage=stage, due_on=due, at=at))
    known = set(
        AppealNotice.objects.filter(appeal__in=[notice.appeal for notice in notices]).values_list(
            "appeal_id", "due_on", "stage"
        )
    )
    new = [row for row in notices if (row.appeal_id, row.due_on, row.stage) not in known]
    # Another worker may be faster; its notice is as good.
    AppealNotice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
