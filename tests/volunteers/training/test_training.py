"""Trainings and insurances: recorded on evidence, in force for a time, asked for at the door."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import make_actor
from tests.factories.attendance import QualificationFactory, code_of, make_place
from tests.factories.database import guards_of, refused_by
from tests.factories.volunteers import SHIFT_STARTS, VolunteerFactory
from volunteers.attendance import services as attendance
from volunteers.attendance.models import Attendance
from volunteers.training import services
from volunteers.training.choices import QualificationKind
from volunteers.training.errors import QualificationIncomplete
from volunteers.training.models import Qualification

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SHIFT_DAY = date(2026, 9, 15)


@pytest.fixture
def volunteer():
    return VolunteerFactory()


@pytest.fixture
def clerk():
    return make_actor(Role.COMMUNITY_STAFF, "520102001")


def record(volunteer, actor, **more: object):
    given = {
        "kind": "training",
        "course": " first-aid ",
        "valid_from": date(2026, 4, 1),
        "valid_until": None,
        "evidence": " 结业证 2026-118 ",
    }
    return services.record_qualification(volunteer_id=volunteer.pk, actor=actor, at=NOW, **given | more)


# --- recording and revoking ---


def test_a_training_is_recorded_with_its_evidence(volunteer, clerk):
    made = record(volunteer, clerk)

    made.refresh_from_db()
    assert (made.volunteer, made.kind, made.course, made.evidence) == (
        volunteer,
        QualificationKind.TRAINING,
        "first-aid",
        "结业证 2026-118",
    )
    assert (made.recorded_by_id, made.recorded_at, made.revoked_at) == (clerk.user_id, NOW, None)


def test_revoking_is_once_and_both_are_audited(volunteer, clerk):
    made = record(volunteer, clerk)

    services.revoke_qualification(qualification_id=made.pk, actor=clerk, at=NOW + DAY)
    again = services.revoke_qualification(qualification_id=made.pk, actor=clerk, at=NOW + 2 * DAY)

    assert again.revoked_at == NOW + DAY
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "qualification.recorded",
        "qualification.revoked",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"course": "  "},
        {"evidence": " "},
        {"valid_until": date(2026, 3, 31)},
        {"kind": "insurance", "course": "", "valid_until": None},
        {"kind": "insurance", "valid_until": date(2027, 1, 1)},
        {"kind": "charm"},
    ],
    ids=["no course", "no evidence", "ends first", "insurance for ever", "insurance of a course", "unknown"],
)
def test_half_a_qualification_is_refused(volunteer, clerk, given):
    with pytest.raises(QualificationIncomplete):
        record(volunteer, clerk, **given)

    assert (Qualification.objects.count(), AuditEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.COMMUNITY_STAFF, "5101", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.SITE_MANAGER, 1, Forbidden),
        (Role.ORGANIZATION_MANAGER, 1, Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
    ],
)
def test_nobody_else_records_or_revokes(volunteer, role, scope, refusal):
    held = QualificationFactory(volunteer=volunteer)
    stranger = make_actor(role, scope)

    with pytest.raises(refusal):
        record(volunteer, stranger)
    with pytest.raises(refusal):
        services.revoke_qualification(qualification_id=held.pk, actor=stranger, at=NOW)

    assert list(Qualification.objects.values_list("pk", "revoked_at")) == [(held.pk, None)]


def test_a_volunteer_records_nothing_for_themself(volunteer):
    with pytest.raises(Forbidden):
        record(volunteer, actor_for(volunteer.user))


# --- at the door ---


@pytest.fixture
def place():
    return make_place(activity__required_training="first-aid")


def checked_in(place, *, at=SHIFT_STARTS, **more: object):
    given = {"token": code_of(place.shift.activity.site, more.get("captured_at") or at)}
    answer = attendance.scan(
        volunteer_user_id=place.volunteer.user_id, intent="in", nonce="n", at=at, **given | more
    )
    return answer.reasons[0]["code"]


@pytest.mark.parametrize(
    "held",
    [
        None,
        {"course": "fire"},
        {"valid_until": SHIFT_DAY - DAY},
        {"valid_from": SHIFT_DAY + DAY},
        {"revoked_at": NOW},
        {"kind": "insurance", "course": ""},
    ],
    ids=["none", "another course", "expired", "not yet", "revoked", "an insurance"],
)
def test_without_the_training_nobody_checks_in(place, held):
    if held is not None:
        QualificationFactory(volunteer=place.volunteer, **held)
    QualificationFactory()

    assert checked_in(place) == "training_missing"
    assert Attendance.objects.count() == 0


@pytest.mark.parametrize("until", [None, SHIFT_DAY, SHIFT_DAY + DAY])
def test_with_the_training_one_does(place, until):
    QualificationFactory(volunteer=place.volunteer, valid_until=until)

    assert checked_in(place) == "checked_in"


@pytest.mark.parametrize(
    "held", [None, {"valid_until": SHIFT_DAY - DAY}, {"revoked_at": NOW}, {"kind": "training", "course": "x"}]
)
def test_without_an_insurance_nobody_checks_in_where_there_is_danger(held):
    place = make_place(activity__insurance_required=True)
    if held is not None:
        QualificationFactory(**{"volunteer": place.volunteer, "kind": "insurance", "course": ""} | held)

    assert checked_in(place) == "insurance_missing"


def test_with_an_insurance_one_does():
    place = make_place(activity__insurance_required=True)
    QualificationFactory(volunteer=place.volunteer, kind="insurance", course="")

    assert checked_in(place) == "checked_in"


def test_where_neither_is_asked_for_neither_is_needed():
    assert checked_in(make_place()) == "checked_in"


def test_an_upload_is_judged_by_the_day_of_the_scan(place):
    QualificationFactory(volunteer=place.volunteer, valid_until=SHIFT_DAY)

    assert checked_in(place, at=SHIFT_STARTS + DAY, captured_at=SHIFT_STARTS) == "checked_in"


def test_what_expired_is_not_used_by_claiming_an_earlier_day(place):
    QualificationFactory(volunteer=place.volunteer, valid_until=SHIFT_DAY - DAY)
    token = code_of(place.shift.activity.site, SHIFT_STARTS)

    assert checked_in(place, captured_at=SHIFT_STARTS - DAY, token=token) == "training_missing"


# --- around the Python ---


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("qualification_kind_sound", {"course": ""}),
        ("qualification_kind_sound", {"kind": "insurance"}),
        ("qualification_kind_sound", {"kind": "insurance", "course": "", "valid_until": None}),
        ("qualification_kind_sound", {"kind": "charm"}),
        ("qualification_ends_after_start", {"valid_until": date(2026, 3, 31)}),
        ("qualification_has_evidence", {"evidence": ""}),
    ],
)
def test_a_qualification_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        QualificationFactory(**given)


@pytest.mark.parametrize(
    "change",
    [{"course": "fire"}, {"valid_until": None}, {"evidence": "x"}, {"revoked_at": NOW, "course": "fire"}],
)
def test_a_qualification_is_not_rewritten(change):
    held = QualificationFactory()

    with refused_by("qualification_is_history"):
        Qualification.objects.filter(pk=held.pk).update(**change)


def test_a_revoked_qualification_stays_revoked():
    held = QualificationFactory(revoked_at=NOW)

    with refused_by("qualification_is_history"):
        Qualification.objects.filter(pk=held.pk).update(revoked_at=None)
    with refused_by("qualification_is_history"):
        Qualification.objects.filter(pk=held.pk)._raw_delete("default")


def test_every_guard_of_the_table_has_its_case():
    assert guards_of(Qualification) == {
        "qualification_kind_sound",
        "qualification_ends_after_start",
        "qualification_has_evidence",
        "qualification_is_history",
    }
