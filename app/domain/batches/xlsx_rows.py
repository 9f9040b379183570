"""Reading the activity reports of a workbook: the template's, or one with the same headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from app.domain.batches.columns import SheetContext, for_all_rows, heading_key
from app.domain.batches.csv_rows import NO_HEADINGS
from app.domain.batches.habits import Unclear, read_text
from app.domain.batches.header import header_of
from app.domain.batches.rows import RawRow
from app.domain.batches.workbook import Sheet, open_workbook, sheet_named
from app.domain.batches.workbook_parts import Cells
from app.domain.errors import Fault, Invalid, Text

ACTIVITIES: Final = "Hoạt động"  # the sheet of the rows
FOR_ALL_ROWS: Final = "Thông tin"  # the sheet of what is said once for all rows
PREFIX: Final = "Mã biểu mẫu"  # what the record ids begin with that the template has filled in
WRONG_FOR_ALL_ROWS = Text(
    "wrong_for_all_rows",
    "Trang «Thông tin», dòng {line}: mục này không có, đã có ở trên hoặc không đọc được.",
    "Sheet «Thông tin», row {line}: there is no such entry, or it is above, or it is unreadable.",
)


@dataclass
class _ForAllRows:
    given: dict[str, str] = field(default_factory=dict)
    prefix: str | None = None


def read_xlsx(file: IO[bytes], *, context: SheetContext) -> Iterator[RawRow]:
    """Read the rows of the sheet `Hoạt động`, or of the first sheet where none is called so.

    The first row that is not empty has the headings. What the sheet `Thông tin` says holds for
    every row that says nothing else. A row with nothing in it is skipped, and so is one with
    nothing but the record id that the template has put there. Formulas count by their stored
    values. Raises Invalid before the first row for a file or headings that cannot be read.
    """
    sheets = open_workbook(file)
    for_all = _read_for_all_rows(sheets)
    rows = (sheet_named(sheets, ACTIVITIES) or sheets[0]).rows()
    line, texts = next(rows, (0, {}))
    if not texts:
        raise Invalid(Fault("", NO_HEADINGS))
    headings = {index: _shown(cells=texts, index=index) for index in texts}
    header = header_of(headings, context, line=line, given=for_all.given)
    ids = [index for index, column in header.columns.items() if column.name == "external_id"]
    number = 0
    for line, cells in rows:
        if for_all.prefix and _only_an_id(cells, ids, for_all.prefix):
            continue
        number += 1
        value, faults, told = header.read(cells)
        yield RawRow(number, line, value, tuple(faults), told)


def _only_an_id(cells: Cells, ids: Sequence[int], prefix: str) -> bool:
    return list(cells) == ids and str(cells[ids[0]]).startswith(prefix)


def _read_for_all_rows(sheets: Sequence[Sheet]) -> _ForAllRows:
    found = _ForAllRows()
    sheet = sheet_named(sheets, FOR_ALL_ROWS)
    columns = {heading_key(column.heading): column for column in for_all_rows()}
    for place, (line, cells) in enumerate(sheet.rows() if sheet else ()):
        if place == 0 or 1 not in cells:  # the headings; an entry that is left open
            continue
        key = heading_key(_shown(cells, 0))
        column = columns.get(key)
        try:
            if key == heading_key(PREFIX) and found.prefix is None:
                found.prefix = read_text(cells[1])
            elif column is not None and column.name not in found.given:
                found.given[column.name] = column.read(cells[1])
            else:
                raise Invalid(Fault("", WRONG_FOR_ALL_ROWS, {"line": line}))
        except Unclear as unclear:
            raise Invalid(Fault("", WRONG_FOR_ALL_ROWS, {"line": line})) from unclear
    return found


def _shown(cells: Cells, index: int) -> str:
    try:
        return read_text(cells.get(index, ""))
    except Unclear:
        return ""
