"""The evidence of every kind, in words."""

from typing import Any

import pytest

from volunteers.integrity.choices import SignalKind
from volunteers.integrity.detectors import DETECTORS
from volunteers.integrity.wording import SENTENCES, sentence_of

SAID: dict[SignalKind, tuple[dict[str, Any], str]] = {
    SignalKind.SAME_DEVICE: (
        {"people": 3, "from_at": "2026-09-15T01:00:00+00:00", "until_at": "2026-09-15T01:30:00+00:00"},
        "09:00–09:30，同一部手机先后为 3 人签到或签退。",
    ),
    SignalKind.FAST_TRAVEL: (
        {"from_site": 1, "metres": 99_981, "seconds": 2345, "kmh": 153},
        "39 分 5 秒内先后在相距 100.0 公里的两站扫码，合每小时 153 公里。",
    ),
    SignalKind.SAME_DURATION: (
        {"shift": 1, "people": 5, "seconds": 7205},
        "同一班次有 5 人的在场时长一秒不差，都是 120 分 5 秒。",
    ),
    SignalKind.QUICK_APPROVAL: (
        {"approvals": 3, "within_seconds": 10, "fastest_seconds": 2},
        "同一人有 3 条考勤在扫码后 10 秒内就通过，最快 2 秒。",
    ),
    SignalKind.CLOSED_HOURS: (
        {"shift": 1, "people": 1, "first_at": "2026-09-14T23:59:00+00:00"},
        "站点不开放的时间有 1 人签到，最早 07:59。",
    ),
    SignalKind.MANUAL_SHARE: (
        {
            "days": 30,
            "minutes": 900,
            "manual_minutes": 300,
            "records": 5,
            "percent": 33,
            "peers_percent": 4,
        },
        "近 30 天确认的时长 33% 是手工补录（5 条），同区县其他人为 4%。",
    ),
    SignalKind.RELATED_PHONE: (
        {"records": 1, "minutes": 180},
        "确认人的手机号就是志愿者监护人的手机号，共确认 1 条、180 分钟。",
    ),
    SignalKind.SAME_HOUSEHOLD: (
        {"records": 2, "minutes": 90},
        "确认人和志愿者登记的监护人电话相同，可能是一家人，共确认 2 条、90 分钟。",
    ),
    SignalKind.OVER_CAPACITY: (
        {"peak_at": "2026-09-15T01:20:00+00:00", "people": 3, "places": 2},
        "09:20 同时在场 3 人，当时班次名额一共 2 人。",
    ),
}


@pytest.mark.parametrize("kind", SignalKind)
def test_a_signal_says_what_was_seen(kind):
    evidence, sentence = SAID[kind]

    assert sentence_of(kind, {**evidence, "attendances": [1, 2]}) == sentence


def test_every_kind_has_a_detector_and_a_sentence():
    assert set(DETECTORS) == set(SENTENCES) == set(SignalKind)
