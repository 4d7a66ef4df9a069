"""`make` on a machine that lacks something: one sentence, in both languages."""

import shutil
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture
def make(tmp_path):
    """Run a target in a directory that holds nothing but the Makefile and the lock."""
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["make", "--no-print-directory", *arguments],  # noqa: S607 – whichever make the machine has
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )

    return run


def _python(tmp_path, body: str) -> str:
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
    script.chmod(0o755)
    return str(script)


def test_an_old_python_is_one_sentence(make, tmp_path):
    done = make("venv", f"PYTHON={_python(tmp_path, 'exit 1')}")

    assert (done.returncode, "需要 Python 3.11 或更新版本" in done.stderr) == (2, True)


def test_no_python_is_one_sentence(make):
    done = make("venv", "PYTHON=")

    assert (done.returncode, "Python 3.11 or newer is required" in done.stderr) == (2, True)


def test_a_missing_venv_module_is_one_sentence(make, tmp_path):
    body = f'case "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"'

    done = make("venv", f"PYTHON={_python(tmp_path, body)}")

    assert (done.returncode, "Python 缺少 venv 模块" in done.stderr) == (2, True)


@pytest.mark.parametrize("target", ["run", "demo", "test", "coverage", "lint", "bench", "clean"])
def test_help_names_the_target(make, target):
    named = [line.split()[1] for line in make("help").stdout.splitlines()]

    assert named.count(target) == 1


def test_continuous_integration_runs_the_same_gate():
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("exec make test")
