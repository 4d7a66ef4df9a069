"""Who may have a place on which shift. Pure; the database repeats the part that is law (triggers.py)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from volunteers.activities.choices import ActivityType
from volunteers.activities.errors import (
    GuardianConsentMissing,
    PrivacyConsentWithdrawn,
    RegistrationNotActive,
    ShiftCancelled,
    ShiftOver,
    TooYoungForActivity,
)
from volunteers.people.models import LEGAL_GUARDIAN_AGE
from volunteers.people.rules import ADULT_AGE, age_on


@dataclass(frozen=True)
class Applicant:
    """What counts about a volunteer who wants a place."""

    active: bool
    birth_date: date
    privacy_agreed: bool
    guardian_agreed: bool


@dataclass(frozen=True)
class Offer:
    """What counts about the shift."""

    open: bool
    starts_at: datetime
    ends_at: datetime
    activity_type: str
    minors_allowed: bool
    min_age: int

    @property
    def required_age(self) -> int:
        """The age somebody must have on the day the shift starts; emergencies are for adults."""
        adults_only = not self.minors_allowed or self.activity_type == ActivityType.EMERGENCY
        return max(self.min_age, ADULT_AGE if adults_only else 0)


def admit(applicant: Applicant, offer: Offer, *, at: datetime) -> None:
    """Let the applicant have a place.

    :raises ShiftCancelled: it does not take place. :raises ShiftOver: `at` is not before its end.
    :raises RegistrationNotActive: pending, rejected or suspended. :raises PrivacyConsentWithdrawn: withdrawn.
    :raises TooYoungForActivity: by the age on the day of the shift.
    :raises GuardianConsentMissing: under 14 on that day without a guardian's consent (PIPL Art 31).
    """
    if not offer.open:
        raise ShiftCancelled
    if at >= offer.ends_at:
        raise ShiftOver
    if not applicant.active:
        raise RegistrationNotActive
    if not applicant.privacy_agreed:
        raise PrivacyConsentWithdrawn
    age = age_on(applicant.birth_date, localdate(offer.starts_at))
    if age < offer.required_age:
        raise TooYoungForActivity(min_age=offer.required_age)
    if age < LEGAL_GUARDIAN_AGE and not applicant.guardian_agreed:
        raise GuardianConsentMissing
