"""Production's part of the lock: all it needs, nothing that only development needs."""

import re
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def names() -> set[str]:
    done = subprocess.run(
        [sys.executable, "deploy/runtime_lock.py", "pyproject.toml", "requirements.lock"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    blocks = re.split(r"^(?=[A-Za-z0-9])", done.stdout, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    return {re.split(r"[=\[]", block)[0] for block in blocks}


@pytest.mark.parametrize(
    "name", ["django", "celery", "granian", "psycopg-binary", "django-structlog", "kombu"]
)
def test_what_production_needs_is_kept(names, name):
    assert name in names


@pytest.mark.parametrize("name", ["pytest", "mypy", "ruff", "playwright", "hypothesis", "schemathesis"])
def test_what_only_development_needs_is_left_out(names, name):
    assert name not in names
