"""What cells of tables hold, and tables as CSV (RFC 4180): UTF-8 with its mark."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from app.domain.period import LOCAL_TIME

Cell = str | int | Decimal | date | datetime | None

_MARK: Final = "\ufeff"  # spreadsheets take a file without it for one of the local code page
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_file(headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV, its headings first."""
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
        return f"{cell:f}".replace(".", ",")
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
