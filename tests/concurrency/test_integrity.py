"""Two reviewers over one signal, two draws of one week, two who say a record is false."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError

from backend.accounts.scopes import Role
from backend.core.models import AuditEntry, OutboxEvent
from tests.concurrency.rivals import Meeting, race
from tests.factories.accounts import make_actor
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.integrity import AuditItemFactory, SignalFactory, scanned
from tests.factories.volunteers import ShiftFactory
from volunteers.integrity import services
from volunteers.integrity.choices import AuditResult, SignalState
from volunteers.integrity.errors import SignalReviewed
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 22, 2, 0, tzinfo=UTC)
LAST_WEEK = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def record():
    return ServiceRecordFactory()


@pytest.fixture
def signal(record):
    return SignalFactory(
        site=record.attendance.site,
        day=date(2026, 9, 15),
        evidence={"attendances": [record.attendance_id]},
    )


def clearing(signal):
    actor = make_actor(Role.COMMUNITY_STAFF, "520102001")
    return lambda: services.clear(signal_id=signal.pk, actor=actor, reason="一家人", at=NOW)


def confirming(signal, record):
    actor = make_actor(Role.COMMUNITY_STAFF, "520102001")
    return lambda: services.confirm(
        signal_id=signal.pk, actor=actor, reason="不实", record_ids=[record.pk], at=NOW
    )


def test_without_the_lock_both_see_it_new_and_the_database_refuses_one(signal, record):
    meeting = Meeting(2, ['FROM "volunteers_signal"', "FOR NO KEY UPDATE"])

    def unguarded(review):
        def run():
            with meeting.unguarded():
                return review()

        return run

    outcome = race(unguarded(clearing(signal)), unguarded(confirming(signal, record)))

    (lost,) = [result for result in outcome if isinstance(result, Exception)]
    assert isinstance(lost, IntegrityError)
    assert "signal_state_moves" in str(lost)


def test_clearing_and_confirming_at_once_leaves_one_review(signal, record):
    cleared, confirmed = race(clearing(signal), confirming(signal, record))

    state = Signal.objects.get().state
    lost = {SignalState.CLEARED: confirmed, SignalState.CONFIRMED: cleared}[SignalState(state)]
    assert isinstance(lost, SignalReviewed)
    assert ServiceRecord.objects.count() == (1 if state == SignalState.CLEARED else 2)
    assert AuditEntry.objects.count() == 1


def test_four_reviewers_take_a_record_back_once(signal, record):
    outcome = race(*[confirming(signal, record) for _ in range(4)])

    assert [result.state for result in outcome] == [SignalState.CONFIRMED] * 4
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count(), AuditEntry.objects.count()) == (
        2,
        1,
        1,
    )


def test_two_signals_with_the_same_records_do_not_block_each_other():
    first, second = ServiceRecordFactory(), ServiceRecordFactory()
    touched = {"attendances": [first.attendance_id, second.attendance_id]}
    signals = [SignalFactory(site=record.attendance.site, evidence=touched) for record in (first, second)]
    actor = make_actor(Role.COMMUNITY_STAFF, "520102001")

    def taking(signal, records):
        ids = [record.pk for record in records]
        return lambda: services.confirm(
            signal_id=signal.pk, actor=actor, reason="不实", record_ids=ids, at=NOW
        )

    outcome = race(taking(signals[0], [first, second]), taking(signals[1], [second, first]))

    assert [result.state for result in outcome] == [SignalState.CONFIRMED] * 2
    assert ServiceRecord.objects.count() == 4


def test_a_week_drawn_by_four_workers_at_once_is_drawn_once():
    for _ in range(3):
        ServiceRecordFactory(recorded_at=LAST_WEEK)

    outcome = race(*[lambda: services.draw_sample(at=NOW) for _ in range(4)])

    assert {draw.pk for draw in outcome} == {AuditDraw.objects.get().pk}
    assert AuditItem.objects.count() == 1


def test_two_workers_looking_at_one_day_keep_each_signal_once():
    shift = ShiftFactory()
    for _ in range(3):
        scanned(shift=shift, device="ab" * 32)

    outcome = race(*[lambda: services.look(day=date(2026, 9, 15), at=NOW) for _ in range(3)])

    assert len(set(outcome)) == 1
    assert Signal.objects.count() == outcome[0]


def test_two_who_call_a_record_false_take_it_back_once(record):
    item = AuditItemFactory(record=record)
    actors = [make_actor(Role.COMMUNITY_STAFF, "520102001") for _ in range(2)]

    def deciding(actor):
        return lambda: services.decide_item(
            item_id=item.pk, result=AuditResult.FRAUD, actor=actor, reason="不实", at=NOW
        )

    outcome = race(*[deciding(actor) for actor in actors])

    assert [result.result for result in outcome] == [AuditResult.FRAUD] * 2
    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (2, 1)
