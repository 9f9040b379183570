"""Workbooks (XLSX) as all of our tables are written: the same content gives the same bytes."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from app.domain.cells import Cell
from app.domain.period import LOCAL_TIME

_HEADING: Final = "#D9E2F3"
_TIMES: Final = "dd/mm/yyyy hh:mm:ss"
_A3: Final = 8
# A number is kept as a double, and shown to 15 digits: what has more stays a text.
_MOST_DIGITS: Final = 15
_LONGEST: Final = 32_767  # letters that a cell takes
_CUT: Final = "…"


@dataclass(frozen=True)
class Book:
    """A workbook in the making, with the formats that were made."""

    book: Any
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def sheet(self, name: str) -> Any:
        """Add a sheet."""
        return self.book.add_worksheet(name)

    def format(self, **properties: Any) -> Any:
        """Return a format in our type; the same one for the same properties."""
        key = tuple(sorted(properties.items())) if properties else ()
        if key not in self.made:
            plain = {"font_name": "Arial", "font_size": 10, "valign": "top"}
            self.made[key] = self.book.add_format({**plain, **properties})
        return self.made[key]

    def heading(self, **look: Any) -> Any:
        """Return the format of column headings."""
        return self.format(
            **{"bold": True, "text_wrap": True, "border": 1, "bg_color": _HEADING, **look}
        )

    def write(self, sheet: Any, line: int, column: int, cell: Cell, **look: Any) -> None:
        """Write a cell as what it is: a day as a day, a number as a number, a text as a text."""
        if isinstance(cell, str):
            text = cell if len(cell) <= _LONGEST else cell[: _LONGEST - 1] + _CUT
            sheet.write_string(line, column, text, self.format(**look))
        elif cell is None:
            sheet.write_blank(line, column, None, self.format(**look))
        elif isinstance(cell, datetime):
            # Cut, not rounded: 23:59:59.999999 is not the next day.
            local = cell.astimezone(LOCAL_TIME).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(line, column, local, self.format(num_format=_TIMES, **look))
        elif isinstance(cell, date):
            sheet.write_datetime(line, column, cell, self.format(num_format="dd/mm/yyyy", **look))
        else:
            self._write_number(sheet, line, column, Decimal(cell), look)

    def _write_number(
        self, sheet: Any, line: int, column: int, number: Decimal, look: dict[str, Any]
    ) -> None:
        _, digits, exponent = number.as_tuple()
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        if len(digits) > _MOST_DIGITS:
            shown = self.format(**{"align": "right", **look})
            sheet.write_string(line, column, f"{number:f}".replace(".", ","), shown)
            return
        plain = {"num_format": "#,##0" + (f".{'0' * decimals}" if decimals else "")}
        sheet.write_number(line, column, float(number), self.format(**{**plain, **look}))

    def headings(self, sheet: Any, columns: Sequence[tuple[str, int]]) -> None:
        """Write the headings of a table into its first line; `columns` are names and widths."""
        for column, (heading, width) in enumerate(columns):
            sheet.write_string(0, column, heading, self.heading())
            sheet.set_column(column, column, width)


@contextmanager
def new_book(file: io.BytesIO, *, title: str, created: datetime) -> Iterator[Book]:
    """Write a workbook into a file; `created` is what it says of its own making."""
    # A text that begins with "=" or "http" stays a text.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    made = xlsxwriter.Workbook(file, options)
    local = created.astimezone(LOCAL_TIME).replace(tzinfo=None, microsecond=0)
    made.set_properties({"title": title, "created": local})
    yield Book(made)
    made.close()


def finish_table(sheet: Any, *, lines: int, columns: int, left: int = 1, top: int = 1) -> None:
    """Let a table's headings stand still, be filtered, and be printed on each page."""
    sheet.set_row(0, 45)
    sheet.freeze_panes(top, left)
    sheet.autofilter(top - 1, 0, lines + top - 1, columns - 1)
    print_wide(sheet)
    sheet.repeat_rows(0, top - 1)


def print_wide(sheet: Any) -> None:
    """Let a sheet be printed on A3, as wide as one page."""
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(1, 0)
