"""Rule sets as data. A region without its own copies the default; nothing of it is law (rules.md D).

The other presets show how practices that were published elsewhere are written down. They are examples:
`source` says what is taken from the practice, and that every other figure was chosen for the example.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Document = dict[str, Any]

# Records are older than any rule set of ours: the default reaches back to the day from which service is
# recorded by one national rule (Order 67, in force 2021-02-01).
DEFAULT_EFFECTIVE_FROM: Final = date(2021, 2, 1)


@dataclass(frozen=True, slots=True)
class Preset:
    """A rule document to begin with, and where its figures come from."""

    key: str
    name: str | Promise
    source: str | Promise
    document: Document


def _factor(basis_points: int, zh: str, en: str, **when: object) -> Document:
    return {"basis_points": basis_points, "label": {"zh": zh, "en": en}, "when": when}


def _event(points: int, zh: str, en: str, **when: object) -> Document:
    return {"points": points, "per_event": True, "label": {"zh": zh, "en": en}, "when": when}


DEFAULT_DOCUMENT: Final[Document] = {
    "base": {"points": 10, "per_minutes": 60, "step_minutes": 30},
    "multiplier_mode": "highest",
    "multipliers": [
        _factor(12_000, "难度二级", "difficulty 2", difficulty=[2]),
        _factor(15_000, "难度三级", "difficulty 3", difficulty=[3]),
    ],
    "caps": {"day": {"minutes": 480}},
    "minimum_attendance_percent": 60,
    "exclusions": {"manual": True, "complaint_upheld": True},
    "expiry": {"policy": "end_of_year", "years": 2},
    "clawback": {"may_owe": True},
    "transfer": {"charity_pool": True, "relative": {"monthly_points": 100}},
}

_HUANGSHI: Final[Document] = {
    "base": {"points": 1, "per_minutes": 60, "step_minutes": 60},
    "caps": {"day": {"minutes": 480}},
    "exclusions": {"manual": True, "complaint_upheld": True},
    "expiry": {"policy": "end_of_year", "years": 1},
}

_HAINAN: Final[Document] = {
    "base": {"points": 10, "per_minutes": 60, "step_minutes": 30},
    "multiplier_mode": "product",
    "multipliers": [
        _factor(12_000, "二级服务", "grade 2", difficulty=[2]),
        _factor(15_000, "三级服务", "grade 3", difficulty=[3]),
        _factor(11_000, "组织者", "organiser", organizer=True),
    ],
    "caps": {"day": {"minutes": 480}},
    "expiry": {"policy": "end_of_year", "years": 2},
}

_XIANGTAN: Final[Document] = {
    "base": {"points": 2, "per_minutes": 60, "step_minutes": 60},
    "rates": [
        _event(15, "照料残障人士", "care for the disabled", recipients=["disabled"]),
        _event(10, "陪同就医", "medical escort", recipients=["patients"]),
        _event(5, "纠纷调解", "mediation", categories=["public_safety"]),
        _event(2, "咨询服务", "advice", categories=["legal"]),
    ],
    "caps": {"day": {"points": 30}},
    "expiry": {"policy": "end_of_year", "years": 2},
}

_NANJING: Final[Document] = {
    "base": {"points": 1, "per_minutes": 60, "step_minutes": 60},
    "caps": {"day": {"minutes": 480}, "lifetime": {"points": 1500}},
    "expiry": {"policy": "never"},
    "transfer": {"charity_pool": True, "relative": {"monthly_points": 20}},
}

PRESETS: Final[dict[str, Preset]] = {
    preset.key: preset
    for preset in (
        Preset(
            "default",
            _("平台默认规则"),
            _("每小时 10 分，按整 30 分钟计，每日 8 小时，到场不足 60% 不计；赠与亲属的每月上限为示例。"),
            DEFAULT_DOCUMENT,
        ),
        Preset(
            "huangshi",
            _("示例：黄石式"),
            _("每小时 1 分，当年 12 月 31 日到期，补录时长不计分；每日上限为示例。"),
            _HUANGSHI,
        ),
        Preset(
            "hainan",
            _("示例：海南式分级"),
            _("按难度、专业性、风险分三级，组织者略高；全部数值为示例。"),
            _HAINAN,
        ),
        Preset(
            "xiangtan",
            _("示例：湘潭式按次"),
            _("咨询 2 分、调解 5 分、陪同就医 10 分、照料残障人士 15 分；其他服务、上限和到期为示例。"),
            _XIANGTAN,
        ),
        Preset(
            "nanjing",
            _("示例：南京式时间银行"),
            _("累计 1500 小时封顶，可赠与亲属；每小时 1 分、每日上限、每月赠与上限和不到期为示例。"),
            _NANJING,
        ),
    )
}
