"""A consolidated report as CSV and as a workbook: the same figures as its JSON, to the digit."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest
from python_calamine import CalamineWorkbook

from app.api.consolidation.kept import KeptReports
from app.api.forms import form_of
from app.api.refusals import NotAcceptable
from app.domain.batches.readers import XLSX
from app.domain.consolidation.figures import figures
from app.domain.consolidation.table_words import Names
from app.domain.consolidation.tables import figures_csv
from app.domain.consolidation.workbook import Stamp, workbook
from tests.conftest import Databases
from tests.support.api import Api, Portal, running_api
from tests.support.makers import OFFICE, PLAN
from tests.support.reviewing import done
from tests.support.told import FORMULA, a_told_year, asked

Row = dict[str, Any]
LATEST: Final = f"/v1/plans/{PLAN}/cycles/2021/consolidated-report"
CSV: Final = "text/csv"
JSON: Final = "application/json"
SHEETS: Final = [
    "Tổng hợp",
    "Số liệu",
    "Phụ lục",
    "Đơn vị báo cáo",
    "Phần lời",
    "Kiến nghị",
    "Kinh phí",
]


@dataclass(frozen=True)
class Told:
    api: Api
    focal: Portal
    place: str

    def get(self, path: str | None = None, **options: Any) -> httpx.Response:
        return self.focal.request("GET", path or self.place, **options)

    def form(self, name: str) -> bytes:
        answer = self.get(params={"format": name})
        assert answer.status_code == 200, answer.text
        return answer.content

    @property
    def said(self) -> Row:
        found: Row = json.loads(self.form("json"))
        return found


@pytest.fixture(scope="module")
def told(databases: Databases) -> Iterator[Told]:
    with databases.loaded() as url, running_api(url) as api:
        focal = a_told_year(api)
        yield Told(api, focal, asked(api, focal))


def csv_lines(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def number_of(cell: Any) -> Decimal | None:
    """Return what a cell of a workbook stands for: a number, or a text that is too long for one."""
    return (
        None if cell == "" else Decimal(cell.replace(",", ".") if isinstance(cell, str) else cell)
    )


def test_every_figure_of_the_json_is_a_line_of_csv(told: Told) -> None:
    lines = csv_lines(told.form("csv"))
    expected = list(figures(told.said))
    assert len(lines) == len(expected)
    for line, one in zip(lines, expected, strict=True):
        assert line["pointer"] == one.pointer
        assert line["value"] == (one.value or "")
        assert line["Giá trị"] == (one.value or "").replace(".", ",")
        assert (line["part"], line["column"], line["unit"]) == (
            one.part,
            one.column,
            one.unit or "",
        )
        codes = (one.item, one.indicator, one.origin, one.source, one.dimension, one.member)
        names = ("Mã nhiệm vụ", "Mã chỉ tiêu", "origin", "source", "dimension", "member")
        assert tuple(line[name] for name in names) == tuple(code or "" for code in codes)
    table = {line["pointer"]: line for line in lines}
    unit = table["/by_unit/2/figures/0/value"]
    assert unit["Đơn vị"] == "UBND huyện Bình Sơn"
    assert unit["Phần"] == "Báo cáo của đơn vị"
    assert unit["Tên nhiệm vụ"].startswith("Trên các Cổng/Trang thông tin điện tử")
    assert unit["Đơn vị tính"] == "tin, bài"
    money = table["/expenditure/0/value"]
    assert (money["Nguồn kinh phí"], money["Đơn vị tính"]) == (
        "Nguồn tài trợ hợp pháp khác",
        "đồng",
    )
    members = {line["member"]: line["Thành viên"] for line in lines if line["dimension"]}
    assert members["2021-09"] == "Tháng 9/2021"
    assert members["facebook"] == "Facebook"
    assert members["provincial_body"] == "Cơ quan cấp tỉnh"


def test_the_workbook_says_what_the_json_says(told: Told) -> None:
    said, content = told.said, told.form("xlsx")
    sheets = sheets_of(content)
    assert list(sheets) == SHEETS
    headings, *lines = sheets["Số liệu"]
    place = {name: headings.index(name) for name in ("Giá trị", "value", "pointer")}
    for line, one in zip(lines, figures(said), strict=True):
        assert line[place["pointer"]] == one.pointer
        assert line[place["value"]] == (one.value or "")
        value = None if one.value is None else Decimal(one.value)
        assert number_of(line[place["Giá trị"]]) == value
    long = next(line for line in lines if line[place["value"]] == "9007199254740991")
    assert long[place["Giá trị"]] == "9007199254740991"  # a number would be rounded to 15 digits
    facts = {line[0]: line[1] for line in sheets["Tổng hợp"]}
    assert facts["Trạng thái khi lập bảng này"] == "Dự thảo"
    assert facts["SHA-256 của báo cáo (JSON)"] == told.get().headers["x-report-sha256"]
    assert facts["Đến hết ngày"] == date(2021, 12, 31)
    assert facts["Số đơn vị"] == said["coverage"]["ordered"]["required"] == 33
    assert facts["Loại số liệu"] == "SỐ LIỆU THỬ NGHIỆM, không có thật"
    narratives = sheets["Phần lời"]
    assert ["UBND huyện Bình Sơn", "Kết quả thực hiện", "", FORMULA, "gso-524"] in narratives
    proposal = ["UBND tỉnh", "UBND huyện Bình Sơn", "Chưa xử lý", "Bổ sung kinh phí."]
    assert proposal in [line[:4] for line in sheets["Kiến nghị"]]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]
    roster = sheets["Đơn vị báo cáo"]
    assert len(roster) == 1 + len(said["coverage"]["roster"])
    review = {line[roster[0].index("Mã đơn vị")]: line[2] for line in roster[1:]}
    assert (review["gso-524"], review["body-so-gddt"]) == ("Đã duyệt", "Đã trả lại")


def test_the_annex_is_units_by_indicators_and_its_totals_are_the_jsons(told: Told) -> None:
    said = told.said
    items, _, _, codes, *lines = sheets_of(told.form("xlsx"))["Phụ lục"]
    at = {}
    item = ""
    for column in range(3, len(codes)):
        item = items[column] or item
        at[item.split()[0], codes[column]] = column
    rows = {line[1] or line[0]: line for line in lines}
    for section in said["by_unit"]:
        row = rows[section["unit"]]
        for count in section["counts"]:
            assert row[at[count["item"], "occurrences"]] == count["occurrences"]
        for one in section["figures"]:
            column = at[one["item"], f"{one['indicator']} {one['origin']}"]
            assert number_of(row[column]) == Decimal(one["value"])
    for name, part in (("Toàn tỉnh: tính", "counted"), ("Toàn tỉnh: ghi nhận", "credited")):
        total = next(row for label, row in rows.items() if label.startswith(name))
        for one in said["totals"]:
            cell = total[at[one["item"], f"{one['indicator']} {one['origin']}"]]
            assert number_of(cell) == (None if one[part] is None else Decimal(one[part]))
    reach = at["III.1.b", "reach original"]
    (line,) = (one for one in said["totals"] if one["indicator"] == "reach")
    found = {unit: row[reach] for unit, row in rows.items() if row[reach] != ""}
    assert found == {one["unit"]: float(one["value"]) for one in line["units"]}
    # 0, nothing to report and no report are three things.
    assert rows["body-so-tu-phap"][2] == "Đã duyệt, không phát sinh"
    assert rows["gso-535"][2] == "Chưa gửi"
    order = [row[0] for row in lines]
    assert (
        order.index("Sở Y tế")
        < order.index("UBND huyện Ba Tơ")
        < order.index("UBND thị trấn Châu Ổ")
    )


def test_money_is_shown_by_unit_and_source_with_the_jsons_totals(told: Told) -> None:
    said = told.said
    headings, *lines = sheets_of(told.form("xlsx"))["Kinh phí"]
    *units, total = lines
    assert [number_of(cell) for cell in total[2:]] == [
        Decimal(row["value"]) for row in said["expenditure"]
    ]
    assert {line[1] for line in units} == {
        part["unit"] for row in said["expenditure"] for part in row["units"]
    }
    assert headings[2].endswith("(đồng)")


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_the_same_version_gives_the_same_bytes_and_304(told: Told, name: str) -> None:
    first = told.get(params={"format": name})
    tag = first.headers["etag"]
    again = told.get(params={"format": name}, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    told.api.app.state.front = replace(told.api.app.state.front, reports=KeptReports())
    anew = told.get(params={"format": name})
    assert (anew.content, anew.headers["etag"]) == (first.content, tag)
    assert anew.headers["x-report-sha256"] == hashlib.sha256(told.form("json")).hexdigest()
    assert anew.headers["content-disposition"].endswith(f'"bao-cao-tong-hop-2021-ban-1.{name}"')
    latest = told.get(LATEST, params={"format": name})
    assert (latest.content, latest.headers["etag"]) == (first.content, tag)
    head = told.focal.request("HEAD", told.place, params={"format": name})
    assert (head.headers["etag"], head.content) == (tag, b"")


@pytest.mark.parametrize(
    ("accept", "form", "media_type"),
    [
        (None, None, JSON),
        ("text/html, */*;q=0.8", None, JSON),
        ("text/*, application/json;q=0.5", None, f"{CSV}; charset=utf-8"),
        (f"{XLSX}, application/json;q=0.1", None, XLSX),
        ("application/json, text/csv;q=0.9", None, JSON),
        ("text/csv", "xlsx", XLSX),
        ("image/png", "csv", f"{CSV}; charset=utf-8"),
        (XLSX, "json", JSON),
    ],
)
def test_the_form_is_chosen_by_accept_and_the_parameter_wins(
    told: Told, accept: str | None, form: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    params = {} if form is None else {"format": form}
    for path in (told.place, LATEST):
        answer = told.get(path, headers=headers, params=params)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert "Accept" in answer.headers["vary"].split(", ")


def test_what_fits_no_form_is_406_and_says_which_there_are(told: Told) -> None:
    answer = told.get(headers={"Accept": "application/pdf, text/csv;q=0"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "header:accept"
    assert fault["permitted"] == [JSON, CSV, XLSX]
    assert told.get(params={"format": "pdf"}).status_code == 422


def test_ranges_and_weights_are_those_of_rfc_9110() -> None:
    for sent, media_type in (
        ([], JSON),
        ([""], JSON),
        (["*/*"], JSON),
        (["*/*, application/json;q=0"], CSV),
        (["text/csv;q=0.5", "application/*;q=0.4"], CSV),
        (["TEXT/CSV;Q=1"], CSV),
        (["application/*;q=0.9, application/json;q=0.1"], XLSX),
    ):
        assert form_of(sent, None) == media_type, sent
    for none in ("application/pdf", "*/*;q=0", "text/html;q=1"):
        with pytest.raises(NotAcceptable):
            form_of([none], None)


def test_the_workbook_tells_its_versions_state_and_the_csv_has_none(told: Told) -> None:
    before = {name: told.get(params={"format": name}).headers["etag"] for name in ("csv", "xlsx")}
    office = told.api.portal(OFFICE)
    done(told.focal.put(f"{told.place}/assessment", {"text": "Đánh giá."}))
    done(told.focal.post(f"{told.place}/propose"))
    done(office.post(f"{told.place}/approve"))
    document = {
        "document_number": "7/BC-UBND",
        "document_on": "2021-11-22",
        "signatory_title": "Chủ tịch",
    }
    done(office.post(f"{told.place}/issue", document))
    after = {name: told.get(params={"format": name}).headers["etag"] for name in ("csv", "xlsx")}
    assert after["csv"] == before["csv"]
    assert after["xlsx"] != before["xlsx"]
    facts = {line[0]: line[1] for line in sheets_of(told.form("xlsx"))["Tổng hợp"]}
    assert facts["Trạng thái khi lập bảng này"] == "Đã ban hành"
    assert facts["Văn bản ban hành"] == "7/BC-UBND ngày 22/11/2021"


def test_decimals_have_a_comma_for_people_and_names_are_no_formulas(told: Told) -> None:
    said = told.said
    said["totals"][0]["counted"] = "12.345"
    names = Names(items={"III.1.b": "=1+1", "III.2": "@SUM(A1)"})
    lines = {line["pointer"]: line for line in csv_lines(figures_csv(said, names))}
    first = lines["/totals/0/counted"]
    assert (first["Giá trị"], first["value"]) == ("12,345", "12.345")
    assert first["Tên nhiệm vụ"] == "'=1+1"
    content = workbook(said, stamp=Stamp(1, "ab" * 32, "draft"), names=names)
    headings, *rows = sheets_of(content)["Số liệu"]
    (row,) = (row for row in rows if row[headings.index("pointer")] == "/totals/0/counted")
    assert row[headings.index("Giá trị")] == 12.345
    assert row[headings.index("Tên nhiệm vụ")] == "=1+1"
