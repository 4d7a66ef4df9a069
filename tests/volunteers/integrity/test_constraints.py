"""Around the Python: PostgreSQL keeps signals and samples in order by itself."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import StaffFactory
from tests.factories.attendance import AttendanceFactory, ServiceRecordFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.integrity import FOUND_AT, AuditDrawFactory, AuditItemFactory, SignalFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.integrity.choices import AuditResult, SignalState
from volunteers.integrity.models import AuditDraw, AuditItem, Signal

pytestmark = pytest.mark.django_db

SIGNALS = [
    ("signal_words_known", {"kind": "bad_mood"}),
    ("signal_words_known", {"state": "asleep", "reason": "x"}),
    ("signal_review_signed", {"state": SignalState.CLEARED}),
    ("signal_review_signed", {"reason": "x"}),
    ("signal_names_attendances", {"evidence": {"attendances": 7}}),
]
DRAWS = [
    ("audit_draw_form", {"period": "2026-9-15"}),
    ("audit_draw_form", {"seed": "5E"}),
    ("audit_draw_percent_sane", {"percent": 0}),
    ("audit_draw_percent_sane", {"percent": 101}),
]
ITEMS = [
    ("audit_item_result_known", {"result": "maybe"}),
    ("audit_item_decision_signed", {"result": AuditResult.SOUND}),
    ("audit_item_fraud_explained", {"result": AuditResult.FRAUD}),
]


def signed(**more: Any):
    return {"reviewed_by": StaffFactory(), "reviewed_at": FOUND_AT, **more}


@pytest.fixture
def signal():
    return SignalFactory()


def rows(signal):
    return Signal.objects.filter(pk=signal.pk)


# --- signals ---


@pytest.mark.parametrize(("name", "given"), SIGNALS)
def test_a_signal_that_makes_no_sense_is_refused(name, given):
    review = signed() if given.get("state") == "asleep" else {}

    with refused_by(name):
        SignalFactory(**given, **review)


def test_a_review_is_signed_with_a_reason(signal):
    with refused_by("signal_review_signed"):
        rows(signal).update(state=SignalState.CONFIRMED, **signed(reason=""))


def test_a_signal_is_found_once_a_day(signal):
    with refused_by("signal_once"):
        SignalFactory(kind=signal.kind, subject=signal.subject, day=signal.day)


def test_the_next_day_is_another_signal(signal):
    again = SignalFactory(kind=signal.kind, subject=signal.subject, day=signal.day + timedelta(days=1))

    assert again.pk != signal.pk


@pytest.mark.parametrize("column", ["evidence", "subject", "day", "kind", "found_at", "site", "manager"])
def test_what_was_found_never_changes(signal, column):
    other = {
        "evidence": {"attendances": []},
        "subject": "site:0",
        "day": signal.day - timedelta(days=1),
        "kind": "same_device",
        "found_at": FOUND_AT - timedelta(days=1),
        "site": SignalFactory().site,
        "manager": StaffFactory(),
    }

    with refused_by("signal_evidence_stays"):
        rows(signal).update(**{column: other[column]})


def test_a_signal_is_never_removed(signal):
    with refused_by("signal_evidence_stays"):
        rows(signal)._raw_delete("default")


@pytest.mark.parametrize("state", [SignalState.CLEARED, SignalState.CONFIRMED])
@pytest.mark.parametrize("later", [SignalState.CLEARED, SignalState.CONFIRMED])
def test_a_review_is_made_once(signal, state, later):
    rows(signal).update(state=state, **signed(reason="一"))

    with refused_by("signal_state_moves"):
        rows(signal).update(state=later, **signed(reason="二"))


def test_a_review_is_not_taken_back(signal):
    rows(signal).update(state=SignalState.CLEARED, **signed(reason="一"))

    with refused_by("signal_state_moves"):
        rows(signal).update(state=SignalState.NEW, reviewed_by=None, reviewed_at=None, reason="")


def reviewed_by(signal, user):
    with refused_by("signal_reviewer_is_apart"):
        rows(signal).update(state=SignalState.CLEARED, reviewed_by=user, reviewed_at=FOUND_AT, reason="没事")


def test_the_manager_it_is_about_does_not_review_it():
    manager = StaffFactory()

    reviewed_by(SignalFactory(manager=manager), manager)


def test_the_volunteer_it_is_about_does_not_review_it():
    volunteer = VolunteerFactory()

    reviewed_by(SignalFactory(volunteer=volunteer), volunteer.user)


def test_the_volunteer_of_the_attendance_does_not_review_it():
    attendance = AttendanceFactory()

    reviewed_by(SignalFactory(attendance=attendance), attendance.volunteer.user)


def test_a_volunteer_of_the_evidence_does_not_review_it():
    attendance = AttendanceFactory()

    reviewed_by(SignalFactory(evidence={"attendances": [0, attendance.pk]}), attendance.volunteer.user)


def test_another_volunteer_may(signal):
    volunteer = AttendanceFactory().volunteer

    changed = rows(signal).update(
        state=SignalState.CLEARED, reviewed_by=volunteer.user, reviewed_at=FOUND_AT, reason="没事"
    )

    assert changed == 1


# --- samples ---


@pytest.mark.parametrize(("name", "given"), DRAWS)
def test_a_draw_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        AuditDrawFactory(**given)


def test_a_week_is_drawn_once():
    draw = AuditDrawFactory()

    with refused_by("audit_draw_once"):
        AuditDrawFactory(period=draw.period)


def test_a_draw_never_changes():
    draw = AuditDrawFactory()

    with refused_by("audit_draw_append_only"):
        AuditDraw.objects.filter(pk=draw.pk).update(seed="0" * 64)


def test_a_draw_is_never_removed():
    draw = AuditDrawFactory()

    with refused_by("audit_draw_append_only"):
        AuditDraw.objects.filter(pk=draw.pk)._raw_delete("default")


@pytest.mark.parametrize(("name", "given"), ITEMS)
def test_an_item_that_makes_no_sense_is_refused(name, given):
    review = {} if name == "audit_item_decision_signed" else signed()

    with refused_by(name):
        AuditItemFactory(**given, **review)


def test_a_record_is_in_a_draw_once():
    item = AuditItemFactory()

    with refused_by("audit_item_once"):
        AuditItemFactory(draw=item.draw, record=item.record, place=2)


def test_a_place_in_a_draw_is_taken_once():
    item = AuditItemFactory()

    with refused_by("audit_item_place_once"):
        AuditItemFactory(draw=item.draw)


def items(item):
    return AuditItem.objects.filter(pk=item.pk)


def test_what_was_drawn_is_not_exchanged():
    item = AuditItemFactory()

    with refused_by("audit_item_decided_once"):
        items(item).update(record=ServiceRecordFactory())


def test_an_item_is_decided_once():
    item = AuditItemFactory()
    items(item).update(result=AuditResult.SOUND, **signed())

    with refused_by("audit_item_decided_once"):
        items(item).update(result=AuditResult.FRAUD, note="假的", **signed())


def test_an_item_is_never_removed():
    item = AuditItemFactory()

    with refused_by("audit_item_decided_once"):
        items(item)._raw_delete("default")


@pytest.mark.parametrize("who", ["recorder", "volunteer"])
def test_nobody_checks_their_own(who):
    item = AuditItemFactory()
    user = item.record.recorded_by if who == "recorder" else item.record.volunteer.user

    with refused_by("audit_item_checker_is_apart"):
        items(item).update(result=AuditResult.SOUND, reviewed_by=user, reviewed_at=FOUND_AT)


def test_every_guard_of_the_tables_has_its_case():
    assert guards_of(Signal, AuditDraw, AuditItem) == {
        *(name for name, _ in (*SIGNALS, *DRAWS, *ITEMS)),
        "signal_once",
        "signal_evidence_stays",
        "signal_state_moves",
        "signal_reviewer_is_apart",
        "audit_draw_once",
        "audit_draw_append_only",
        "audit_item_once",
        "audit_item_place_once",
        "audit_item_decided_once",
        "audit_item_checker_is_apart",
    }
