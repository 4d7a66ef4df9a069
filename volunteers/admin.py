"""The back-office pages of this context, gathered for Django; each lives in its feature."""

from volunteers.activities.admin import ActivityAdmin, ProgrammeAdmin, ShiftAdmin, SignUpAdmin
from volunteers.attendance.admin import AttendanceAdmin, ScanAdmin
from volunteers.integrity.admin import AuditDrawAdmin, AuditItemAdmin, SignalAdmin
from volunteers.people.admin import RegistrationPolicyAdmin, VolunteerAdmin
from volunteers.records.admin import ServiceRecordAdmin

__all__ = [
    "ActivityAdmin",
    "AttendanceAdmin",
    "AuditDrawAdmin",
    "AuditItemAdmin",
    "ProgrammeAdmin",
    "RegistrationPolicyAdmin",
    "ScanAdmin",
    "ServiceRecordAdmin",
    "ShiftAdmin",
    "SignUpAdmin",
    "SignalAdmin",
    "VolunteerAdmin",
]
