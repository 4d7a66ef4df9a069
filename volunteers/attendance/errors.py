"""Refusals of attendance. A scan that is refused is no error but an answer: see reasons.py."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, Refusal


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


class PolicyFigureInvalid(Invalid):
    """A figure the policy does not have, or one nobody would mean."""

    code = "policy_figure_invalid"
    message = _("没有这个数值，或者超出范围（%(figure)s：%(least)s 到 %(most)s）。")


class PolicyFigureTooWide(Invalid):
    """An activity cannot have a figure that is needed before it is known which activity a scan is for."""

    code = "policy_figure_too_wide"
    message = _("“%(figure)s”在知道是哪个活动之前就要用到，不能按活动设置，请按组织或区划设置。")


class PolicyReasonRequired(Invalid):
    """Whoever changes the rules says why."""

    code = "policy_reason_required"
    message = _("请写明为什么调整，历史里会保留。")
    constraint = "check_in_policy_explained"


class PolicyTooSoon(Invalid):
    """Every process must have read a policy before it starts."""

    code = "policy_too_soon"
    message = _("生效时间至少要在一分钟以后，不能追溯。")
    constraint = "check_in_policy_announced"


class PolicyExists(Refusal):
    """Two policies of one scope cannot start at the same moment, and none is rewritten."""

    code = "policy_exists"
    message = _("这个范围在同一时刻已有规则，请换一个生效时间；已发布的规则不能修改。")
    constraint = ("check_in_policy_once", "check_in_policy_append_only")


class AnnulTooLate(Refusal):
    """A mistaken scan is taken back at once or not at all."""

    code = "annul_too_late"
    message = _("扫码超过 %(minutes)s 分钟，不能自己撤销了，请联系站点负责人更正。")


class NothingToAnnul(Refusal):
    """The scan did nothing, or something came after it."""

    code = "nothing_to_annul"
    message = _("这次扫码没有可以撤销的结果，或者之后又有新的记录。")
    constraint = (
        "attendance_reopened_by_annulment",
        "attendance_annulled_by_annulment",
        "annulment_append_only",
    )


class AnnulReasonRequired(Invalid):
    """A taken-back scan says why."""

    code = "annul_reason_required"
    message = _("请说明为什么撤销，例如“扫错了”。")
    constraint = "annulment_explained"


class NothingToPropose(Refusal):
    """There is a check-out already, or a decision."""

    code = "nothing_to_propose"
    message = _("这条考勤已有签退时间或已经处理，不用申报。")


class ProposalInvalid(Invalid):
    """Nobody left before they came, nor after the shift."""

    code = "proposal_invalid"
    message = _("离开时间应在签到之后、班次结束（%(end)s）之前。")
    constraint = "attendance_proposal_sound"


class NotAsked(Refusal):
    """There is no question to answer, or no attendance to ask about."""

    code = "not_asked"
    message = _("这条考勤没有等待答复的询问，或者已经处理了。")


class QuestionRequired(Invalid):
    """Asking back and answering need words."""

    code = "question_required"
    message = _("请写明要问或要答的内容。")
    constraint = "attendance_questions_dated"


class SecondPersonNeeded(Refusal):
    """Hours entered by hand are decided about by somebody else (rules.md E)."""

    code = "second_person_needed"
    status = 403
    message = _("纸质补录由录入人以外的同事确认。")
    constraint = "attendance_second_person"


class SheetPictureInvalid(Invalid):
    """What was uploaded is not a photograph."""

    code = "sheet_picture_invalid"
    message = _("请上传签到表的照片（JPEG、PNG 或 WebP，不超过 %(megabytes)s MB）。")
    constraint = "sheet_digest_form"


class SheetEnteredBefore(Refusal):
    """The same photograph was used already."""

    code = "sheet_entered_before"
    message = _("这张照片已经补录过，不能再用一次。")
    constraint = ("sheet_picture_once", "sheet_append_only", "attendance_manual_has_sheet")


class SheetRowsRefused(Invalid):
    """Some rows of the sheet cannot be entered, so none was. `rows` says which and why."""

    code = "sheet_rows_refused"
    message = _("有 %(count)s 行不能录入，整张表都没有录入，请改正后再提交。")

    def __init__(self, rows: Mapping[int, Refusal]) -> None:
        """Keep the refusal of each row, by its place in the sheet from 0."""
        self.rows = dict(rows)
        super().__init__(field=f"rows.{min(rows)}", count=len(rows))


class OwnCode(Forbidden):
    """Staff do not scan themselves."""

    code = "own_code"
    message = _("不能替自己扫码，请像其他志愿者一样扫站点屏幕上的码。")


class SheetNotYet(Refusal):
    """Paper is for what has happened."""

    code = "sheet_not_yet"
    message = _("班次还没有结束，结束后再补录纸质签到表。")


class SheetRowsMissing(Invalid):
    """A sheet has rows."""

    code = "sheet_rows_missing"
    message = _("请填写签到表的各行，最多 %(most)s 行。")


class SheetRowUnknown(Invalid):
    """Nobody in service has this number."""

    code = "sheet_row_unknown"
    message = _("没有这个志愿者编号，或登记没有生效。")


class SheetShiftCancelled(Refusal):
    """What did not take place gave nobody hours."""

    code = "sheet_shift_cancelled"
    message = _("这个班次已取消，不能补录。")


class SheetOwnRow(Forbidden):
    """Nobody enters their own hours."""

    code = "sheet_own_row"
    message = _("不能补录自己的时长，请交给同事。")


class SheetRowTimes(Invalid):
    """Somebody who left before they came, or was there at another time than the shift."""

    code = "sheet_row_times"
    message = _("到达和离开的时间不对，或不在班次时间内。")


class SheetRowNotEnrolled(Refusal):
    """Hours entered by hand need an enrolment from before (rules.md E)."""

    code = "sheet_row_not_enrolled"
    message = _("这位志愿者没有报名这个班次，不能补录。")


class SheetRowPresent(Refusal):
    """The volunteer was scanned on this shift, or is on the sheet twice."""

    code = "sheet_row_present"
    message = _("这位志愿者在这个班次已有考勤，或在表上出现了两次。")
