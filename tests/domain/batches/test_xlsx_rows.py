import io
import random
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.activities.body import ActivityRow
from app.domain.batches.rows import RawRow
from app.domain.batches.workbook import MAX_UNPACKED, open_workbook
from app.domain.batches.xlsx_rows import read_xlsx
from app.domain.errors import Invalid
from tests.domain.batches.sheets import (
    A_ROW,
    CONTEXT,
    a_row,
    a_table,
    a_workbook,
    rewritten,
)

SHEET = "xl/worksheets/sheet1.xml"
FACTS = ("Thông tin", [("Mục", "Giá trị"), ("Đơn vị", "524 – Bình Sơn"), ("Mã biểu mẫu", "m-1")])


def read(body: bytes) -> list[RawRow]:
    return list(read_xlsx(io.BytesIO(body), context=CONTEXT))


def codes(row: RawRow) -> dict[str, str]:
    return {fault.pointer: fault.text.code for fault in row.faults}


def refused(body: bytes) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        read(body)
    return [fault.text.code for fault in refusal.value.faults]


def cells(*row: Any) -> dict[int, Any]:
    """Return how a row of cells is read back."""
    (sheet,) = open_workbook(io.BytesIO(a_workbook(("x", [row]))))
    ((_, found),) = sheet.rows()
    return found


def test_real_days_numbers_and_booleans_are_read() -> None:
    row = a_row(
        Ngày_thực_hiện=date(2021, 9, 10),
        Đơn_vị=524,
        Lồng_ghép=True,
        **{
            "Số tin, bài [posts]": 1234.0,
            "Thời lượng [minutes]": 0.1 + 0.2,
            "Kinh phí: Nguồn khác [other_lawful]": 1_500_000,
        },
    )
    (found,) = read(a_table(row))
    assert (found.number, found.line, found.faults) == (1, 2, ())
    said = ActivityRow.model_validate(found.value)
    assert (said.unit, said.occurred_on, said.integrated) == ("524", date(2021, 9, 10), True)
    assert [measure.value for measure in said.measures] == ["1234", "0.3"]
    assert said.expenditure[0].amount == 1_500_000


def test_texts_are_read_in_the_vietnamese_habit() -> None:
    (found,) = read(a_table(a_row(**{"Thời lượng [minutes]": "1.234,5"})))
    assert found.value["measures"][0]["value"] == "1234.5"
    (found,) = read(a_table(a_row(**{"Thời lượng [minutes]": "1.234"})))
    assert codes(found) == {"/measures/0/value": "ambiguous_number"}


def test_a_formula_counts_by_its_stored_value_and_a_failed_one_is_a_fault() -> None:
    row = a_row(Tên_hoạt_động='="a"&"b"|ab', **{"Số tin, bài [posts]": "=1+1|2"})
    (found,) = read(a_table(row))
    assert (found.value["title"], found.value["measures"][0]["value"]) == ("ab", "2")
    (found,) = read(a_table(a_row(Tên_hoạt_động="=NA()|#N/A")))
    assert codes(found) == {"/title": "error_cell"}
    assert str(found.value["title"]) == "#N/A"


def test_a_day_with_a_time_and_a_bare_number_are_no_days() -> None:
    morning = datetime.combine(date(2021, 9, 10), time(8, 30))
    for day, code in ((morning, "day_with_time"), (44449, "not_a_day")):
        (found,) = read(a_table(a_row(Ngày_thực_hiện=day)))
        assert codes(found) == {"/occurred_on": code}


def test_a_number_that_the_spreadsheet_made_a_day_of_is_a_fault() -> None:
    (found,) = read(a_table(a_row(Số_đến=date(2021, 3, 12))))
    assert codes(found) == {"/on_behalf/incoming_number": "day_in_text"}


def test_rows_are_numbered_and_found_by_their_place_in_the_sheet() -> None:
    rows = [list(A_ROW), [], list(A_ROW.values()), [" "], list(a_row(Mã_bản_ghi="r-2").values())]
    found = read(a_workbook(("Trang", [[], *rows])))
    assert [(row.number, row.line) for row in found] == [(1, 4), (2, 6)]


def test_the_sheet_of_rows_is_known_by_its_name() -> None:
    table = [list(A_ROW), list(A_ROW.values())]
    (found,) = read(a_workbook(("Ghi chú", [["gì đó"]]), ("Hoạt động", table)))
    assert found.value["external_id"] == "r-1"


def test_what_is_said_once_holds_for_every_row_that_says_nothing_else() -> None:
    without = {name: cell for name, cell in A_ROW.items() if name != "Đơn vị"}
    found = read(a_workbook(("Hoạt động", [list(without), list(without.values())]), FACTS))
    assert [row.value["unit"] for row in found] == ["524"]
    assert found[0].columns["/unit"] == "Thông tin"
    both = [list(A_ROW), list(a_row(Đơn_vị="525").values()), list(a_row(Đơn_vị=None).values())]
    found = read(a_workbook(("Hoạt động", both), FACTS))
    assert [row.value["unit"] for row in found] == ["525", "524"]


def test_a_row_with_nothing_but_the_templates_id_is_skipped() -> None:
    def ids(*texts: str) -> list[int]:
        table = [list(A_ROW), *([text] for text in texts)]
        return [row.line for row in read(a_workbook(("Hoạt động", table), FACTS))]

    assert ids("m-1-0001", "r-1", "m-1-0003") == [3]


