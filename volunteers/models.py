"""The models of this context, gathered for Django; each lives in its feature."""

from volunteers.activities.models import Activity, Programme, Shift, SignUp
from volunteers.attendance.models import Attendance, Scan, ScanAnnulment
from volunteers.attendance.paper_models import PaperSheet
from volunteers.attendance.policy_models import CheckInPolicy
from volunteers.integrity.models import AuditDraw, AuditItem, Signal
from volunteers.people.household_models import Household, HouseholdMember, HouseholdRequest
from volunteers.people.models import Consent, Guardian, RegistrationPolicy, Volunteer, VolunteerCard
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, DeadlineNotice, Objection
from volunteers.training.models import Qualification

__all__ = [
    "Activity",
    "Attendance",
    "AuditDraw",
    "AuditItem",
    "CheckInPolicy",
    "Consent",
    "Correction",
    "DeadlineNotice",
    "Guardian",
    "Household",
    "HouseholdMember",
    "HouseholdRequest",
    "Objection",
    "PaperSheet",
    "Programme",
    "Qualification",
    "RegistrationPolicy",
    "Scan",
    "ScanAnnulment",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Signal",
    "Volunteer",
    "VolunteerCard",
]
