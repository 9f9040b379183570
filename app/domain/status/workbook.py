"""A cycle's status as a workbook: the rates, the units, the communes within districts."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from app.domain.period import LOCAL_TIME
from app.domain.status import words
from app.domain.status.columns import COMMUNES, UNITS, Cell, communes_of
from app.domain.status.picture import CycleStatus, RowStatus
from app.domain.status.rates import Rates

SUMMARY: Final = "Tổng hợp"
ROWS: Final = "Đơn vị"
WITHIN: Final = "Cấp xã"
_OUTSTANDING: Final = "#F8CBAD"
_LATE: Final = "#FFF2CC"
_HEADING: Final = "#D9E2F3"
_TIMES: Final = "dd/mm/yyyy hh:mm:ss"
_A3: Final = 8
_PRINTED: Final = 18  # columns of the units: all about the report itself
_NO_RATES: Final = "Tỷ lệ toàn tỉnh chỉ có trong tệp của cơ quan theo dõi toàn tỉnh."


@dataclass(frozen=True)
class _Book:
    """The workbook in the making, with the formats that were made."""

    book: Any
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            plain = {"font_name": "Arial", "font_size": 10, "valign": "top"}
            self.made[key] = self.book.add_format({**plain, **properties})
        return self.made[key]

    def heading(self) -> Any:
        return self.format(bold=True, text_wrap=True, border=1, bg_color=_HEADING)

    def write(self, sheet: Any, line: int, column: int, cell: Cell, **look: Any) -> None:
        """Write a cell as what it is: a day as a day, a number as a number, a text as a text."""
        if cell is None:
            sheet.write_blank(line, column, None, self.format(**look))
        elif isinstance(cell, datetime):
            # Cut, not rounded: 23:59:59.999999 is not the next day.
            local = cell.astimezone(LOCAL_TIME).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(line, column, local, self.format(num_format=_TIMES, **look))
        elif isinstance(cell, date):
            sheet.write_datetime(line, column, cell, self.format(num_format="dd/mm/yyyy", **look))
        elif isinstance(cell, Decimal):
            look = {"num_format": "#,##0.00", **look}
            sheet.write_number(line, column, float(cell), self.format(**look))
        elif isinstance(cell, int):
            sheet.write_number(line, column, cell, self.format(num_format="#,##0", **look))
        else:
            sheet.write_string(line, column, cell, self.format(**look))


def workbook(status: CycleStatus) -> bytes:
    """Return the workbook; the same picture gives the same bytes."""
    file = io.BytesIO()
    # A text that begins with "=" or "http" stays a text.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    made = xlsxwriter.Workbook(file, options)
    local = status.at.astimezone(LOCAL_TIME).replace(tzinfo=None, microsecond=0)
    made.set_properties({"title": f"Tình hình báo cáo {status.cycle.key}", "created": local})
    book = _Book(made)
    summary, rows, within = (made.add_worksheet(name) for name in (SUMMARY, ROWS, WITHIN))
    _write_summary(book, summary, status)
    _write_rows(book, rows, status)
    _write_communes(book, within, status)
    made.close()
    return file.getvalue()


def _write_summary(book: _Book, sheet: Any, status: CycleStatus) -> None:
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


def _write_rates(book: _Book, sheet: Any, top: int, both: tuple[Rates, Rates]) -> None:
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


def _write_rows(book: _Book, sheet: Any, status: CycleStatus) -> None:
    for column, one in enumerate(UNITS):
        sheet.write_string(0, column, one.heading, book.heading())
        sheet.set_column(column, column, one.width)
    for line, row in enumerate(status.rows, 1):
        look = _look(row)
        for column, one in enumerate(UNITS):
            book.write(sheet, line, column, one.cell(row), **look)
    _finish(sheet, len(status.rows), len(UNITS))
    sheet.print_area(0, 0, len(status.rows), _PRINTED - 1)


def _look(row: RowStatus) -> dict[str, Any]:
    """Return how a row is coloured: by whether it is late, and whether it came at all."""
    if not row.late_by:
        return {}
    return {"bg_color": _OUTSTANDING if row.revision is None else _LATE}


def _write_communes(book: _Book, sheet: Any, status: CycleStatus) -> None:
    for column, one in enumerate(COMMUNES):
        sheet.write_string(0, column, one.heading, book.heading())
        sheet.set_column(column, column, one.width)
    line = 0
    for line, (row, commune) in enumerate(communes_of(status), 1):
        look = {} if commune.activities else {"bg_color": _OUTSTANDING}
        for column, one in enumerate(COMMUNES):
            book.write(sheet, line, column, one.cell(row, commune), **look)
    _finish(sheet, line, len(COMMUNES))


def _finish(sheet: Any, lines: int, columns: int) -> None:
    sheet.set_row(0, 45)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, lines, columns - 1)
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
