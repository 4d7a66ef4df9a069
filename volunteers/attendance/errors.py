"""Refusals of attendance. A scan that is refused is no error but an answer: see reasons.py."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Invalid, Refusal


class CapturedInFuture(Invalid):
    """The scan claims a time that has not come."""

    code = "captured_in_future"
    message = _("扫码时间晚于现在，请校准手机时间后重试。")


class AlreadyInService(Refusal):
    """A second open attendance of one volunteer."""

    code = "already_in_service"
    message = _("这位志愿者已有进行中的服务，请先签退。")
    constraint = "attendance_open_once"


class ScanRepeated(Refusal):
    """Two scans with one nonce reached the table at the same time."""

    code = "scan_repeated"
    message = _("这次扫码已经提交过，请刷新查看结果。")
    constraint = "scan_nonce_once"


class EvidenceStays(Refusal):
    """Something tried to rewrite what was scanned."""

    code = "evidence_stays"
    message = _("扫码留下的时间和地点不能修改；时长可在确认时说明理由后调整。")
    constraint = ("attendance_evidence_stays", "scan_append_only", "attendance_out_after_in")


class AttendanceMoved(Refusal):
    """A change of state that the table in states.py does not have."""

    code = "attendance_moved"
    message = _("这条考勤的状态刚刚变了，请刷新后再办理。")
    constraint = ("attendance_status_moves", "attendance_open_has_no_end", "attendance_decision_signed")
