"""Making the spreadsheet that a unit without a program fills in with its activity reports."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from sqlmodel import Session

from app.domain.batches.columns import (
    Column,
    Measured,
    all_columns,
    for_all_rows,
    letters,
    sheet_context,
)
from app.domain.batches.explained import EXPLAINED, GUIDE
from app.domain.batches.xlsx_rows import ACTIVITIES, FOR_ALL_ROWS, PREFIX
from app.domain.catalogue.queries import codes
from app.domain.plans.models import ContentTheme, Plan, PlanItem
from app.domain.plans.queries import items, themes
from app.domain.units.models import UnitVersion

ROWS: Final = 1_000  # with a record id each
SOURCE_SYSTEM: Final = "bieu-mau"
_LISTS: Final = "Danh mục"
_LONGEST_NAME: Final = 100  # letters of a name in a drop-down
_ON_BEHALF: Final = ("on_behalf.incoming_number", "on_behalf.incoming_on")
_LEFT_OUT: Final = ("unit", "plan", "source_system", "expected_revision", "reason")
_DAYS: Final = ("occurred_on", "ended_on", "on_behalf.incoming_on")
_ONE_OF: Final = ("plan_item", "channel", "format")
_SOME_OF: Final = ("content_themes", "languages")
_WIDE: Final = ("plan_item", "title", "description", "evidence")


@dataclass(frozen=True)
class _Book:
    """The workbook in the making, with its formats."""

    book: xlsxwriter.Workbook

    def format(self, **properties: Any) -> Any:
        return self.book.add_format({"font_name": "Arial", "font_size": 10, **properties})

    def heading(self, colour: str) -> Any:
        return self.format(bold=True, text_wrap=True, valign="top", border=1, bg_color=colour)


def activity_template(
    session: Session,
    *,
    unit: UnitVersion,
    plan: Plan,
    on: date,
    prefix: str,
    on_behalf: bool,
) -> bytes:
    """Return a workbook for a unit's activity reports, which is read as it is when it is filled in.

    Its drop-downs hold what is valid on the day; its record ids begin with `prefix`, which no
    other template must have. `on_behalf` adds the columns of the incoming document.
    """
    file = io.BytesIO()
    # A text that begins with "=" or "http" stays a text.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(file, options)
    created = datetime.combine(on, time())  # the same day, the same bytes
    workbook.set_properties({"title": plan.title, "created": created})
    book = _Book(workbook)
    rows, facts, lists, guide = (
        workbook.add_worksheet(name) for name in (ACTIVITIES, FOR_ALL_ROWS, _LISTS, "Hướng dẫn")
    )
    ranges = _write_lists(book, lists, _choices(session, plan=plan.slug, on=on))
    context = sheet_context(session, plan=plan.slug)
    left_out = _LEFT_OUT if on_behalf else (*_LEFT_OUT, *_ON_BEHALF)
    columns = [column for column in all_columns(context) if column.name not in left_out]
    measured = {row.code: row for row in context.indicators}
    _write_rows(_Rows(book, rows, ranges, measured, plan), columns, prefix)
    _write_facts(book, facts, unit, plan, prefix)
    _write_guide(book, guide)
    workbook.close()
    return file.getvalue()


def _choices(session: Session, *, plan: str, on: date) -> dict[str, tuple[str, list[str]]]:
    """Return the texts of each drop-down with its title, by the field that it is for."""
    found = {
        "plan_item": (
            "Hình thức, nhiệm vụ",
            [
                _choice(item.code, _text_of(item))
                for item in items(session, plan=plan)
                if item.kind != "funding_rule"
            ],
        ),
        "content_themes": (
            "Nội dung tuyên truyền",
            [_choice(theme.code, _text_of(theme)) for theme in themes(session, plan=plan)],
        ),
    }
    for field, list_, title in (
        ("channel", "channel", "Kênh"),
        ("format", "format", "Thể loại"),
        ("languages", "language", "Ngôn ngữ"),
    ):
        entries = codes(session, list_=list_)
        found[field] = (title, [_choice(e.code, e.name_vi) for e in entries if on in e.period])
    return found


def _text_of(said: PlanItem | ContentTheme) -> str:
    if isinstance(said, ContentTheme):
        return said.text
    return said.heading or " ".join(said.text)


def _choice(code: str, name: str) -> str:
    name = " ".join(name.replace(";", ",").split())  # a semicolon stands between codes
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
    return f"{code} – {short}"


def _write_lists(
    book: _Book, sheet: Any, choices: dict[str, tuple[str, list[str]]]
) -> dict[str, str]:
    """Write the drop-downs' texts, a column each; return where each is."""
    ranges = {}
    heading, wrapped = book.heading("#D9E2F3"), book.format(text_wrap=True, valign="top")
    for column, (name, (title, texts)) in enumerate(choices.items()):
        sheet.write_string(0, column, title, heading)
        sheet.write_column(1, column, texts, wrapped)
        sheet.set_column(column, column, 60 if name in ("plan_item", "content_themes") else 32)
        letter = letters(column)
        ranges[name] = f"='{_LISTS}'!${letter}$2:${letter}${len(texts) + 1}"
    sheet.freeze_panes(1, 0)
    return ranges


@dataclass(frozen=True)
class _Rows:
    """What the columns of the sheet of rows are made with."""

    book: _Book
    sheet: Any
    ranges: dict[str, str]
    measured: dict[str, Measured]
    plan: Plan


