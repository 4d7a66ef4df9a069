"""What an event is called, for people who did not write it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TOPICS: Mapping[str, Promise | str] = {
    "record.approved": _("服务记录计分"),
    "record.reversed": _("收回被撤销记录的积分"),
    "record.contested": _("有异议的记录移出榜单"),
    "board.changed": _("更新公开榜单"),
}
_KEY_KINDS: Mapping[str, Promise | str] = {
    "volunteer": _("一位志愿者"),
    "board": _("公开榜单"),
}


def topic_label(topic: str) -> str:
    """Return what is to be done, or the topic itself when nobody has named it."""
    return str(_TOPICS.get(topic, topic))


def key_label(kind: str) -> str:
    """Return whom it concerns, without saying which one."""
    return str(_KEY_KINDS.get(kind, kind))
