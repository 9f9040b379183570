"""A consolidated report as a workbook, for those who read, print and sign it: pure code.

JSON is the truth; every figure here is one of its figures. The workbook says of what state its
version was, which is not in the report's own bytes.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from app.domain.cells import Cell
from app.domain.consolidation import table_words as words
from app.domain.consolidation.annex_sheet import write_annex
from app.domain.consolidation.figures import Row
from app.domain.consolidation.table_words import Names
from app.domain.consolidation.tables import FIGURES, lines
from app.domain.consolidation.unit_sheets import (
    write_money,
    write_narratives,
    write_proposals,
    write_roster,
)
from app.domain.workbooks import Book, finish_table, new_book, print_wide

SUMMARY: Final = "Tổng hợp"
NUMBERS: Final = "Số liệu"
ANNEX: Final = "Phụ lục"
ROSTER: Final = "Đơn vị báo cáo"
NARRATIVES: Final = "Phần lời"
PROPOSALS: Final = "Kiến nghị"
MONEY: Final = "Kinh phí"
_TOTALS: Final = (
    (
        "Mã nhiệm vụ",
        "Tên nhiệm vụ",
        "Chỉ tiêu",
        "Gốc hay đăng lại",
        "Đơn vị tính",
        "Tính",
        "Ghi nhận",
    ),
    ("Số đơn vị phải báo cáo", "Trong đó đã duyệt", "Trong đó không phát sinh"),
)


@dataclass(frozen=True)
class Stamp:
    """What is known of a version beside its bytes: which it is, and where it stands."""

    version: int
    sha256: str
    state: str
    document: str | None = None


def workbook(report: Row, *, stamp: Stamp, names: Names) -> bytes:
    """Return the workbook; the same report of the same state gives the same bytes."""
    file = io.BytesIO()
    cycle = report["cycle"]
    title = f"Báo cáo tổng hợp {report['plan']['slug']}.{cycle['code']}, bản {stamp.version}"
    created = datetime.fromisoformat(report["manifest"]["known_at"])
    with new_book(file, title=title, created=created) as book:
        sheets = {
            name: book.sheet(name)
            for name in (SUMMARY, NUMBERS, ANNEX, ROSTER, NARRATIVES, PROPOSALS, MONEY)
        }
        _write_summary(book, sheets[SUMMARY], report, stamp, names)
        _write_numbers(book, sheets[NUMBERS], report, names)
        write_annex(book, sheets[ANNEX], report, names)
        write_roster(book, sheets[ROSTER], report)
        write_narratives(book, sheets[NARRATIVES], report)
        write_proposals(book, sheets[PROPOSALS], report)
        write_money(book, sheets[MONEY], report, names)
    return file.getvalue()


def _write_summary(book: Book, sheet: Any, report: Row, stamp: Stamp, names: Names) -> None:
    for column, width in enumerate((40, 60, 60, 12, 20, 20, 20, 12, 12, 12)):
        sheet.set_column(column, column, width)
    print_wide(sheet)
    sheet.write_string(0, 0, "BÁO CÁO TỔNG HỢP", book.format(bold=True, font_size=14))
    line = 1
    for name, cell in _facts(report, stamp):
        line += 1
        sheet.write_string(line, 0, name, book.format(bold=True))
        book.write(sheet, line, 1, cell, align="left")
    line = _write_coverage(book, sheet, line + 2, report["coverage"])
    _write_totals(book, sheet, line + 2, report, names)


def _facts(report: Row, stamp: Stamp) -> Iterator[tuple[str, Cell]]:
    plan, cycle, manifest = report["plan"], report["cycle"], report["manifest"]
    yield "Kế hoạch", plan["title"]
    yield "Cơ quan ban hành kế hoạch", plan["issuer"]
    yield "Kỳ báo cáo", cycle["name"] or f"Năm {cycle['year']}"
    yield "Mã kỳ báo cáo", f"{plan['slug']}.{cycle['code']}"
    yield "Từ ngày", date.fromisoformat(cycle["window_from"])
    yield "Đến hết ngày", date.fromisoformat(cycle["window_to"]) - timedelta(days=1)
    yield "Bản số", stamp.version
    yield "Trạng thái khi lập bảng này", words.STATES[stamp.state]
    yield "Văn bản ban hành", stamp.document
    yield "Bản", words.EDITIONS[cycle["edition"]]
    yield "Theo số liệu đã biết lúc", datetime.fromisoformat(manifest["known_at"])
    yield "Báo cáo được tính", words.COUNTED[manifest["basis"]]
    day = manifest["units_on"]
    as_of = date.fromisoformat(day) if day != "as_reported" else "Như khi báo cáo"
    yield "Theo hệ thống đơn vị ngày", as_of
    yield "Loại số liệu", words.MADE_FOR[manifest["purpose"]]
    yield "SHA-256 của báo cáo (JSON)", stamp.sha256


def _write_coverage(book: Book, sheet: Any, top: int, coverage: Row) -> int:
    """Write who reported; return the last line."""
    sheet.write_string(top, 0, "Mức độ báo cáo", book.heading())
    for column, name in enumerate(words.COVERED.values(), 1):
        sheet.write_string(top, column, name, book.heading())
    line = top
    rates = [name for name in words.COLUMNS if name in coverage["ordered"]]
    for line, name in enumerate(rates, top + 1):
        look = {"bold": True} if name == "required" else {}
        sheet.write_string(line, 0, words.COLUMNS[name], book.format(border=1, **look))
        for column, basis in enumerate(words.COVERED, 1):
            book.write(sheet, line, column, coverage[basis][name], border=1, **look)
    return line


def _write_totals(book: Book, sheet: Any, top: int, report: Row, names: Names) -> None:
    """Write the province's totals, each with the coverage beside it."""
    headings = [*_TOTALS[0], *_TOTALS[1]]
    sheet.set_row(top, 45)
    for column, heading in enumerate(headings):
        sheet.write_string(top, column, heading, book.heading())
    for number, row in enumerate(_totals(report, names), top + 1):
        for column, cell in enumerate(row):
            book.write(sheet, number, column, cell, border=1)


