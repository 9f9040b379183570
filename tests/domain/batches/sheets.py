"""Bulk files for tests, and what they are read with."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from xml.etree import ElementTree as ET

import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import load_workbook  # another reader than ours

from app.domain.batches.columns import Measured, SheetContext

MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ET.register_namespace("", MAIN.strip("{}"))
CONTEXT = SheetContext(
    (
        Measured("posts", "Số tin, bài", reposts=True),
        Measured("minutes", "Thời lượng", decimals=1),
    ),
    (("other_lawful", "Nguồn khác"),),
)
A_ROW: dict[str, Any] = {
    "Mã bản ghi": "r-1",
    "Đơn vị": "524",
    "Hệ thống nguồn": "portal",
    "Kế hoạch": "tuyen-truyen-2021-2025",
    "Hình thức, nhiệm vụ": "III.1.b – Trên các Cổng",
    "Ngày thực hiện": "10/9/2021",
    "Kênh": "facebook – Facebook",
    "Tên hoạt động": "Đăng tin",
}


def a_row(**changes: Any) -> dict[str, Any]:
    """Return a row by headings; in a changed one without code `_` stands for a blank."""
    named = {n if "[" in n else n.replace("_", " "): value for n, value in changes.items()}
    return {**A_ROW, **named}


def a_csv(*rows: dict[str, Any], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return a CSV file with the headings of all rows."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(headings)
    writer.writerows([row.get(name, "") for name in headings] for row in rows)
    return text.getvalue().encode(encoding)


def a_workbook(*sheets: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook; a text that begins with `=` is a formula, its value behind a `|`."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    days = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, days)
                elif isinstance(cell, str) and cell.startswith("="):
                    formula, _, value = cell.partition("|")
                    sheet.write_formula(line, column, formula, None, value)
                elif cell is not None:
                    sheet.write(line, column, cell)
    book.close()
    return file.getvalue()


def a_table(*rows: dict[str, Any], name: str = "Hoạt động") -> bytes:
    """Return a workbook of one sheet with the headings of all rows."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return a_workbook((name, [headings, *([row.get(h) for h in headings] for row in rows)]))


def rewritten(workbook: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return the workbook with some bytes of one part replaced."""
    source, file = zipfile.ZipFile(io.BytesIO(workbook)), io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(name, content)
    return file.getvalue()


def sheet(book: bytes, name: str) -> list[list[Any]]:
    """Return what a sheet holds."""
    found: list[list[Any]] = load_workbook(io.BytesIO(book)).get_sheet_by_name(name).to_python()
    return found


def filled(book: bytes, *rows: Mapping[str, Any]) -> bytes:
    """Return the template with texts and numbers typed under headings that begin like the names."""
    headings = [str(heading) for heading in sheet(book, "Hoạt động")[0]]
    source, file = zipfile.ZipFile(io.BytesIO(book)), io.BytesIO()
    part = "xl/worksheets/sheet1.xml"
    root = ET.fromstring(source.read(part))  # noqa: S314 - it is ours
    lines = {int(line.attrib["r"]): line for line in root.iter(f"{MAIN}row")}
    for number, row in enumerate(rows, 2):
        for name, cell in row.items():
            place = next(i for i, heading in enumerate(headings) if heading.startswith(name))
            lines[number].append(_typed(place, number, cell))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = ET.tostring(root) if name == part else source.read(name)
            target.writestr(name, content)
    return file.getvalue()


def _typed(place: int, line: int, cell: Any) -> ET.Element:
    reference = f"{chr(65 + place) if place < 26 else 'A' + chr(39 + place)}{line}"
    if isinstance(cell, str):
        typed = ET.Element(f"{MAIN}c", r=reference, t="inlineStr")
        ET.SubElement(ET.SubElement(typed, f"{MAIN}is"), f"{MAIN}t").text = cell
    else:
        typed = ET.Element(f"{MAIN}c", r=reference)
        ET.SubElement(typed, f"{MAIN}v").text = str(cell)
    return typed
