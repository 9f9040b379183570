"""The annex of a consolidated report as a sheet: units by indicators."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from app.domain.consolidation.annex import (
    COUNTED,
    CREDITED,
    Annex,
    AnnexRow,
    Heading,
    annex,
)
from app.domain.consolidation.figures import Row
from app.domain.consolidation.table_words import Names
from app.domain.status.words import REVIEWS
from app.domain.workbooks import Book, print_wide

_TOP: Final = 4  # lines of headings
_LEFT: Final = 3  # columns that say whose a row is
_GROUP: Final = "#EDEDED"
_TOTAL: Final = "#E2EFDA"
_MISSING: Final = "#F8CBAD"
_NIL: Final = "không phát sinh"
_NO_TOTAL: Final = (
    "Ô trống: đơn vị không nêu. Chỉ tiêu không có số toàn tỉnh là chỉ tiêu không cộng giữa "
    "các đơn vị."
)


def write_annex(book: Book, sheet: Any, report: Row, names: Names) -> None:
    """Write the matrix: headings, the units by group, and the report's own totals."""
    made = annex(report, names)
    _write_headings(book, sheet, made)
    line = _TOP
    for group, rows in made.groups:
        shade = book.format(bold=True, bg_color=_GROUP)
        for column in range(_LEFT + len(made.columns)):
            sheet.write_blank(line, column, None, shade)
        sheet.write_string(line, 0, group, shade)
        line += 1
        for row in rows:
            _write_row(book, sheet, line, row, made)
            line += 1
    for name, values in ((COUNTED, made.counted), (CREDITED, made.credited)):
        sheet.write_string(line, 0, name, book.format(bold=True, border=1, bg_color=_TOTAL))
        for column in range(1, _LEFT):
            book.write(sheet, line, column, None, bold=True, border=1, bg_color=_TOTAL)
        _write_values(book, sheet, line, values, made, bold=True, bg_color=_TOTAL)
        line += 1
    sheet.write_string(line + 1, 0, _NO_TOTAL, book.format(italic=True))
    sheet.freeze_panes(_TOP, 1)
    print_wide(sheet)
    sheet.repeat_rows(0, _TOP - 1)
    sheet.repeat_columns(0)


def _write_headings(book: Book, sheet: Any, made: Annex) -> None:
    """Write what the columns are: the item, the indicator, its unit of measure, the codes."""
    heads = ("Đơn vị", "Mã đơn vị", "Báo cáo")
    for column, (name, width) in enumerate(zip(heads, (60, 22, 26), strict=True)):
        sheet.merge_range(0, column, _TOP - 1, column, name, book.heading())
        sheet.set_column(column, column, width)
    for height, line in zip((30, 75, 30, 15), range(_TOP), strict=True):
        sheet.set_row(line, height)
    first = 0
    while first < len(made.columns):
        item = made.columns[first].of.item
        last = first
        while last + 1 < len(made.columns) and made.columns[last + 1].of.item == item:
            last += 1
        title = f"{item}  {made.columns[first].item}".strip()
        sheet.merge_range(0, _LEFT + first, 0, _LEFT + last, title, book.heading())
        first = last + 1
    small = book.heading(bold=False, font_size=8)
    for column, one in enumerate(made.columns, _LEFT):
        code = " ".join(filter(None, (one.of.indicator or one.of.column, one.of.origin)))
        sheet.write_string(1, column, one.name, book.heading())
        sheet.write_string(2, column, one.measured_in, book.heading(bold=False))
        sheet.write_string(3, column, code, small)
        sheet.set_column(column, column, 16)


def _write_row(book: Book, sheet: Any, line: int, row: AnnexRow, made: Annex) -> None:
    look = {"bg_color": _MISSING} if row.review == "missing" else {}
    within = {"indent": 1} if row.review is None else {}
    sheet.write_string(line, 0, row.name, book.format(border=1, **within, **look))
    sheet.write_string(line, 1, row.unit, book.format(border=1, **look))
    review = REVIEWS.get(row.review or "")
    said = f"{review}, {_NIL}" if row.nil else review
    book.write(sheet, line, 2, said, border=1, **look)
    _write_values(book, sheet, line, row.values, made)
    for column, one in enumerate(made.columns, _LEFT):
        if one.of.column == "activities" and one.of.item in row.nil_items:
            book.write(sheet, line, column, _NIL, border=1, align="right")


def _write_values(
    book: Book,
    sheet: Any,
    line: int,
    values: Mapping[Heading, Decimal],
    made: Annex,
    **look: Any,
) -> None:
    for column, one in enumerate(made.columns, _LEFT):
        book.write(sheet, line, column, values.get(one.of), border=1, **look)
