"""Taking a place, waiting for one, giving it back."""

from datetime import date, timedelta

import pytest

from backend.core.errors import NotFound
from tests.factories.volunteers import (
    SHIFT_STARTS,
    ActivityFactory,
    ShiftFactory,
    SignUpFactory,
    VolunteerFactory,
)
from volunteers.activities import services
from volunteers.activities.choices import ActivityType, ShiftStatus, SignUpStatus
from volunteers.activities.errors import (
    GuardianConsentMissing,
    OverlappingShift,
    PrivacyConsentWithdrawn,
    RegistrationNotActive,
    ShiftCancelled,
    ShiftOver,
    ShiftStarted,
    SignUpSettled,
    TooYoungForActivity,
)
from volunteers.activities.models import Shift, SignUp
from volunteers.activities.queries import open_shifts, shifts_of
from volunteers.people.choices import ConsentKind, VolunteerStatus
from volunteers.people.models import Consent
from volunteers.people.services import set_consent

pytestmark = pytest.mark.django_db

BEFORE = SHIFT_STARTS - timedelta(days=1)
CONFIRMED, WAITING, CANCELLED = SignUpStatus


def sign_up(shift, volunteer=None, at=BEFORE) -> SignUp:
    return services.sign_up(shift_id=shift.pk, volunteer=volunteer or VolunteerFactory(), at=at)


def cancel(made, at=BEFORE) -> SignUp:
    return services.cancel_sign_up(sign_up_id=made.pk, volunteer=made.volunteer, at=at)


def taken(shift) -> int:
    return Shift.objects.get(pk=shift.pk).taken


def child(**changes: object):
    return VolunteerFactory(birth_date=date(2014, 1, 1), **changes)


@pytest.fixture
def open_to_minors():
    return ShiftFactory(activity=ActivityFactory(minors_allowed=True))


def test_a_free_place_is_confirmed_at_once():
    shift, volunteer = ShiftFactory(), VolunteerFactory()

    made = sign_up(shift, volunteer)

    kept = SignUp.objects.get()
    assert (kept, kept.shift, kept.volunteer) == (made, shift, volunteer)
    assert (kept.status, kept.created_at, kept.cancelled_at) == (CONFIRMED, BEFORE, None)
    assert (kept.period.lower, kept.period.upper) == (shift.starts_at, shift.ends_at)
    assert taken(shift) == 1


def test_asking_again_returns_the_same_place():
    shift, volunteer = ShiftFactory(capacity=1), VolunteerFactory()
    first = sign_up(shift, volunteer)

    assert sign_up(shift, volunteer) == first
    assert (SignUp.objects.count(), taken(shift)) == (1, 1)


def test_when_full_one_waits():
    shift = ShiftFactory(capacity=1)
    sign_up(shift)

    late = sign_up(shift)

    assert (late.status, taken(shift)) == (WAITING, 1)
    assert sign_up(shift, late.volunteer) == late


def test_a_place_given_back_goes_to_whoever_waits_first():
    shift = ShiftFactory(capacity=1)
    first, second, third = (sign_up(shift, at=BEFORE + timedelta(seconds=n)) for n in range(3))

    given_back = cancel(first)

    second.refresh_from_db()
    third.refresh_from_db()
    assert (given_back.status, given_back.cancelled_at) == (CANCELLED, BEFORE)
    assert (second.status, third.status, taken(shift)) == (CONFIRMED, WAITING, 1)


def test_leaving_the_waiting_list_moves_nobody():
    shift = ShiftFactory(capacity=1)
    first, second, third = (sign_up(shift) for _ in range(3))

    cancel(second)

    first.refresh_from_db()
    third.refresh_from_db()
    assert (first.status, third.status, taken(shift)) == (CONFIRMED, WAITING, 1)


def test_who_may_no_longer_come_is_passed_over():
    shift = ShiftFactory(capacity=1)
    first, suspended, withdrawn, last = (sign_up(shift) for _ in range(4))
    type(suspended.volunteer).objects.filter(pk=suspended.volunteer_id).update(
        status=VolunteerStatus.SUSPENDED
    )
    set_consent(volunteer=withdrawn.volunteer, kind=ConsentKind.PRIVACY, granted=False, at=BEFORE)

    cancel(first)

    statuses = [SignUp.objects.get(pk=each.pk).status for each in (suspended, withdrawn, last)]
    assert statuses == [WAITING, WAITING, CONFIRMED]


def test_after_cancelling_one_may_sign_up_again():
    shift, volunteer = ShiftFactory(), VolunteerFactory()
    first = sign_up(shift, volunteer)
    cancel(first)

    again = sign_up(shift, volunteer)

    assert (again.pk != first.pk, again.status, taken(shift)) == (True, CONFIRMED, 1)


def test_a_place_is_given_back_once():
    made = sign_up(ShiftFactory())
    cancel(made)

    with pytest.raises(SignUpSettled):
        cancel(made)


def test_once_the_shift_has_started_the_place_stays():
    shift = ShiftFactory()
    made = sign_up(shift)

    with pytest.raises(ShiftStarted):
        cancel(made, at=shift.starts_at)

    assert taken(shift) == 1


def test_nobody_cancels_somebody_elses_place():
    made = sign_up(ShiftFactory())

    with pytest.raises(NotFound):
        services.cancel_sign_up(sign_up_id=made.pk, volunteer=VolunteerFactory(), at=BEFORE)

    made.refresh_from_db()
    assert made.status == CONFIRMED


