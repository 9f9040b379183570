"""The sheets of a consolidated report that are about its units: roster, narratives, money."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from app.domain.cells import Cell
from app.domain.consolidation import table_words as words
from app.domain.consolidation.figures import Row, unit_names
from app.domain.consolidation.table_words import Names
from app.domain.status import words as status_words
from app.domain.submissions.narrative import SECTION_NAMES
from app.domain.text import sort_key
from app.domain.workbooks import Book, finish_table

_OUTSTANDING: Final = "#F8CBAD"
_LATE: Final = "#FFF2CC"
_TOTAL: Final = "#E2EFDA"
_SAID: Final = 3  # column of what a narrative says
_LETTERS: Final = 100  # in a line of it
_HIGHEST: Final = 409  # points of a row
_BASES: Final = tuple(status_words.BASES)


class _Column(NamedTuple):
    heading: str
    width: int
    cell: Callable[[Row], Cell]


def _instant(name: str) -> Callable[[Row], Cell]:
    return lambda row: None if row[name] is None else datetime.fromisoformat(row[name])


def _day(name: str) -> Callable[[Row], Cell]:
    return lambda row: None if row[name] is None else date.fromisoformat(row[name])


def _timeliness(row: Row) -> str:
    if row["timeliness"] == "late" and row["received_at"] is None:
        return status_words.OUTSTANDING
    return status_words.TIMELINESS[row["timeliness"]]


def _last_day(row: Row) -> date:
    return date.fromisoformat(row["covers_to"]) - timedelta(days=1)


def _supplement(row: Row) -> str | None:
    return None if row["supplement"] is None else _timeliness(row["supplement"])


_ROSTER: Final = (
    _Column("Đơn vị", 40, lambda row: row["name"]),
    _Column("Diện báo cáo", 20, lambda row: status_words.BASES[row["basis"]]),
    _Column("Duyệt", 14, lambda row: status_words.REVIEWS[row["review"]]),
    _Column("Nội dung", 16, lambda row: status_words.CONTENTS.get(row["content"] or "")),
    _Column("Thời hạn", 20, _timeliness),
    _Column("Hạn gửi (trước)", 17, _instant("due_at")),
    _Column("Gia hạn đến (trước)", 17, _instant("extended_to")),
    _Column("Nhận lần đầu", 17, _instant("received_at")),
    _Column("Ngày đến của văn bản", 12, _day("incoming_on")),
    _Column("Lần gửi", 8, lambda row: row["revision"]),
    _Column("Loại", 18, lambda row: status_words.KINDS.get(row["kind"] or "")),
    _Column("Số liệu đến hết ngày", 12, _day("data_to")),
    _Column("Số văn bản", 18, lambda row: row["document_number"]),
    _Column("Bổ sung cuối năm", 20, _supplement),
    _Column("Cách gửi", 22, lambda row: status_words.FILED_AS.get(row["filed_as"] or "")),
    _Column("Cấp", 16, lambda row: status_words.LEVELS[row["level"]]),
    _Column("Báo cáo từ ngày", 12, _day("covers_from")),
    _Column("Báo cáo đến hết ngày", 12, _last_day),
    _Column("Báo cáo kết thúc", 10, lambda row: status_words.YES if row["closing"] else None),
    _Column("Nhiệm vụ", 30, lambda row: ", ".join(row["items"])),
    _Column("Lý do có trong danh sách", 50, lambda row: row["reason"]),
    _Column("Mã đơn vị", 26, lambda row: row["unit"]),
    _Column("Mã đơn vị gửi", 26, lambda row: row["filed_by"]),
    _Column("Mã đơn vị tiếp quản", 26, lambda row: row["steward"]),
    _Column("SHA-256", 66, lambda row: row["sha256"]),
)


def write_roster(book: Book, sheet: Any, report: Row) -> None:
    """Write the roster: those who must report first, each by name."""
    book.headings(sheet, [(one.heading, one.width) for one in _ROSTER])
    rows = sorted(
        report["coverage"]["roster"],
        key=lambda row: (_BASES.index(row["basis"]), sort_key(row["name"]), row["unit"]),
    )
    for line, row in enumerate(rows, 1):
        look = _look(row)
        for column, one in enumerate(_ROSTER):
            book.write(sheet, line, column, one.cell(row), **look)
    finish_table(sheet, lines=len(rows), columns=len(_ROSTER))


def _look(row: Row) -> dict[str, Any]:
    """Return how a row is coloured: late, and whether it came at all."""
    if row["timeliness"] not in ("late", "late_with_extension"):
        return {}
    return {"bg_color": _OUTSTANDING if row["received_at"] is None else _LATE}


def write_narratives(book: Book, sheet: Any, report: Row) -> None:
    """Write what the units say in words, one section a line."""
    columns = [
        ("Đơn vị", 36),
        ("Mục", 28),
        ("Nơi nhận kiến nghị", 26),
        ("Nội dung", 110),
        ("Mã đơn vị", 26),
    ]
    book.headings(sheet, columns)
    line = 0
    for line, cells in enumerate(_narratives(report), 1):
        sheet.set_row(line, _height(str(cells[_SAID])))
        for column, cell in enumerate(cells):
            book.write(sheet, line, column, cell, text_wrap=True)
    finish_table(sheet, lines=line, columns=len(columns))


def _height(text: str) -> int:
    """Return the height of a line with a text in it: not every program finds it by itself."""
    lines = sum(1 + len(paragraph) // _LETTERS for paragraph in text.split("\n"))
    return min(_HIGHEST, 14 * lines)


def _narratives(report: Row) -> Iterator[tuple[Cell, ...]]:
    for one in report["narratives"]:
        name, unit = one["name"], one["unit"]
        if one["nil_reason"] is not None:
            yield name, "Lý do không phát sinh", None, one["nil_reason"], unit
        for section, heading in SECTION_NAMES.items():
            said = one["narrative"][section]
            if section == "proposals":
                for row in said:
                    yield name, heading, row["addressee"], row["text"], unit
            elif said is not None:
                yield name, heading, None, said, unit


def write_proposals(book: Book, sheet: Any, report: Row) -> None:
    """Write the proposals by addressee, with what became of each."""
    columns = [
        ("Nơi nhận kiến nghị", 30),
        ("Đơn vị", 36),
        ("Tình trạng", 20),
        ("Nội dung", 110),
        ("Trả lời", 60),
        ("Số văn bản", 20),
        ("Ngày văn bản", 12),
        ("Mã đơn vị", 26),
    ]
    book.headings(sheet, columns)
    names, line = unit_names(report), 0
    for group in report["proposals"]:
        for row in group["proposals"]:
            line += 1
            sheet.set_row(line, _height(row["text"]))
            for column, cell in enumerate(
                (
                    group["addressee"],
                    names.get(row["unit"], row["unit"]),
                    words.ANSWERED[row["status"]],
                    row["text"],
                    row["answer"],
                    row["document_number"],
                    _day("document_on")(row),
                    row["unit"],
                )
            ):
                book.write(sheet, line, column, cell, text_wrap=True)
    finish_table(sheet, lines=line, columns=len(columns))


def write_money(book: Book, sheet: Any, report: Row, names: Names) -> None:
    """Write executed expenditure: a unit a line, an item and source a column, and the totals."""
    money = report["expenditure"]
    columns = [("Đơn vị", 42), ("Mã đơn vị", 26), *((_head(row, names), 24) for row in money)]
    book.headings(sheet, columns)
    sections = [one for one in report["by_unit"] if one["expenditure"]]
    sections.sort(key=lambda one: (sort_key(one["name"]), one["unit"]))
    for line, one in enumerate(sections, 1):
        said = {(row["item"], row["source"]): Decimal(row["value"]) for row in one["expenditure"]}
        book.write(sheet, line, 0, one["name"], border=1)
        book.write(sheet, line, 1, one["unit"], border=1)
        for column, row in enumerate(money, 2):
            book.write(sheet, line, column, said.get((row["item"], row["source"])), border=1)
    total, look = len(sections) + 1, {"bold": True, "border": 1, "bg_color": _TOTAL}
    book.write(sheet, total, 0, "Toàn tỉnh", **look)
    book.write(sheet, total, 1, None, **look)
    for column, row in enumerate(money, 2):
        book.write(sheet, total, column, Decimal(row["value"]), **look)
    finish_table(sheet, lines=len(sections), columns=len(columns))
    sheet.set_row(0, 75)


def _head(row: Row, names: Names) -> str:
    source = names.sources.get(row["source"], row["source"])
    item = names.items.get(row["item"], "")
    return f"{row['item']} {item}\n{source} ({words.MONEY})"
