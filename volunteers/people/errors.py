"""Refusals about registration, review, consent and personal data."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, NotFound, Refusal


class NotRegistered(NotFound):
    """The caller has an account but is no volunteer yet."""

    code = "not_registered"
    message = _("您还没有登记为志愿者，请先登记。")


class NameInvalid(Invalid):
    """The name is empty or has characters no name has."""

    code = "name_invalid"
    message = _("请填写证件上的姓名。")


class IdNumberInvalid(Invalid):
    """The number does not fit its kind of document (resident ID: GB 11643-1999)."""

    code = "id_number_invalid"
    message = _("证件号码不对，请对照证件重新填写。")


class IdDetailsMismatch(Invalid):
    """The sex or birth date given is not the one the resident ID says."""

    code = "id_details_mismatch"
    message = _("性别或出生日期与身份证号码不一致，请核对。")


class IdDetailsMissing(Invalid):
    """Such a document does not tell sex and birth date, so both must be given."""

    code = "id_details_missing"
    message = _("用这种证件登记，请同时填写性别和出生日期。")


class BirthDateInvalid(Invalid):
    """The birth date lies in the future or before 1900."""

    code = "birth_date_invalid"
    message = _("出生日期不对，请核对。")


class AlreadyRegistered(Refusal):
    """The account has its volunteer already."""

    code = "already_registered"
    message = _("您已经登记过了，不用再登记。")
    constraint = "volunteers_volunteer_user_id_key"


class PersonRegistered(Refusal):
    """Another account has registered this document: one person, one volunteer."""

    code = "person_registered"
    message = _("这个证件已经登记过志愿者。如果不是您本人登记的，请带证件到社区核实。")
    constraint = "volunteer_person_once"


class TooYoungToRegister(Refusal):
    """Under the region's minimum age."""

    code = "too_young_to_register"
    message = _("未满 %(min_age)s 周岁，暂时不能登记为志愿者。")


class GuardianRequired(Invalid):
    """Under the region's guardian age without a guardian's name, phone and consent."""

    code = "guardian_required"
    message = _("未满 %(guardian_until)s 周岁，请填写监护人的姓名和电话，并由监护人同意。")


class GuardianDetailsMissing(Invalid):
    """A guardian without a name or without saying how they are related."""

    code = "guardian_details_missing"
    message = _("请填写监护人的姓名和与您的关系。")
    constraint = "guardian_named"


class NumberTaken(Refusal):
    """Every number drawn was taken; the next attempt draws others."""

    code = "volunteer_number_taken"
    message = _("编号没有生成成功，请再提交一次。")
    constraint = ("volunteer_number_once", "household_number_once")


class ConsentRequired(Invalid):
    """Registration needs the consent to processing personal information."""

    code = "consent_required"
    message = _("请先阅读并同意个人信息处理说明。")


class GuardianUnknown(Refusal):
    """A guardian's consent was given for somebody who has no guardian on file."""

    code = "guardian_unknown"
    message = _("还没有监护人的信息，请先补充监护人。")


class ServiceCategoryUnknown(Invalid):
    """A service category that the list does not have."""

    code = "service_category_unknown"
    message = _("没有这个服务类别，请从列表里选。")
    constraint = "volunteer_categories_known"


class AlreadyReviewed(Refusal):
    """The registration is not in a state from which this decision can be made."""

    code = "already_reviewed"
    message = _("这份登记已经处理过了，请刷新后再看。")
    constraint = "volunteer_status_moves"


class ReviewReasonRequired(Invalid):
    """Somebody who is turned away is told why."""

    code = "review_reason_required"
    message = _("请写明原因，申请人会看到。")
    constraint = "volunteer_rejection_explained"


class OwnRegistration(Forbidden):
    """A maker never approves their own work."""

    code = "own_registration"
    message = _("不能审核自己的登记，请交给同事。")
    constraint = "volunteer_not_self_reviewed"


class RevealReasonRequired(Invalid):
    """A full value is shown for a stated purpose only."""

    code = "reveal_reason_required"
    message = _("请写明查看完整信息的用途。")


class ConsentIsHistory(Refusal):
    """A consent is withdrawn by a later moment, never rewritten."""

    code = "consent_is_history"
    message = _("同意记录不能改写，只能撤回。")
    constraint = ("consent_is_history", "consent_withdrawn_after_granted")


class CardIsHistory(Refusal):
    """A card is revoked by a later moment, never rewritten."""

    code = "card_is_history"
    message = _("志愿者卡不能改写，只能作废后重新制卡。")
    constraint = ("card_is_history", "card_revoked_after_issued", "card_live_once", "card_version_once")


class NoCard(Refusal):
    """There is no card to revoke."""

    code = "no_card"
    message = _("现在没有有效的志愿者卡。")


class HouseholdTaken(Refusal):
    """The volunteer is counted in another household; they leave it first."""

    code = "household_taken"
    message = _("这位志愿者已登记在一户里，请先从那一户移出。")
    constraint = "household_one_home"


class HouseholdClosed(Refusal):
    """Nobody moves into a household that is closed."""

    code = "household_closed"
    message = _("这一户已注销，不能再改。")
    constraint = ("household_takes_members", "household_closes_empty")


class OwnHousehold(Forbidden):
    """Staff do not enter themselves or change the household they live in: it decides whom they may serve."""

    code = "own_household"
    message = _("不能登记或修改自己的家庭，请交给同事。")
    constraint = "household_not_own"


class HouseholdVolunteerUnknown(Invalid):
    """No volunteer of the caller's regions has this number."""

    code = "household_volunteer_unknown"
    message = _("您的区域里没有这个编号的志愿者。")


class NoHousehold(NotFound):
    """The caller is counted in no household."""

    code = "no_household"
    message = _("您还没有登记在任何一户里。")


class HouseholdRequestWaits(Refusal):
    """One request at a time."""

    code = "household_request_waits"
    message = _("您已经提出过，社区还没有答复，请稍候。")
    constraint = "household_request_open_once"


class HouseholdRequestAnswered(Refusal):
    """Somebody answered it before."""

    code = "household_request_answered"
    message = _("这个请求已经答复过了，请刷新后再看。")
    constraint = "household_request_is_history"


class HouseholdReasonRequired(Invalid):
    """A request and its answer say why."""

    code = "household_reason_required"
    message = _("请写明情况。")
    constraint = ("household_request_explained", "household_request_answered")
