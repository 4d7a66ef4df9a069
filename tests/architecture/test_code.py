"""The gate's tools, as tests: plain `pytest` is the whole gate."""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, python_files, run

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
_BIN = Path(sys.executable).parent
_SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b[^#\n]*")
_WITH_REASON = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*|type:\s*ignore\[[a-z, -]+\])\s*(?:[-–—]|#)\s*\S+"
)


def test_no_file_is_longer_than_400_lines():
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in python_files()
    }

    assert {name: size for name, size in sizes.items() if size > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_50_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in python_files(tests=False)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]

    assert long == []


def test_every_suppression_says_why():
    silent = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in python_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if _SUPPRESSION.search(line) and not _WITH_REASON.search(line)
    ]

    assert silent == []


def test_nothing_is_left_to_do():
    pattern = r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b"

    result = run(
        "grep", "-rnE", "--include=*.py", "--include=*.html", "--exclude-dir=vendor", pattern, *PACKAGES
    )

    assert result.stdout == ""


@pytest.mark.parametrize("forbidden", ["utils.py", "helpers.py", "signals.py", "misc.py"])
def test_every_file_is_named_after_what_it_holds(forbidden):
    found = [str(path.relative_to(ROOT)) for path in python_files(tests=False) if path.name == forbidden]

    assert found == []
