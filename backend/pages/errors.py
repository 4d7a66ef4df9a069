"""Refusals of the pages themselves."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import NotFound, Refusal


class ScanOfAnother(Refusal):
    """A scan kept on a phone for one volunteer is sent while another is signed in."""

    code = "scan_of_another"
    message = _("这条扫码是另一个账号的，请用那个账号登录后再上传。")


class NotRecognised(NotFound):
    """What was scanned or typed at the counter is no code, person or product of this store."""

    code = "not_recognised"
    message = _("没有认出来：请扫领取码、服务码、志愿者卡或商品条码，或输入商品名、编号后四位。")
