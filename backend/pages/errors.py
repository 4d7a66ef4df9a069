"""Refusals of the pages themselves."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class ScanOfAnother(Refusal):
    """A scan kept on a phone for one volunteer is sent while another is signed in."""

    code = "scan_of_another"
    message = _("这条扫码是另一个账号的，请用那个账号登录后再上传。")
