"""An uploaded file becomes a table of short texts, or is refused. No file can make this slow or large.

A spreadsheet is a ZIP of XML: it is opened only when its directory promises a bounded size, the reader stops
after the last row allowed, and only values are read, never formulas.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from itertools import islice
from xml.etree.ElementTree import ParseError

import openpyxl
from django.core.files import File
from openpyxl.utils.exceptions import InvalidFileException
from tablib import Dataset

from points.imports.errors import FileEmpty, FileTooLarge, FileUnreadable

MOST_ROWS = 5_000
LARGEST_MEGABYTES = 2
MOST_COLUMNS = 30
LONGEST_CELL = 500
_MEGABYTE = 1_000_000
_UNPACKED = 60 * _MEGABYTE  # 5,000 rows of 30 long cells are a tenth of it
_MOST_PARTS = 200
_NEEDED_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
_ENCODINGS = ("utf-8-sig", "gb18030")  # what Excel saves in China is the second


def read_upload(upload: File[bytes]) -> bytes:
    """Return the bytes of an upload, or one more than may be; never more."""
    return bytes(upload.read(LARGEST_MEGABYTES * _MEGABYTE + 1))


def read_table(upload: bytes) -> Dataset:
    """Return the first sheet: its heading, and rows of stripped texts without empty ones.

    :raises FileTooLarge: packed or unpacked, or more rows than may be.
    :raises FileUnreadable: no table, whatever the name said.
    :raises FileEmpty: no rows below the heading.
    """
    if len(upload) > LARGEST_MEGABYTES * _MEGABYTE:
        raise _too_large()
    rows = _spreadsheet(upload) if upload.startswith(b"PK") else _text(upload)
    filled = [row for row in rows if any(row)]
    if len(filled) < 2:  # noqa: PLR2004 – the heading and one row
        raise FileEmpty(field="file")
    if len(filled) > MOST_ROWS + 1:
        raise _too_large()
    heading, *body = filled
    width = max((place + 1 for place, name in enumerate(heading) if name), default=0)
    table = Dataset(headers=heading[:width])
    for row in body:
        table.append([*row[:width], *[""] * (width - len(row))])
    return table


def _text(upload: bytes) -> Iterator[list[str]]:
    """Read CSV in any encoding a Chinese spreadsheet writes."""
    for encoding in _ENCODINGS:
        try:
            text = upload.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise FileUnreadable(field="file")
    if "\x00" in text:
        raise FileUnreadable(field="file")
    try:
        yield from (_cells(row) for row in csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise FileUnreadable(field="file") from error


def _spreadsheet(upload: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(BytesIO(upload)) as packed:
            parts = packed.infolist()
        _require_bounded(parts)
        book = openpyxl.load_workbook(BytesIO(upload), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # Bounded here: a single cell in the last row of a sheet makes a million empty rows before it.
            rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
            return [_cells(row) for row in rows]
        finally:
            book.close()
    # openpyxl has no error of its own for most of what a broken file can do to it.
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        NotImplementedError,
        ArithmeticError,
        AttributeError,
        LookupError,
        EOFError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise FileUnreadable(field="file") from error


def _require_bounded(parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what would unpack to more than a table can be. ZipFile never unpacks more than is promised."""
    if not {part.filename for part in parts} >= _NEEDED_PARTS:
        raise FileUnreadable(field="file")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _UNPACKED:
        raise _too_large()


def _cells(row: Iterable[object]) -> list[str]:
    return [_cell(value) for value in islice(row, MOST_COLUMNS)]


def _cell(value: object) -> str:
    """Write a value as a person would: dates as 2026-11-22, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\x00", "").strip()[:LONGEST_CELL]


def _too_large() -> FileTooLarge:
    return FileTooLarge(field="file", megabytes=LARGEST_MEGABYTES, rows=MOST_ROWS)
