"""Objections: raised by whom, waiting for whom, and what they stop until they are decided."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.errors import Forbidden, NotFound, TooManyRequests
from backend.core.models import AuditEntry, OutboxEvent
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory, OpenAttendanceFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance
from volunteers.records import objections, services
from volunteers.records.errors import (
    NothingToObject,
    ObjectionExists,
    ObjectionNotAccepted,
    ObjectionTargetRequired,
    OwnTicket,
    TicketDecided,
    TicketReasonRequired,
    UnderObjection,
)
from volunteers.records.models import ServiceRecord
from volunteers.records.queries import objection_of, objections_about, objections_visible_to, totals_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOBODY = Actor(user_id=0)


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
def supervisor():
    return make_actor(Role.SUPERVISOR, "5201")


@pytest.fixture
def record(attendance, manager, at):
    return services.approve(attendance_id=attendance.pk, actor=manager, at=at)


def doubt(actor, at, **target):
    return objections.raise_objection(actor=actor, address="192.0.2.1", reason="没有看到他", at=at, **target)


def topics():
    return list(OutboxEvent.objects.order_by("pk").values_list("topic", flat=True))


# --- raising ---


def test_somebody_in_scope_opens_one_at_once(attendance, supervisor, at):
    objection = doubt(supervisor, at, attendance_id=attendance.pk)

    assert (objection.state, objection.record, objection.raised_by_id) == ("open", None, supervisor.user_id)
    assert objection.due_on.isoformat() == "2026-09-29"


def test_the_volunteer_opens_one_about_their_own_record(record, at):
    objection = doubt(actor_for(record.volunteer.user), at, record_id=record.pk)

    assert (objection.state, objection.record) == ("open", record)
    assert topics() == ["record.approved", "record.contested"]


def test_an_attendance_that_was_approved_means_its_record(record, supervisor, at):
    assert doubt(supervisor, at, attendance_id=record.attendance_id).record == record


def test_the_public_sends_one_in_and_it_stops_nothing_yet(record, at):
    objection = doubt(NOBODY, at, record_id=record.pk)

    assert (objection.state, objection.raised_by) == ("received", None)
    assert topics() == ["record.approved"]
    assert objections_about([record.attendance_id]) == []


def test_somebody_signed_in_from_elsewhere_is_the_public(record, at):
    stranger = actor_for(VolunteerFactory().user)

    objection = doubt(stranger, at, record_id=record.pk)

    assert (objection.state, objection.raised_by_id) == ("received", stranger.user_id)


def test_numbers_are_random_and_found_however_they_are_typed(attendance, at):
    first, second = (doubt(NOBODY, at, attendance_id=attendance.pk) for _ in range(2))

    assert first.ticket != second.ticket
    typed = f" {first.ticket[:4].lower()} {first.ticket[4:]} "
    assert objection_of(typed) == first
    assert objection_of("0" * 16) is None


def test_a_contact_is_sealed_and_every_reading_is_noted(attendance, staff, supervisor, at):
    objection = objections.raise_objection(
        actor=NOBODY, address="", reason="x", contact=" 13800001234 ", attendance_id=attendance.pk, at=at
    )
    objection.refresh_from_db()

    assert "13800001234" not in objection.contact.token
    assert objections.reveal_contact(objection_id=objection.pk, actor=staff, at=at) == "13800001234"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id) == ("objection.contact", staff.user_id)
    with pytest.raises(Forbidden):
        objections.reveal_contact(objection_id=objection.pk, actor=supervisor, at=at)


def test_without_a_contact_there_is_nothing_to_read(attendance, staff, at):
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)

    assert objections.reveal_contact(objection_id=objection.pk, actor=staff, at=at) == ""


@pytest.mark.parametrize("target", [{}, {"attendance_id": 1, "record_id": 1}])
def test_it_means_one_thing(at, target):
    with pytest.raises(ObjectionTargetRequired):
        doubt(NOBODY, at, **target)


def test_it_says_why(attendance, at):
    with pytest.raises(TicketReasonRequired):
        objections.raise_objection(actor=NOBODY, address="", reason=" ", attendance_id=attendance.pk, at=at)


@pytest.mark.parametrize("target", [{"attendance_id": 10**9}, {"record_id": 10**9}])
def test_what_is_not_there_is_not_found(at, target):
    with pytest.raises(NotFound):
        doubt(NOBODY, at, **target)


def test_what_does_not_wait_and_does_not_count_is_left_alone(record, staff, supervisor, at):
    reversal = services.reverse_record(record_id=record.pk, actor=staff, reason="重复", at=at)
    rejected, running = AttendanceFactory(), OpenAttendanceFactory()
    services.reject(attendance_id=rejected.pk, actor=staff, reason="x", at=at)

    with pytest.raises(NothingToObject):
        doubt(supervisor, at, record_id=record.pk)
    with pytest.raises(NotFound):
        doubt(supervisor, at, record_id=reversal.pk)
    for one in (rejected, running):
        with pytest.raises(NothingToObject):
            doubt(supervisor, at, attendance_id=one.pk)


def test_one_open_objection_at_a_time(attendance, supervisor, staff, at):
    doubt(supervisor, at, attendance_id=attendance.pk)

    with pytest.raises(ObjectionExists):
        doubt(staff, at, attendance_id=attendance.pk)
    assert doubt(NOBODY, at, attendance_id=attendance.pk).state == "received"


def test_the_public_is_slowed_down_and_those_in_scope_are_not(attendance, supervisor, staff, at, settings):
    settings.OBJECTIONS_PER_ADDRESS = "2/hour"
    for _ in range(2):
        doubt(NOBODY, at, attendance_id=attendance.pk)

    for stranger in (NOBODY, actor_for(VolunteerFactory().user)):
        with pytest.raises(TooManyRequests):
            doubt(stranger, at, attendance_id=attendance.pk)
    assert doubt(supervisor, at, attendance_id=attendance.pk).state == "open"


# --- while it is open ---


def test_an_attendance_under_objection_is_not_approved(attendance, supervisor, manager, at):
    doubt(supervisor, at, attendance_id=attendance.pk)

    with pytest.raises(UnderObjection):
        services.approve(attendance_id=attendance.pk, actor=manager, at=at)
    [row] = services.approve_many(ids=[attendance.pk], actor=manager, at=at)
    assert isinstance(row.refusal, UnderObjection)
    assert not ServiceRecord.objects.exists()


def test_one_that_only_waits_to_be_accepted_is(attendance, manager, at):
    doubt(NOBODY, at, attendance_id=attendance.pk)

    assert services.approve(attendance_id=attendance.pk, actor=manager, at=at).minutes == 180


# --- accepting ---


def test_accepting_opens_it_over_whatever_there_is_by_now(attendance, manager, staff, at):
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)
    record = services.approve(attendance_id=attendance.pk, actor=manager, at=at)

    accepted = objections.accept(objection_id=objection.pk, actor=staff, at=at + HOUR)
    again = objections.accept(objection_id=objection.pk, actor=manager, at=at + 2 * HOUR)

    assert (accepted.state, accepted.record, accepted.accepted_by_id) == ("open", record, staff.user_id)
    assert again.accepted_at == at + HOUR
    assert topics() == ["record.approved", "record.contested"]


def test_there_must_be_something_left_to_stop(attendance, staff, manager, at):
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)
    services.reject(attendance_id=attendance.pk, actor=manager, reason="x", at=at)

    with pytest.raises(NothingToObject):
        objections.accept(objection_id=objection.pk, actor=staff, at=at)
    assert objections.dismiss(objection_id=objection.pk, actor=staff, reason="未通过", at=at).is_closed


def test_a_second_one_waits_until_the_first_is_decided(attendance, supervisor, staff, at):
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)
    doubt(supervisor, at, attendance_id=attendance.pk)

    with pytest.raises(ObjectionExists):
        objections.accept(objection_id=objection.pk, actor=staff, at=at)


# --- deciding ---


def test_upheld_a_waiting_attendance_is_rejected_with_the_reason(attendance, supervisor, manager, at):
    objection = doubt(supervisor, at, attendance_id=attendance.pk)

    done = objections.uphold(objection_id=objection.pk, actor=manager, reason=" 确实没来 ", at=at)
    again = objections.uphold(objection_id=objection.pk, actor=manager, reason="x", at=at + HOUR)

    rejected = Attendance.objects.get()
    assert (done.state, again.decided_at, again.decision_reason) == ("upheld", at, "确实没来")
    assert (rejected.status, rejected.decision_reason) == (AttendanceStatus.REJECTED, "确实没来")


def test_upheld_a_record_is_reversed_and_decided_anew(record, supervisor, staff, manager, at):
    objection = doubt(supervisor, at, record_id=record.pk)

    objections.uphold(objection_id=objection.pk, actor=staff, reason="只有一小时", at=at)

    assert totals_of(record.volunteer) == 0
    assert topics() == ["record.approved", "record.contested", "record.reversed"]
    anew = services.approve(
        attendance_id=record.attendance_id, actor=manager, at=at, minutes=60, reason="核实"
    )
    assert anew.version == 2


def test_dismissed_everything_goes_on(record, supervisor, staff, at):
    objection = doubt(supervisor, at, record_id=record.pk)

    objections.dismiss(objection_id=objection.pk, actor=staff, reason="在场有照片", at=at)
    objections.dismiss(objection_id=objection.pk, actor=staff, reason="x", at=at)

    assert totals_of(record.volunteer) == 180
    assert topics() == ["record.approved", "record.contested", "record.approved"]


def test_dismissed_a_waiting_attendance_can_be_approved(attendance, supervisor, manager, at):
    objection = doubt(supervisor, at, attendance_id=attendance.pk)
    objections.dismiss(objection_id=objection.pk, actor=manager, reason="在场", at=at)

    assert services.approve(attendance_id=attendance.pk, actor=manager, at=at).minutes == 180


def test_dismissing_what_was_never_accepted_reports_nothing(record, staff, at):
    objection = doubt(NOBODY, at, record_id=record.pk)

    objections.dismiss(objection_id=objection.pk, actor=staff, reason="无依据", at=at)

    assert topics() == ["record.approved"]


def test_what_was_not_accepted_is_not_upheld(attendance, staff, at):
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)

    with pytest.raises(ObjectionNotAccepted):
        objections.uphold(objection_id=objection.pk, actor=staff, reason="x", at=at)


def test_a_decision_is_final_and_explained(attendance, supervisor, staff, at):
    objection = doubt(supervisor, at, attendance_id=attendance.pk)
    with pytest.raises(TicketReasonRequired):
        objections.uphold(objection_id=objection.pk, actor=staff, reason=" ", at=at)
    objections.dismiss(objection_id=objection.pk, actor=staff, reason="x", at=at)

    with pytest.raises(TicketDecided):
        objections.uphold(objection_id=objection.pk, actor=staff, reason="x", at=at)
    with pytest.raises(TicketDecided):
        objections.withdraw(objection_id=objection.pk, actor=supervisor, at=at)


def test_who_raised_it_does_not_decide(attendance, manager, at):
    objection = doubt(manager, at, attendance_id=attendance.pk)

    for decide in (objections.uphold, objections.dismiss):
        with pytest.raises(OwnTicket):
            decide(objection_id=objection.pk, actor=manager, reason="x", at=at)


def test_the_volunteer_decides_and_accepts_nothing_about_themself(attendance, at):
    both = Actor(attendance.volunteer.user_id, frozenset({("community_staff", "region", "5201")}))
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)

    with pytest.raises(OwnTicket):
        objections.accept(objection_id=objection.pk, actor=both, at=at)
    with pytest.raises(OwnTicket):
        objections.dismiss(objection_id=objection.pk, actor=both, reason="x", at=at)


def test_whoever_wrote_the_record_does_not_judge_it(record, supervisor, manager, at):
    objection = doubt(supervisor, at, record_id=record.pk)

    for decide in (objections.uphold, objections.dismiss):
        with pytest.raises(OwnTicket):
            decide(objection_id=objection.pk, actor=manager, reason="x", at=at)


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [(Role.SUPERVISOR, "5201", Forbidden), (Role.COMMUNITY_STAFF, "5101", NotFound)],
)
def test_others_decide_nothing(attendance, at, role, scope, refusal):
    objection = doubt(NOBODY, at, attendance_id=attendance.pk)
    actor = make_actor(role, scope)

    with pytest.raises(refusal):
        objections.accept(objection_id=objection.pk, actor=actor, at=at)
    for decide in (objections.uphold, objections.dismiss):
        with pytest.raises(refusal):
            decide(objection_id=objection.pk, actor=actor, reason="x", at=at)


# --- withdrawing ---


def test_who_raised_it_takes_it_back_and_everything_goes_on(record, supervisor, at):
    objection = doubt(supervisor, at, record_id=record.pk)

    done = objections.withdraw(objection_id=objection.pk, actor=supervisor, at=at)
    again = objections.withdraw(objection_id=objection.pk, actor=supervisor, at=at + HOUR)

    assert (done.state, again.decided_at) == ("withdrawn", at)
    assert topics() == ["record.approved", "record.contested", "record.approved"]


def test_nobody_elses_is_taken_back(attendance, supervisor, staff, at):
    raised, public = (doubt(who, at, attendance_id=attendance.pk) for who in (supervisor, NOBODY))

    for objection, actor in ((raised, staff), (public, NOBODY)):
        with pytest.raises(NotFound):
            objections.withdraw(objection_id=objection.pk, actor=actor, at=at)


# --- reading ---


def test_a_list_shows_ones_scope_and_what_one_raised(attendance, supervisor, manager, at):
    stranger = actor_for(VolunteerFactory().user)
    own = doubt(stranger, at, attendance_id=attendance.pk)
    public = doubt(NOBODY, at, attendance_id=attendance.pk)

    assert list(objections_visible_to(stranger)) == [own]
    assert list(objections_visible_to(manager)) == [public, own]
    assert list(objections_visible_to(supervisor)) == [public, own]
    assert list(objections_visible_to(actor_for(attendance.volunteer.user))) == []
