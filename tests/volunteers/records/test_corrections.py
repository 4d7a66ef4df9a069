"""Correcting a record: asked for by one, decided by another, both rows or none."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import OutboxEvent
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.records import corrections, objections, services
from volunteers.records.errors import (
    CorrectionChangesNothing,
    CorrectionExists,
    CorrectionNotCreditable,
    MinutesExceedShift,
    NotReversible,
    OwnTicket,
    RecordSuperseded,
    TicketDecided,
    TicketReasonRequired,
    UnderObjection,
)
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import totals_of
from volunteers.records.ticket_models import Correction

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def attendance():
    return AttendanceFactory()


@pytest.fixture
def at(attendance):
    return attendance.shift.ends_at + HOUR


@pytest.fixture
def manager(attendance):
    return make_actor(Role.SITE_MANAGER, attendance.site_id)


@pytest.fixture
def staff():
    return make_actor(Role.COMMUNITY_STAFF, "520102001001")


@pytest.fixture
def record(attendance, manager, at):
    return services.approve(attendance_id=attendance.pk, actor=manager, at=at)


@pytest.fixture
def volunteer(record):
    return actor_for(record.volunteer.user)


@pytest.fixture
def asked(record, volunteer, at):
    return corrections.ask(
        record_id=record.pk, actor=volunteer, minutes=120, reason=" 提前走了 ", at=at + HOUR
    )


def topics():
    return list(OutboxEvent.objects.order_by("pk").values_list("topic", flat=True))


# --- asking ---


def test_a_ticket_keeps_who_asked_why_and_both_figures(asked, record, volunteer, at):
    assert (asked.record, asked.asked_by_id, asked.asked_at, asked.reason) == (
        record,
        volunteer.user_id,
        at + HOUR,
        "提前走了",
    )
    assert (asked.minutes_before, asked.minutes_after, asked.state) == (180, 120, "open")
    assert asked.due_on.isoformat() == "2026-09-29"
    assert totals_of(record.volunteer) == 180


def test_a_decider_may_ask_too(record, staff, at):
    ticket = corrections.ask(record_id=record.pk, actor=staff, minutes=0, reason="人没来", at=at)

    assert ticket.asked_by_id == staff.user_id


def test_strangers_find_no_record(record, at):
    strangers = [
        actor_for(VolunteerFactory().user),
        make_actor(Role.SITE_MANAGER, record.attendance.site_id + 1),
        make_actor(Role.COMMUNITY_STAFF, "5101"),
        Actor(user_id=0),
    ]

    for stranger in strangers:
        with pytest.raises(NotFound):
            corrections.ask(record_id=record.pk, actor=stranger, minutes=60, reason="x", at=at)


def test_a_supervisor_reads_and_asks_nothing(record, at):
    with pytest.raises(Forbidden):
        corrections.ask(
            record_id=record.pk, actor=make_actor(Role.SUPERVISOR, "5201"), minutes=60, reason="x", at=at
        )


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ((120, " "), TicketReasonRequired),
        ((180, "x"), CorrectionChangesNothing),
        ((181, "x"), MinutesExceedShift),
        ((-1, "x"), MinutesExceedShift),
    ],
)
def test_what_makes_no_sense_is_refused(record, volunteer, at, wish, refusal):
    minutes, reason = wish

    with pytest.raises(refusal):
        corrections.ask(record_id=record.pk, actor=volunteer, minutes=minutes, reason=reason, at=at)

    assert not Correction.objects.exists()


def test_one_ticket_at_a_time(asked, record, staff, at):
    with pytest.raises(CorrectionExists):
        corrections.ask(record_id=record.pk, actor=staff, minutes=60, reason="x", at=at)


def test_what_was_taken_back_is_not_corrected(record, volunteer, staff, at):
    reversal = services.reverse_record(record_id=record.pk, actor=staff, reason="重复", at=at)

    with pytest.raises(RecordSuperseded):
        corrections.ask(record_id=record.pk, actor=volunteer, minutes=60, reason="x", at=at)
    with pytest.raises(NotReversible):
        corrections.ask(record_id=reversal.pk, actor=volunteer, minutes=60, reason="x", at=at)


# --- deciding ---


def test_approval_reverses_the_record_and_writes_the_new_one(asked, record, staff, at):
    done = corrections.approve(correction_id=asked.pk, actor=staff, at=at + 2 * HOUR, reason="问过了")

    assert (done.state, done.decided_by_id, done.decided_at, done.decision_reason) == (
        "approved",
        staff.user_id,
        at + 2 * HOUR,
        "问过了",
    )
    assert (done.reversal.reverses, done.reversal.minutes) == (record, -180)
    assert (done.replacement.minutes, done.replacement.version, done.replacement.reason) == (
        120,
        2,
        "提前走了",
    )
    assert totals_of(record.volunteer) == 120
    assert Attendance.objects.get().status == AttendanceStatus.APPROVED
    assert topics() == ["record.approved", "record.reversed", "record.approved"]


def test_zero_minutes_take_it_back(record, volunteer, staff, at):
    ticket = corrections.ask(record_id=record.pk, actor=volunteer, minutes=0, reason="不是我", at=at)

    done = corrections.approve(correction_id=ticket.pk, actor=staff, at=at)

    rejected = Attendance.objects.get()
    assert (done.replacement, totals_of(record.volunteer)) == (None, 0)
    assert (rejected.status, rejected.decision_reason) == (AttendanceStatus.REJECTED, "不是我")
    assert topics() == ["record.approved", "record.reversed"]


def test_approving_again_changes_nothing(asked, staff, at):
    first = corrections.approve(correction_id=asked.pk, actor=staff, at=at)

    again = corrections.approve(correction_id=asked.pk, actor=staff, at=at + HOUR)

    assert (again.pk, again.decided_at) == (first.pk, at)
    assert ServiceRecord.objects.count() == 3


def test_refusing_leaves_the_record_and_tells_why(asked, record, staff, at):
    done = corrections.refuse(correction_id=asked.pk, actor=staff, reason=" 签退在 12 点 ", at=at)
    again = corrections.refuse(correction_id=asked.pk, actor=staff, reason="x", at=at + HOUR)

    assert (done.state, done.decision_reason) == ("refused", "签退在 12 点")
    assert (again.decision_reason, again.decided_at) == ("签退在 12 点", at)
    assert totals_of(record.volunteer) == 180
    assert topics() == ["record.approved"]


def test_after_a_decision_one_may_ask_again(asked, record, volunteer, staff, at):
    corrections.refuse(correction_id=asked.pk, actor=staff, reason="x", at=at)

    ticket = corrections.ask(record_id=record.pk, actor=volunteer, minutes=150, reason="y", at=at)

    assert ticket.state == "open"


def test_a_refusal_says_why(asked, staff, at):
    with pytest.raises(TicketReasonRequired):
        corrections.refuse(correction_id=asked.pk, actor=staff, reason=" ", at=at)


def test_a_decision_is_final(asked, staff, at):
    corrections.refuse(correction_id=asked.pk, actor=staff, reason="x", at=at)

    with pytest.raises(TicketDecided):
        corrections.approve(correction_id=asked.pk, actor=staff, at=at)


def test_whoever_wrote_the_record_does_not_decide(asked, manager, at):
    for decide in (corrections.approve, corrections.refuse):
        with pytest.raises(OwnTicket):
            decide(correction_id=asked.pk, actor=manager, at=at, reason="x")


def test_whoever_asked_does_not_decide(record, staff, at):
    ticket = corrections.ask(record_id=record.pk, actor=staff, minutes=60, reason="x", at=at)

    with pytest.raises(OwnTicket):
        corrections.approve(correction_id=ticket.pk, actor=staff, at=at)


def test_the_volunteer_does_not_decide_even_as_staff(record, staff, at):
    ticket = corrections.ask(record_id=record.pk, actor=staff, minutes=60, reason="x", at=at)
    both = Actor(record.volunteer.user_id, frozenset({("community_staff", "region", "5201")}))

    with pytest.raises(OwnTicket):
        corrections.approve(correction_id=ticket.pk, actor=both, at=at)


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SUPERVISOR, "5201", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
        (Role.COMMUNITY_STAFF, "5101", NotFound),
    ],
)
def test_others_do_not_decide(asked, at, role, scope, refusal):
    actor = make_actor(role, scope)

    for decide in (corrections.approve, corrections.refuse):
        with pytest.raises(refusal):
            decide(correction_id=asked.pk, actor=actor, at=at, reason="x")


def test_a_ticket_that_is_not_there_is_not_found(staff, at):
    with pytest.raises(NotFound):
        corrections.approve(correction_id=1, actor=staff, at=at)


def test_a_record_taken_back_meanwhile_is_not_corrected(asked, record, staff, at):
    services.reverse_record(record_id=record.pk, actor=staff, reason="重复", at=at)

    with pytest.raises(RecordSuperseded):
        corrections.approve(correction_id=asked.pk, actor=staff, at=at)
    corrections.refuse(correction_id=asked.pk, actor=staff, reason="已撤销", at=at)


def test_when_the_new_minutes_cannot_be_credited_nothing_is_written(attendance, manager, staff, at):
    record = services.approve(attendance_id=attendance.pk, actor=manager, at=at, minutes=60, reason="早退")
    eleven = attendance.checked_in_at + 2 * HOUR
    later = AttendanceFactory(
        shift=attendance.shift,
        volunteer=attendance.volunteer,
        checked_in_at=eleven,
    )
    services.approve(attendance_id=later.pk, actor=manager, at=at, reason="又来了")
    wish = corrections.ask(
        record_id=record.pk, actor=actor_for(record.volunteer.user), minutes=180, reason="没有早退", at=at
    )

    with pytest.raises(CorrectionNotCreditable) as caught:
        corrections.approve(correction_id=wish.pk, actor=staff, at=at)

    assert caught.value.data == {"most": 120}

    wish.refresh_from_db()
    assert (wish.state, ServiceRecord.objects.count(), totals_of(record.volunteer)) == ("open", 2, 120)


def test_an_objection_stops_a_correction_whole(asked, record, staff, at):
    objections.raise_objection(
        actor=make_actor(Role.SUPERVISOR, "5201"), address="", reason="存疑", at=at, record_id=record.pk
    )

    with pytest.raises(UnderObjection):
        corrections.approve(correction_id=asked.pk, actor=staff, at=at)

    assert (ServiceRecord.objects.count(), Correction.objects.get().state) == (1, "open")
    assert topics() == ["record.approved", "record.contested"]
