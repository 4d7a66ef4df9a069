"""The project's own Python files, and the order of its layers."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("backend", "points", "venues", "volunteers", "workers")

# Highest first, as in [tool.importlinter]. Each line may point only at lines below it (or inside itself).
LAYERS: tuple[tuple[str, ...], ...] = (
    ("backend.config",),
    ("backend.pages", "workers"),
    ("points.storebook",),
    ("points.boards", "points.verification", "points.imports"),
    ("points.appeals",),
    ("points.giving",),
    ("points.statements",),
    ("points.gifts",),
    ("points.revision",),
    ("points.stockroom", "points.relief", "points.ballots"),
    ("points.market", "points.scoring", "points.proof"),
    ("points.ledger",),
    ("volunteers.integrity",),
    ("volunteers.records",),
    ("volunteers.attendance",),
    ("volunteers.activities",),
    ("volunteers.training",),
    ("volunteers.people",),
    ("venues.sites",),
    ("backend.accounts",),
    ("backend.regions",),
    ("backend.core",),
)


def python_files(*, tests: bool = True) -> list[Path]:
    """Every .py file that is written by hand: no migrations, nothing installed, nothing generated."""
    folders = [*PACKAGES, "deploy", *(["tests"] if tests else [])]
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def layer_of(module: str) -> int | None:
    """How far down a module lives; None for a package that is not ours."""
    for depth, names in enumerate(LAYERS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return depth
    return None


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a tool at the project's root and keep what it says."""
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
