"""`jishan-verify`: check downloaded exports or a statement against the published chain. Offline, Python only.

Exit status: 0 everything that was handed in is right; 1 something is broken, and which day; 2 nothing could
be checked (a file is missing or is not what it should be).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from points.proof.chain import Day
from points.proof.checking import (
    STATEMENT_FORMAT,
    Finding,
    check_chain,
    check_export,
    check_statement,
    read_chain,
)
from points.proof.wording import LANGUAGES, say

GOOD, BROKEN, UNUSABLE = 0, 1, 2
_MOST_SAID = 20  # findings; one broken day is enough to say no

_WORDS = {
    "chain": ("链：{days} 天，最后一天 {last}", "chain: {days} days, the last is {last}"),
    "head": ("最后一天的摘要：{head}", "its head: {head}"),
    "empty": ("链上还没有一天", "the chain has no day yet"),
    "day": ("{day} 对得上：{transfers} 笔", "{day} is right: {transfers} transfers"),
    "statement": (
        "账单对得上：{lines} 笔都在公布的账里",
        "the statement is right: {lines} transfers, all published",
    ),
    "missing": ("没有交来核对的日子：{days} 天", "days whose export was not handed in: {days}"),
    "more": ("还有 {n} 处不对", "and {n} more"),
    "yes": ("对得上。", "Yes."),
    "no": ("对不上。", "No."),
    "no_chain": ("{path}：不是链文件 chain.json，或者读不出来", "{path}: not a chain.json, or unreadable"),
    "nothing": ("{path}：没有这个文件，或者目录里没有账目", "{path}: no such file, or no exports in it"),
}


class _Report:
    """Says things in one language and remembers whether anything was wrong."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.findings = 0

    def line(self, word: str, **data: object) -> None:
        sys.stdout.write(_WORDS[word][LANGUAGES.index(self.language)].format(**data) + "\n")

    def finding(self, finding: Finding) -> None:
        self.findings += 1
        if self.findings <= _MOST_SAID:
            sys.stdout.write(f"✗ {say(finding, language=self.language)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names and return the exit status."""
    asked = _parser().parse_args(arguments)
    report = _Report(asked.language)
    days = read_chain(_json(asked.chain))
    if days is None:
        report.line("no_chain", path=asked.chain.name)
        return UNUSABLE
    exports, statements, lost = _sorted(asked.files)
    if lost is not None:
        report.line("nothing", path=lost)
        return UNUSABLE
    for finding in check_chain(days, heads=asked.head):
        report.finding(finding)
    by_day = {day.day: day for day in days}
    seen = {path.name.partition(".")[0] for path in exports if _export_is_right(path, by_day, report)}
    for statement in statements:
        _check_statement(statement, by_day, report)
    _sum_up(days, report, unseen=len(by_day.keys() - seen) if exports else 0)
    return BROKEN if report.findings else GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jishan-verify", description="核对公开账目：check exports or a statement against the chain."
    )
    parser.add_argument(
        "files", nargs="*", type=Path, help="exports (2026-09-12.tsv.gz), directories of them, or a statement"
    )
    parser.add_argument("--chain", required=True, type=Path, help="the published chain.json")
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="HEX",
        help="a head noted earlier; it must be in the chain",
    )
    parser.add_argument("--language", choices=LANGUAGES, default="zh")
    return parser


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _sorted(files: Sequence[Path]) -> tuple[list[Path], list[Any], str | None]:
    """Tell exports from statements; the third is the name of something that is neither."""
    exports: list[Path] = []
    statements: list[Any] = []
    for path in files:
        if path.is_dir():
            inside = sorted([*path.glob("*.tsv"), *path.glob("*.tsv.gz")])
            if not inside:
                return [], [], path.name
            exports += inside
        elif path.suffix == ".json":
            told = _json(path)
            if not isinstance(told, dict) or told.get("format") != STATEMENT_FORMAT:
                return [], [], path.name
            statements.append(told)
        elif path.is_file():
            exports.append(path)
        else:
            return [], [], path.name
    return exports, statements, None


def _export_is_right(path: Path, days: dict[str, Day], report: _Report) -> bool:
    wrong = list(check_export(path, days))
    for finding in wrong:
        report.finding(finding)
    if not wrong:
        day = days[path.name.partition(".")[0]]
        report.line("day", day=day.day, transfers=day.transfers)
    return not wrong


def _check_statement(told: dict[str, Any], days: dict[str, Day], report: _Report) -> None:
    wrong = list(check_statement(told, days))
    for finding in wrong:
        report.finding(finding)
    if not wrong:
        report.line("statement", lines=len(told["lines"]))


def _sum_up(days: Sequence[Day], report: _Report, *, unseen: int) -> None:
    if report.findings > _MOST_SAID:
        report.line("more", n=report.findings - _MOST_SAID)
    if unseen:
        report.line("missing", days=unseen)
    if days:
        report.line("chain", days=len(days), last=days[-1].day)
        report.line("head", head=days[-1].head)
    else:
        report.line("empty")
    report.line("no" if report.findings else "yes")


if __name__ == "__main__":
    sys.exit(main())
