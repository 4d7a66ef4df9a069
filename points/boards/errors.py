"""Why the boards refuse."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class PeriodInvalid(Refusal):
    """A period is `all`, a year or a month."""

    code = "period_invalid"
    status = 400
    message = _("期间请写成 all、2026 或 2026-11。")


class HonorInvalid(Refusal):
    """Name and title are plain text, the story is short, the term does not end before it starts."""

    code = "honor_invalid"
    status = 400
    message = _("姓名、称号要用普通文字，事迹不超过 2000 字，截止日期不能早于开始日期。")
    constraint = ("honor_name_plain", "honor_title_plain", "honor_term_forward")


class HonorWithoutConsent(Refusal):
    """Nobody is praised in public who did not agree to it separately (PIPL Art 25)."""

    code = "honor_without_consent"
    message = _("本人还没有同意公开，不能公布。")
    constraint = "honor_published_with_consent"


class HonorTooYoung(Refusal):
    """Children are not put on boards (rules.md C6)."""

    code = "honor_too_young"
    message = _("未满 %(age)s 周岁，不上公开榜单。")


class HonorMakerIsChecker(Refusal):
    """Somebody else than who entered an honour publishes it."""

    code = "honor_maker_is_checker"
    status = 403
    message = _("登记人不能自己公布，请交给同事核对。")
    constraint = "honor_maker_not_checker"


class HonorAlreadySettled(Refusal):
    """The honour is not in a state from which this can be done."""

    code = "honor_already_settled"
    message = _("这条榜单已经处理过了，请刷新后再看。")
    constraint = ("honor_status_moves", "honor_published_stays")


class RevokeReasonRequired(Refusal):
    """What is taken down is taken down for a reason."""

    code = "revoke_reason_required"
    status = 400
    message = _("撤下要写明原因。")
    constraint = "honor_revoked_explained"
