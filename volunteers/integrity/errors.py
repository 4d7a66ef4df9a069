"""Refusals about signals and samples."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, Refusal


class OwnSignal(Forbidden):
    """Nobody reviews a signal about themselves (design.md §4.7)."""

    code = "own_signal"
    message = _("这条疑点与您本人有关，请交给另一位同事复核。")
    constraint = "signal_reviewer_is_apart"


class SignalReviewed(Refusal):
    """Somebody has reviewed it already, otherwise."""

    code = "signal_reviewed"
    message = _("这条疑点已经复核过了，请刷新后再看。")
    constraint = ("signal_state_moves", "signal_review_signed")


class SignalReasonRequired(Invalid):
    """A review says why."""

    code = "signal_reason_required"
    message = _("请写明复核的依据。")


class RecordNotOfSignal(Invalid):
    """A record that the evidence of the signal does not touch."""

    code = "record_not_of_signal"
    message = _("有记录不在这条疑点的证据之内，请只选列出的记录。")


class SignalIsFixed(Refusal):
    """Something tried to change or remove what was found."""

    code = "signal_is_fixed"
    message = _("疑点和证据不能修改或删除，只能复核。")
    constraint = ("signal_evidence_stays", "signal_once", "signal_names_attendances")


class OwnAudit(Forbidden):
    """Nobody checks a record they wrote, or their own hours (design.md §4.7)."""

    code = "own_audit"
    message = _("这条记录是您确认的或属于您本人，请交给另一位同事抽查。")
    constraint = "audit_item_checker_is_apart"


class AuditDecided(Refusal):
    """The sampled record was checked already, with another result."""

    code = "audit_decided"
    message = _("这条记录已经抽查过了，请刷新后再看。")
    constraint = ("audit_item_decided_once", "audit_item_decision_signed")


class AuditReasonRequired(Invalid):
    """A record found false is explained."""

    code = "audit_reason_required"
    message = _("认定虚假请写明依据，本人会看到。")
    constraint = "audit_item_fraud_explained"


class DrawIsFixed(Refusal):
    """Something tried to draw a week again or to change its draw."""

    code = "draw_is_fixed"
    message = _("每周只抽取一次，抽取结果不能修改。")
    constraint = ("audit_draw_once", "audit_draw_append_only", "audit_item_once", "audit_item_place_once")
