"""Why relief refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, Refusal


class NotReliefKeeper(Forbidden):
    """The list is kept, and read, by the staff named for it."""

    code = "not_relief_keeper"
    message = _("帮扶名单由指定的工作人员保管，您没有被指定。")
    constraint = "relief_by_named_keeper"


class KeeperNotStaff(Invalid):
    """Keepers are community staff of the region."""

    code = "relief_keeper_not_staff"
    message = _("只能指定这个区域的社区工作人员。")


class KeeperNamesSelf(Forbidden):
    """Nobody names themselves."""

    code = "relief_keeper_names_self"
    message = _("不能指定自己，请由同事或上级来办。")
    constraint = "relief_keeper_named_by_another"


class KeeperNamed(Refusal):
    """They keep this region's list already."""

    code = "relief_keeper_named"
    message = _("这位工作人员已经在保管这个区域的名单。")
    constraint = "relief_keeper_once"


class ReliefHouseholdUnknown(Invalid):
    """No open household of the keeper's regions has this number."""

    code = "relief_household_unknown"
    message = _("您保管的区域里没有这个编号的家庭。")


class ReliefCaseExists(Refusal):
    """A household is on the list once."""

    code = "relief_case_exists"
    message = _("这一户已经在名单上。")
    constraint = "relief_case_once"


class ReliefReasonRequired(Invalid):
    """Being put on the list, and every review, says why."""

    code = "relief_reason_required"
    message = _("请写明理由。")


class ReliefReviewDateInvalid(Invalid):
    """The next review lies within a year."""

    code = "relief_review_date_invalid"
    message = _("下次复核日期要在明天到一年以内。")
    constraint = ("relief_review_within_year", "relief_review_names_day")


class ReliefOwnHousehold(Forbidden):
    """A keeper does not keep the case of the household they live in."""

    code = "relief_own_household"
    message = _("不能经办自己家的帮扶，请让同事来办。")
    constraint = "relief_not_for_own_household"


class ReliefCaseEnded(Refusal):
    """An ended case is neither reviewed nor helped; the household is put on the list again."""

    code = "relief_case_ended"
    message = _("这一户的帮扶已结束，需要时重新登记。")
    constraint = ("relief_case_by_reviews", "relief_review_of_open_case")


class ReliefCaseNotActive(Refusal):
    """Goods go out to active cases only."""

    code = "relief_case_not_active"
    message = _("这一户的帮扶已暂停或结束，不能发放。")
    constraint = "relief_issue_of_active_case"


class ReliefReviewOverdue(Refusal):
    """The review date and the days of grace have passed."""

    code = "relief_review_overdue"
    message = _("复核已过期（%(due)s），请先复核再发放。")
    constraint = "relief_review_not_overdue"


class ReliefQuotaReached(Refusal):
    """The household has had its share of the month."""

    code = "relief_quota_reached"
    message = _("每户每月最多 %(most)s 件，本月还可发 %(left)s 件。")
    constraint = "relief_quota_kept"


class ReliefShareInvalid(Invalid):
    """How many are kept is a whole number."""

    code = "relief_share_invalid"
    message = _("留出数量要在 0 到 %(most)s 之间。")
