"""How a recomputation is told. Written here and stored, so that a statement reads the same in ten years."""

from __future__ import annotations

import json
from typing import Any

from points.scoring.awarding import breakdown_of
from points.scoring.engine import Result
from points.scoring.wording import Text, points_en, service


def unchanged(label: str) -> Text:
    """Say that other rules give the same."""
    return Text(f"改按规则 {label} 计算，积分不变。", f"Reckoned under rules {label}: no change.")


def unchanged_breakdown(label: str) -> str:
    """Return the same as the stored reckoning, as JSON."""
    zh, en = unchanged(label)
    return json.dumps({"lines": [], "zh": zh, "en": en}, ensure_ascii=False)


def changed(activity: str, minutes: int, *, old: str, new: str, before: int, after: int) -> Text:
    """Say what a record was worth under the old rules and is worth under the new ones, both by name."""
    head = service(activity, minutes)
    zh_rules, en_rules = f"规则由 {old} 改为 {new}", f"rules {old} became {new}"
    if old == new:
        zh_rules, en_rules = f"同一上限内的记录重算，规则 {new}", f"shares a cap with others, rules {new}"
    zh_did, en_did = ("补", "added") if after > before else ("扣回", "taken back")
    points = abs(after - before)
    return Text(
        f"{head.zh}：{zh_rules}，{before} 积分改计 {after} 积分，{zh_did} {points} 积分。",
        f"{head.en}; {en_rules}: {before} points became {after}, {points_en(points)} {en_did}.",
    )


def changed_breakdown(result: Result, text: Text, *, before: int, posted: int) -> dict[str, Any]:
    """Return the new reckoning line by line, less what the record had; the lines sum to what is posted."""
    found = breakdown_of(result)
    lines = [*found["lines"], _line("standing", -before, f"已计 {before} 积分", f"{points_en(before)} had")]
    kept = posted - (result.points - before)
    if kept:
        lines.append(_line("kept", kept, "余额不足，未扣回", "not taken: nothing left"))
    return {"lines": lines, "zh": text.zh, "en": text.en, "reckoned": {"zh": found["zh"], "en": found["en"]}}


def _line(code: str, points: int, zh: str, en: str) -> dict[str, Any]:
    return {"code": code, "points": points, "zh": zh, "en": en}
