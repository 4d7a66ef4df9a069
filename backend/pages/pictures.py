"""Pictures made on the server: QR codes and bars as inline SVG that needs no script and prints sharply."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import qrcode
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M

_QUIET = 2  # modules of margin; the page adds white padding around
_WIDE = 1000  # units of a bar


@lru_cache(maxsize=512)
def qr_svg(text: str, *, label: str) -> SafeString:
    """Draw `text` as an inline SVG that a screen reader announces as `label`.

    One path with one stroke per run of dark modules: a third of the bytes of the library's own SVG, which
    matters where ten minutes of codes are sent ahead to a lobby screen. Drawing is slow and several screens
    ask for the same codes, so the last ones drawn are kept.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges">'
        '<path d="{}"/></svg>',
        len(rows),
        len(rows),
        label,
        "".join(_run(x, y, length) for y, row in enumerate(rows) for x, length in _dark_runs(row)),
    )


def _dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    x = 0
    for dark, modules in groupby(row):
        length = len(list(modules))
        if dark:
            runs.append((x, length))
        x += length
    return runs


def _run(x: int, y: int, length: int) -> str:
    return f"M{x} {y}h{length}v1h-{length}z"


def bar_svg(parts: Sequence[tuple[str, int]], *, label: str) -> SafeString:
    """Draw one bar of named parts side by side; the page's stylesheet gives `bar__<name>` its colour."""
    whole = sum(size for _name, size in parts) or 1
    edges = [
        round(sum(size for _name, size in parts[:place]) * _WIDE / whole) for place in range(len(parts) + 1)
    ]
    return format_html(
        '<svg class="bar" viewBox="0 0 {} 60" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        _WIDE,
        label,
        format_html_join(
            "",
            '<rect class="bar__{}" x="{}" y="0" width="{}" height="60"/>',
            (
                (name, left, right - left)
                for (name, _size), left, right in zip(parts, edges, edges[1:], strict=False)
            ),
        ),
    )
