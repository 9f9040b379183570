"""How numbers, days and yes-or-no are written in Vietnam, in CSV texts and spreadsheet cells.

What can be read in one way only is understood; what can be read in two ways is refused, with how
to write either. Every function returns the value as the API's JSON has it, or raises Unclear.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from app.domain.errors import Param, Text
from app.domain.text import search_key


@dataclass(frozen=True)
class ErrorCell:
    """A spreadsheet cell whose formula failed, such as #N/A."""

    shown: str


Cell = str | Decimal | bool | datetime | ErrorCell

AMBIGUOUS_NUMBER = Text(
    "ambiguous_number",
    "Không rõ dấu chấm hoặc dấu phẩy ở đây phân cách hàng nghìn hay phần thập phân; hãy viết "
    "{thousands} hoặc {fraction}.",
    "It is not clear whether the separator stands for thousands or for decimals: write "
    "{thousands} or {fraction}.",
)
NOT_A_NUMBER = Text(
    "not_a_number",
    "Phải là số không âm, viết như 1234, 1.234.567 hoặc 1.234,5.",
    "It must be a number, not negative, written like 1234, 1.234.567 or 1.234,5.",
)
NOT_A_DAY = Text(
    "not_a_day",
    "Phải là ngày/tháng/năm với năm đủ bốn chữ số, như 31/12/2021.",
    "It must be day/month/year with a year of four digits, like 31/12/2021.",
)
MONTH_FIRST = Text(
    "month_first",
    "Không có tháng {month}; hãy viết ngày trước tháng sau, như 31/12/2021.",
    "There is no month {month}: write the day before the month, like 31/12/2021.",
)
DAY_WITH_TIME = Text(
    "day_with_time",
    "Chỉ ghi ngày, không kèm giờ.",
    "It must be a day alone, without a time of day.",
)
NOT_A_FLAG = Text(
    "not_yes_or_no",
    "Phải là «có» hoặc «không».",
    "It must be «có» (yes) or «không» (no).",
)
DAY_IN_TEXT = Text(
    "day_in_text",
    "Bảng tính đã đổi nội dung ô này thành ngày, giờ; hãy định dạng ô là văn bản và nhập lại.",
    "The spreadsheet has turned this cell into a day or a time: format it as text, type it again.",
)
ERROR_CELL = Text(
    "error_cell",
    "Công thức trong ô này báo lỗi.",
    "The formula in this cell has failed.",
)

_BLANKS: Final = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_PLAIN: Final = re.compile(r"\d+", re.ASCII)
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:([., ])\d{3})(?:\1\d{3})*", re.ASCII)
_DECIMAL: Final = re.compile(r"(\d+)[.,](\d+)", re.ASCII)
_GROUPED_DECIMAL: Final = re.compile(
    r"([1-9]\d{0,2}(?:([., ])\d{3})(?:\2\d{3})*)(?!\2)[.,](\d+)", re.ASCII
)
_LONGEST: Final = 40  # characters of a number or a day; no more is looked at
_MIDNIGHT: Final = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_CLOCK: Final = re.compile(r"[ T]\d{1,2}:\d{2}", re.ASCII)
_DAY_FIRST: Final = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}){_MIDNIGHT}", re.ASCII)
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})([/-])(\d{{1,2}})\2(\d{{1,2}}){_MIDNIGHT}", re.ASCII)
_MONTHS: Final = 12
_FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("co", "x", "true", "yes", "1"), True),
    **dict.fromkeys(("khong", "false", "no", "0"), False),
}


class Unclear(Exception):
    """A cell that cannot be understood; the text says how it should be written."""

    def __init__(self, text: Text, **params: Param) -> None:
        super().__init__(text.code)
        self.text = text
        self.params = params


def read_number(cell: Cell, *, whole: bool) -> str:
    """Return a number as the decimal text of the API: `1.234,5` is `1234.5`.

    `1.234` and `1,234` may be meant as thousands or as decimals and are refused. Where only
    `whole` numbers can be meant they are thousands, in the Vietnamese and in the English habit:
    nobody writes a count with three decimals. A spreadsheet's number has no separators and is
    taken as it is.
    """
    if isinstance(cell, Decimal) and cell >= 0:
        return plain_text(cell)
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        raise _unclear(cell, NOT_A_NUMBER)
    text = _BLANKS.sub(" ", cell.strip())
    if _PLAIN.fullmatch(text):
        return text
    grouped = _GROUPED.fullmatch(text)
    if grouped:
        joined = re.sub("[., ]", "", text)
        # Two separators, or a blank, can only be thousands.
        if whole or grouped[1] == " " or text.count(grouped[1]) > 1:
            return joined
        raise Unclear(AMBIGUOUS_NUMBER, thousands=joined, fraction=f"{_as_decimal(text)}")
    if _DECIMAL.fullmatch(text):
        return text.replace(",", ".")
    both = _GROUPED_DECIMAL.fullmatch(text)
    if both:
        return f"{re.sub('[., ]', '', both[1])}.{both[3]}"
    raise Unclear(NOT_A_NUMBER)


def read_day(cell: Cell) -> str:
    """Return a day as `YYYY-MM-DD`.

    Day before month is the one order of Vietnamese administration, so `1/2/2021` is 1 February.
    A year of two digits, a month above 12 and a time of day other than midnight are refused; so
    is a spreadsheet's bare number, which nobody can see to be a day.
    """
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise Unclear(DAY_WITH_TIME)
        return cell.date().isoformat()
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        raise _unclear(cell, NOT_A_DAY)
    text = _BLANKS.sub(" ", cell.strip())
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = found[1], found[3], found[4]
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[3], found[4]
    else:
        raise Unclear(DAY_WITH_TIME if _CLOCK.search(text) else NOT_A_DAY)
    if int(month) > _MONTHS:
        raise Unclear(MONTH_FIRST, month=int(month))
    return f"{year}-{int(month):02}-{int(day):02}"  # whether there is such a day is asked later


def read_flag(cell: Cell) -> bool:
    """Return yes or no: có, x, true, yes, 1; không, false, no, 0."""
    if isinstance(cell, bool):
        return cell
    shown = plain_text(cell) if isinstance(cell, Decimal) else cell
    found = _FLAGS.get(search_key(shown.strip())) if isinstance(shown, str) else None
    if found is None:
        raise _unclear(cell, NOT_A_FLAG)
    return found


def read_text(cell: Cell) -> str:
    """Return a cell as text. A number is written as it was typed: `524`, not `524.0`."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Decimal):
        return plain_text(cell)
    if not isinstance(cell, str):
        raise _unclear(cell, DAY_IN_TEXT)
    return cell.strip()


def read_code(cell: Cell) -> str:
    """Return a code; its name may stand behind it, as in `facebook – Facebook`."""
    return _code_of(read_text(cell))


def read_codes(cell: Cell) -> list[str]:
    """Return codes separated by `;`, each alone or with its name."""
    return [_code_of(part) for part in read_text(cell).split(";") if part.strip()]


def plain_text(number: Decimal) -> str:
    """Return a number without exponent and idle zeros."""
    return f"{number.normalize():f}" if number else "0"


def _code_of(text: str) -> str:
    return re.split(r"\s+[–—-]\s", text.strip(), maxsplit=1)[0]


def _as_decimal(text: str) -> str:
    """Return how to write unmistakably that the last three digits are decimals."""
    whole, fraction = re.split("[.,]", text)
    return f"{whole},{fraction}0"


def _unclear(cell: Cell, text: Text) -> Unclear:
    return Unclear(ERROR_CELL if isinstance(cell, ErrorCell) else text)
