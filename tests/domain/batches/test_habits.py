from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batches import habits
from app.domain.batches.habits import (
    AMBIGUOUS_NUMBER,
    DAY_IN_TEXT,
    DAY_WITH_TIME,
    ERROR_CELL,
    MONTH_FIRST,
    NOT_A_DAY,
    NOT_A_FLAG,
    NOT_A_NUMBER,
    Cell,
    ErrorCell,
    Unclear,
    read_code,
    read_codes,
    read_day,
    read_flag,
    read_number,
    read_text,
)
from app.domain.errors import Text

AN_ERROR = ErrorCell("#N/A")
A_DAY = datetime(2021, 12, 31, tzinfo=UTC).replace(tzinfo=None)


def unclear(read: Callable[..., Any], cell: Cell, **options: Any) -> Text:
    with pytest.raises(Unclear) as refusal:
        read(cell, **options)
    said = refusal.value
    assert said.text.say("vi", said.params) != said.text.say("en", said.params)
    return said.text


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1234", "1234"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234\u202f567", "1234567"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234.567,25", "1234567.25"),
        ("1 234,567", "1234.567"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("1234,567", "1234.567"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("1,2340", "1.2340"),
        (" 7 ", "7"),
        (Decimal("12"), "12"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.30"), "0.3"),
        (Decimal("0"), "0"),
    ],
)
def test_a_number_is_read_as_it_is_meant(cell: Cell, number: str) -> None:
    assert read_number(cell, whole=False) == number


@pytest.mark.parametrize("cell", ["1.234", "1,234", "12.000", "999,999"])
def test_what_may_be_thousands_or_decimals_is_refused_with_both_readings(cell: str) -> None:
    with pytest.raises(Unclear) as refusal:
        read_number(cell, whole=False)
    assert refusal.value.text == AMBIGUOUS_NUMBER
    shown = refusal.value.params
    readings = [read_number(str(shown[name]), whole=False) for name in ("thousands", "fraction")]
    plain = cell.replace(",", ".")
    assert [Decimal(reading) for reading in readings] == [Decimal(plain) * 1000, Decimal(plain)]


@pytest.mark.parametrize(
    ("cell", "number"), [("1.234", "1234"), ("1,234", "1234"), ("5.000", "5000")]
)
def test_thousands_are_thousands_where_only_whole_numbers_can_be_meant(
    cell: str, number: str
) -> None:
    assert read_number(cell, whole=True) == number


@pytest.mark.parametrize(
    "cell",
    ["", "-5", "+5", "1.23.456", "1.2345.678", "1,234,56", "12%", "5 tin", "1e3", "½", "٣", "1..5",
     "1.234.5", "9" * 41, Decimal("-1"), True, A_DAY],
)  # fmt: skip
@pytest.mark.parametrize("whole", [True, False])
def test_what_is_no_number_is_refused(cell: Cell, *, whole: bool) -> None:
    assert unclear(read_number, cell, whole=whole) == NOT_A_NUMBER


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=999_999))
def test_every_vietnamese_writing_of_a_number_is_that_number_or_refused(
    whole: int, millionths: int
) -> None:
    value = whole + Decimal(millionths) / 1_000_000
    english = f"{value.normalize():,f}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    for written in (english, vietnamese):
        try:
            assert Decimal(read_number(written, whole=False)) == value
        except Unclear as refusal:
            assert refusal.text == AMBIGUOUS_NUMBER  # noqa: PT017 - either is right
            assert len(written.replace(",", ".").split(".")[-1]) == 3
    assert read_number(f"{whole:,}".replace(",", "."), whole=True) == str(whole)