def _totals(report: Row, names: Names) -> Iterator[Sequence[Cell]]:
    indicators: Mapping[str, Any] = {row["code"]: row for row in report["indicators"]}

    def line(row: Row, *cells: Cell) -> Sequence[Cell]:
        title, ordered = names.items.get(row["item"]), row["coverage"]["ordered"]
        return (
            row["item"],
            title,
            *cells,
            ordered["required"],
            ordered["accepted"],
            ordered["nil"],
        )

    for row in report["counts"]:
        for name, measure in (("activities", "hoạt động"), ("occurrences", "lượt")):
            counted, credited = row[name], row[f"credited_{name}"]
            yield line(row, words.COLUMNS[name], None, measure, counted, credited)
        for of in report["totals"]:
            if of["item"] == row["item"]:
                head = indicators[of["indicator"]]
                counted, credited = (_number(of[name]) for name in ("counted", "credited"))
                origin = words.ORIGINS[of["origin"]]
                yield line(of, head["name_vi"], origin, head["unit_vi"], counted, credited)
    for row in report["expenditure"]:
        source = names.sources.get(row["source"], row["source"])
        value = Decimal(row["value"])
        yield line(row, f"Kinh phí: {source}", None, words.MONEY, value, value)


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _write_numbers(book: Book, sheet: Any, report: Row, names: Names) -> None:
    book.headings(sheet, [(one.heading, one.width) for one in FIGURES])
    number = 0
    for number, line in enumerate(lines(report, names), 1):
        for column, one in enumerate(FIGURES):
            cell = one.cell(line)
            if cell is not None:  # most are, of tens of thousands of lines
                book.write(sheet, number, column, cell)
    finish_table(sheet, lines=number, columns=len(FIGURES))
