"""Around the Python: PostgreSQL keeps shifts and sign-ups in order by itself."""

from datetime import date, timedelta

import pytest

from tests.factories.database import guards_of, refused_by
from tests.factories.volunteers import (
    REGISTERED_AT,
    SHIFT_STARTS,
    ActivityFactory,
    ProgrammeFactory,
    ShiftFactory,
    SignUpFactory,
    VolunteerFactory,
)
from volunteers.activities.choices import ActivityType, ShiftStatus, SignUpStatus
from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.people.choices import ConsentKind, VolunteerStatus

pytestmark = pytest.mark.django_db

PROGRAMMES = {
    "programme_ends_after_start": {"ends_on": date(2025, 12, 31)},
    "programme_state_known": {"state": "asleep"},
}
ACTIVITIES = {
    "activity_emergency_adults_only": {"activity_type": ActivityType.EMERGENCY, "minors_allowed": True},
    "activity_min_age_sane": {"min_age": 101},
    "activity_kinds_known": {"category": "magic"},
    "activity_difficulty_known": {"difficulty": 4},
}
SHIFTS = {
    "shift_capacity_positive": {"capacity": 0},
    "shift_longer_than_break": {"break_minutes": 180},
    "shift_within_a_day": {"ends_at": SHIFT_STARTS + timedelta(days=1, seconds=1)},
    "shift_status_known": {"status": "asleep"},
    "shift_taken_is_counted": {"taken": 1},
}
SIGN_UPS = {
    "sign_up_status_known": {"status": "asleep"},
    "sign_up_cancellation_dated": {"cancelled_at": REGISTERED_AT},
    "sign_up_shift_open": {"shift__status": ShiftStatus.CANCELLED},
    "sign_up_volunteer_active": {"volunteer__status": VolunteerStatus.SUSPENDED},
    "sign_up_old_enough": {"volunteer__birth_date": date(2008, 9, 16)},
    "sign_up_guardian_agrees": {
        "volunteer__birth_date": date(2012, 9, 16),
        "shift__activity__minors_allowed": True,
    },
}
OTHERS = {"shift_not_overfull", "sign_up_once", "sign_up_no_overlap", "sign_up_moves"}
# Triggers that write rather than refuse; what they write is tested below.
WRITERS = {"sign_up_admission", "sign_up_counts", "shift_time_follows"}
REFUSED_BY_ADMISSION = {
    "sign_up_shift_open",
    "sign_up_volunteer_active",
    "sign_up_old_enough",
    "sign_up_guardian_agrees",
}


def rows(made):
    return type(made).objects.filter(pk=made.pk)


@pytest.mark.parametrize("name", sorted(PROGRAMMES))
def test_a_programme_that_breaks_the_rules_is_refused(name):
    with refused_by(name):
        rows(ProgrammeFactory()).update(**PROGRAMMES[name])


@pytest.mark.parametrize("name", sorted(ACTIVITIES))
def test_an_activity_that_breaks_the_rules_is_refused(name):
    with refused_by(name):
        rows(ActivityFactory()).update(**ACTIVITIES[name])


@pytest.mark.parametrize("name", sorted(SHIFTS))
def test_a_shift_that_breaks_the_rules_is_refused(name):
    with refused_by(name):
        rows(ShiftFactory()).update(**SHIFTS[name])


def test_a_shift_is_not_opened_with_places_already_taken():
    with refused_by("shift_taken_is_counted"):
        ShiftFactory(taken=1)


@pytest.mark.parametrize("name", sorted(SIGN_UPS))
def test_a_sign_up_that_breaks_the_rules_is_refused(name):
    with refused_by(name):
        SignUpFactory(**SIGN_UPS[name])


def test_a_shift_is_never_overfull():
    shift = ShiftFactory(capacity=1)
    SignUpFactory(shift=shift)

    with refused_by("shift_not_overfull"):
        SignUpFactory(shift=shift)


def test_whoever_waits_is_not_confirmed_into_a_full_shift():
    shift = ShiftFactory(capacity=1)
    SignUpFactory(shift=shift)
    waiting = SignUpFactory(shift=shift, status=SignUpStatus.WAITING)

    with refused_by("shift_not_overfull"):
        rows(waiting).update(status=SignUpStatus.CONFIRMED)


def test_places_taken_are_not_taken_away():
    shift = ShiftFactory(capacity=2)
    SignUpFactory.create_batch(2, shift=shift)

    with refused_by("shift_not_overfull"):
        rows(shift).update(capacity=1)


@pytest.mark.parametrize("status", [SignUpStatus.CONFIRMED, SignUpStatus.WAITING])
def test_a_volunteer_has_one_live_place_on_a_shift(status):
    made = SignUpFactory()

    with refused_by("sign_up_once"):
        SignUpFactory(shift=made.shift, volunteer=made.volunteer, status=status)


