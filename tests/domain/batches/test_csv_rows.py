import io
import tracemalloc

import pytest
from pydantic import ValidationError

from app.domain.activities.body import ActivityRow
from app.domain.batches.csv_rows import read_csv
from app.domain.batches.header import Unread
from app.domain.batches.rows import MAX_RECORD, RawRow
from app.domain.errors import Invalid
from app.domain.wire_faults import faults_in_body
from tests.domain.batches.sheets import A_ROW, CONTEXT, a_csv, a_row


def read(body: bytes) -> list[RawRow]:
    return list(read_csv(io.BytesIO(body), context=CONTEXT))


def codes(row: RawRow) -> dict[str, str]:
    return {fault.pointer: fault.text.code for fault in row.faults}


def refused(body: bytes) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        read(body)
    return [fault.text.code for fault in refusal.value.faults]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_row_is_read_whatever_separates_its_cells(delimiter: str, encoding: str) -> None:
    body = a_csv(
        a_row(
            Nội_dung_tuyên_truyền="II.1.1; II.1.2 – Lý luận",
            Lồng_ghép="có",
            Minh_chứng="https://a.vn/1\nhttps://a.vn/2",
            Mô_tả='Dòng một\nDòng "hai"; ba, bốn',
            **{
                "Số tin, bài [posts]": "1.234",
                "measures.posts.repost": "2",
                "THOI LUONG [minutes]": "1.234,5",
                "Kinh phí: Nguồn khác [other_lawful]": "1.500.000",
            },
        ),
        delimiter=delimiter,
        encoding=encoding,
    )
    (row,) = read(body)
    assert (row.number, row.line, row.faults) == (1, 2, ())
    said = ActivityRow.model_validate(row.value).model_dump(mode="json", exclude_defaults=True)
    assert said == {
        "external_id": "r-1",
        "unit": "524",
        "source_system": "portal",
        "plan": "tuyen-truyen-2021-2025",
        "plan_item": "III.1.b",
        "occurred_on": "2021-09-10",
        "channel": "facebook",
        "title": "Đăng tin",
        "content_themes": ["II.1.1", "II.1.2"],
        "integrated": True,
        "evidence": [{"url": "https://a.vn/1"}, {"url": "https://a.vn/2"}],
        "description": 'Dòng một\nDòng "hai"; ba, bốn',
        "measures": [
            {"indicator": "posts", "value": "1234"},
            {"indicator": "posts", "value": "2", "origin": "repost"},
            {"indicator": "minutes", "value": "1234.5"},
        ],
        "expenditure": [{"source": "other_lawful", "amount": 1_500_000}],
    }
    assert row.columns["/measures/2"] == "THOI LUONG [minutes]"
    assert row.columns["/expenditure/0"] == "Kinh phí: Nguồn khác [other_lawful]"
    assert row.columns["/occurred_on"] == "Ngày thực hiện"


def test_field_names_of_the_api_are_headings_too() -> None:
    body = (
        "external_id,unit,source_system,plan,plan_item,occurred_on,channel,title,"
        "on_behalf.incoming_number,on_behalf.incoming_on,expected_revision,reason\n"
        "r-1,524,portal,tuyen-truyen-2021-2025,III.1.b,2021-09-10,facebook,Tin,12/3,1/9/2021,2,Nhầm\n"
    )
    (row,) = read(body.encode())
    found = ActivityRow.model_validate(row.value)
    assert found.on_behalf is not None
    assert (found.on_behalf.incoming_number, str(found.on_behalf.incoming_on)) == (
        "12/3",
        "2021-09-01",
    )
    assert (found.expected_revision, found.reason) == (2, "Nhầm")


def test_a_cell_that_is_not_understood_is_a_fault_at_its_place() -> None:
    body = a_csv(
        a_row(
            Ngày_thực_hiện="12/31/2021",
            Lồng_ghép="hơi",
            **{"Thời lượng [minutes]": "1.234", "Số tin, bài [posts]": "5"},
        )
    )
    (row,) = read(body)
    assert codes(row) == {
        "/occurred_on": "month_first",
        "/integrated": "not_yes_or_no",
        "/measures/0/value": "ambiguous_number",
    }
    assert row.value["occurred_on"] == Unread("12/31/2021")
    assert str(row.value["measures"][0]["value"]) == "1.234"
    with pytest.raises(ValidationError) as refusal:
        ActivityRow.model_validate(row.value)
    at = {fault.pointer for fault in faults_in_body(refusal.value)}
    assert at == set(codes(row)), "what could not be read is refused nowhere else"


