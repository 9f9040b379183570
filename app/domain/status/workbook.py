"""A cycle's status as a workbook: the rates, the units, the communes within districts."""

import io
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from app.domain.cells import Cell
from app.domain.status import words
from app.domain.status.columns import COMMUNES, UNITS, communes_of
from app.domain.status.picture import CycleStatus, RowStatus
from app.domain.status.rates import Rates
from app.domain.workbooks import Book, finish_table, new_book

SUMMARY: Final = "Tổng hợp"
ROWS: Final = "Đơn vị"
WITHIN: Final = "Cấp xã"
_OUTSTANDING: Final = "#F8CBAD"
_LATE: Final = "#FFF2CC"
_PRINTED: Final = 18  # columns of the units: all about the report itself
_NO_RATES: Final = "Tỷ lệ toàn tỉnh chỉ có trong tệp của cơ quan theo dõi toàn tỉnh."


def workbook(status: CycleStatus) -> bytes:
    """Return the workbook; the same picture gives the same bytes."""
    file = io.BytesIO()
    title = f"Tình hình báo cáo {status.cycle.key}"
    with new_book(file, title=title, created=status.at) as book:
        summary, rows, within = (book.sheet(name) for name in (SUMMARY, ROWS, WITHIN))
        _write_summary(book, summary, status)
        _write_rows(book, rows, status)
        _write_communes(book, within, status)
    return file.getvalue()


def _write_summary(book: Book, sheet: Any, status: CycleStatus) -> None:
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 4, 16)
    sheet.write_string(0, 0, "Tình hình thực hiện chế độ báo cáo", book.format(bold=True))
    line = 2
    for name, cell in _facts(status):
        sheet.write_string(line, 0, name, book.format())
        book.write(sheet, line, 1, cell, align="left")
        line += 1
    line += 1
    if status.ordered is None or status.others is None:
        sheet.write_string(line, 0, _NO_RATES, book.format(italic=True))
        return
    _write_rates(book, sheet, line, (status.ordered, status.others))


def _facts(status: CycleStatus) -> Sequence[tuple[str, Cell]]:
    cycle, (first, end) = status.cycle, status.cycle.window.bounds
    return (
        ("Kỳ báo cáo", cycle.name or f"Năm {cycle.year}"),
        ("Mã kỳ báo cáo", cycle.key),
        ("Từ ngày", first),
        ("Đến hết ngày", end - timedelta(days=1)),
        ("Hạn gửi báo cáo (trước)", cycle.due_at),
        ("Hạn gửi bổ sung cuối năm (trước)", cycle.supplement_due_at),
        ("Thời điểm lập bảng", status.at),
    )


def _write_rates(book: Book, sheet: Any, top: int, both: tuple[Rates, Rates]) -> None:
    groups = (words.BASES["ordered"], "Được giao, được đề nghị")
    sheet.set_row(top, 30)
    sheet.write_string(top, 0, "Chỉ tiêu", book.heading())
    for place, group in enumerate(groups):
        sheet.write_string(top, 1 + 2 * place, group, book.heading())
        sheet.write_string(top, 2 + 2 * place, "Tỷ lệ (%)", book.heading())
    for line, (name, heading) in enumerate(words.RATES.items(), top + 1):
        look = {"bold": True} if name == "required" else {}
        sheet.write_string(line, 0, heading, book.format(border=1, **look))
        for place, rates in enumerate(both):
            column, percent = 1 + 2 * place, rates.percent(name)
            book.write(sheet, line, column, getattr(rates, name), border=1, **look)
            share = None if percent is None else Decimal(percent)
            book.write(sheet, line, column + 1, share, border=1, **{"num_format": "0.0", **look})


def _write_rows(book: Book, sheet: Any, status: CycleStatus) -> None:
    book.headings(sheet, [(one.heading, one.width) for one in UNITS])
    for line, row in enumerate(status.rows, 1):
        look = _look(row)
        for column, one in enumerate(UNITS):
            book.write(sheet, line, column, one.cell(row), **look)
    finish_table(sheet, lines=len(status.rows), columns=len(UNITS))
    sheet.print_area(0, 0, len(status.rows), _PRINTED - 1)


def _look(row: RowStatus) -> dict[str, Any]:
    """Return how a row is coloured: by whether it is late, and whether it came at all."""
    if not row.late_by:
        return {}
    return {"bg_color": _OUTSTANDING if row.revision is None else _LATE}


def _write_communes(book: Book, sheet: Any, status: CycleStatus) -> None:
    book.headings(sheet, [(one.heading, one.width) for one in COMMUNES])
    line = 0
    for line, (row, commune) in enumerate(communes_of(status), 1):
        look = {} if commune.activities else {"bg_color": _OUTSTANDING}
        for column, one in enumerate(COMMUNES):
            book.write(sheet, line, column, one.cell(row, commune), **look)
    finish_table(sheet, lines=line, columns=len(COMMUNES))
