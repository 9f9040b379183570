"""A cycle's status as CSV (RFC 4180): UTF-8 with its mark, as spreadsheets open it."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from app.domain.period import LOCAL_TIME
from app.domain.status.columns import COMMUNES, UNITS, Cell, communes_of
from app.domain.status.picture import CycleStatus

_MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def units_csv(status: CycleStatus) -> bytes:
    """Return the roster rows, one a line, with Vietnamese headings."""
    lines = ([column.cell(row) for column in UNITS] for row in status.rows)
    return _file([column.heading for column in UNITS], lines)


def communes_csv(status: CycleStatus) -> bytes:
    """Return the communes within districts, one a line, with Vietnamese headings."""
    lines = (
        [column.cell(row, commune) for column in COMMUNES] for row, commune in communes_of(status)
    )
    return _file([column.heading for column in COMMUNES], lines)


def _file(headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(headings)
    for line in lines:
        writer.writerow([text_of(cell) for cell in line])
    return (_MARK + file.getvalue()).encode()


def text_of(cell: Cell) -> str:
    """Return what a cell shows: local days and times, a comma before decimals.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(LOCAL_TIME).strftime("%d/%m/%Y %H:%M:%S")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",")
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
