"""Reading what is on its way: the volunteer's own events, the real queue, and how long it usually takes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate

from backend.core.outbox import queries as outbox
from backend.core.outbox.models import OutboxEvent
from backend.core.outbox.states import EventState
from points.arrivals.states import Stage
from points.scoring.models import Award
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.queries import own
from volunteers.people.models import Volunteer
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import contested

TOPIC = "record.approved"
MOST_SHOWN = 50  # of each: records on their way, attendances that wait for a decision
SLOW_SECONDS = 60  # a queue whose oldest event is older than this does not move as it should
_STAGES = {
    EventState.WAITING: Stage.COUNTING,
    EventState.RETRYING: Stage.RETRYING,
    EventState.DEAD: Stage.STUCK,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A piece of service that is no points yet. `since` is when it was approved, or when it began."""

    stage: Stage
    attendance_id: int
    activity_name: str
    day: date
    since: datetime
    record_id: int | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """What is on its way to a volunteer. `ahead` are other people's events that are due before theirs.

    `usual_seconds` is measured from the latest deliveries, `expected_seconds` allows for the queue; both are
    None when nothing is known. `slow` says that the queue does not move as it should.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    ahead: int = 0
    usual_seconds: int | None = None
    expected_seconds: int | None = None
    oldest_seconds: int = 0
    slow: bool = False

    @property
    def counting(self) -> list[Arrival]:
        """What is in the queue and was never tried."""
        return self.among(Stage.COUNTING)

    def among(self, *stages: Stage) -> list[Arrival]:
        """Return the arrivals at these stages."""
        return [arrival for arrival in self.arrivals if arrival.stage in stages]


def pending(volunteer: Volunteer, *, at: datetime) -> Pending:
    """Return what the volunteer's service waits for, and when the part of it that is counted will come."""
    events = outbox.undelivered(key=f"volunteer:{volunteer.pk}", topics=(TOPIC,))
    arrivals = [*_records(volunteer, events), *_undecided(volunteer)]
    waiting = [event for event in events if outbox.state_of(event) == EventState.WAITING]
    queue = outbox.queue(at=at)
    ahead = outbox.ahead_of(waiting[0]) if waiting else 0
    usual = outbox.usual_seconds(TOPIC)
    slow = queue.oldest_seconds > SLOW_SECONDS
    return Pending(
        arrivals=arrivals,
        ahead=ahead,
        usual_seconds=usual,
        expected_seconds=_expected(ahead, usual, queue) if waiting and not slow else None,
        oldest_seconds=int(queue.oldest_seconds),
        slow=slow,
    )


def uncounted(record_ids: Collection[int]) -> set[int]:
    """Return which of these records are service that counts and has no award yet."""
    return set(_unawarded().filter(pk__in=record_ids).values_list("pk", flat=True))


def _unawarded() -> QuerySet[ServiceRecord]:
    return ServiceRecord.objects.filter(
        ~Exists(Award.objects.filter(record=OuterRef("pk"))),
        ~Exists(ServiceRecord.objects.filter(reverses=OuterRef("pk"))),
        kind=RecordKind.SERVICE,
    )


def _records(volunteer: Volunteer, events: list[OutboxEvent]) -> list[Arrival]:
    by_record = {event.payload.get("record_id"): event for event in events}
    return [
        _arrival(record, by_record.get(record.pk))
        for record in _unawarded().filter(volunteer=volunteer).order_by("-pk")[:MOST_SHOWN]
    ]


def _arrival(record: ServiceRecord, event: OutboxEvent | None) -> Arrival:
    # A record without an award and without an event cannot come by itself: somebody has to look.
    stage = _STAGES[outbox.state_of(event)] if event else Stage.STUCK
    return Arrival(
        stage=stage,
        attendance_id=record.attendance_id,
        record_id=record.pk,
        activity_name=record.activity_name,
        day=record.service_date,
        since=record.recorded_at,
        next_try=event.due_at if event and stage == Stage.RETRYING else None,
    )


def _undecided(volunteer: Volunteer) -> list[Arrival]:
    waiting = own(volunteer).filter(status=AttendanceStatus.PENDING).annotate(contested=contested())
    return [
        Arrival(
            stage=Stage.CONTESTED if attendance.contested else Stage.APPROVAL,
            attendance_id=attendance.pk,
            activity_name=attendance.shift.activity.name,
            day=localdate(attendance.shift.starts_at),
            since=attendance.checked_in_at,
        )
        for attendance in waiting.order_by("-pk")[:MOST_SHOWN]
    ]


def _expected(ahead: int, usual: int | None, queue: outbox.Queue) -> int | None:
    """Return the seconds it will take: as usual, or longer while more is ahead than goes out meanwhile."""
    per_second = queue.drained_last_minute / outbox.RATE_OVER.total_seconds()
    if usual is None or not per_second or ahead <= per_second * usual:
        return usual
    return max(usual, min(ceil(ahead / per_second), SLOW_SECONDS))
