"""The files of others that we serve are the ones we say they are."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "backend" / "pages" / "static" / "vendor"
ROWS = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_vendored_file_has_its_checksum_and_its_licence(row: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert (VENDOR / row["licence_file"]).read_text(encoding="utf-8").strip() != ""


def test_nothing_is_vendored_without_a_row() -> None:
    listed = {row[kind] for row in ROWS for kind in ("file", "licence_file")} | {"manifest.json"}

    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}

    assert found == listed
