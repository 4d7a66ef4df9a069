"""Around the Python: PostgreSQL keeps corrections, objections and reminders in order by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

from tests.factories.accounts import StaffFactory
from tests.factories.attendance import AttendanceFactory, ServiceRecordFactory
from tests.factories.database import guards_of, ignored, refused_by
from tests.factories.ledger import take_back
from tests.factories.tickets import (
    RAISED_AT,
    CorrectionFactory,
    DeadlineNoticeFactory,
    ObjectionFactory,
    PublicObjectionFactory,
)
from volunteers.attendance.models import Attendance
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection

pytestmark = pytest.mark.django_db


def change(ticket, **fields: Any) -> None:
    """Write past the services."""
    type(ticket).objects.filter(pk=ticket.pk).update(**fields)


def decided(**fields: Any) -> dict[str, Any]:
    """What a decision of a colleague looks like."""
    given = {"decided_by": StaffFactory(), "decided_at": RAISED_AT, "decision_reason": "核实"}
    return given | fields


def replacement(record, minutes=120):
    return ServiceRecordFactory(
        attendance=record.attendance,
        version=2,
        minutes=minutes,
        ended_at=record.started_at + timedelta(minutes=minutes),
        service_date=localdate(record.started_at),
    )


# --- corrections ---


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("correction_changes_minutes", {"minutes_after": 180}),
        ("correction_changes_minutes", {"minutes_after": -1}),
        ("correction_reason_given", {"reason": ""}),
        ("correction_fits_record", {"minutes_before": 100}),
        ("correction_fits_record", {"state": "approved"}),
        ("correction_decision_signed", {"decided_at": RAISED_AT}),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        CorrectionFactory(**given)


def test_a_correction_means_a_record_that_counts():
    record = ServiceRecordFactory()
    reversal = take_back(record)

    for one in (record, reversal):
        with refused_by("correction_fits_record"):
            CorrectionFactory(record=one, minutes_before=one.minutes)


def test_a_record_has_one_open_correction():
    first = CorrectionFactory()

    with refused_by("correction_open_once"):
        CorrectionFactory(record=first.record)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("correction_history_stays", {"reason": "别的"}),
        ("correction_history_stays", {"minutes_after": 60}),
        ("correction_history_stays", {"state": "lost"}),
        ("correction_history_stays", {"decision_reason": "先写上"}),
        ("correction_decision_signed", {"state": "refused", "decision_reason": "核实"}),
    ],
)
def test_what_was_asked_stays(name, given):
    ticket = CorrectionFactory()

    with refused_by(name):
        change(ticket, **given)


def test_a_decision_stays_and_nothing_is_removed():
    ticket = CorrectionFactory()
    change(ticket, state="refused", **decided())

    with refused_by("correction_history_stays"):
        change(ticket, state="open", decided_by=None, decided_at=None)
    with refused_by("correction_history_stays"):
        Correction.objects.filter(pk=ticket.pk)._raw_delete("default")


def test_a_refusal_is_explained():
    with refused_by("correction_refusal_explained"):
        change(CorrectionFactory(), state="refused", **decided(decision_reason=""))


@pytest.mark.parametrize("who", ["asked_by", "record.volunteer.user", "record.recorded_by"])
def test_the_decider_of_a_correction_is_another(who):
    ticket = CorrectionFactory(asked_by=StaffFactory())
    maker: Any = ticket
    for step in who.split("."):
        maker = getattr(maker, step)

    with refused_by("correction_decider_is_another"):
        change(ticket, state="refused", **decided(decided_by=maker))


def test_an_approval_has_both_its_rows():
    ticket = CorrectionFactory()
    reversal = take_back(ticket.record)

    with refused_by("correction_result_fits"):
        change(ticket, state="approved", **decided(reversal=reversal))
    change(ticket, state="approved", **decided(reversal=reversal, replacement=replacement(ticket.record)))


def test_taking_back_has_one_row():
    ticket = CorrectionFactory(minutes_after=0)

    with refused_by("correction_result_fits"):
        change(ticket, state="approved", **decided())
    change(ticket, state="approved", **decided(reversal=take_back(ticket.record)))


def test_the_rows_are_those_of_this_record():
    ticket, other = CorrectionFactory(), ServiceRecordFactory()
    elsewhere, own = take_back(other), take_back(ticket.record)
    too_short = replacement(ticket.record, minutes=90)

    for reversal in (elsewhere, own):
        with refused_by("correction_result_is_its_own"):
            change(ticket, state="approved", **decided(reversal=reversal, replacement=too_short))


@pytest.mark.parametrize(
    ("factory", "kind"), [(CorrectionFactory, "correction"), (ObjectionFactory, "objection")]
)
def test_a_state_nobody_knows_is_refused_even_without_the_triggers(factory, kind):
    ticket = factory()

    with (
        ignored(f"volunteers.{kind.title()}:{kind}_history_stays"),
        refused_by(f"{kind}_decision_signed"),
    ):
        change(ticket, state="lost")


# --- objections ---


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("objection_reason_given", {"reason": ""}),
        ("objection_ticket_shape", {"ticket": "123"}),
        ("objection_ticket_shape", {"ticket": "ILOU567812345678"}),
        ("objection_acceptance_signed", {"accepted_at": RAISED_AT}),
        ("objection_decision_signed", {"decided_at": RAISED_AT}),
        ("objection_fits_attendance", {"state": "upheld"}),
        ("objection_fits_attendance", {"state": "lost"}),
    ],
)
def test_an_objection_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        ObjectionFactory(**given)


def test_an_objection_means_what_can_still_be_used():
    record, other = ServiceRecordFactory(), ServiceRecordFactory()

    for target in (
        {"attendance": record.attendance},  # approved: its record has to be named
        {"attendance": record.attendance, "record": other},
        {"attendance": AttendanceFactory(), "record": record},
    ):
        with refused_by("objection_fits_attendance"):
            ObjectionFactory(**target)
    assert ObjectionFactory(attendance=record.attendance, record=record).pk


def test_accepting_fits_what_is_there_by_then():
    ticket = PublicObjectionFactory()
    Attendance.objects.filter(pk=ticket.attendance_id).update(
        status="rejected", decided_by=StaffFactory(), decided_at=RAISED_AT, decision_reason="x"
    )

    with refused_by("objection_fits_attendance"):
        change(ticket, state="open", accepted_by=StaffFactory(), accepted_at=RAISED_AT)


def test_an_attendance_has_one_open_objection():
    first = ObjectionFactory()

    with refused_by("objection_open_once"):
        ObjectionFactory(attendance=first.attendance)
    assert PublicObjectionFactory(attendance=first.attendance).pk


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("objection_history_stays", {"reason": "别的"}),
        ("objection_history_stays", {"state": "received"}),
        ("objection_history_stays", {"decision_reason": "先写上"}),
        ("objection_decision_signed", {"state": "upheld"}),
    ],
)
def test_what_was_raised_stays(name, given):
    ticket = ObjectionFactory()

    with refused_by(name):
        change(ticket, **given)


def test_what_waits_to_be_accepted_is_not_upheld():
    with refused_by("objection_history_stays"):
        change(PublicObjectionFactory(), state="upheld", **decided())


def test_what_waits_to_be_accepted_is_not_signed_for():
    with refused_by("objection_history_stays"):
        change(PublicObjectionFactory(), accepted_by=StaffFactory(), accepted_at=RAISED_AT)


def test_a_verdict_is_explained():
    with refused_by("objection_decision_signed"):
        change(ObjectionFactory(), state="dismissed", **decided(decision_reason=""))


def test_only_somebody_withdraws():
    with refused_by("objection_decision_signed"):
        change(PublicObjectionFactory(), state="withdrawn", decided_at=RAISED_AT)


def test_a_verdict_stays_and_nothing_is_removed():
    ticket = ObjectionFactory()
    change(ticket, state="dismissed", **decided())

    with refused_by("objection_history_stays"):
        change(ticket, state="open", decided_by=None, decided_at=None)
    with refused_by("objection_history_stays"):
        Objection.objects.filter(pk=ticket.pk)._raw_delete("default")


def test_a_contact_may_be_sealed_under_a_new_key():
    ticket = ObjectionFactory(contact="13800001234")

    change(ticket, contact=ticket.contact.resealed())

    ticket.refresh_from_db()
    assert ticket.contact.open() == "13800001234"


def test_a_ticket_number_is_given_once():
    first = ObjectionFactory()

    with refused_by("volunteers_objection_ticket_key"):
        ObjectionFactory(ticket=first.ticket)


@pytest.mark.parametrize("who", ["raised_by", "attendance.volunteer.user", "record.recorded_by"])
def test_the_decider_of_an_objection_is_another(who):
    record = ServiceRecordFactory()
    ticket = ObjectionFactory(attendance=record.attendance, record=record)
    maker: Any = ticket
    for step in who.split("."):
        maker = getattr(maker, step)

    with refused_by("objection_decider_is_another"):
        change(ticket, state="dismissed", **decided(decided_by=maker))


def test_the_volunteer_does_not_accept_an_objection():
    ticket = PublicObjectionFactory()

    with refused_by("objection_decider_is_another"):
        change(ticket, state="open", accepted_by=ticket.attendance.volunteer.user, accepted_at=RAISED_AT)


def test_an_attendance_under_objection_is_not_approved():
    ticket = ObjectionFactory()
    approval = {
        "status": "approved",
        "credited": (ticket.attendance.checked_in_at, ticket.attendance.checked_out_at),
        "decided_by": StaffFactory(),
        "decided_at": RAISED_AT,
    }

    with refused_by("attendance_not_under_objection"):
        change(ticket.attendance, **approval)
    change(ticket, state="dismissed", **decided())
    change(ticket.attendance, **approval)


# --- reminders ---


def test_a_stage_is_told_once():
    first = DeadlineNoticeFactory()

    with refused_by("deadline_notice_once"):
        DeadlineNoticeFactory(attendance=first.attendance)


def test_there_are_two_stages():
    with refused_by("deadline_notice_stage_known"):
        DeadlineNoticeFactory(stage="whispered")


def test_a_reminder_stays():
    notice = DeadlineNoticeFactory()

    with refused_by("deadline_notice_append_only"):
        change(notice, stage="escalated")


def test_every_guard_of_the_tables_has_its_case():
    assert guards_of(Correction, Objection, DeadlineNotice) == {
        "correction_open_once",
        "correction_changes_minutes",
        "correction_reason_given",
        "correction_decision_signed",
        "correction_refusal_explained",
        "correction_result_fits",
        "correction_fits_record",
        "correction_history_stays",
        "correction_decider_is_another",
        "correction_result_is_its_own",
        "objection_open_once",
        "objection_ticket_shape",
        "objection_reason_given",
        "objection_acceptance_signed",
        "objection_decision_signed",
        "objection_fits_attendance",
        "objection_history_stays",
        "objection_decider_is_another",
        "deadline_notice_once",
        "deadline_notice_stage_known",
        "deadline_notice_append_only",
    }
