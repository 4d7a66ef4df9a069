"""The models of this context, gathered for Django; each lives in its feature."""

from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.attendance.models import Attendance, Scan
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer
from volunteers.records.models import ServiceRecord

__all__ = [
    "Activity",
    "Attendance",
    "AuditDraw",
    "AuditItem",
    "Consent",
    "Guardian",
    "Programme",
    "RegistrationPolicy",
    "Scan",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Signal",
    "Volunteer",
]
