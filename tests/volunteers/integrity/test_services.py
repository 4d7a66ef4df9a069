"""Looking, clearing and confirming."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from backend.accounts.scopes import Role, actor_for
from backend.core import outbox
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry, OutboxEvent
from tests.factories.accounts import MembershipFactory, make_actor, make_staff
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.integrity import (
    SignalFactory,
    minutes,
    scanned,
)
from tests.factories.ledger import account, default_rules, serve
from tests.factories.volunteers import ShiftFactory
from volunteers.attendance.choices import AttendanceStatus, Flag
from volunteers.integrity import services
from volunteers.integrity.choices import SignalKind, SignalState
from volunteers.integrity.errors import (
    OwnSignal,
    RecordNotOfSignal,
    SignalReasonRequired,
    SignalReviewed,
)
from volunteers.integrity.models import Signal
from volunteers.integrity.thresholds import Thresholds, current_thresholds
from volunteers.records.choices import RecordKind
from volunteers.records.errors import OwnRecord
from volunteers.records.models import ServiceRecord
from workers.handlers import HANDLERS

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 9, 15)
NIGHT = datetime(2026, 9, 15, 18, 20, tzinfo=UTC)  # 02:20 on Wednesday in Guiyang
REASON = "监控里只有一人"


@pytest.fixture
def staff():
    return make_actor(Role.COMMUNITY_STAFF, "520102001")


@pytest.fixture
def record():
    return ServiceRecordFactory()


@pytest.fixture
def signal(record):
    """A signal whose evidence is the attendance of the record."""
    return SignalFactory(
        site=record.attendance.site, evidence={"attendances": [record.attendance_id]}, day=TUESDAY
    )


# --- looking ---


def lend_a_phone(shift, people):
    for number in range(people):
        scanned(shift=shift, device="ab" * 32, checked_in_at=shift.starts_at + minutes(number))


def test_what_is_found_is_kept_with_its_evidence(now):
    shift = ShiftFactory()
    lend_a_phone(shift, 3)

    services.look(day=TUESDAY, at=NIGHT)

    signal = Signal.objects.get(kind=SignalKind.SAME_DEVICE)
    assert (signal.day, signal.site, signal.state, signal.found_at) == (
        TUESDAY,
        shift.activity.site,
        SignalState.NEW,
        NIGHT,
    )
    assert len(signal.evidence["attendances"]) == 3


def test_looking_again_keeps_what_was_found_as_it_was():
    shift = ShiftFactory()
    lend_a_phone(shift, 3)
    first = services.look(day=TUESDAY, at=NIGHT)
    kept = list(Signal.objects.order_by("pk").values())
    lend_a_phone(shift, 4)

    again = services.look(day=TUESDAY, at=NIGHT + timedelta(days=1))

    assert (first, again) == (1, 1)
    assert list(Signal.objects.order_by("pk").values()) == kept


def test_a_day_of_honest_service_has_no_signals():
    shift = ShiftFactory()
    for number in range(5):
        scanned(
            shift=shift,
            device=f"{number:064x}",
            checked_in_at=shift.starts_at + timedelta(seconds=10 * number),
            checked_out_at=shift.ends_at + timedelta(seconds=7 * number),
        )

    assert services.look(day=TUESDAY, at=NIGHT) == 0


def test_nothing_happens_to_anybody_because_of_a_signal():
    shift = ShiftFactory()
    lend_a_phone(shift, 3)
    before = list(shift.attendances.order_by("pk").values())

    services.look(day=TUESDAY, at=NIGHT)

    assert list(shift.attendances.order_by("pk").values()) == before
    assert OutboxEvent.objects.count() == 0


def test_no_evidence_holds_a_name_or_a_number_to_call():
    shift = ShiftFactory()
    lend_a_phone(shift, 3)
    services.look(day=TUESDAY, at=NIGHT)

    signal = Signal.objects.get()
    volunteer = shift.attendances.first().volunteer
    for secret in (volunteer.name, volunteer.number, volunteer.user.phone.open(), "ab" * 32):
        assert secret not in f"{signal.subject}{signal.evidence}"


def test_the_last_four_days_are_looked_at_because_scans_come_late():
    for day in (11, 12, 15, 16):
        lend_a_phone(ShiftFactory(starts_at=datetime(2026, 9, day, 1, tzinfo=UTC)), 3)

    services.look_back(at=NIGHT)

    assert sorted(Signal.objects.values_list("day", flat=True)) == [date(2026, 9, 12), TUESDAY]


def test_the_figures_can_be_set(settings):
    settings.INTEGRITY = {"travel_kmh": 200}

    assert current_thresholds() == Thresholds(travel_kmh=200)


# --- clearing ---


def test_clearing_says_who_when_and_why(signal, staff, now):
    services.clear(signal_id=signal.pk, actor=staff, reason=" 一家三口共用手机 ", at=now)

    signal.refresh_from_db()
    assert (signal.state, signal.reason, signal.reviewed_by_id, signal.reviewed_at) == (
        SignalState.CLEARED,
        "一家三口共用手机",
        staff.user_id,
        now,
    )
    assert AuditEntry.objects.get().action == "signal.cleared"


def test_clearing_again_changes_nothing(signal, staff, now):
    services.clear(signal_id=signal.pk, actor=staff, reason=REASON, at=now)

    again = services.clear(signal_id=signal.pk, actor=staff, reason="别的", at=now + timedelta(hours=1))

    assert (again.reason, again.reviewed_at, AuditEntry.objects.count()) == (REASON, now, 1)


def test_what_was_cleared_is_not_confirmed(signal, record, staff, now):
    services.clear(signal_id=signal.pk, actor=staff, reason=REASON, at=now)

    with pytest.raises(SignalReviewed):
        services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[record.pk], at=now)

    assert ServiceRecord.objects.count() == 1


DENIED = [
    (Role.SUPERVISOR, "5201", Forbidden),
    (Role.SITE_MANAGER, "1", Forbidden),
    (Role.COMMUNITY_STAFF, "5101", NotFound),
]


def unreviewed(signal):
    signal.refresh_from_db()
    return (signal.state, ServiceRecord.objects.filter(kind=RecordKind.REVERSAL).count()) == ("new", 0)


@pytest.mark.parametrize(("role", "scope", "refusal"), DENIED)
def test_who_may_not_clear(signal, now, role, scope, refusal):
    actor = make_actor(role, scope)

    with pytest.raises(refusal):
        services.clear(signal_id=signal.pk, actor=actor, reason=REASON, at=now)

    assert unreviewed(signal)


@pytest.mark.parametrize(("role", "scope", "refusal"), DENIED)
def test_who_may_not_confirm(signal, now, role, scope, refusal):
    actor = make_actor(role, scope)

    with pytest.raises(refusal):
        services.confirm(signal_id=signal.pk, actor=actor, reason=REASON, record_ids=[], at=now)

    assert unreviewed(signal)


def test_a_review_needs_a_reason(signal, staff, now):
    with pytest.raises(SignalReasonRequired):
        services.clear(signal_id=signal.pk, actor=staff, reason="  ", at=now)


def test_the_manager_a_signal_is_about_does_not_review_it(record, now):
    manager = make_staff(Role.COMMUNITY_STAFF, "520102001")
    signal = SignalFactory(site=record.attendance.site, manager=manager)

    with pytest.raises(OwnSignal):
        services.clear(signal_id=signal.pk, actor=actor_for(manager), reason=REASON, at=now)


def test_the_volunteer_a_signal_is_about_does_not_review_it(record, now):
    MembershipFactory(user=record.volunteer.user)
    signal = SignalFactory(site=record.attendance.site, volunteer=record.volunteer)

    with pytest.raises(OwnSignal):
        services.clear(signal_id=signal.pk, actor=actor_for(record.volunteer.user), reason=REASON, at=now)


def test_a_volunteer_of_the_evidence_does_not_review_it(signal, record, now):
    user = record.volunteer.user
    MembershipFactory(user=user)

    with pytest.raises(OwnSignal):
        services.clear(signal_id=signal.pk, actor=actor_for(user), reason=REASON, at=now)


# --- confirming ---


def drain(at):
    while outbox.drain(handlers=HANDLERS, at=at):
        pass


def test_confirming_takes_the_records_back(signal, record, staff, now):
    services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[record.pk], at=now)

    signal.refresh_from_db()
    reversal = ServiceRecord.objects.get(kind=RecordKind.REVERSAL)
    record.attendance.refresh_from_db()
    assert (signal.state, signal.reason) == (SignalState.CONFIRMED, REASON)
    assert (reversal.reverses, reversal.reason, reversal.recorded_by_id) == (record, REASON, staff.user_id)
    assert (record.attendance.status, record.attendance.flags) == (AttendanceStatus.PENDING, [Flag.REVERSED])
    assert AuditEntry.objects.get().detail == {"records": [record.pk]}


def test_the_points_follow(staff, now):
    default_rules()
    record = serve()
    with transaction.atomic():
        outbox.emit(topic="record.approved", key="test", payload={"record_id": record.pk}, at=now)
    drain(now)
    given = account(record.volunteer).balance
    signal = SignalFactory(site=record.attendance.site, evidence={"attendances": [record.attendance_id]})

    services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[record.pk], at=now)
    drain(now)

    assert (given, account(record.volunteer).balance) == (25, 0)


def test_only_the_records_named_are_taken_back(staff, now):
    mine, other = ServiceRecordFactory(), ServiceRecordFactory()
    signal = SignalFactory(
        site=mine.attendance.site, evidence={"attendances": [mine.attendance_id, other.attendance_id]}
    )

    services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[mine.pk], at=now)

    assert list(ServiceRecord.objects.filter(reversal__isnull=False)) == [mine]


def test_confirming_may_take_nothing_back(signal, staff, now):
    services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[], at=now)

    signal.refresh_from_db()
    assert (signal.state, ServiceRecord.objects.count()) == (SignalState.CONFIRMED, 1)


def test_confirming_again_changes_nothing(signal, record, staff, now):
    for hours in (0, 1):
        services.confirm(
            signal_id=signal.pk,
            actor=staff,
            reason=REASON,
            record_ids=[record.pk, record.pk],
            at=now + timedelta(hours=hours),
        )

    assert (ServiceRecord.objects.count(), OutboxEvent.objects.count(), AuditEntry.objects.count()) == (
        2,
        1,
        1,
    )


def test_confirming_again_with_another_record_is_refused(staff, now):
    mine, other = ServiceRecordFactory(), ServiceRecordFactory()
    signal = SignalFactory(
        site=mine.attendance.site, evidence={"attendances": [mine.attendance_id, other.attendance_id]}
    )
    services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[mine.pk], at=now)

    with pytest.raises(SignalReviewed):
        services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[other.pk], at=now)

    assert ServiceRecord.objects.count() == 3


def test_a_record_outside_the_evidence_stays(signal, staff, now):
    foreign = ServiceRecordFactory()

    with pytest.raises(RecordNotOfSignal):
        services.confirm(signal_id=signal.pk, actor=staff, reason=REASON, record_ids=[foreign.pk], at=now)

    signal.refresh_from_db()
    assert signal.state == SignalState.NEW


def test_one_record_that_cannot_be_taken_back_leaves_all_of_them(now):
    user = make_staff(Role.COMMUNITY_STAFF, "520102001")
    first = ServiceRecordFactory()
    own = ServiceRecordFactory(recorded_by=user)
    signal = SignalFactory(
        site=first.attendance.site, evidence={"attendances": [first.attendance_id, own.attendance_id]}
    )

    with pytest.raises(OwnRecord):
        services.confirm(
            signal_id=signal.pk,
            actor=actor_for(user),
            reason=REASON,
            record_ids=[first.pk, own.pk],
            at=now,
        )

    signal.refresh_from_db()
    assert (signal.state, ServiceRecord.objects.count(), OutboxEvent.objects.count()) == (
        SignalState.NEW,
        2,
        0,
    )
