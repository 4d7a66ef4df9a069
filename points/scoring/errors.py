"""Why scoring refuses."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Fault, Forbidden, Invalid, Refusal


class RuleDocumentInvalid(Invalid):
    """A rule document has faults; every one of them is named, by its JSON pointer."""

    code = "rule_document_invalid"
    message = _("积分规则有 %(count)s 处需要修改。")

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        """Keep the faults, in the order in which they stand in the document."""
        super().__init__(count=len(faults))
        self.faults = tuple(faults)


class RuleSetMissing(Refusal):
    """No active rule set covers the region on that day."""

    code = "rule_set_missing"
    message = _("%(region)s 在 %(day)s 没有生效的积分规则，请先启用规则。")


class RuleSetFrozen(Refusal):
    """A rule set that has been in force is never changed; a new version is."""

    code = "rule_set_frozen"
    message = _("已启用的积分规则不能修改，请新建一个版本。")
    constraint = ("rule_set_frozen", "rule_set_status_moves")


class RuleSetDateTaken(Refusal):
    """Another active rule set of the region begins on the same day."""

    code = "rule_set_date_taken"
    message = _("该区划在同一天已有启用的积分规则，请改用其他生效日期。")
    constraint = "rule_set_active_once"


class RuleSetSelfReview(Forbidden):
    """A maker never approves their own rules (design.md §4.7)."""

    code = "rule_set_self_review"
    message = _("规则须由另一位工作人员复核。")
    constraint = "rule_set_reviewed_by_another"
