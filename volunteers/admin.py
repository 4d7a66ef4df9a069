"""The back-office pages of this context, gathered for Django; each lives in its feature."""

from volunteers.activities.admin import ActivityAdmin, ProgrammeAdmin, ShiftAdmin, SignUpAdmin
from volunteers.attendance.admin import (
    AttendanceAdmin,
    CheckInPolicyAdmin,
    PaperSheetAdmin,
    ScanAdmin,
    ScanAnnulmentAdmin,
)
from volunteers.integrity.admin import AuditDrawAdmin, AuditItemAdmin, SignalAdmin
from volunteers.people.admin import RegistrationPolicyAdmin, VolunteerAdmin, VolunteerCardAdmin
from volunteers.records.admin import (
    CorrectionAdmin,
    DeadlineNoticeAdmin,
    ObjectionAdmin,
    ServiceRecordAdmin,
)
from volunteers.training.admin import QualificationAdmin

__all__ = [
    "ActivityAdmin",
    "AttendanceAdmin",
    "AuditDrawAdmin",
    "AuditItemAdmin",
    "CheckInPolicyAdmin",
    "CorrectionAdmin",
    "DeadlineNoticeAdmin",
    "ObjectionAdmin",
    "PaperSheetAdmin",
    "ProgrammeAdmin",
    "QualificationAdmin",
    "RegistrationPolicyAdmin",
    "ScanAdmin",
    "ScanAnnulmentAdmin",
    "ServiceRecordAdmin",
    "ShiftAdmin",
    "SignUpAdmin",
    "SignalAdmin",
    "VolunteerAdmin",
    "VolunteerCardAdmin",
]
