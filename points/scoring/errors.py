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


class OtherAwardIncomplete(Invalid):
    """Which one it was and the evidence are needed, and a day that is not to come."""

    code = "other_award_incomplete"
    message = _("请写明是哪一项、看过的凭据、次数（1–100）和不晚于今天的日期。")
    constraint = "other_award_complete"


class OtherAwardNotInRules(Refusal):
    """The rules of the volunteer's region give nothing for this kind on that day."""

    code = "other_award_not_in_rules"
    message = _("当地这一天的积分规则不给“%(kind)s”计分。")


class OtherAwardExists(Refusal):
    """The same thing is entered already, and not rejected."""

    code = "other_award_exists"
    message = _("这一项已经登记过了，不能重复计分。")
    constraint = ("other_award_once", "other_award_reference_once", "other_award_training_once")


class OtherAwardTraining(Invalid):
    """A training record counts for its own holder, while it is not revoked."""

    code = "other_award_training"
    message = _("没有找到这位志愿者有效的这条培训记录。")
    constraint = ("other_award_own_training", "other_award_qualification_by_kind")


class ReferralUnknown(Invalid):
    """A referral names the active volunteer who came, another person."""

    code = "referral_unknown"
    message = _("请填写被推荐人的志愿者编号：须是另一位已通过登记的志愿者。")


class OwnOtherAward(Forbidden):
    """Nobody gives points to themselves, and who entered an award does not decide about it."""

    code = "own_other_award"
    message = _("不能给自己登记，也不能复核自己登记的积分，请由另一位工作人员办理。")
    constraint = ("other_award_decided_by_another", "other_award_not_for_oneself")


class OtherAwardDecided(Refusal):
    """It was decided the other way."""

    code = "other_award_decided"
    message = _("这一项已经复核过了，请刷新后查看。")
    constraint = "other_award_is_a_fact"


class OtherAwardReasonRequired(Invalid):
    """Who rejects says why."""

    code = "other_award_reason_required"
    message = _("请写明不通过的理由。")
    constraint = "other_award_state_sound"
