"""Refusals about approving, rejecting and taking back."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, Refusal


class OwnAttendance(Forbidden):
    """A maker never approves their own work (design.md §4.7)."""

    code = "own_attendance"
    message = _("不能确认自己的服务时长，请交给同事。")
    constraint = ("attendance_decider_is_not_volunteer", "record_recorder_is_not_volunteer")


class OwnRecord(Forbidden):
    """Whoever wrote a record does not take it back alone."""

    code = "own_record"
    message = _("这条记录是您确认的，撤销请交给另一位同事。")
    constraint = "record_reverser_is_another"


class StillInService(Refusal):
    """There is nothing to decide before the volunteer has left."""

    code = "still_in_service"
    message = _("这位志愿者还在服务中，签退或班次结束后再确认。")


class AlreadyDecided(Refusal):
    """The attendance was decided otherwise."""

    code = "already_decided"
    message = _("这条考勤已经处理过了，请刷新后再看。")


class MinutesRequired(Invalid):
    """Without a check-out nobody but a manager can say how long it was."""

    code = "minutes_required"
    message = _("这位志愿者没有签退，请填写核实的时长（最多 %(most)s 分钟）和理由。")


class AdjustmentReasonRequired(Invalid):
    """Minutes that differ from the scans are explained."""

    code = "adjustment_reason_required"
    message = _("调整时长请写明理由，志愿者会看到。")


class MinutesExceedShift(Invalid):
    """Nobody is credited for more than the shift was long, or for time after its scheduled end."""

    code = "minutes_exceed_shift"
    message = _("时长不能超过班次时长，最多 %(most)s 分钟。")


class NothingToCredit(Refusal):
    """The presence and the shift have no minute in common."""

    code = "nothing_to_credit"
    message = _("在班次时间内没有可计入的时长，请改为不通过并说明理由。")
    constraint = "record_kind_sound"


class RejectionReasonRequired(Invalid):
    """Somebody whose hours are refused is told why."""

    code = "rejection_reason_required"
    message = _("不通过请写明理由，志愿者会看到。")
    constraint = "attendance_rejection_explained"


class ReversalReasonRequired(Invalid):
    """A correction says why."""

    code = "reversal_reason_required"
    message = _("撤销记录请写明理由，志愿者会看到。")


class NotReversible(Refusal):
    """A reversal cannot itself be reversed; approve the attendance again instead."""

    code = "not_reversible"
    message = _("这条是撤销记录，不能再撤销；需要时请重新确认考勤。")
    constraint = "record_reversal_mirrors"


class CreditedOverlap(Refusal):
    """The same minutes cannot count twice."""

    code = "credited_overlap"
    message = _("这段时间已有通过的服务记录，同一时间不能计两次。")
    constraint = "attendance_credited_no_overlap"


class RecordExists(Refusal):
    """An attendance has one record that counts."""

    code = "record_exists"
    message = _("这条考勤已有有效的服务记录。")
    constraint = ("record_live_once", "record_version_once", "volunteers_servicerecord_reverses_id_key")


class RecordIsFixed(Refusal):
    """Something tried to change or remove a record."""

    code = "record_is_fixed"
    message = _("服务记录不能修改，只能撤销后重新确认。")
    constraint = "record_append_only"


class RecordIncomplete(Refusal):
    """A field that Order 67 Art 7 requires is empty."""

    code = "record_incomplete"
    message = _("活动资料不完整，请先补全活动名称、内容和负责人。")
    constraint = ("record_complete", "record_ends_after_start")


class PresenceTooShort(Invalid):
    """Hours below the policy's share of the shift need a word why (rules.md D2)."""

    code = "presence_too_short"
    message = _("在场时间不到班次的 %(percent)s%%，计入时长请写明理由。")


class DayIsFull(Refusal):
    """A day has so many hours of service and no more (policy; rules.md D2)."""

    code = "day_is_full"
    message = _("这位志愿者当天已计满 %(hours)s 小时，不能再计入。")
