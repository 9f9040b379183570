"""The figures of a consolidated report as a table, one a line: pure code.

A line says what its figure is of in words and in codes, and where it stands in the JSON, which
is the truth. CSV and workbooks show the same lines.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.domain.cells import Cell, csv_file
from app.domain.consolidation import table_words as words
from app.domain.consolidation.figures import Row, Shown, figures, unit_names
from app.domain.consolidation.table_words import Names


@dataclass(frozen=True)
class Line:
    """A figure with the names that its codes have."""

    shown: Shown
    item: str | None
    indicator: str | None
    measured_in: str
    source: str | None
    member: str | None
    unit: str | None

    @property
    def amount(self) -> Decimal | None:
        """The figure as a number, exactly; None where it does not add over units."""
        return None if self.shown.value is None else Decimal(self.shown.value)


@dataclass(frozen=True)
class Column:
    """A column of the figures: its heading, its width in letters, what it shows."""

    heading: str
    width: int
    cell: Callable[[Line], Cell]


FIGURES: Final = (
    Column("Phần", 24, lambda one: words.PARTS[one.shown.part]),
    Column("Mã nhiệm vụ", 9, lambda one: one.shown.item),
    Column("Tên nhiệm vụ", 40, lambda one: one.item),
    Column("Mã chỉ tiêu", 16, lambda one: one.shown.indicator),
    Column("Tên chỉ tiêu", 30, lambda one: one.indicator),
    Column("Gốc hay đăng lại", 10, lambda one: words.ORIGINS.get(one.shown.origin or "")),
    Column("Nguồn kinh phí", 24, lambda one: one.source),
    Column("Chiều", 16, lambda one: words.DIMENSIONS.get(one.shown.dimension or "")),
    Column("Thành viên", 24, lambda one: one.member),
    Column("Đơn vị", 32, lambda one: one.unit),
    Column("Cột", 24, lambda one: words.COLUMNS[one.shown.column]),
    Column("Giá trị", 20, lambda one: one.amount),
    Column("Đơn vị tính", 14, lambda one: one.measured_in),
    Column("part", 12, lambda one: one.shown.part),
    Column("origin", 9, lambda one: one.shown.origin),
    Column("source", 22, lambda one: one.shown.source),
    Column("dimension", 11, lambda one: one.shown.dimension),
    Column("member", 16, lambda one: one.shown.member),
    Column("unit", 24, lambda one: one.shown.unit),
    Column("column", 20, lambda one: one.shown.column),
    Column("value", 20, lambda one: one.shown.value),
    Column("pointer", 44, lambda one: one.shown.pointer),
)


def lines(report: Row, names: Names) -> Iterator[Line]:
    """Yield every figure of a report with the names of its codes, in the report's order."""
    units = unit_names(report)
    indicators = {row["code"]: row["name_vi"] for row in report["indicators"]}
    measures = {row["code"]: row["unit_vi"] for row in report["indicators"]}
    for one in figures(report):
        yield Line(
            shown=one,
            item=names.items.get(one.item or ""),
            indicator=indicators.get(one.indicator or ""),
            measured_in=words.measured_in(one, measures),
            source=names.sources.get(one.source or ""),
            member=_member(one, names),
            unit=units.get(one.unit or ""),
        )


def figures_csv(report: Row, names: Names) -> bytes:
    """Return the figures as CSV: one a line, with Vietnamese headings.

    `Giá trị` is written as Vietnamese spreadsheets read it, with a comma before decimals (they
    take 12.345 for twelve thousand); `value` as the JSON has it.
    """
    cells = ([column.cell(line) for column in FIGURES] for line in lines(report, names))
    return csv_file([column.heading for column in FIGURES], cells)


def _member(one: Shown, names: Names) -> str | None:
    if one.part == "coverage":
        return words.COVERED.get(one.member or "")
    if one.dimension is None or one.member is None:
        return None
    return names.member(one.dimension, one.member)
