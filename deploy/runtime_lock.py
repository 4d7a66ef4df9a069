"""Print the part of requirements.lock that production needs: the project's dependencies and theirs.

One lock file serves development and production. This runs in the image's build, in an environment where the
whole lock is installed, and keeps hashes and versions exactly as locked.

    python deploy/runtime_lock.py pyproject.toml requirements.lock > runtime.lock
"""

import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(dependencies: Iterable[str]) -> set[str]:
    """The canonical names of these requirements and of everything they require on this machine."""
    found: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in dependencies]
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in {"", *requirement.extras}:
            if (name, wanted) in found:
                continue
            found.add((name, wanted))
            try:
                todo += [(Requirement(text), wanted) for text in requires(name) or []]
            except PackageNotFoundError:
                raise SystemExit(
                    f"{name} is required but not installed: install requirements.lock first"
                ) from None
    return {name for name, _ in found}


def select(lock: str, names: set[str]) -> str:
    """The blocks of the lock (a pinned requirement and its hashes) that belong to these names."""
    blocks = re.findall(r"^[A-Za-z0-9].*(?:\n[ \t]+.*)*", lock, flags=re.MULTILINE)
    kept = [
        block for block in blocks if canonicalize_name(re.split(r"[=\[; ]", block, maxsplit=1)[0]) in names
    ]
    return "\n".join(kept) + "\n"


def main(pyproject: str, lock: str) -> None:
    """Print the selection."""
    project = tomllib.loads(Path(pyproject).read_text(encoding="utf-8"))["project"]
    sys.stdout.write(select(Path(lock).read_text(encoding="utf-8"), closure(project["dependencies"])))


if __name__ == "__main__":
    main(*sys.argv[1:])
