"""The line of headings of a CSV or XLSX file, and what it makes of the rows below."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from app.domain.batches.columns import (
    Column,
    SheetContext,
    all_columns,
    heading_key,
    letters,
    needed_columns,
)
from app.domain.batches.habits import Cell, Unclear
from app.domain.errors import Fault, Invalid, Text

UNKNOWN_COLUMN = Text(
    "unknown_column",
    "Ô {cell}: không có cột nào mang tên này.",
    "Cell {cell}: there is no column of this name.",
)
COLUMN_GIVEN_TWICE = Text(
    "column_given_twice",
    "Ô {cell}: cột này đã có ở ô {before}.",
    "Cell {cell}: this column is in {before} already.",
)
COLUMN_MISSING = Text(
    "column_missing",
    "Tệp thiếu cột «{column}».",
    "The file has no column `{column}`.",
)
CELL_WITHOUT_COLUMN = Text(
    "cell_without_column",
    "Ô ở cột {letters} có nội dung nhưng cột không có tên.",
    "The cell in column {letters} holds something, but the column has no name.",
)

_ELSEWHERE: Final = "Thông tin"


@dataclass(frozen=True)
class Unread:
    """Stands in a row's value for a cell that could not be understood; no field takes it."""

    cell: Cell

    def __str__(self) -> str:
        return str(getattr(self.cell, "shown", self.cell))


def recognised(headings: Iterable[str], context: SheetContext) -> int:
    """Return how many of some texts are headings of ours."""
    keys = {key for column in all_columns(context) for key in column.keys}
    return sum(heading_key(heading) in keys for heading in headings)


def header_of(
    headings: Mapping[int, str],
    context: SheetContext,
    *,
    line: int,
    given: Mapping[str, str] = MappingProxyType({}),
) -> "Header":
    """Return the header of a file whose headings stand in `line` of it.

    The Vietnamese heading and the API's field name are both understood, whatever their case,
    diacritics and blanks. `given` are fields that the file gives elsewhere for all rows.
    Raises Invalid for a heading that is unknown or stands there twice, and for a needed column
    that is missing.
    """
    by_key = {key: column for column in all_columns(context) for key in column.keys}
    found: dict[int, Column] = {}
    faults: list[Fault] = []
    for index, heading in headings.items():
        column = by_key.get(heading_key(heading))
        cell = f"{letters(index)}{line}"
        before = [at for at, other in found.items() if other is column]
        if column is None:
            permitted = [known_one.name for known_one in all_columns(context)]
            faults.append(Fault("", UNKNOWN_COLUMN, {"cell": cell}, permitted=permitted))
        elif before:
            params = {"cell": cell, "before": f"{letters(before[0])}{line}"}
            faults.append(Fault("", COLUMN_GIVEN_TWICE, params))
        else:
            found[index] = column
    names = {column.name for column in found.values()} | set(given)
    missing = [column for column in needed_columns() if column.name not in names]
    faults += [Fault("", COLUMN_MISSING, {"column": column.heading}) for column in missing]
    if faults:
        raise Invalid(*faults)
    told = {f"/{'/'.join(c.path)}": headings[i] for i, c in found.items() if not c.element}
    return Header(found, headings, {f"/{name}": _ELSEWHERE for name in given} | told, given)


@dataclass(frozen=True)
class Header:
    """The columns of a file by their places, and their headings as the file has them."""

    columns: Mapping[int, Column]
    headings: Mapping[int, str]
    told: Mapping[str, str]  # the heading of each pointer that every row may have
    given: Mapping[str, str]  # what is said once for all rows that say nothing themselves

    def read(self, cells: Mapping[int, Cell]) -> tuple[dict[str, Any], list[Fault], dict[str, str]]:
        """Return what the cells of one row say, their faults, and the heading of each pointer.

        `cells` are those that hold something, by their places.
        """
        row: dict[str, Any] = dict(self.given)
        faults: list[Fault] = []
        told = dict(self.told)
        strays = cells.keys() - self.columns.keys()
        if strays:
            faults.append(Fault("", CELL_WITHOUT_COLUMN, {"letters": letters(min(strays))}))
        for index, column in self.columns.items():
            cell = cells.get(index)
            if cell is None:
                continue
            try:
                pointer = column.put(row, column.read(cell))
            except Unclear as unclear:
                pointer = column.put(row, Unread(cell))
                faults.append(Fault(pointer, unclear.text, unclear.params))
            if column.element:
                told[pointer.rpartition("/")[0]] = self.headings[index]
        return row, faults, told
