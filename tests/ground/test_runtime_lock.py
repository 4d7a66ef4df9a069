"""Production's part of the lock: all it needs, nothing that only development needs."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
from django.conf import settings
from packaging.utils import canonicalize_name

from tests.architecture.sources import PACKAGES, ROOT, python_files


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


def _imported() -> set[str]:
    """The packages that the shipped code imports at its top, or installs as Django apps."""
    found = {app.split(".")[0] for app in settings.INSTALLED_APPS}
    for path in python_files(tests=False):
        if path.is_relative_to(ROOT / "deploy"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:  # what is imported inside is optional
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - set(PACKAGES) - sys.stdlib_module_names


def test_production_holds_everything_the_code_imports(names):
    providers = packages_distributions()
    missing = {
        module
        for module in _imported()
        if not {canonicalize_name(name) for name in providers.get(module, [])} & names
    }

    assert missing == set()
