"""Around the Python: PostgreSQL keeps the service records in order by itself."""

from typing import Any

import pytest

from tests.factories.accounts import StaffFactory
from tests.factories.attendance import ApprovedAttendanceFactory, ServiceRecordFactory
from tests.factories.database import guards_of, ignored, refused_by
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db


def reversal_of(record, **changes: Any):
    given = {
        "attendance": record.attendance,
        "kind": RecordKind.REVERSAL,
        "reverses": record,
        "version": record.version,
        "minutes": -record.minutes,
        "reason": "重复",
        "recorded_by": StaffFactory(),
    }
    return ServiceRecordFactory(**given | changes)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("record_kind_sound", {"minutes": 0}),
        ("record_kind_sound", {"minutes": -60}),
        ("record_kind_sound", {"kind": "gift"}),
        ("record_grade_known", {"grade": "E"}),
        ("record_complete", {"activity_name": ""}),
        ("record_complete", {"place": ""}),
        ("record_complete", {"content": ""}),
        ("record_complete", {"organization_name": ""}),
        ("record_complete", {"responsible_name": ""}),
        ("record_live_once", {"version": 2}),
        ("record_facts_known", {"category": ""}),
        ("record_facts_known", {"recipient": "cats"}),
        ("record_facts_known", {"activity_type": "party"}),
        ("record_facts_known", {"difficulty": 4}),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        ServiceRecordFactory(**given)


def test_versions_count_from_one_without_a_gap():
    record = ServiceRecordFactory()
    reversal_of(record)

    with refused_by("record_live_once"):
        ServiceRecordFactory(attendance=record.attendance, version=3)


def test_time_runs_forward():
    attendance = ApprovedAttendanceFactory()

    with refused_by("record_ends_after_start"):
        ServiceRecordFactory(attendance=attendance, ended_at=attendance.checked_in_at)


def test_a_record_never_changes():
    record = ServiceRecordFactory()

    with refused_by("record_append_only"):
        ServiceRecord.objects.filter(pk=record.pk).update(minutes=record.minutes + 60)


def test_a_record_is_never_removed():
    record = ServiceRecordFactory()

    with refused_by("record_append_only"):
        ServiceRecord.objects.filter(pk=record.pk)._raw_delete("default")


# --- maker and checker ---


def test_nobody_records_their_own_hours():
    attendance = ApprovedAttendanceFactory()

    with refused_by("record_recorder_is_not_volunteer"):
        ServiceRecordFactory(attendance=attendance, recorded_by=attendance.volunteer.user)


def test_whoever_wrote_a_record_does_not_reverse_it():
    record = ServiceRecordFactory()

    with refused_by("record_reverser_is_another"):
        reversal_of(record, recorded_by=record.recorded_by)


# --- reversals ---


def test_a_reversal_names_what_it_reverses():
    with refused_by("record_kind_sound"):
        ServiceRecordFactory(kind=RecordKind.REVERSAL, minutes=-180, reason="重复")


def test_a_reversal_says_why():
    record = ServiceRecordFactory()

    with refused_by("record_kind_sound"):
        reversal_of(record, reason="")


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_reversal_takes_back_exactly_what_was_recorded(difference):
    record = ServiceRecordFactory()

    with refused_by("record_reversal_mirrors"):
        reversal_of(record, minutes=-record.minutes + difference)


def test_a_reversal_carries_the_version_it_takes_back():
    record = ServiceRecordFactory()

    with refused_by("record_reversal_mirrors"):
        reversal_of(record, version=2)


def test_a_reversal_stays_with_its_attendance():
    record, other = ServiceRecordFactory(), ServiceRecordFactory()

    with refused_by("record_reversal_mirrors"):
        reversal_of(record, attendance=other.attendance)


def test_a_reversal_is_not_reversed():
    reversal = reversal_of(ServiceRecordFactory())

    with refused_by("record_reversal_mirrors"):
        reversal_of(reversal, kind=RecordKind.REVERSAL, minutes=-180)


def test_a_record_is_reversed_once():
    record = ServiceRecordFactory()
    reversal_of(record)

    with refused_by("volunteers_servicerecord_reverses_id_key"):
        reversal_of(record)


def test_a_version_is_written_once_even_when_two_writers_do_not_see_each_other():
    record = ServiceRecordFactory()

    with ignored("volunteers.ServiceRecord:record_live_once"), refused_by("record_version_once"):
        ServiceRecordFactory(attendance=record.attendance)


def test_an_attendance_has_one_record_that_counts():
    record = ServiceRecordFactory()

    with refused_by("record_live_once"):
        ServiceRecordFactory(attendance=record.attendance, version=2)


def test_after_a_reversal_there_may_be_the_next_version():
    record = ServiceRecordFactory()
    reversal_of(record)

    second = ServiceRecordFactory(attendance=record.attendance, version=2)

    assert second.version == 2


def test_every_guard_of_the_table_has_its_case():
    assert guards_of(ServiceRecord) == {
        "record_version_once",
        "record_kind_sound",
        "record_ends_after_start",
        "record_grade_known",
        "record_complete",
        "record_facts_known",
        "record_append_only",
        "record_recorder_is_not_volunteer",
        "record_reversal_mirrors",
        "record_live_once",
    }
