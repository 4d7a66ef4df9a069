"""Files as people upload them, and as nobody should."""

import zipfile
from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from PIL import Image

GOODS = ("名称", "单位", "类别", "积分", "条码", "数量", "保质期至")
RICE = ("大米", "袋", "粮油", 44, "6901234567892", 50, "2027-06-30")
HAT = ("草帽", "顶", "clothing", 12, "", "", "")


def xlsx(*rows: Sequence[object]) -> bytes:
    """Pack rows as a spreadsheet."""
    book, packed = Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(packed)
    return packed.getvalue()


def text(*rows: Sequence[object], encoding: str = "utf-8-sig") -> bytes:
    """Write rows as CSV."""
    return "\r\n".join(",".join(map(str, row)) for row in rows).encode(encoding)


def picture() -> bytes:
    """Draw a small PNG."""
    packed = BytesIO()
    Image.new("RGB", (4, 4)).save(packed, "PNG")
    return packed.getvalue()


def bomb() -> bytes:
    """Pack a spreadsheet that would unpack to 100 MB of nothing."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    return packed.getvalue()


def unrelated_archive() -> bytes:
    """Pack a ZIP that holds no spreadsheet."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return packed.getvalue()
