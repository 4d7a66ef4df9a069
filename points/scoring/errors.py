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
