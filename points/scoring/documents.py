"""From a rule document (JSON) to rules: every fault is named, by its JSON pointer and in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from backend.core.errors import Fault
from points.scoring.errors import RuleDocumentInvalid
from points.scoring.rules import (
    Caps,
    Condition,
    Expiry,
    ExpiryPolicy,
    Label,
    MonthsInARow,
    Multiplier,
    MultiplierMode,
    Night,
    OtherAward,
    OtherKind,
    Rate,
    Rules,
    Transfers,
)
from points.scoring.schema import SCHEMA

_VALIDATOR: Final = Draft202012Validator(SCHEMA)
_CAP_ORDER: Final = ("record", "day", "month", "year", "lifetime")
_DEFAULT_EXCLUSIONS: Final = {"manual": True, "complaint_upheld": True}


def rules_from(document: Mapping[str, Any]) -> Rules:
    """Check a rule document and return it as rules.

    :raises RuleDocumentInvalid: with every fault.
    """
    faults = faults_of(document)
    if faults:
        raise RuleDocumentInvalid(faults)
    return _rules(document)


def faults_of(document: object) -> list[Fault]:
    """Return everything wrong with a document, by pointer.

    What fields say together is looked at where each of them is sound by itself.
    """
    broken = list(_VALIDATOR.iter_errors(document))
    faults = [fault for error in broken for fault in _schema_faults(error)]
    if isinstance(document, Mapping):
        unsound = {fault.pointer.split("/")[1] for fault in faults}
        for parts, check in _CHECKS:
            if unsound.isdisjoint(parts):
                faults += check(document)
    return sorted(faults, key=lambda fault: fault.pointer)


# --- what the schema says ---


def _pointer(*parts: object) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _schema_faults(error: ValidationError) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    kind = str(error.validator)
    stated: Any = error.validator_value
    if kind == "required":
        name = next(name for name in stated if repr(name) == error.message.split(" is ")[0])
        yield Fault(_pointer(*path, name), "required", _("缺少这一项。"))
    elif kind == "additionalProperties":
        schema: Any = error.schema
        found: Any = error.instance
        for name in sorted(set(found) - set(schema["properties"])):
            yield Fault(_pointer(*path, name), "unknown", _("没有这一项，请删去或检查拼写。"))
    else:
        yield Fault(_pointer(*path), "unknown" if kind == "not" else kind, _sentence(error))


def _sentence(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    sentences: dict[str, Callable[[], str]] = {
        "type": lambda: _("这里应当是%(kind)s。") % {"kind": _type_name(wanted)},
        "minimum": lambda: _("不能小于 %(limit)s。") % {"limit": wanted},
        "maximum": lambda: _("不能大于 %(limit)s。") % {"limit": wanted},
        "enum": lambda: _("只能是以下之一：%(values)s。") % {"values": ", ".join(map(str, wanted))},
        "const": lambda: _("这里只能写 true；不需要时请删去这一项。"),
        "minItems": lambda: _("至少要有一项；不限时请删去这一项。"),
        "maxItems": lambda: _("最多 %(limit)s 项。") % {"limit": wanted},
        "uniqueItems": lambda: _("同一个值写了两次。"),
        "minLength": lambda: _("不能是空的。"),
        "maxLength": lambda: _("最多 %(limit)s 个字。") % {"limit": wanted},
        "minProperties": lambda: _("请至少写一个条件。"),
        "pattern": lambda: _("时刻请写成 22:00 这样的形式。"),
        "oneOf": lambda: _("请在“每多少分钟”和“每次”之间选一种，且只选一种。"),
        "not": lambda: _("这种到期方式不用这一项，请删去。"),
    }
    return sentences[str(error.validator)]()


def _type_name(kind: str) -> str:
    return {
        "integer": _("整数"),
        "string": _("文字"),
        "boolean": _("是或否（true 或 false）"),
        "array": _("列表"),
        "object": _("一组内容"),
    }[kind]


# --- what the fields say together ---


def _check_rates(document: Mapping[str, Any]) -> Iterator[Fault]:
    conditions = [_condition(rate["when"]) for rate in document.get("rates", ())]
    for later, condition in enumerate(conditions):
        for earlier in range(later):
            if conditions[earlier].covers(condition):
                yield Fault(
                    _pointer("rates", later, "when"),
                    "never_used",
                    _("第 %(earlier)s 条标准已经包括这里的全部服务，这一条永远用不上。")
                    % {"earlier": earlier + 1},
                )
                break


def _check_night(document: Mapping[str, Any]) -> Iterator[Fault]:
    night = document.get("night")
    if night is not None and night["from"] == night["until"]:
        yield Fault(_pointer("night", "until"), "empty", _("夜间的开始和结束是同一时刻。"))
    for number, multiplier in enumerate(document.get("multipliers", ())):
        if night is None and multiplier["when"].get("night"):
            yield Fault(
                _pointer("multipliers", number, "when", "night"),
                "night_unknown",
                _("规则没有说明夜间从几点到几点，请填写 night。"),
            )


def _check_multipliers(document: Mapping[str, Any]) -> Iterator[Fault]:
    conditions = [_condition(item["when"]) for item in document.get("multipliers", ())]
    for later, condition in enumerate(conditions):
        if condition in conditions[:later]:
            yield Fault(
                _pointer("multipliers", later, "when"),
                "twice",
                _("条件与第 %(earlier)s 条系数完全相同。") % {"earlier": conditions.index(condition) + 1},
            )


def _check_bonuses(document: Mapping[str, Any]) -> Iterator[Fault]:
    months = [item["months"] for item in document.get("bonuses", {}).get("months_in_a_row", ())]
    for number, count in enumerate(months):
        if count in months[:number]:
            yield Fault(
                _pointer("bonuses", "months_in_a_row", number, "months"),
                "twice",
                _("连续 %(count)s 个月的奖励写了两次。") % {"count": count},
            )


def _check_other_awards(document: Mapping[str, Any]) -> Iterator[Fault]:
    for kind, award in document.get("other_awards", {}).items():
        if award["monthly_limit"] < award["points"]:
            yield Fault(
                _pointer("other_awards", kind, "monthly_limit"),
                "below_one",
                _("每月上限低于一次的积分，一次也给不全。"),
            )


def _check_caps(document: Mapping[str, Any]) -> Iterator[Fault]:
    caps = document.get("caps", {})
    step = document["base"]["step_minutes"]
    for name in ("record", "day"):
        minutes = caps.get(name, {}).get("minutes")
        if minutes is not None and minutes < step:
            yield Fault(
                _pointer("caps", name, "minutes"),
                "below_step",
                _("上限低于计分的最小单位 %(step)s 分钟，任何服务都得不到积分。") % {"step": step},
            )
    for what in ("minutes", "points"):
        limits = [(name, caps[name][what]) for name in _CAP_ORDER if what in caps.get(name, {})]
        for (_shorter, low), (longer, high) in pairwise(limits):
            if high < low:
                yield Fault(
                    _pointer("caps", longer, what),
                    "below_shorter",
                    _("上限 %(high)s 低于更短一段时间的上限 %(low)s。") % {"high": high, "low": low},
                )


_CHECKS: Final = (
    (("rates",), _check_rates),
    (("multipliers",), _check_multipliers),
    (("multipliers", "night"), _check_night),
    (("bonuses",), _check_bonuses),
    (("other_awards",), _check_other_awards),
    (("base", "caps"), _check_caps),
)


# --- a sound document as rules ---


def _rules(document: Mapping[str, Any]) -> Rules:
    base = document["base"]
    bonuses = document.get("bonuses", {})
    excluded = _DEFAULT_EXCLUSIONS | document.get("exclusions", {})
    transfer = document.get("transfer", {})
    return Rules(
        base=Rate(int(base["points"]), int(base["per_minutes"])),
        step_minutes=int(base["step_minutes"]),
        rates=tuple(_rate(item) for item in document.get("rates", ())),
        multiplier_mode=MultiplierMode(document.get("multiplier_mode", MultiplierMode.HIGHEST)),
        multipliers=tuple(_multiplier(item) for item in document.get("multipliers", ())),
        night=_night(document.get("night")),
        first_service_points=int(bonuses.get("first_service", 0)),
        months_in_a_row=tuple(
            MonthsInARow(int(item["months"]), int(item["points"]))
            for item in sorted(bonuses.get("months_in_a_row", ()), key=lambda item: item["months"])
        ),
        other_awards={
            OtherKind(kind): OtherAward(int(item["points"]), int(item["monthly_limit"]))
            for kind, item in document.get("other_awards", {}).items()
        },
        caps=_caps(document.get("caps", {}), step=int(base["step_minutes"])),
        minimum_attendance_percent=int(document.get("minimum_attendance_percent", 0)),
        manual_earns=not excluded["manual"],
        complaint_upheld_earns=not excluded["complaint_upheld"],
        expiry=_expiry(document["expiry"]),
        may_owe=document.get("clawback", {}).get("may_owe", True),
        transfers=Transfers(
            charity_pool=transfer.get("charity_pool", False),
            relative_monthly_points=transfer.get("relative", {}).get("monthly_points"),
        ),
    )


def _rate(item: Mapping[str, Any]) -> Rate:
    minutes = int(item["per_minutes"]) if "per_minutes" in item else None
    return Rate(int(item["points"]), minutes, Label(**item["label"]), _condition(item["when"]))


def _multiplier(item: Mapping[str, Any]) -> Multiplier:
    return Multiplier(int(item["basis_points"]), Label(**item["label"]), _condition(item["when"]))


def _condition(when: Mapping[str, Any]) -> Condition:
    return Condition(
        categories=frozenset(when.get("categories", ())),
        recipients=frozenset(when.get("recipients", ())),
        activity_types=frozenset(when.get("activity_types", ())),
        days=frozenset(when.get("days", ())),
        difficulty=frozenset(when.get("difficulty", ())),
        skilled="skilled" in when,
        organizer="organizer" in when,
        night="night" in when,
    )


def _night(item: Mapping[str, str] | None) -> Night | None:
    if item is None:
        return None
    begins, ends = ((int(at[:2]) * 60 + int(at[3:])) for at in (item["from"], item["until"]))
    return Night(begins, ends)


def _caps(item: Mapping[str, Mapping[str, int]], *, step: int) -> Caps:
    """Minutes in full steps: of a cap that is no multiple of the step, those that fit in."""

    def of(name: str, what: str) -> int | None:
        value = item.get(name, {}).get(what)
        if value is None:
            return None
        return int(value) // step * step if what == "minutes" else int(value)

    return Caps(
        record_minutes=of("record", "minutes"),
        record_points=of("record", "points"),
        day_minutes=of("day", "minutes"),
        day_points=of("day", "points"),
        month_points=of("month", "points"),
        year_points=of("year", "points"),
        lifetime_points=of("lifetime", "points"),
    )


def _expiry(item: Mapping[str, Any]) -> Expiry:
    return Expiry(ExpiryPolicy(item["policy"]), int(item.get("years", item.get("months", 0))))
