"""What a signal says to the person who looks at it: its evidence as a sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from volunteers.integrity.choices import SignalKind

_METRES_A_KILOMETRE = 1000
_SECONDS_A_MINUTE = 60

SENTENCES: Mapping[str, Promise | str] = {
    SignalKind.SAME_DEVICE: _("%(from_at)s–%(until_at)s，同一部手机先后为 %(people)s 人签到或签退。"),
    SignalKind.FAST_TRAVEL: _(
        "%(minutes)s 分 %(rest)s 秒内先后在相距 %(kilometres)s 公里的两站扫码，合每小时 %(kmh)s 公里。"
    ),
    SignalKind.SAME_DURATION: _(
        "同一班次有 %(people)s 人的在场时长一秒不差，都是 %(minutes)s 分 %(rest)s 秒。"
    ),
    SignalKind.QUICK_APPROVAL: _(
        "同一人有 %(approvals)s 条考勤在扫码后 %(within_seconds)s 秒内就通过，最快 %(fastest_seconds)s 秒。"
    ),
    SignalKind.CLOSED_HOURS: _("站点不开放的时间有 %(people)s 人签到，最早 %(first_at)s。"),
    SignalKind.MANUAL_SHARE: _(
        "近 %(days)s 天确认的时长 %(percent)s%% 是手工补录（%(records)s 条），"
        "同区县其他人为 %(peers_percent)s%%。"
    ),
    SignalKind.RELATED_PHONE: _(
        "确认人的手机号就是志愿者监护人的手机号，共确认 %(records)s 条、%(minutes)s 分钟。"
    ),
    SignalKind.SAME_HOUSEHOLD: _(
        "确认人和志愿者登记的监护人电话相同，可能是一家人，共确认 %(records)s 条、%(minutes)s 分钟。"
    ),
    SignalKind.OVER_CAPACITY: _("%(peak_at)s 同时在场 %(people)s 人，当时班次名额一共 %(places)s 人。"),
}


def sentence_of(kind: str, evidence: Mapping[str, Any]) -> str:
    """Return the evidence of a signal as one sentence in the active language; times are local."""
    said = {name: _said(name, value) for name, value in evidence.items()}
    if "metres" in evidence:
        said["kilometres"] = f"{evidence['metres'] / _METRES_A_KILOMETRE:.1f}"
    if "seconds" in evidence:
        said["minutes"], said["rest"] = divmod(evidence["seconds"], _SECONDS_A_MINUTE)
    return str(SENTENCES[kind]) % said


def _said(name: str, value: Any) -> Any:
    return f"{localtime(datetime.fromisoformat(value)):%H:%M}" if name.endswith("_at") else value
