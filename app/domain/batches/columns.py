"""The columns of CSV and XLSX files: their headings, and what a cell under each becomes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlmodel import Session, col, select

from app.domain.batches.habits import (
    Cell,
    read_code,
    read_codes,
    read_day,
    read_flag,
    read_number,
    read_text,
)
from app.domain.catalogue.models import IndicatorVersion
from app.domain.catalogue.queries import codes, indicators
from app.domain.recorded import known
from app.domain.text import search_key


@dataclass(frozen=True)
class SheetContext:
    """What of the catalogue the columns depend on: what is measured, and who pays."""

    indicators: tuple["Measured", ...]
    sources: tuple[tuple[str, str], ...]  # code and Vietnamese name


@dataclass(frozen=True)
class Measured:
    """An indicator as a column shows it."""

    code: str
    name: str
    decimals: int = 0
    reposts: bool = False
    unit: str = ""
    definition: str = ""
    items: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it takes whole numbers only."""
        return self.decimals == 0


@dataclass(frozen=True)
class Column:
    """One column: its field's name, its Vietnamese heading, and how a cell under it is read.

    `path` is the place of the field in a row; an element of `measures` or `expenditure` has its
    code (and origin) in `element`, and its value under the last name of `path`.
    """

    name: str
    heading: str
    path: tuple[str, ...]
    read: Callable[[Cell], Any]
    needed: bool = False
    element: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, str]:
        """What its headings come down to."""
        return heading_key(self.name), heading_key(self.heading)

    def put(self, row: dict[str, Any], value: Any) -> str:
        """Put a cell's value into a row; return its JSON Pointer."""
        first, *rest = self.path
        if self.element:
            elements = row.setdefault(first, [])
            elements.append({**self.element, rest[0]: value})
            return f"/{first}/{len(elements) - 1}/{rest[0]}"
        if rest:
            row.setdefault(first, {})[rest[0]] = value
        else:
            row[first] = value
        return "/" + "/".join(self.path)


def sheet_context(session: Session, *, plan: str | None = None) -> SheetContext:
    """Return what the columns depend on: of one plan, or of all where none is named."""
    if plan is None:
        statement = select(IndicatorVersion).where(*known(IndicatorVersion))
        order = (col(IndicatorVersion.ordinal), col(IndicatorVersion.indicator_code))
        rows = session.exec(statement.order_by(*order)).all()
    else:
        rows = indicators(session, plan=plan)
    measured: dict[str, Measured] = {}
    for row in rows:
        before = measured.get(row.indicator_code)
        measured[row.indicator_code] = Measured(
            row.indicator_code,
            row.name_vi,
            decimals=max(row.decimals, before.decimals if before else 0),
            reposts=row.reposts or (before is not None and before.reposts),
            unit=row.unit_vi,
            definition=row.definition_vi,
            items=row.items,
        )
    sources = codes(session, list_="funding_source")
    return SheetContext(
        tuple(measured.values()), tuple((entry.code, entry.name_vi) for entry in sources)
    )


def all_columns(context: SheetContext) -> list[Column]:
    """Return every column that a file may have, in the template's order."""
    return [*_SINGLE, *_measures(context), *_expenditure(context)]


def needed_columns() -> list[Column]:
    """Return the columns without which no row says enough."""
    return [column for column in _SINGLE if column.needed]


def for_all_rows() -> list[Column]:
    """Return the columns of what may be said once for all rows of a workbook."""
    return [column for column in _SINGLE if column.name in ("unit", "plan", "source_system")]


def letters(index: int) -> str:
    """Return a column's letters, as spreadsheets have them: A, B … Z, AA, AB and so on."""
    name = ""
    while index >= 0:
        index, place = divmod(index, 26)
        name, index = chr(ord("A") + place) + name, index - 1
    return name


def heading_key(heading: str) -> str:
    """Return a heading without case, diacritics and blanks; of `…[code]` its kind and code."""
    plain = "".join(search_key(heading).split()).rstrip("*")
    bracketed = re.fullmatch(r"(.*)\[([a-z0-9_.]+)\]", plain)
    if bracketed is None:
        return plain
    kind = "expenditure" if bracketed[1].startswith("kinhphi") else "measures"
    return f"{kind}.{bracketed[2]}"


def _whole(cell: Cell) -> int | str:
    """Return a whole number, or the text of one that is not, which the row's check refuses."""
    number = read_number(cell, whole=True)
    whole, _, fraction = number.partition(".")
    return number if fraction.strip("0") else int(whole)


def _links(cell: Cell) -> list[dict[str, str]]:
    return [{"url": link} for link in read_text(cell).split()]


def _single(
    name: str, heading: str, read: Callable[[Cell], Any], *, needed: bool = False
) -> Column:
    return Column(name, heading, tuple(name.split(".")), read, needed)


_SINGLE: Final = (
    _single("external_id", "Mã bản ghi", read_text, needed=True),
    _single("unit", "Đơn vị", read_code, needed=True),
    _single("source_system", "Hệ thống nguồn", read_text, needed=True),
    _single("plan", "Kế hoạch", read_code, needed=True),
    _single("plan_item", "Hình thức, nhiệm vụ", read_code, needed=True),
    _single("content_themes", "Nội dung tuyên truyền", read_codes),
    _single("occurred_on", "Ngày thực hiện", read_day, needed=True),
    _single("ended_on", "Ngày kết thúc", read_day),
    _single("occurrences", "Số lượt", _whole),
    _single("channel", "Kênh", read_code, needed=True),
    _single("format", "Thể loại", read_code),
    _single("title", "Tên hoạt động", read_text, needed=True),
    _single("description", "Mô tả", read_text),
    _single("languages", "Ngôn ngữ", read_codes),
    _single("integrated", "Lồng ghép", read_flag),
    _single("participants", "Đơn vị phối hợp", read_codes),
    _single("evidence", "Minh chứng", _links),
    _single("on_behalf.incoming_number", "Số đến", read_text),
    _single("on_behalf.incoming_on", "Ngày đến", read_day),
    _single("expected_revision", "Lần sửa", _whole),
    _single("reason", "Lý do sửa", read_text),
)


def _measures(context: SheetContext) -> Iterator[Column]:
    for row in context.indicators:

        def read(cell: Cell, whole: bool = row.whole) -> str:  # noqa: FBT001 - bound, not passed
            return read_number(cell, whole=whole)

        path = ("measures", "value")
        own = {"indicator": row.code, "origin": "original"}
        yield Column(f"measures.{row.code}", f"{row.name} [{row.code}]", path, read, element=own)
        if row.reposts:
            yield Column(
                f"measures.{row.code}.repost",
                f"{row.name} (đăng lại) [{row.code}.repost]",
                path,
                read,
                element={**own, "origin": "repost"},
            )


def _expenditure(context: SheetContext) -> Iterator[Column]:
    for code, name in context.sources:
        yield Column(
            f"expenditure.{code}",
            f"Kinh phí: {name} [{code}]",
            ("expenditure", "amount"),
            _whole,
            element={"source": code},
        )