def _write_rows(made: _Rows, columns: Sequence[Column], prefix: str) -> None:
    needed, other = made.book.heading("#F8CBAD"), made.book.heading("#D9E2F3")
    names = [column.name for column in columns]
    item = f"${letters(names.index('plan_item'))}"
    for index, column in enumerate(columns):
        heading = f"{column.heading} *" if column.needed else column.heading
        made.sheet.write_string(0, index, heading, needed if column.needed else other)
        note = _note(column, made.measured)
        made.sheet.write_comment(0, index, note, {"x_scale": 2.2, "y_scale": 1.6})
        width = 36 if column.name in _WIDE else 18
        made.sheet.set_column(index, index, width, made.book.format(**_format(column, made)))
        rule = _rule(column, made)
        if rule:
            made.sheet.data_validation(1, index, ROWS, index, rule)
        indicator = column.element.get("indicator")
        if indicator is not None:
            _grey_where_it_does_not_apply(made, index, item, made.measured[indicator].items)
    made.sheet.set_row(0, 90)
    made.sheet.freeze_panes(1, 2)
    ids = [f"{prefix}-{number:04}" for number in range(1, ROWS + 1)]
    made.sheet.write_column(1, names.index("external_id"), ids, made.book.format(num_format="@"))


def _note(column: Column, measured: dict[str, Measured]) -> str:
    if column.name.startswith("expenditure."):
        return EXPLAINED["expenditure"]
    indicator = column.element.get("indicator")
    if indicator is None:
        return EXPLAINED[column.name]
    row = measured[indicator]
    kind = "Chỉ phần đăng lại, khai thác lại.\n" if column.element["origin"] == "repost" else ""
    items_ = ", ".join(row.items)
    return f"{kind}{row.definition}\nĐơn vị tính: {row.unit}.\nÁp dụng cho: {items_}."


def _format(column: Column, made: _Rows) -> dict[str, Any]:
    if column.name in _DAYS:
        return {"num_format": "dd/mm/yyyy"}
    indicator = column.element.get("indicator")
    if indicator is not None:
        decimals = made.measured[indicator].decimals
        return {"num_format": f"#,##0.{'0' * decimals}" if decimals else "#,##0"}
    if column.element or column.name == "occurrences":
        return {"num_format": "#,##0"}
    # As text, or the spreadsheet would make a day of the number 12/3.
    return {"num_format": "@", "text_wrap": column.name in _WIDE}


def _rule(column: Column, made: _Rows) -> dict[str, Any] | None:
    """Return what the spreadsheet itself checks of a column while it is filled in."""
    if column.name in _ONE_OF:
        return {"validate": "list", "source": made.ranges[column.name]}
    if column.name in _SOME_OF:  # several codes are typed, which no list has
        source = made.ranges[column.name]
        return {"validate": "list", "source": source, "show_error": False}
    if column.name == "integrated":
        return {"validate": "list", "source": ["có", "không"]}
    if column.name in ("occurred_on", "ended_on"):
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": made.plan.valid_from,
            "maximum": made.plan.valid_to - timedelta(days=1),
            "error_type": "warning",  # what is a day to us may be a text to the spreadsheet
            "error_title": "Ngày",
            "error_message": "Ngày/tháng/năm, trong thời gian của Kế hoạch.",
        }
    indicator = column.element.get("indicator")
    if indicator is None and not column.element and column.name != "occurrences":
        return None
    whole = indicator is None or made.measured[indicator].whole
    return {
        "validate": "integer" if whole else "decimal",
        "criteria": ">=",
        "value": 1 if column.name == "occurrences" else 0,
        "error_type": "warning",  # and so with a number
        "error_title": "Số",
        "error_message": "Số nguyên không âm." if whole else "Số không âm.",
    }


def _grey_where_it_does_not_apply(
    made: _Rows, index: int, item: str, applies: Sequence[str]
) -> None:
    code = f'LEFT({item}2,FIND(" ",{item}2&" ")-1)'
    listed = f",{','.join(applies)},"
    formula = f'=AND({item}2<>"",ISERROR(SEARCH(","&{code}&",","{listed}")))'
    grey = made.book.format(bg_color="#BFBFBF")
    rule = {"type": "formula", "criteria": formula, "format": grey}
    made.sheet.conditional_format(1, index, ROWS, index, rule)


def _write_facts(book: _Book, sheet: Any, unit: UnitVersion, plan: Plan, prefix: str) -> None:
    said = {
        "unit": _choice(unit.unit_key, unit.name),
        "plan": _choice(plan.slug, plan.title),
        "source_system": SOURCE_SYSTEM,
    }
    explained = {
        "unit": "Đơn vị thực hiện các hoạt động trong biểu này.",
        "plan": "Kế hoạch mà các hoạt động thực hiện.",
        "source_system": "Tên nguồn dữ liệu; giữ nguyên.",
    }
    rows = [(c.heading, said[c.name], explained[c.name]) for c in for_all_rows()]
    rows.append((PREFIX, prefix, "Phần đầu của các mã bản ghi đã điền sẵn; giữ nguyên."))
    sheet.write_row(0, 0, ("Mục", "Giá trị", "Giải thích"), book.heading("#D9E2F3"))
    for line, row in enumerate(rows, 1):
        sheet.write_row(line, 0, row, book.format(num_format="@", text_wrap=True, valign="top"))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 2, 60)


def _write_guide(book: _Book, sheet: Any) -> None:
    first, other = book.format(bold=True), book.format(text_wrap=True, valign="top")
    sheet.set_column(0, 0, 110)
    for line, text in enumerate(GUIDE.format(rows=ROWS).splitlines()):
        sheet.write_string(line, 0, text, other if line else first)
