"""The models of this context, gathered for Django; each lives in its feature."""

from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection

__all__ = [
    "Activity",
    "Attendance",
    "Consent",
    "Correction",
    "DeadlineNotice",
    "Guardian",
    "Objection",
    "Programme",
    "RegistrationPolicy",
    "Scan",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Volunteer",
]
