"""When will my points come? Each piece of service that is no points yet, and the queue it is in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core import outbox
from backend.core.models import OutboxEvent
from points.arrivals.queries import pending, uncounted
from points.arrivals.states import Stage
from tests.factories.attendance import AttendanceFactory, ServiceRecordFactory
from tests.factories.events import make_delivered, make_event
from tests.factories.ledger import default_rules
from tests.factories.tickets import ObjectionFactory
from tests.factories.volunteers import ShiftFactory, VolunteerFactory
from workers.handlers import HANDLERS

pytestmark = pytest.mark.django_db

ZERO = timedelta()


@pytest.fixture
def zhang():
    default_rules()
    return VolunteerFactory()


def record_of(volunteer, *, days=2):
    shift = ShiftFactory(starts_at=timezone.now() - timedelta(days=days))
    return ServiceRecordFactory(attendance__volunteer=volunteer, attendance__shift=shift)


def event_of(record, **fields):
    payload = {"record_id": record.pk}
    return make_event(key=f"volunteer:{record.volunteer_id}", payload=payload, **fields)


def stages(volunteer):
    found = pending(volunteer, at=timezone.now())
    return [(arrival.stage, arrival.record_id) for arrival in found.arrivals]


def test_who_waits_for_nothing_is_told_so(zhang):
    make_event(key="volunteer:0", age=timedelta(seconds=30))

    found = pending(zhang, at=timezone.now())

    assert (found.arrivals, found.ahead, found.expected_seconds, found.slow) == ([], 0, None, False)


def test_a_record_is_counting_retried_or_stuck_as_its_event_is(zhang):
    counting, retried, stuck, lost = (record_of(zhang, days=days) for days in (2, 3, 4, 5))
    event_of(counting)
    due_at = timezone.now() + timedelta(minutes=4)
    event_of(retried, attempts=3, due_at=due_at)
    event_of(stuck, attempts=10, dead=True)

    assert stages(zhang) == [
        (Stage.STUCK, lost.pk),
        (Stage.STUCK, stuck.pk),
        (Stage.RETRYING, retried.pk),
        (Stage.COUNTING, counting.pk),
    ]
    (again,) = pending(zhang, at=timezone.now()).among(Stage.RETRYING)
    assert again.next_try == due_at


def test_what_became_points_or_was_taken_back_waits_for_nothing(zhang):
    record = record_of(zhang)
    event_of(record)
    assert uncounted([record.pk]) == {record.pk}

    while outbox.drain(handlers=HANDLERS, at=timezone.now()):
        pass

    assert OutboxEvent.objects.filter(done_at=None).count() == 0
    assert stages(zhang) == []
    assert uncounted([record.pk]) == set()


def test_an_attendance_waits_for_its_decision_and_an_objection_is_told_apart(zhang):
    contested = AttendanceFactory(volunteer=zhang, shift=ShiftFactory(starts_at=_ago(days=3)))
    waiting = AttendanceFactory(volunteer=zhang, shift=ShiftFactory(starts_at=_ago(days=2)))
    ObjectionFactory(attendance=contested, raised_at=timezone.now())

    found = pending(zhang, at=timezone.now())

    assert [(arrival.stage, arrival.attendance_id) for arrival in found.arrivals] == [
        (Stage.APPROVAL, waiting.pk),
        (Stage.CONTESTED, contested.pk),
    ]


def test_what_waits_is_ones_own(zhang):
    event_of(record_of(VolunteerFactory()))
    AttendanceFactory(shift=ShiftFactory(starts_at=_ago(days=2)))

    assert stages(zhang) == []


def test_the_queue_is_the_real_one(zhang):
    for number in range(35):
        make_event(key=f"volunteer:{10_000 + number}", age=timedelta(seconds=5))
    event_of(record_of(zhang))
    make_event(key="volunteer:20000", age=-timedelta(seconds=5))
    make_delivered(0.4)

    found = pending(zhang, at=timezone.now())

    assert (found.ahead, found.usual_seconds, found.slow) == (35, 1, False)
    assert found.oldest_seconds in {5, 6}


@pytest.mark.parametrize(
    ("ahead", "delivered", "expected"),
    [(0, 60, 1), (1, 60, 1), (30, 60, 30), (70, 30, 60)],
    ids=["none ahead", "as usual", "a queue", "longer than a queue that moves can be"],
)
def test_what_is_expected_follows_from_the_queue_and_how_fast_it_goes_out(zhang, ahead, delivered, expected):
    event_of(record_of(zhang))
    for number in range(ahead):
        make_event(key=f"volunteer:{10_000 + number}", age=timedelta(seconds=5))
    for _ in range(delivered):
        make_delivered(0.4)

    assert pending(zhang, at=timezone.now()).expected_seconds == expected


def test_a_queue_that_does_not_move_is_said_to_be_slow_and_promises_nothing(zhang):
    event_of(record_of(zhang), age=timedelta(minutes=3))
    make_delivered(0.4)

    found = pending(zhang, at=timezone.now())

    assert (found.slow, found.expected_seconds) == (True, None)
    assert 180 <= found.oldest_seconds < 200


def test_the_api_tells_the_same(zhang, api):
    record = record_of(zhang)
    event_of(record)
    make_delivered(0.4)

    body = api(zhang.user).get("/api/v1/points/pending/").json()

    (arrival,) = body.pop("arrivals")
    assert (arrival["stage"], arrival["stage_label"], arrival["record"]) == (
        "counting",
        "正在计分",
        record.pk,
    )
    assert arrival["next_try"] is None
    assert body == {
        "ahead": 0,
        "usual_seconds": 1,
        "expected_seconds": 1,
        "oldest_seconds": body["oldest_seconds"],
        "slow": False,
    }


def _ago(*, days):
    return timezone.now() - timedelta(days=days)
