"""What lies at the top, and what the lock files say."""

import importlib.metadata
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

_LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
_PINNED = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==\S+", _LOCK, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    ["backend", "points", "venues", "volunteers", "workers", "tests", "docker-compose.yml", "pyproject.toml"],
)
def test_the_top_level_names_are_the_agreed_ones(name):
    assert (ROOT / name).exists()


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("*lock*") if path.is_file()))
def test_a_lock_file_names_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert re.findall(r"(?:https?|file|git)://\S+|--(?:extra-)?index-url.*|--find-links.*", text) == []


def test_every_locked_package_has_a_hash():
    blocks = re.split(r"^(?=[A-Za-z0-9])", _LOCK, flags=re.MULTILINE)

    assert [block.split("==")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


def test_the_lock_holds_every_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]

    missing = {canonicalize_name(Requirement(text).name) for text in declared} - set(
        map(canonicalize_name, _PINNED)
    )

    assert missing == set()


def test_every_locked_version_satisfies_the_declaration():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = {
        canonicalize_name(n): v for n, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", _LOCK, flags=re.MULTILINE)
    }
    requirements = [Requirement(text) for text in project["dependencies"]]

    wrong = [str(r) for r in requirements if not r.specifier.contains(pins[canonicalize_name(r.name)])]

    assert wrong == []


def test_the_environment_is_the_locked_one():
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", _LOCK, flags=re.MULTILINE))

    installed = {
        name: importlib.metadata.version(name) for name in ("django", "djangorestframework", "celery")
    }

    assert installed == {name: pins[name] for name in installed}