@pytest.mark.parametrize(
    "entry", [("Kênh", "zalo"), ("Đơn vị", "525"), ("Hệ thống nguồn", date(2021, 1, 1))]
)
def test_an_entry_that_is_unknown_repeated_or_unreadable_is_refused(entry: Any) -> None:
    facts = (FACTS[0], [*FACTS[1], entry])
    table = ("Hoạt động", [list(A_ROW), list(A_ROW.values())])
    assert refused(a_workbook(table, facts)) == ["wrong_for_all_rows"]


def test_an_unknown_column_is_refused_with_its_cell() -> None:
    with pytest.raises(Invalid) as refusal:
        read(a_workbook(("x", [[], [*A_ROW, "Ghi chú"], list(A_ROW.values())])))
    (fault,) = refusal.value.faults
    assert (fault.text.code, fault.params) == ("unknown_column", {"cell": "I2"})


A_FEW = settings(max_examples=20, deadline=None)  # each makes a workbook


@A_FEW
@given(st.lists(st.just(0.0) | st.floats(min_value=1e-20, max_value=1e20), min_size=1))
def test_a_number_is_what_the_spreadsheet_shows(numbers: list[float]) -> None:
    found = list(cells(*numbers).values())
    assert [float(number) for number in found] == pytest.approx(numbers, rel=1e-14)
    assert all(len(number.as_tuple().digits) <= 15 for number in found)


@A_FEW
@given(st.lists(st.dates(min_value=date(1900, 3, 1)), min_size=1))
def test_a_day_is_the_day_that_was_written(days: list[date]) -> None:
    assert list(cells(*days).values()) == [datetime.combine(day, time()) for day in days]


def test_days_counted_from_1904_are_days() -> None:
    book = rewritten(
        a_table(a_row(Ngày_thực_hiện=date(2021, 9, 10))),
        "xl/workbook.xml",
        b"<workbookPr ",
        b'<workbookPr date1904="1" ',
    )
    (found,) = read(book)
    assert found.value["occurred_on"] == "2025-09-11"  # 1462 days later


def test_inline_texts_rich_texts_and_prefixed_names_are_read() -> None:
    plain = a_workbook(("x", [["một", "hai"]]))
    inline = rewritten(
        plain,
        SHEET,
        b'<c r="A1" t="s"><v>0</v></c>',
        b'<c r="A1" t="inlineStr"><is><r><t>m</t></r><r><t>ng</t></r><rPh><t>no</t></rPh></is></c>',
    )
    prefixed = rewritten(
        inline, SHEET, b"<sheetData>", b'<sheetData xmlns:x="u"><x:ext r="Z9"><v>9</v></x:ext>'
    )
    (sheet,) = open_workbook(io.BytesIO(prefixed))
    assert list(sheet.rows()) == [(1, {0: "mng", 1: "hai"})]


def test_cells_in_far_corners_cost_nothing() -> None:
    far = rewritten(a_workbook(("x", [["a"], [None, "b"]])), SHEET, b'r="B2"', b'r="XFD1048576"')
    (sheet,) = open_workbook(io.BytesIO(far))
    assert list(sheet.rows())[-1][1] == {16383: "b"}


def test_a_number_of_any_length_is_no_number() -> None:
    long = rewritten(a_workbook(("x", [[7]])), SHEET, b"<v>7</v>", b"<v>1E+999999</v>")
    (sheet,) = open_workbook(io.BytesIO(long))
    assert list(sheet.rows()) == [(1, {0: "1E+999999"})]


@pytest.mark.parametrize(
    "body",
    [b"", b"PK", b"a,b\n1,2\n", b"PK\x05\x06" + bytes(18), a_table(a_row())[:-100]],
    ids=["nothing", "two letters", "csv", "empty archive", "cut off"],
)
def test_what_is_no_workbook_is_refused(body: bytes) -> None:
    assert refused(body) == ["not_a_workbook"]


def test_a_locked_or_old_workbook_is_refused() -> None:
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)) == ["locked_workbook"]


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    file = io.BytesIO()
    archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(MAX_UNPACKED // 2**20 + 1):
            part.write(bytes(2**20))
    assert len(file.getvalue()) < 2**20
    assert refused(file.getvalue()) == ["workbook_too_large"]


def test_a_part_that_says_less_than_it_holds_is_refused() -> None:
    file = io.BytesIO(a_table(a_row()))
    with zipfile.ZipFile(file) as archive:
        size = archive.getinfo(SHEET).file_size
    lied = file.getvalue().replace(size.to_bytes(4, "little"), (99).to_bytes(4, "little"))
    assert lied != file.getvalue()
    assert refused(lied) == ["not_a_workbook"]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b"</worksheet>", b""),
        (SHEET, b'encoding="UTF-8"', b'encoding="UTF-88"'),
        (SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
        (SHEET, b'<c r="A1" t="s"><v>0<', b'<c r="A1" t="s"><v>99<'),
        ("xl/workbook.xml", b"<sheet ", b"<other "),
        ("xl/_rels/workbook.xml.rels", b"worksheets/sheet1.xml", b"worksheets/none.xml"),
    ],
)
def test_a_damaged_workbook_is_refused(part: str, old: bytes, new: bytes) -> None:
    assert refused(rewritten(a_table(a_row()), part, old, new)) == ["not_a_workbook"]


@pytest.mark.parametrize("seed", range(60))
def test_no_damage_is_a_fault_of_ours(seed: int) -> None:
    chance, body = random.Random(seed), bytearray(a_table(a_row()))
    for _ in range(1 + seed % 5):
        body[chance.randrange(len(body))] = chance.randrange(256)
    try:
        read(bytes(body))
    except Invalid as refusal:
        assert refusal.faults  # noqa: PT017 - it may also be harmless
