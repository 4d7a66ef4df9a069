"""Refusals at the door."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, Refusal, TooManyRequests


class PhoneInvalid(Invalid):
    """The text is no mainland mobile number."""

    code = "phone_invalid"
    message = _("请填写 11 位大陆手机号。")


class CodeWrong(Refusal):
    """The one-time code does not match."""

    code = "code_wrong"
    status = 400
    message = _("验证码不对，还可以试 %(tries_left)s 次。")


class CodeExpired(Refusal):
    """There is no live code for this phone: expired, used, or tried too often."""

    code = "code_expired"
    status = 400
    message = _("验证码已失效，请重新获取。")


class CodeTooSoon(TooManyRequests):
    """A code was sent a moment ago, or too many today."""

    code = "code_too_soon"
    message = _("验证码发送太频繁，请 %(retry_after)s 秒后再试。")


class CodeNotSent(Refusal):
    """The carrier of text messages cannot be reached."""

    code = "code_not_sent"
    status = 503
    message = _("短信暂时发不出去，请稍后再试。")


class PhoneMissing(Refusal):
    """The account has no phone to send a code to."""

    code = "phone_missing"
    message = _("这位志愿者的账号没有手机号，请用志愿者卡和第二名工作人员确认。")


class CredentialsWrong(Refusal):
    """Username and password do not match."""

    code = "credentials_wrong"
    status = 401
    message = _("用户名或密码不对。")


class AccountLocked(TooManyRequests):
    """Too many wrong passwords."""

    code = "account_locked"
    message = _("密码错误次数太多，请 15 分钟后再试。")


class AccountDisabled(Forbidden):
    """The account was closed."""

    code = "account_disabled"
    message = _("这个账号已停用，请联系社区工作人员。")


class CreditCodeInvalid(Invalid):
    """The unified social credit code fails its check."""

    code = "credit_code_invalid"
    message = _("统一社会信用代码不正确，请核对 18 位代码。")


class CreditCodeTaken(Refusal):
    """Another organization has this credit code."""

    code = "credit_code_taken"
    message = _("这个统一社会信用代码已经登记。")
    constraint = "accounts_organization_credit_code_key"
