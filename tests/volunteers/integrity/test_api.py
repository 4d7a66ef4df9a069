"""Signals, samples and scores on the wire."""

import json
import uuid

import pytest
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.attendance import ServiceRecordFactory
from tests.factories.integrity import AuditDrawFactory, AuditItemFactory, SignalFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.integrity.choices import SignalKind
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db

SIGNALS = "/api/v1/integrity/signals/"


@pytest.fixture
def staff(api):
    return api(make_staff(Role.COMMUNITY_STAFF, "520102001"))


@pytest.fixture
def record():
    return ServiceRecordFactory()


@pytest.fixture
def signal(record):
    return SignalFactory(
        site=record.attendance.site,
        volunteer=record.volunteer,
        evidence={
            "peak_at": "2026-09-15T01:20:00+00:00",
            "people": 3,
            "places": 2,
            "attendances": [record.attendance_id],
        },
    )


def test_a_signal_is_listed_with_its_evidence_in_words(staff, signal, record):
    (shown,) = staff.get(SIGNALS).json()["results"]

    assert shown == {
        "id": signal.pk,
        "kind": "over_capacity",
        "day": "2026-09-15",
        "site": {"id": signal.site_id, "name": signal.site.name},
        "manager": None,
        "volunteer": {"number": record.volunteer.number, "name": "张*明"},
        "attendance": None,
        "evidence": signal.evidence,
        "sentence": "09:20 同时在场 3 人，当时班次名额一共 2 人。",
        "found_at": "2026-09-16T02:20:00+08:00",
        "state": "new",
        "reviewed_at": None,
        "reason": "",
        "records": [record.pk],
    }


def test_signals_are_filtered_by_state_and_kind(staff, signal):
    closed = {"people": 1, "first_at": "2026-09-15T01:20:00+00:00", "attendances": []}
    SignalFactory(kind=SignalKind.CLOSED_HOURS, evidence=closed)

    def listed(query):
        return [row["kind"] for row in staff.get(SIGNALS + query).json()["results"]]

    assert listed("?state=new&kind=over_capacity") == ["over_capacity"]
    assert listed("?state=cleared") == []
    assert staff.get(SIGNALS + "?kind=bad_mood").status_code == 400


def test_clearing(staff, signal):
    answer = staff.post(f"{SIGNALS}{signal.pk}/clear/", {"reason": "一家人共用"})

    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (
        200,
        "cleared",
        "一家人共用",
    )


def test_confirming_takes_back_the_records_named(staff, signal, record):
    answer = staff.post(f"{SIGNALS}{signal.pk}/confirm/", {"reason": "假的", "records": [record.pk]})

    assert (answer.status_code, answer.json()["state"], answer.json()["records"]) == (200, "confirmed", [])
    assert ServiceRecord.objects.filter(reverses=record).count() == 1


def test_a_repeated_key_confirms_once(staff, signal, record):
    address, body = f"{SIGNALS}{signal.pk}/confirm/", {"reason": "假的", "records": [record.pk]}
    key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    first = staff.post(address, body, **key)

    again = staff.post(address, body, **key)

    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert ServiceRecord.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "x\x00"},
        {"reason": "x", "records": "1"},
        {"reason": "x", "records": [0]},
        {"reason": "x", "records": [10**30]},
        {"reason": "x", "records": [None]},
        {"reason": "x", "records": [1] * 501},
        {"reason": "x", "records": [2**63 - 1]},
    ],
)
def test_a_confirmation_that_makes_no_sense_is_refused(staff, signal, body):
    answer = staff.post(f"{SIGNALS}{signal.pk}/confirm/", body)

    signal.refresh_from_db()
    assert (answer.status_code, signal.state) == (400, "new")


@pytest.mark.parametrize("key", ["99999999", "9" * 30])
def test_a_signal_that_is_not_there_is_not_found(staff, key):
    assert staff.post(f"{SIGNALS}{key}/clear/", {"reason": "x"}).status_code == 404


def test_a_draw_is_shown_with_what_it_takes_to_check_it(staff, record):
    draw = AuditDrawFactory(period="2026-W37", population=50)
    item = AuditItemFactory(draw=draw, record=record)

    (shown,) = staff.get("/api/v1/integrity/audits/").json()["results"]

    assert (shown["text"], shown["seed"], shown["percent"], shown["population"]) == (
        "jishan-audit:2026-W37:50",
        draw.seed,
        2,
        50,
    )
    assert shown["items"] == [
        {
            "id": item.pk,
            "place": 1,
            "record": {
                "id": record.pk,
                "volunteer": {"number": record.volunteer.number, "name": "张*明"},
                "activity_name": "导诊",
                "service_date": "2026-09-15",
                "place": record.place,
                "minutes": 180,
            },
            "result": "pending",
            "note": "",
            "reviewed_at": None,
        }
    ]


def test_deciding_about_a_sampled_record(staff, record):
    item = AuditItemFactory(record=record)

    answer = staff.post(
        f"/api/v1/integrity/audit-items/{item.pk}/decide/", {"result": "fraud", "reason": "本人否认"}
    )

    assert (answer.status_code, answer.json()["result"]) == (200, "fraud")
    assert ServiceRecord.objects.filter(reverses=record).count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"result": "pending"}, "invalid_choice"),
        ({"result": "fraud"}, "audit_reason_required"),
        ({}, "required"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(staff, record, body, code):
    item = AuditItemFactory(record=record)

    answer = staff.post(f"/api/v1/integrity/audit-items/{item.pk}/decide/", body)

    assert answer.status_code == 400
    assert code in json.dumps(answer.json())


def test_the_scores(staff):
    signal = SignalFactory(day=timezone.localdate())

    assert staff.get("/api/v1/integrity/scores/").json() == {
        "results": [
            {
                "about": "site",
                "id": signal.site_id,
                "name": signal.site.name,
                "points": 3,
                "signals": 1,
                "confirmed": 0,
            }
        ]
    }


@pytest.mark.parametrize("address", [SIGNALS, "/api/v1/integrity/audits/", "/api/v1/integrity/scores/"])
def test_a_volunteer_reads_none_of_it(api, signal, address):
    answer = api(VolunteerFactory().user).get(address)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
