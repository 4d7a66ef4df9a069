"""Two deciders on one ticket; an approval and an objection at the same moment."""

from datetime import timedelta

import pytest

from backend.accounts.scopes import Role
from backend.core.models import OutboxEvent
from tests.concurrency.rivals import Meeting, race
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory
from tests.factories.database import ignored
from tests.factories.tickets import CorrectionFactory, ObjectionFactory
from volunteers.attendance.models import Attendance
from volunteers.records import corrections, deadlines, objections, services
from volunteers.records.errors import RecordExists, TicketDecided, UnderObjection
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def staff():
    return make_actor(Role.COMMUNITY_STAFF, "5201")


def approving(ticket):
    actor, at = staff(), ticket.asked_at + HOUR
    return lambda: corrections.approve(correction_id=ticket.pk, actor=actor, at=at)


def refusing(ticket):
    actor, at = staff(), ticket.asked_at + HOUR
    return lambda: corrections.refuse(correction_id=ticket.pk, actor=actor, at=at, reason="核实无误")


def objecting(attendance):
    actor, at = make_actor(Role.SUPERVISOR, "5201"), attendance.shift.ends_at + HOUR
    return lambda: objections.raise_objection(
        actor=actor, address="", reason="没有看到他", at=at, attendance_id=attendance.pk
    )


def crediting(attendance):
    actor, at = staff(), attendance.shift.ends_at + HOUR
    return lambda: services.approve(attendance_id=attendance.pk, actor=actor, at=at)


def unguarded(meeting, run):
    def rival():
        with meeting.unguarded():
            return run()

    return rival


# --- two deciders ---


def test_without_the_locks_both_see_the_ticket_open_and_the_database_refuses_one():
    ticket = CorrectionFactory()
    meeting = Meeting(2, ['FROM "volunteers_correction"', "FOR UPDATE"])

    outcome = race(*[unguarded(meeting, approving(ticket)) for _ in range(2)])

    assert sorted(type(result) for result in outcome if isinstance(result, Exception)) == [RecordExists]
    assert ServiceRecord.objects.count() == 3


def test_two_deciders_approve_one_ticket_and_share_its_result():
    ticket = CorrectionFactory()

    outcome = race(*[approving(ticket) for _ in range(4)])

    assert {done.replacement_id for done in outcome} == {Correction.objects.get().replacement_id}
    assert ServiceRecord.objects.count() == 3
    assert OutboxEvent.objects.count() == 2


def test_approving_and_refusing_at_once_leaves_one_decision():
    ticket = CorrectionFactory()

    approved, refused = race(approving(ticket), refusing(ticket))

    state = Correction.objects.get().state
    lost = {"approved": refused, "refused": approved}[state]
    assert isinstance(lost, TicketDecided)
    assert ServiceRecord.objects.count() == (3 if state == "approved" else 1)


def test_two_verdicts_on_one_objection_leave_one():
    ticket = ObjectionFactory()

    def judging(judge):
        actor, at = staff(), ticket.raised_at + HOUR
        return lambda: judge(objection_id=ticket.pk, actor=actor, reason="核实", at=at)

    upheld, dismissed = race(judging(objections.uphold), judging(objections.dismiss))

    state = Objection.objects.get().state
    assert isinstance({"upheld": dismissed, "dismissed": upheld}[state], TicketDecided)
    assert Attendance.objects.get().status == ("rejected" if state == "upheld" else "pending")


# --- an approval and an objection ---


def test_without_guards_an_attendance_is_approved_under_an_open_objection():
    """The negative control: neither the lock nor the triggers, and the two pass each other unseen."""
    attendance = AttendanceFactory()
    meeting = Meeting(2, ['FROM "volunteers_attendance"', "FOR NO KEY UPDATE"])
    # Who approves locks people first; only what they read of objections after that is what they act on.
    seen = Meeting(2, ['FROM "volunteers_objection"', "FOR NO KEY UPDATE"])
    seen.barrier = meeting.barrier
    guards = ("volunteers.Attendance:attendance_not_under_objection", "volunteers.Objection")

    def blind(run):
        def rival():
            with ignored(guards[0], f"{guards[1]}:objection_fits_attendance"):
                return run()

        return rival

    race(unguarded(meeting, blind(objecting(attendance))), unguarded(seen, blind(crediting(attendance))))

    objection = Objection.objects.get()
    assert (objection.state, objection.record) == ("open", None)
    assert Attendance.objects.get().status == "approved"


def test_without_the_lock_the_database_keeps_them_apart():
    attendance = AttendanceFactory()
    meeting = Meeting(2, ['FROM "volunteers_attendance"', "FOR NO KEY UPDATE"])

    outcome = race(unguarded(meeting, objecting(attendance)), unguarded(meeting, crediting(attendance)))

    lost = [result.code for result in outcome if isinstance(result, Exception)]
    assert lost in (["under_objection"], ["nothing_to_object"])
    assert Objection.objects.count() + ServiceRecord.objects.count() == 1


def test_an_objection_comes_wholly_before_or_wholly_after_an_approval():
    attendance = AttendanceFactory()

    objection, record = race(objecting(attendance), crediting(attendance))

    if isinstance(record, UnderObjection):
        assert (objection.record, Attendance.objects.get().status) == (None, "pending")
    else:
        assert (objection.record, Attendance.objects.get().status) == (record, "approved")
    assert objection.state == "open"


def test_two_objections_at_once_are_one_open():
    attendance = AttendanceFactory()

    outcome = race(objecting(attendance), objecting(attendance))

    assert sorted(getattr(result, "code", "open") for result in outcome) == ["objection_exists", "open"]
    assert Objection.objects.filter(state="open").count() == 1


def test_two_clocks_tell_everybody_once():
    attendance = AttendanceFactory()
    at = attendance.shift.ends_at + timedelta(days=30)

    race(*[lambda: deadlines.warn_of_deadlines(at=at)] * 2)

    assert DeadlineNotice.objects.count() == 2
