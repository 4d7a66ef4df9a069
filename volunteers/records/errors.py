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


# --- corrections ---


class CorrectionExists(Refusal):
    """One ticket at a time, so that two deciders never correct the same record."""

    code = "correction_exists"
    message = _("这条记录已有更正申请在核实，请等结果出来。")
    constraint = "correction_open_once"


class CorrectionChangesNothing(Invalid):
    """The minutes asked for are the minutes recorded."""

    code = "correction_changes_nothing"
    message = _("更正后的时长和现在一样，请填写应有的时长。")
    constraint = "correction_changes_minutes"


class CorrectionNotCreditable(Refusal):
    """Other records of the day leave less room than the correction asks for."""

    code = "correction_not_creditable"
    message = _("当天其他记录只留下 %(most)s 分钟可计入，不能更正为这个时长；请不予更正并说明。")


class TicketReasonRequired(Invalid):
    """Whoever asks, objects or decides says why."""

    code = "ticket_reason_required"
    message = _("请写明理由，对方会看到。")
    constraint = (
        "correction_reason_given",
        "correction_refusal_explained",
        "objection_reason_given",
        "objection_decision_signed",
    )


class RecordSuperseded(Refusal):
    """The record was taken back meanwhile: there is nothing left to correct."""

    code = "record_superseded"
    message = _("这条记录已经撤销，不能再更正。")
    constraint = ("correction_fits_record", "correction_result_is_its_own")


class TicketDecided(Refusal):
    """The ticket was decided otherwise, or is closed."""

    code = "ticket_decided"
    message = _("这件申请已经办结，请刷新后再看。")
    constraint = (
        "correction_history_stays",
        "correction_decision_signed",
        "correction_result_fits",
        "objection_history_stays",
    )


class OwnTicket(Forbidden):
    """A maker never approves their own work: who asked or objected does not decide (design.md §4.7)."""

    code = "own_ticket"
    message = _("不能处理自己提出的、关于自己的或自己确认过的记录，请交给同事。")
    constraint = ("correction_decider_is_another", "objection_decider_is_another")


# --- objections ---


class UnderObjection(Refusal):
    """An open objection stops every further use."""

    code = "under_objection"
    message = _("这条记录有异议正在核查，有结论前不能通过。")
    constraint = "attendance_not_under_objection"


class ObjectionExists(Refusal):
    """One open objection at a time: its outcome settles the matter."""

    code = "objection_exists"
    message = _("这条记录已有异议在核查，请等结论。")
    constraint = "objection_open_once"


class NothingToObject(Refusal):
    """Only what waits for a decision or counts can be objected to."""

    code = "nothing_to_object"
    message = _("这条记录尚在服务中、未通过或已经撤销，没有可以提出异议的内容。")
    constraint = "objection_fits_attendance"


class ObjectionNotAccepted(Refusal):
    """A public objection is accepted before it is upheld."""

    code = "objection_not_accepted"
    message = _("请先受理这条异议，再作结论。")
    constraint = "objection_acceptance_signed"


class ObjectionTargetRequired(Invalid):
    """An objection names one attendance or one record."""

    code = "objection_target_required"
    message = _("请填写一个记录编号或考勤编号。")
