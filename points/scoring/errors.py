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


class RuleSetNotDraft(Refusal):
    """Only a draft is written on; what was reviewed comes into force as it was read, or goes back first."""

    code = "rule_set_not_draft"
    message = _("这个版本已不是草稿，不能再改。请先退回草稿，或另起一个新版本。")
    constraint = "rule_set_reviewed_stays"


class RuleSetNotReviewed(Refusal):
    """Only what another person has reviewed comes into force, or goes back to draft."""

    code = "rule_set_not_reviewed"
    message = _("这个版本不在“已复核”状态，请刷新页面看看它现在怎样。")


class RuleSetNotActive(Refusal):
    """Only rules in force are retired."""

    code = "rule_set_not_active"
    message = _("这个版本没有启用，不用停用。")


class RuleSetStale(Refusal):
    """Somebody else changed the draft after this caller had read it; nothing was written."""

    code = "rule_set_stale"
    message = _("您打开之后，这份草稿被改过了，这次没有保存。请看过现在的内容再决定。")


class RuleSetTooLate(Refusal):
    """Rules begin today or later; only a platform administrator puts them into force for days gone by."""

    code = "rule_set_too_late"
    message = _("生效日期 %(day)s 已经过去。请退回草稿改成今天或以后，或请平台管理员启用。")


class RuleSetNeeded(Refusal):
    """Without this rule set there would be days on which nothing holds."""

    code = "rule_set_needed"
    message = _("停用后，%(day)s 起会没有任何规则可用。请先启用一个不晚于这一天生效的版本。")


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
