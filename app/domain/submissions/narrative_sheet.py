"""The spreadsheet of a report's narrative, for units without a program: made, and read back."""

import io
from collections.abc import Iterator
from typing import IO, Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from pydantic import ValidationError

from app.domain.batches.columns import heading_key
from app.domain.batches.habits import Unclear, read_text
from app.domain.batches.workbook import open_workbook, sheet_named
from app.domain.batches.workbook_parts import Cells
from app.domain.errors import Fault, Invalid, Text
from app.domain.submissions.narrative import SECTION_NAMES, Narrative
from app.domain.wire_faults import faults_in_body

SHEET: Final = "Báo cáo"
_HEADINGS: Final = ("Phần", "Nội dung", "Nơi nhận kiến nghị", "Giải thích")
_PROPOSALS: Final = 10  # rows for them in the template; more may be added
_EXPLAINED: Final = {
    "direction": "Văn bản đã ban hành, tổ chức triển khai, phân công.",
    "results": "Kết quả chính theo từng hình thức, nhiệm vụ; số liệu đã có ở các hoạt động.",
    "difficulties": "Khó khăn, hạn chế và nguyên nhân.",
    "lessons": "Bài học, cách làm hay.",
    "funding": "Tình hình bố trí, sử dụng kinh phí.",
    "proposals": "Mỗi kiến nghị một dòng, ghi rõ nơi nhận ở cột C. Được thêm dòng.",
    "next_year": "Nhiệm vụ trọng tâm của năm tiếp theo.",
}
UNKNOWN_SECTION = Text(
    "unknown_section",
    "Dòng {line}: không có phần nào mang tên này.",
    "Row {line}: there is no section of this name.",
)
SECTION_GIVEN_TWICE = Text(
    "section_given_twice",
    "Dòng {line}: phần này đã có ở dòng trên; hãy gộp thành một ô.",
    "Row {line}: this section is given above already: put both into one cell.",
)
ADDRESSEE_MISPLACED = Text(
    "addressee_misplaced",
    "Dòng {line}: chỉ kiến nghị mới có nơi nhận.",
    "Row {line}: only a proposal has an addressee.",
)
UNREADABLE_CELL = Text(
    "unreadable_cell",
    "Dòng {line}: ô này không phải văn bản; hãy định dạng ô là văn bản và nhập lại.",
    "Row {line}: this cell is no text: format it as text and type it again.",
)


def narrative_template() -> bytes:
    """Return the workbook to fill in: a row for each section, some for proposals."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(SHEET)
    heading = book.add_format({"bold": True, "border": 1, "bg_color": "#D9E2F3"})
    text = {"text_wrap": True, "valign": "top", "num_format": "@", "border": 1}
    label, filled = book.add_format({**text, "bold": True}), book.add_format(text)
    aside = book.add_format({**text, "italic": True, "font_color": "#595959"})
    sheet.write_row(0, 0, _HEADINGS, heading)
    sections = [s for s in SECTION_NAMES for _ in range(_PROPOSALS if s == "proposals" else 1)]
    for line, section in enumerate(sections, 1):
        sheet.write_row(line, 0, (SECTION_NAMES[section],), label)
        sheet.write_row(line, 1, ("", ""), filled)
        sheet.write_row(line, 3, (_EXPLAINED[section],), aside)
        sheet.set_row(line, 30 if section == "proposals" else 120)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 3, 32)
    sheet.freeze_panes(1, 1)
    book.close()
    return file.getvalue()


def read_narrative(file: IO[bytes]) -> Narrative:
    """Read a filled workbook. Raises Invalid, with the row of the sheet where there is one."""
    sheets = open_workbook(file)
    rows = (sheet_named(sheets, SHEET) or sheets[0]).rows()
    next(rows, None)  # the headings
    said: dict[str, Any] = {}
    faults = [fault for line, cells in rows for fault in _take(said, line, cells)]
    if faults:
        raise Invalid(*faults)
    try:
        return Narrative.model_validate(said)
    except ValidationError as refusal:
        raise Invalid(*faults_in_body(refusal)) from refusal


def _take(said: dict[str, Any], line: int, cells: Cells) -> Iterator[Fault]:
    """Take over what one row says, or say what is wrong with it."""
    at = {"line": line}
    try:
        label, text, addressee = (read_text(cells.get(place, "")) for place in range(3))
    except Unclear:
        yield Fault("", UNREADABLE_CELL, at)
        return
    if not text and not addressee:
        return
    section = _SECTIONS.get(heading_key(label))
    if section is None:
        yield Fault("", UNKNOWN_SECTION, at, permitted=list(SECTION_NAMES.values()))
    elif section == "proposals":
        proposal = {"addressee": addressee, "text": text}
        given = {name: value for name, value in proposal.items() if value}
        said.setdefault(section, []).append(given)
    elif addressee:
        yield Fault(f"/{section}", ADDRESSEE_MISPLACED, at)
    elif section in said:
        yield Fault(f"/{section}", SECTION_GIVEN_TWICE, at)
    else:
        said[section] = text


_SECTIONS: Final = {
    heading_key(name): section
    for section, label in SECTION_NAMES.items()
    for name in (section, label)
}
