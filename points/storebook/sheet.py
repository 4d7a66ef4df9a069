"""A statement as a workbook."""

from collections.abc import Iterator
from dataclasses import astuple
from io import BytesIO

from django.utils.translation import gettext as _
from openpyxl import Workbook

from points.statements.export import plain
from points.storebook.statement import Statement

Row = list[str | int]


def as_xlsx(statement: Statement) -> BytesIO:
    """Return the statement as a workbook; a product can be called `=1+1`, so words are quoted."""
    book = Workbook(write_only=True)
    goods = book.create_sheet(_("商品"))
    goods.freeze_panes = "A2"
    for row in _goods(statement):
        goods.append(row)
    more = book.create_sheet(_("捐赠与人数"))
    for row in _more(statement):
        more.append(row)
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def headings() -> list[str]:
    """Return what the columns of figures are called, in the order of `Figures`."""
    return [
        _("期初"),
        _("捐赠入库"),
        _("采购入库"),
        _("调入"),
        _("盘盈"),
        _("退回"),
        _("发放"),
        _("调出"),
        _("报损"),
        _("盘亏"),
        _("期末"),
    ]


def _goods(statement: Statement) -> Iterator[Row]:
    yield [_("商品"), _("单位"), *headings()]
    for row in statement.products:
        yield [plain(row.product.name), plain(row.product.unit), *astuple(row.figures)]
    yield [_("合计"), "", *astuple(statement.total)]


def _more(statement: Statement) -> Iterator[Row]:
    yield [_("捐赠人"), _("收到"), _("发放"), _("报损"), _("在库")]
    for row in statement.donors:
        yield [plain(row.name), row.received, row.issued, row.written_off, row.in_stock]
    yield []
    yield [_("兑换积分"), statement.points_redeemed]
    yield [_("退货退回积分"), statement.points_returned]
    yield [_("领取人数"), statement.people]
    yield [_("帮扶家庭"), statement.relief_households]
    yield [_("帮扶件数"), statement.relief_pieces]
