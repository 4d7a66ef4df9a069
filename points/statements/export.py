"""A statement as a file: CSV that every spreadsheet opens, and XLSX; both are written row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook

from points.ledger.queries import Chosen, statement

if TYPE_CHECKING:
    from points.ledger.models import Entry
    from volunteers.people.models import Volunteer

_CHUNK = 1000
_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Row = list[str | int]


def rows(volunteer: Volunteer, chosen: Chosen) -> Iterator[Row]:
    """Yield the head and then one row per line of the statement, newest first.

    Words that a spreadsheet would take for a formula are quoted: an activity can be called `=1+1`.
    """
    yield [
        _("日期"),
        _("时间"),
        _("类型"),
        _("积分"),
        _("说明"),
        _("来源"),
        _("来源编号"),
        _("规则版本"),
        _("业务编号"),
    ]
    english = (get_language() or "").startswith("en")
    for entry in _entries(volunteer, chosen):
        transfer = entry.transfer
        yield [
            transfer.business_day.isoformat(),
            localtime(transfer.at).strftime("%H:%M:%S"),
            plain(transfer.get_kind_display()),
            entry.amount,
            plain(transfer.sentence_en if english else transfer.sentence_zh),
            plain(transfer.source_type),
            transfer.source_id,
            plain(transfer.rule_version or ""),
            plain(transfer.key),
        ]


def _entries(volunteer: Volunteer, chosen: Chosen) -> Iterator[Entry]:
    """Read a thousand at a time by key: no cursor is held open over the time a slow phone takes."""
    lines = statement(volunteer, chosen)
    chunk = list(lines[:_CHUNK])
    while chunk:
        yield from chunk
        chunk = list(lines.filter(pk__lt=chunk[-1].pk)[:_CHUNK])


def as_csv(volunteer: Volunteer, chosen: Chosen) -> Iterator[str]:
    """Yield the statement as CSV, in pieces, so that its length does not matter."""
    writer = csv.writer(_Echo())
    yield _BOM
    for row in rows(volunteer, chosen):
        yield writer.writerow(row)


def as_xlsx(volunteer: Volunteer, chosen: Chosen) -> BytesIO:
    """Return the statement as a workbook; rows go to disk as they are written, not into memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("积分明细"))
    sheet.freeze_panes = "A2"
    for row in rows(volunteer, chosen):
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def plain(text: str) -> str:
    """Return a word that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