@pytest.mark.parametrize("status", [SignUpStatus.CONFIRMED, SignUpStatus.WAITING])
def test_a_volunteer_is_in_one_place_at_a_time(status):
    made = SignUpFactory()

    with refused_by("sign_up_no_overlap"):
        SignUpFactory(
            volunteer=made.volunteer, shift__starts_at=SHIFT_STARTS + timedelta(minutes=179), status=status
        )


def test_the_time_of_a_sign_up_cannot_be_made_up():
    made = SignUpFactory()
    elsewhere = (SHIFT_STARTS + timedelta(days=9), SHIFT_STARTS + timedelta(days=10))

    other = SignUpFactory(period=elsewhere)
    rows(made).update(period=elsewhere)

    made.refresh_from_db()
    other.refresh_from_db()
    assert {made.period.lower, other.period.lower} == {SHIFT_STARTS}


def test_moving_a_shift_moves_its_sign_ups():
    made = SignUpFactory()
    later = SHIFT_STARTS + timedelta(days=1)

    rows(made.shift).update(starts_at=later, ends_at=later + timedelta(hours=2))

    made.refresh_from_db()
    assert (made.period.lower, made.period.upper) == (later, later + timedelta(hours=2))


def test_a_shift_is_not_moved_onto_another_place_of_its_volunteers():
    made = SignUpFactory()
    next_day = SignUpFactory(volunteer=made.volunteer, shift__starts_at=SHIFT_STARTS + timedelta(days=1))

    with refused_by("sign_up_no_overlap"):
        rows(next_day.shift).update(starts_at=SHIFT_STARTS, ends_at=SHIFT_STARTS + timedelta(hours=3))


@pytest.mark.parametrize("status", [SignUpStatus.CONFIRMED, SignUpStatus.WAITING])
def test_a_cancelled_place_does_not_come_back(status):
    made = SignUpFactory()
    rows(made).update(status=SignUpStatus.CANCELLED, cancelled_at=REGISTERED_AT)

    with refused_by("sign_up_moves"):
        rows(made).update(status=status, cancelled_at=None)


def test_a_confirmed_place_does_not_go_back_to_waiting():
    with refused_by("sign_up_moves"):
        rows(SignUpFactory()).update(status=SignUpStatus.WAITING)


@pytest.mark.parametrize("column", ["shift", "volunteer"])
def test_a_place_is_not_handed_to_somebody_or_somewhere_else(column):
    other = ShiftFactory() if column == "shift" else VolunteerFactory()

    with refused_by("sign_up_moves"):
        rows(SignUpFactory()).update(**{column: other})


def test_places_taken_follow_every_way_a_sign_up_changes():
    shift = ShiftFactory(capacity=3)
    counts = []

    first, second = SignUpFactory.create_batch(2, shift=shift)
    waiting = SignUpFactory(shift=shift, status=SignUpStatus.WAITING)
    counts.append(Shift.objects.get().taken)
    rows(waiting).update(status=SignUpStatus.CONFIRMED)
    counts.append(Shift.objects.get().taken)
    rows(first).update(status=SignUpStatus.CANCELLED, cancelled_at=REGISTERED_AT)
    counts.append(Shift.objects.get().taken)
    second.delete()
    counts.append(Shift.objects.get().taken)
    first.delete()
    counts.append(Shift.objects.get().taken)

    assert counts == [2, 3, 2, 1, 1]


def test_a_cancelled_row_may_be_written_for_anybody():
    """History can be loaded for shifts called off and people who left."""
    made = SignUpFactory(
        shift__status=ShiftStatus.CANCELLED,
        volunteer__status=VolunteerStatus.SUSPENDED,
        status=SignUpStatus.CANCELLED,
        cancelled_at=REGISTERED_AT,
    )

    made.shift.refresh_from_db()
    assert made.shift.taken == 0


def test_at_fourteen_no_guardian_is_asked_and_before_that_a_live_consent_is_enough():
    activity = ActivityFactory(minors_allowed=True)
    fourteen = VolunteerFactory(birth_date=date(2012, 9, 15))
    thirteen = VolunteerFactory(birth_date=date(2012, 9, 16), consents=[ConsentKind.GUARDIAN])

    made = [SignUpFactory(shift__activity=activity, volunteer=each) for each in (fourteen, thirteen)]

    assert len(made) == 2


def test_every_guard_of_the_tables_has_its_case():
    cases = {*PROGRAMMES, *ACTIVITIES, *SHIFTS, *SIGN_UPS, *OTHERS, *WRITERS} - REFUSED_BY_ADMISSION

    assert guards_of(Programme, Activity, Shift, SignUp) == cases