def test_empty_rows_are_skipped_and_lines_counted_as_a_person_does() -> None:
    body = a_csv(a_row(Mô_tả="hai\ndòng"), dict.fromkeys(A_ROW, " "), a_row(Mã_bản_ghi="r-2"))
    assert [(row.number, row.line) for row in read(body)] == [(1, 2), (2, 5)]


def test_a_row_with_nothing_but_its_id_is_not_passed_over() -> None:
    (row,) = read(a_csv({**dict.fromkeys(A_ROW, ""), "Mã bản ghi": "r-1"}))
    assert row.value == {"external_id": "r-1"}


def test_a_cell_without_a_heading_is_not_passed_over() -> None:
    body = a_csv(a_row()).rstrip() + b",more\r\n"
    (row,) = read(body)
    assert codes(row) == {"": "cell_without_column"}
    assert row.faults[0].params == {"letters": "I"}


def test_a_broken_record_is_a_fault_of_its_own_row() -> None:
    body = a_csv(a_row(), a_row(Mã_bản_ghi="r-2")).splitlines(keepends=True)
    found = read(body[0] + body[1] + b'"a"b,c\r\n' + b"r-\xff,524\r\n" + body[2])
    assert [(row.number, row.line) for row in found] == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert [list(codes(row).values()) for row in found] == [
        [],
        ["broken_record"],
        ["not_utf_eight"],
        [],
    ]


def test_a_quotation_mark_that_is_never_closed_tells_which_lines_are_lost() -> None:
    lines = a_csv(a_row(), a_row()).splitlines(keepends=True)
    found = read(lines[0] + lines[1] + b'"' + lines[2])
    assert [codes(row) for row in found] == [{}, {"": "broken_record"}]
    assert found[1].faults[0].params == {"first": 3, "last": 3}


def test_a_record_that_is_too_long_is_a_fault_of_its_own_row() -> None:
    lines = a_csv(a_row(), a_row()).splitlines(keepends=True)
    for long in (b"x" * MAX_RECORD + b"\n", b'"' + (b"y," * 50_000 + b"\n") * 20):
        found = read(lines[0] + long + lines[1])
        assert found[-1].faults == ()
        assert found[-1].value["external_id"] == "r-1"
        lost = [code for row in found[:-1] for code in codes(row).values()]
        assert {"record_too_long", "broken_record"} & set(lost)
        assert all(len(row.faults) < 5 for row in found)


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(rows: int) -> int:
        file = io.BytesIO(a_csv(*([a_row()] * rows)))
        tracemalloc.start()
        assert sum(1 for _ in read_csv(file, context=CONTEXT)) == rows
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return top

    assert peak(5_000) < 1.3 * peak(500)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1258", "latin-1"])
def test_another_encoding_is_refused(encoding: str) -> None:
    text = a_csv(a_row()).decode().replace("ạ", "à").replace("ộ", "ô")
    assert refused(text.encode(encoding, "replace")) == ["not_utf_eight"]


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf", b",,\n"])
def test_a_file_without_headings_is_refused(body: bytes) -> None:
    assert refused(body) == ["no_headings"]


def test_unknown_repeated_and_missing_columns_are_refused_together() -> None:
    row = a_row(**{"Ghi chú": "x", "KÊNH": "zalo"})
    del row["Tên hoạt động"]
    with pytest.raises(Invalid) as refusal:
        read(a_csv(row))
    unknown, twice, missing = refusal.value.faults
    assert (unknown.text.code, unknown.params) == ("unknown_column", {"cell": "H1"})
    assert unknown.permitted is not None
    assert {"title", "measures.posts.repost"} <= set(unknown.permitted)
    assert (twice.text.code, twice.params) == ("column_given_twice", {"cell": "I1", "before": "G1"})
    assert (missing.text.code, missing.params) == ("column_missing", {"column": "Tên hoạt động"})
