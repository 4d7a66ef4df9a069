"""Why a dry run or a recomputation is refused."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Invalid, Refusal


class RevisionPeriodInvalid(Invalid):
    """The period ends before it begins, or is longer than what is kept."""

    code = "revision_period_invalid"
    message = _("结束日期不能早于开始日期，最长可以选 %(years)s 年。")
    constraint = "revision_period_ordered"


class RevisionRegionOutside(Invalid):
    """The region is not one in which these rules could hold."""

    code = "revision_region_outside"
    message = _("请选择这套规则适用范围内的区划。")


class RevisionAlreadyRunning(Refusal):
    """The same run is queued or running."""

    code = "revision_already_running"
    message = _("同样的计算正在进行，请等它完成，或者先停止它。")
    constraint = "revision_live_once"


class RevisionNeedsDryRun(Refusal):
    """Nobody has seen what these very rules would change."""

    code = "revision_needs_dry_run"
    message = _("请先对这一版规则做一次完整的试算，看过结果再重算。")


class RevisionNotInForce(Refusal):
    """Only rules in force can recompute awards."""

    code = "revision_not_in_force"
    message = _("只有启用的规则才能重算积分。")


class RevisionRulesChanged(Refusal):
    """The draft was changed after the run began, so its two halves would not fit together."""

    code = "revision_rules_changed"
    message = _("规则在计算开始后改过，请重新试算。")


class RevisionMoveRefused(Refusal):
    """A run that is over cannot be stopped, one that was not stopped cannot go on."""

    code = "revision_move_refused"
    message = _("这次计算现在是“%(state)s”，不能这样处理，请刷新后查看。")
    constraint = ("revision_state_moves", "revision_is_a_fact", "revision_kept")
