"""Refusals about training and insurance."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Invalid, Refusal


class QualificationIncomplete(Invalid):
    """A training names its course, an insurance its last day, and both their evidence."""

    code = "qualification_incomplete"
    message = _("请写明凭据：培训要有课程代码，保险要有截止日期，截止日期不早于起始日期。")
    constraint = (
        "qualification_kind_sound",
        "qualification_ends_after_start",
        "qualification_has_evidence",
    )


class QualificationIsHistory(Refusal):
    """A qualification ends early by being revoked."""

    code = "qualification_is_history"
    message = _("培训和保险记录不能改写，只能作废后重新登记。")
    constraint = "qualification_is_history"