@given(st.text(alphabet="0123456789., \u00a0-+e", max_size=12))
def test_no_text_becomes_another_number(text: str) -> None:
    try:
        found = read_number(text, whole=False)
    except Unclear:
        return
    digits = "".join(char for char in text if char.isdigit())
    assert "".join(char for char in found if char.isdigit()) == digits


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("31/12/2021", "2021-12-31"),
        ("31-12-2021", "2021-12-31"),
        ("31.12.2021", "2021-12-31"),
        ("2021-12-31", "2021-12-31"),
        ("2021/12/31", "2021-12-31"),
        ("1/2/2021", "2021-02-01"),
        (" 01/02/2021 ", "2021-02-01"),
        ("31/12/2021 00:00:00", "2021-12-31"),
        ("2021-12-31T00:00:00.000", "2021-12-31"),
        (A_DAY, "2021-12-31"),
    ],
)
def test_a_day_is_read_day_before_month(cell: Cell, day: str) -> None:
    assert read_day(cell) == day


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("31/12/21", NOT_A_DAY),
        ("31/12-2021", NOT_A_DAY),
        ("44561", NOT_A_DAY),
        ("hôm qua", NOT_A_DAY),
        ("", NOT_A_DAY),
        ("٣/1/2021", NOT_A_DAY),
        (Decimal("44561"), NOT_A_DAY),
        (True, NOT_A_DAY),
        ("12/31/2021", MONTH_FIRST),
        ("2021-31-12", MONTH_FIRST),
        ("31/12/2021 08:30", DAY_WITH_TIME),
        (A_DAY.replace(hour=8), DAY_WITH_TIME),
        (AN_ERROR, ERROR_CELL),
    ],
)
def test_what_is_no_day_is_refused(cell: Cell, text: Text) -> None:
    assert unclear(read_day, cell) == text


@given(st.dates(min_value=date(1900, 1, 1)), st.sampled_from("/-."))
def test_every_day_written_the_vietnamese_way_is_that_day(day: date, by: str) -> None:
    for written in (f"{day.day}{by}{day.month}{by}{day.year:04}", day.strftime(f"%d{by}%m{by}%Y")):
        assert read_day(written) == day.isoformat()


@pytest.mark.parametrize("cell", ["có", "Có", "CO", "x", "X ", "true", "1", Decimal(1), True])
def test_yes_is_read(cell: Cell) -> None:
    assert read_flag(cell) is True


@pytest.mark.parametrize("cell", ["không", "Khong", "false", "0", Decimal(0), False])
def test_no_is_read(cell: Cell) -> None:
    assert read_flag(cell) is False


@pytest.mark.parametrize("cell", ["có thể", "2", Decimal(2), "", A_DAY])
def test_neither_yes_nor_no_is_refused(cell: Cell) -> None:
    assert unclear(read_flag, cell) == NOT_A_FLAG


@pytest.mark.parametrize(
    ("cell", "text"),
    [(" 12/3 ", "12/3"), (Decimal("524"), "524"), (Decimal("0.5"), "0.5"), (True, "TRUE")],
)
def test_a_text_is_what_was_typed(cell: Cell, text: str) -> None:
    assert read_text(cell) == text


def test_a_text_that_the_spreadsheet_made_a_day_of_is_refused() -> None:
    assert unclear(read_text, A_DAY) == DAY_IN_TEXT


@pytest.mark.parametrize("read", [read_text, read_code, read_codes, read_day, read_flag])
def test_a_failed_formula_is_refused(read: Callable[..., Any]) -> None:
    assert unclear(read, AN_ERROR) == ERROR_CELL
    assert unclear(read_number, AN_ERROR, whole=True) == ERROR_CELL


def test_a_code_may_have_its_name_behind_it() -> None:
    assert read_code("facebook – Facebook") == "facebook"
    assert read_code("gso-524 - Huyện Bình Sơn") == "gso-524"
    assert read_code(" III.1.b ") == "III.1.b"
    assert read_codes("vi – Tiếng Việt; hre;") == ["vi", "hre"]


def test_the_module_says_each_thing_once() -> None:
    texts = [value for value in vars(habits).values() if isinstance(value, Text)]
    assert len({text.code for text in texts}) == len(texts) > 5
