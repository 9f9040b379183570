"""A version of the consolidation for people: CSV, one row per figure, and a workbook."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.budgets.document import Comparison, ConsolidationDocument, Figures, Line, Total
from app.domain.budgets.stages import ORDER
from app.domain.cells import Cell, csv_file
from app.domain.workbooks import Book, finish_table, new_book

Row = Sequence[Cell]
Column = tuple[str, int]
STAGE_WORDS: Final = {
    "proposed": "Đề xuất",
    "allocated": "Được giao",
    "adjusted": "Điều chỉnh",
    "executed": "Thực hiện",
    "settled": "Quyết toán",
}
STATE_WORDS: Final = {
    "consolidated": "Đã tổng hợp",
    "in_review": "Đang xem xét",
    "returned": "Trả lại",
    "missing": "Chưa gửi",
}
TIMELINESS_WORDS: Final = {
    "on_time": "Đúng hạn",
    "late": "Muộn",
    "after_freeze": "Sau khi chốt số",
}
_TOTALS: Final = {
    "by_unit": "Theo đơn vị",
    "by_item": "Theo mục",
    "by_source": "Theo nguồn",
    "by_classification": "Theo chương-loại-khoản",
}
_CSV: Final = (
    "Bảng",
    "Đơn vị",
    "Mục",
    "Nguồn",
    "Chương-loại-khoản",
    "Số liệu",
    "Giá trị",
)
_STAGES: Final[tuple[Column, ...]] = tuple((STAGE_WORDS[stage], 18) for stage in ORDER)
_COMPARED: Final = {
    "estimated": "Dự toán",
    "executed": "Thực hiện",
    "difference": "Chênh lệch",
    "rate": "Tỷ lệ",
    "reported_in_activity": "Theo báo cáo hoạt động (không cộng)",
}


def read(content: bytes) -> ConsolidationDocument:
    """Return a stored version as the document that it is."""
    return ConsolidationDocument.model_validate_json(content)


def consolidation_csv(found: ConsolidationDocument) -> bytes:
    """Return every figure in a row of its own; what was not stated has none."""
    return csv_file(_CSV, _csv_rows(found))


def workbook(found: ConsolidationDocument) -> bytes:
    """Return a workbook: totals, executed against estimated, lines, dossiers.

    The same version gives the same bytes: it says that it was made when its figures were frozen.
    """
    file, names = io.BytesIO(), {one.unit: one.name for one in found.coverage.units}
    frozen_at = datetime.fromisoformat(found.frozen_at)
    title = f"Tổng hợp dự toán năm {found.budget_year}, bản {found.version}"
    with new_book(file, title=title, created=frozen_at) as book:
        _sheet(
            book,
            "Tổng hợp",
            (("Bảng", 24), ("Khóa", 30), ("Số dòng", 10), *_STAGES),
            [
                ("Tổng", "", found.total.lines, *_amounts(found.total.figures)),
                *(
                    (words, names.get(one.key or "", one.key), one.lines, *_amounts(one.figures))
                    for name, words in _TOTALS.items()
                    for one in _totals(found, name)
                ),
            ],
        )
        _sheet(
            book,
            "Thực hiện - dự toán",
            (*_KEY, *((one, 18) for one in _COMPARED.values())),
            [
                (*_key(one, names), *(_number(getattr(one, name)) for name in _COMPARED))
                for one in found.comparisons
            ],
        )
        _sheet(
            book,
            "Chi tiết",
            (*_KEY, ("Chương-loại-khoản", 18), *_STAGES),
            [
                (*_key(line, names), _classification(line), *_amounts(line.figures))
                for line in found.lines
            ],
        )
        _sheet(
            book,
            "Hồ sơ",
            _DOSSIERS,
            [
                (
                    one.name,
                    "có" if one.owed else "không",
                    STATE_WORDS[one.state],
                    TIMELINESS_WORDS.get(one.timeliness or ""),
                    one.revision,
                    one.sha256,
                )
                for one in found.coverage.units
            ],
        )
    return file.getvalue()


_KEY: Final[tuple[Column, ...]] = (("Đơn vị", 36), ("Mục", 10), ("Nguồn", 26))
_DOSSIERS: Final[tuple[Column, ...]] = (
    ("Đơn vị", 36),
    ("Phải gửi", 10),
    ("Tình trạng", 16),
    ("Thời hạn", 16),
    ("Lần", 6),
    ("SHA-256", 66),
)


def _sheet(book: Book, name: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    sheet: Any = book.sheet(name)
    book.headings(sheet, columns)
    for line, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            book.write(sheet, line, column, cell)
    finish_table(sheet, lines=len(rows), columns=len(columns))


def _csv_rows(found: ConsolidationDocument) -> Iterator[Row]:
    for stage, amount in _stated(found.total.figures):
        yield ("Tổng", None, None, None, None, stage, amount)
    places = {"by_unit": 1, "by_item": 2, "by_source": 3, "by_classification": 4}
    for name, words in _TOTALS.items():
        for one in _totals(found, name):
            for stage, amount in _stated(one.figures):
                row: list[Cell] = [words, None, None, None, None, stage, amount]
                row[places[name]] = one.key
                yield row
    for compared in found.comparisons:
        for name, words in _COMPARED.items():
            value = getattr(compared, name)
            if value is not None:
                key = (compared.unit, compared.item, compared.source)
                yield ("Thực hiện so với dự toán", *key, None, words, Decimal(value))
    for line in found.lines:
        for stage, amount in _stated(line.figures):
            key = (line.unit, line.item, line.source)
            yield ("Chi tiết", *key, _classification(line), stage, amount)


def _totals(found: ConsolidationDocument, name: str) -> list[Total]:
    totals: list[Total] = getattr(found, name)
    return totals


def _key(row: Line | Comparison, names: dict[str, str]) -> Row:
    return (names.get(row.unit, row.unit), row.item, row.source)


def _classification(line: Line) -> str:
    return "-".join(code or "…" for code in (line.chapter, line.category, line.subcategory))


def _stated(figures: Figures) -> Iterator[tuple[str, Decimal]]:
    for stage in ORDER:
        amount = getattr(figures, stage)
        if amount is not None:
            yield STAGE_WORDS[stage], Decimal(amount)


def _amounts(figures: Figures) -> Row:
    return [_number(getattr(figures, stage)) for stage in ORDER]


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