@pytest.mark.parametrize("pk", [0, 999_999, 2**63, 10**30])
def test_a_shift_or_place_that_is_not_there_is_not_found(pk):
    with pytest.raises(NotFound):
        services.sign_up(shift_id=pk, volunteer=VolunteerFactory(), at=BEFORE)
    with pytest.raises(NotFound):
        services.cancel_sign_up(sign_up_id=pk, volunteer=VolunteerFactory(), at=BEFORE)


def test_during_the_shift_one_may_still_sign_up_and_after_it_not():
    shift = ShiftFactory()

    assert sign_up(shift, at=shift.ends_at - timedelta(minutes=1)).status == CONFIRMED
    with pytest.raises(ShiftOver):
        sign_up(shift, at=shift.ends_at)


def test_a_cancelled_shift_has_no_places():
    with pytest.raises(ShiftCancelled):
        sign_up(ShiftFactory(status=ShiftStatus.CANCELLED))

    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    "status", [VolunteerStatus.PENDING, VolunteerStatus.REJECTED, VolunteerStatus.SUSPENDED]
)
def test_only_active_volunteers_sign_up(status):
    volunteer = VolunteerFactory()
    volunteer.status = status

    with pytest.raises(RegistrationNotActive):
        sign_up(ShiftFactory(), volunteer)

    assert not SignUp.objects.exists()


def test_without_the_consent_to_process_data_one_does_not_sign_up():
    with pytest.raises(PrivacyConsentWithdrawn):
        sign_up(ShiftFactory(), VolunteerFactory(consents=[]))


@pytest.mark.parametrize(
    ("minutes", "clash"), [(-180, False), (-179, True), (0, True), (179, True), (180, False)]
)
@pytest.mark.parametrize("full", [False, True])
def test_nobody_has_two_places_at_one_time(minutes, clash, full):
    volunteer = VolunteerFactory()
    sign_up(ShiftFactory(), volunteer)
    other = ShiftFactory(starts_at=SHIFT_STARTS + timedelta(minutes=minutes), capacity=1)
    if full:
        sign_up(other)

    if clash:
        with pytest.raises(OverlappingShift):
            sign_up(other, volunteer)
    else:
        assert sign_up(other, volunteer).status == (WAITING if full else CONFIRMED)


def test_waiting_counts_as_being_busy():
    shift, volunteer = ShiftFactory(capacity=1), VolunteerFactory()
    sign_up(shift)
    sign_up(shift, volunteer)

    with pytest.raises(OverlappingShift):
        sign_up(ShiftFactory(), volunteer)


def test_a_cancelled_place_leaves_the_time_free():
    volunteer = VolunteerFactory()
    cancel(sign_up(ShiftFactory(), volunteer))

    assert sign_up(ShiftFactory(), volunteer).status == CONFIRMED


def test_minors_are_not_taken_where_only_adults_may_come():
    with pytest.raises(TooYoungForActivity):
        sign_up(ShiftFactory(), VolunteerFactory(birth_date=date(2008, 9, 16)))


def test_minors_have_no_place_in_an_emergency():
    shift = ShiftFactory(activity=ActivityFactory(activity_type=ActivityType.EMERGENCY))

    with pytest.raises(TooYoungForActivity):
        sign_up(shift, VolunteerFactory(birth_date=date(2010, 1, 1)))


def test_under_fourteen_the_guardian_has_to_agree(open_to_minors):
    with pytest.raises(GuardianConsentMissing):
        sign_up(open_to_minors, child())

    agreed = child(consents=[ConsentKind.PRIVACY, ConsentKind.GUARDIAN])
    assert sign_up(open_to_minors, agreed).status == CONFIRMED


def test_a_guardian_who_changed_their_mind_no_longer_agrees(open_to_minors):
    volunteer = child(consents=[ConsentKind.PRIVACY, ConsentKind.GUARDIAN])
    Consent.objects.filter(kind=ConsentKind.GUARDIAN).update(withdrawn_at=BEFORE)

    with pytest.raises(GuardianConsentMissing):
        sign_up(open_to_minors, volunteer)


def test_open_shifts_come_soonest_first_and_leave_out_what_is_over_or_called_off(now):
    later = ShiftFactory(starts_at=SHIFT_STARTS + timedelta(days=1))
    running = ShiftFactory()
    ShiftFactory(starts_at=SHIFT_STARTS - timedelta(days=1))
    ShiftFactory(status=ShiftStatus.CANCELLED)

    assert list(open_shifts(at=now)) == [running, later]
    assert list(open_shifts(at=now, region_prefix="5201")) == [running, later]
    assert list(open_shifts(at=now, region_prefix="51")) == []


def test_my_shifts_are_the_live_ones_still_to_come(now):
    volunteer = VolunteerFactory()
    day = timedelta(days=1)
    coming = SignUpFactory(volunteer=volunteer, shift__starts_at=SHIFT_STARTS + day)
    running = SignUpFactory(volunteer=volunteer)
    SignUpFactory(volunteer=volunteer, shift__starts_at=SHIFT_STARTS - day)
    SignUpFactory(
        volunteer=volunteer, shift__starts_at=SHIFT_STARTS + 2 * day, status=CANCELLED, cancelled_at=now
    )
    SignUpFactory(shift__starts_at=SHIFT_STARTS + day)

    assert list(shifts_of(volunteer, now)) == [running, coming]
