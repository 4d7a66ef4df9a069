"""A file becomes a table of texts, or is refused; nothing can make it slow."""

from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from points.imports.errors import FileEmpty, FileTooLarge, FileUnreadable
from points.imports.reading import LONGEST_CELL, MOST_ROWS, read_table
from tests.points.imports.files import bomb, picture, text, unrelated_archive, xlsx

ROWS = [("名称", "数量"), ("大米", 50), ("", ""), ("面粉", "3")]


SAVED = {
    "xlsx": lambda: xlsx(*ROWS),
    "utf-8 with mark": lambda: text(*ROWS),
    "utf-8": lambda: text(*ROWS, encoding="utf-8"),
    "gbk": lambda: text(*ROWS, encoding="gb18030"),
}
NO_TABLES = {
    "picture": (picture, FileUnreadable),
    "archive": (unrelated_archive, FileUnreadable),
    "stump": (lambda: b"PK\x03\x04 cut off", FileUnreadable),
    "half": (lambda: xlsx(*ROWS)[:900], FileUnreadable),
    "wrong names": (lambda: xlsx(*ROWS).replace(b"sheet", b"shoot"), FileUnreadable),
    "nul": ("名称,数量\n大米\x00,3".encode, FileUnreadable),
    "open quote": (lambda: b'"never closed', FileUnreadable),
    "bomb": (bomb, FileTooLarge),
    "long": (lambda: b"x" * 2_000_001, FileTooLarge),
    "many rows": (lambda: text(("名称",), *[("大米",)] * (MOST_ROWS + 1)), FileTooLarge),
    "empty": (lambda: b"", FileEmpty),
    "heading only": (lambda: text(("名称", "数量")), FileEmpty),
}


@pytest.mark.parametrize("how", SAVED)
def test_the_same_table_however_it_was_saved(how):
    table = read_table(SAVED[how]())

    assert (table.headers, list(table)) == (["名称", "数量"], [("大米", "50"), ("面粉", "3")])


def test_cells_read_as_a_person_would_write_them():
    row = (date(2027, 6, 30), datetime(2027, 6, 30, 8, 0), 44.0, 1.5, 6901234567892, " 大米\n", "长" * 4000)

    (cells,) = read_table(xlsx(tuple("ABCDEFG"), row))

    assert cells[:6] == ("2027-06-30", "2027-06-30", "44", "1.5", "6901234567892", "大米")
    assert len(cells[6]) == LONGEST_CELL


def test_a_formula_is_not_computed():
    (cells,) = read_table(xlsx(("名称", "数量"), ("大米", "=1+1")))

    assert cells == ("大米", "")


@pytest.mark.parametrize("what", NO_TABLES)
def test_what_is_no_table_is_refused(what):
    make, refusal = NO_TABLES[what]

    with pytest.raises(refusal):
        read_table(make())


def test_a_cell_at_the_end_of_a_sheet_costs_nothing():
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["XFD1048576"] = "名称", "大米", "far away"
    packed = BytesIO()
    book.save(packed)

    assert list(read_table(packed.getvalue())) == [("大米",)]
