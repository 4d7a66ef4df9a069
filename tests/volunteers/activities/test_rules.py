"""Who may have a place on which shift."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from volunteers.activities.choices import ActivityType, SignUpStatus
from volunteers.activities.errors import (
    GuardianConsentMissing,
    PrivacyConsentWithdrawn,
    RegistrationNotActive,
    ShiftCancelled,
    ShiftOver,
    TooYoungForActivity,
)
from volunteers.activities.rules import Applicant, Offer, admit
from volunteers.activities.states import may_move

STARTS = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
ADULT = Applicant(active=True, birth_date=date(1990, 1, 1), privacy_agreed=True, guardian_agreed=False)
OFFER = Offer(
    open=True,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=3),
    activity_type=ActivityType.VOLUNTEERING,
    minors_allowed=True,
    min_age=0,
)


def aged(years: int, **changes: bool) -> Applicant:
    """Somebody whose birthday is the day of the shift."""
    return replace(ADULT, birth_date=date(2026 - years, 9, 15), **changes)


@pytest.mark.parametrize("at", [STARTS - timedelta(days=30), STARTS, OFFER.ends_at - timedelta(seconds=1)])
def test_an_adult_may_have_a_place_until_the_shift_ends(at):
    admit(ADULT, OFFER, at=at)


@pytest.mark.parametrize("at", [OFFER.ends_at, OFFER.ends_at + timedelta(days=1)])
def test_nobody_signs_up_for_what_is_over(at):
    with pytest.raises(ShiftOver):
        admit(ADULT, OFFER, at=at)


@pytest.mark.parametrize(
    ("applicant", "offer", "refusal"),
    [
        (ADULT, replace(OFFER, open=False), ShiftCancelled),
        (replace(ADULT, active=False), OFFER, RegistrationNotActive),
        (replace(ADULT, privacy_agreed=False), OFFER, PrivacyConsentWithdrawn),
        (aged(17), replace(OFFER, minors_allowed=False), TooYoungForActivity),
        (aged(17), replace(OFFER, activity_type=ActivityType.EMERGENCY), TooYoungForActivity),
        (aged(15), replace(OFFER, min_age=16), TooYoungForActivity),
        (aged(59), replace(OFFER, min_age=60), TooYoungForActivity),
        (aged(13), OFFER, GuardianConsentMissing),
    ],
)
def test_each_reason_to_refuse_has_its_own_refusal(applicant, offer, refusal):
    with pytest.raises(refusal):
        admit(applicant, offer, at=STARTS)


@pytest.mark.parametrize(
    ("applicant", "offer"),
    [
        (aged(14), OFFER),
        (aged(13, guardian_agreed=True), OFFER),
        (aged(16), replace(OFFER, min_age=16)),
        (aged(18), replace(OFFER, minors_allowed=False)),
        (aged(18), replace(OFFER, activity_type=ActivityType.EMERGENCY)),
    ],
)
def test_on_the_birthday_one_is_old_enough(applicant, offer):
    admit(applicant, offer, at=STARTS)


def test_age_is_counted_on_the_day_of_the_shift_in_shanghai():
    """At 17:00 UTC on the 14th it is the 15th in Guiyang."""
    starts = datetime(2026, 9, 14, 17, 0, tzinfo=UTC)

    admit(aged(14), replace(OFFER, starts_at=starts), at=STARTS - timedelta(days=30))


def test_the_refusal_says_which_age_is_needed():
    with pytest.raises(TooYoungForActivity) as refusal:
        admit(aged(10), replace(OFFER, minors_allowed=False, min_age=16), at=STARTS)

    assert str(refusal.value) == "这个活动要求年满 18 周岁。"


def test_the_table_of_moves_holds_exactly_these():
    moves = {
        (before.value, after.value)
        for before in SignUpStatus
        for after in SignUpStatus
        if may_move(before, after)
    }

    assert moves == {("waiting", "confirmed"), ("waiting", "cancelled"), ("confirmed", "cancelled")}
