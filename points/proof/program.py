"""`jishan-verify.pyz`: the checking program as one file that runs wherever there is Python."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

import points

_MODULES = ("chain", "checking", "lines", "merkle", "verify", "wording")
_START = "import sys\n\nfrom points.proof.verify import main\n\nsys.exit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file knows: the same program is the same bytes


@cache
def program() -> bytes:
    """Return the program: our own source, as it is, packed so that `python3 jishan-verify.pyz` starts it."""
    here = Path(points.__file__).parent
    sources = {"__main__.py": _START, "points/__init__.py": (here / "__init__.py").read_text("utf-8")}
    for name in ("__init__", *_MODULES):
        sources[f"points/proof/{name}.py"] = (here / "proof" / f"{name}.py").read_text("utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in sources.items():
            file.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
