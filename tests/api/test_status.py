"""How a cycle stands, in one call: a year made by hand, and 2025 with its ended units."""

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, event

from app.db import unit_of_work
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.domain.units.queries import units_on
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.filing import DEPARTMENTS, DISTRICTS
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN, a_document, a_draft
from tests.support.makers import an_activity as an_activity_of
from tests.support.problems import faults, refused

STATUS: Final = f"/v1/reporting-cycles/{PLAN}.2021/status"
STATUS_2025: Final = f"/v1/reporting-cycles/{PLAN}.2025/status"
ROSTER: Final = f"/v1/reporting-cycles/{PLAN}.2021/roster"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOKED: Final = datetime(2022, 1, 20, 9, tzinfo=LOCAL_TIME)
CHAU_O: Final = "gso-21040"
BINH_THUAN: Final = "gso-21043"
REQUESTED: Final = "body-ban-tuyen-giao"
STEWARD: Final = "gso-21040-2025-07-01"  # Xã Bình Sơn answers for the district since 1/7/2025
LATE: Final = int(timedelta(days=51, hours=9).total_seconds())  # 30/11/2021 to the look
HEADINGS: Final = {
    "name": "Đơn vị",
    "review": "Tình trạng duyệt",
    "timeliness": "Thời hạn",
    "days": "Số ngày muộn",
    "words": "Muộn",
    "received_at": "Nhận lần đầu",
    "due_at": "Hạn gửi (trước)",
    "held": "Hoạt động trong báo cáo",
    "added": "Chưa báo cáo: thêm",
    "unit": "Mã đơn vị",
}
REVIEWS: Final = {
    "missing": "Chưa gửi",
    "in_review": "Chờ duyệt",
    "returned": "Đã trả lại",
    "accepted": "Đã duyệt",
}


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LOCAL_TIME)  # type: ignore[arg-type, misc]


def made(portal: Portal, **changes: Any) -> str:
    answer = portal.post("/v1/activity-reports", an_activity_of(**changes))
    assert answer.status_code == 201, answer.text
    return f"/v1/activity-reports/{answer.json()['id']}"


class Year:
    """Whoever handed in a report of 2021, when, and what became of it."""

    binh_son = ""  # the place of its submission

    def __init__(self, api: Api) -> None:
        self.api = api
        api.set_clock(A_WORKING_DAY)
        self.focal = api.portal(FOCAL_UNIT)

    def submit(self, unit: str, at: datetime, **document: Any) -> str:
        portal = self.api.portal(unit)
        drafted = portal.post("/v1/submissions", a_draft())
        assert drafted.status_code == 201, drafted.text
        self.send(portal, drafted.headers["Location"], at, **document)
        place: str = drafted.headers["Location"]
        return place

    def send(self, portal: Portal, place: str, at: datetime, **document: Any) -> None:
        self.api.set_clock(at)
        answer = portal.post(f"{place}/submit", a_document(**document))
        assert answer.status_code == 200, answer.text
        assert answer.json()["received_at"] == f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def accept(self, place: str) -> str:
        answer = self.focal.post(f"{place}/accept")
        assert answer.status_code == 200, answer.text
        return place

    def supplement(self, unit: str, at: datetime) -> str:
        place = self.accept(self.submit(unit, A_WORKING_DAY))
        portal = self.api.portal(unit)
        self.api.set_clock(at - timedelta(hours=1))
        begun = portal.post(f"{place}/supplement", {})
        assert begun.status_code == 200, begun.text
        self.send(portal, place, at, data_to="2021-12-31")
        return place

    def extend(self, unit: str, until: str) -> None:
        body = {"extended_to": until, "reason": "Mưa lũ"}
        answer = self.focal.post(f"{ROSTER}/{unit}/extend", body)
        assert answer.status_code == 200, answer.text


def _binh_son(year: Year) -> str:
    """Let Bình Sơn and its communes do four things, report them, and do otherwise afterwards."""
    portal = year.api.portal(BINH_SON)
    made(portal, occurred_on="2021-09-10")
    commune = made(portal, unit=CHAU_O, occurred_on="2021-03-01")
    made(portal, unit=CHAU_O, occurred_on="2021-11-01", ended_on="2021-11-05", occurrences=4)
    other = made(portal, unit=BINH_THUAN, occurred_on="2021-05-01")
    place = year.accept(year.submit(BINH_SON, A_WORKING_DAY))
    made(portal, occurred_on="2021-11-19")
    changed = portal.patch(commune, {"title": "Tên đúng", "reason": "Sai"}, If_Match='"1"')
    gone = portal.post(f"{other}/withdraw", {"reason": "Trùng"}, If_Match='"1"')
    assert (changed.status_code, gone.status_code) == (200, 200)
    return place


@pytest.fixture(scope="module")
def year(shared: Api) -> Year:
    """Return 2021, in which every kind of standing occurs."""
    year = Year(shared)
    year.accept(year.submit("gso-522", A_WORKING_DAY))
    year.binh_son = _binh_son(year)
    year.extend("gso-527", "2021-12-11T00:00:00+07:00")
    year.extend("gso-531", "2022-02-01T00:00:00+07:00")
    year.accept(year.submit("gso-529", A_WORKING_DAY, nil=True, nil_reason="Không phát sinh."))
    returned = year.submit("gso-530", A_WORKING_DAY)
    comment = {"field": "/narrative/results", "text": "Bổ sung kết quả."}
    assert year.focal.post(f"{returned}/return", {"comments": [comment]}).status_code == 200
    assert year.api.portal("gso-532").post("/v1/submissions", a_draft()).status_code == 201
    year.accept(year.submit("body-so-y-te", A_WORKING_DAY))
    year.accept(year.submit(REQUESTED, A_WORKING_DAY, document_number="=1+1"))
    year.submit("gso-525", local(2021, 12, 1, 9))
    year.accept(year.submit("gso-527", local(2021, 12, 5)))
    year.api.set_clock(local(2021, 12, 20, 9))
    paper = {"incoming_number": "1277/CV-ĐẾN", "incoming_on": "2021-11-25"}
    entered = year.focal.post("/v1/submissions", a_draft(unit="gso-528", on_behalf=paper))
    year.send(year.focal, entered.headers["Location"], local(2021, 12, 20, 10))
    year.accept(entered.headers["Location"])
    year.supplement("gso-533", local(2022, 1, 10))
    year.accept(year.supplement("gso-534", local(2022, 1, 17)))
    return year


@pytest.fixture
def seen(year: Year) -> dict[str, Any]:
    """Return the picture of 2021 as the focal unit has it on the morning of 20 January 2022."""
    year.api.set_clock(LOOKED)
    answer = year.focal.get(STATUS)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """Return what another reader than ours finds in a workbook, by sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: list(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}


def by_unit(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["unit"]: row for row in said["rows"]}


TABLE: Final = [
    # unit, review, content, timeliness, late by (seconds)
    ("gso-522", "accepted", "report", "on_time", 0),
    ("gso-524", "accepted", "report", "on_time", 0),
    ("gso-525", "in_review", "report", "late", 33 * 3600),
    ("gso-527", "accepted", "report", "late_with_extension", 5 * 86400),
    ("gso-528", "accepted", "report", "by_document", 0),
    ("gso-529", "accepted", "nil", "on_time", 0),
    ("gso-530", "returned", "report", "on_time", 0),
    ("gso-531", "missing", None, "not_due", 0),
    ("gso-532", "missing", None, "late", LATE),  # its draft is seen by nobody else
    ("gso-533", "accepted", "report", "on_time", 0),
    ("gso-534", "accepted", "report", "on_time", 0),
    ("gso-535", "missing", None, "late", LATE),
    ("gso-536", "missing", None, "late", LATE),
    ("body-so-y-te", "accepted", "report", "on_time", 0),
    (REQUESTED, "accepted", "report", "on_time", 0),
]


def test_review_content_and_timeliness_stand_apart(seen: dict[str, Any]) -> None:
    rows = by_unit(seen)
    assert len(rows) == 38
    others = {unit for unit, *_ in TABLE}
    rest = [(unit, "missing", None, "late", LATE) for unit in rows if unit not in others]
    names = ("review", "content", "timeliness", "late_by")
    expected = {unit: (*said, f"PT{seconds}S") for unit, *said, seconds in (*TABLE, *rest)}
    assert {u: tuple(row[name] for name in names) for u, row in rows.items()} == expected


def test_the_rates_are_those_that_were_counted_by_hand(seen: dict[str, Any]) -> None:
    ordered = {
        "required": 33,
        "accepted": (8, "24.2"),
        "in_review": (1, "3.0"),
        "returned": (1, "3.0"),
        "missing": (23, "69.7"),
        "nil": (1, "12.5"),
        "on_time": (7, "21.2"),
        "late_with_extension": (1, "3.0"),
        "late": (1, "3.0"),
        "by_document": (1, "3.0"),
        "outstanding": (22, "66.7"),
        "not_due": (1, "3.0"),
    }
    none = (0, "0.0")
    others = dict.fromkeys(ordered, none) | {
        "required": 5,
        "accepted": (1, "20.0"),
        "missing": (4, "80.0"),
        "on_time": (1, "20.0"),
        "outstanding": (4, "80.0"),
    }
    for name, expected in (("ordered", ordered), ("others", others)):
        found = {
            key: value if key == "required" else (value["count"], value["percent"])
            for key, value in seen[name].items()
        }
        assert found == expected


def test_a_row_says_what_its_revision_says(seen: dict[str, Any], year: Year) -> None:
    rows = by_unit(seen)
    entered = rows["gso-528"]
    assert entered["received_at"] == "2021-12-20T03:00:00.000000Z"
    assert entered["incoming_on"] == entered["stands"]["incoming_on"] == "2021-11-25"
    assert (entered["stands"]["filed_by"], entered["stands"]["filed_as"]) == (
        FOCAL_UNIT,
        "focal_unit",
    )
    page = year.focal.get(year.binh_son).json()
    row = rows[BINH_SON]
    for name in ("revision", "data_to", "document_number", "document_on", "filed_by", "sha256"):
        assert row["stands"][name] == page[name], name
    assert row["stands"]["submission"] == page["id"]
    assert (row["name"], row["level"], row["basis"]) == (
        "UBND huyện Bình Sơn",
        "district",
        page["basis"],
    )
    assert row["parent"] == {"unit": "gso-51", "name": "UBND tỉnh Quảng Ngãi"}
    assert rows["gso-527"]["extended_to"] == "2021-12-10T17:00:00.000000Z"
    assert rows["gso-527"]["provenance"] == "decision"
    assert rows["gso-522"]["steward"] is None
    assert rows["gso-532"]["stands"] is rows["gso-532"]["received_at"] is None


def test_supplements_have_their_own_deadline(seen: dict[str, Any]) -> None:
    rows = by_unit(seen)
    due = {"due_at": "2022-01-15T17:00:00.000000Z", "extended_to": None}
    table = {
        "gso-533": ("on_time", "2022-01-09T17:00:00.000000Z", "PT0S"),
        "gso-534": ("late", "2022-01-16T17:00:00.000000Z", "PT86400S"),
        "gso-522": ("late", None, f"PT{4 * 86400 + 9 * 3600}S"),
    }
    for unit, (timeliness, received_at, late_by) in table.items():
        found = rows[unit]["supplement"]
        assert found == due | {
            "timeliness": timeliness,
            "received_at": received_at,
            "incoming_on": None,
            "late_by": late_by,
            "outage": None,
        }
    in_progress, taken = rows["gso-533"], rows["gso-534"]
    assert in_progress["stands"]["revision"] == 1
    assert in_progress["later"] == {
        "revision": 2,
        "kind": "supplement",
        "review": "in_review",
        "received_at": "2022-01-09T17:00:00.000000Z",
    }
    assert (taken["stands"]["revision"], taken["stands"]["kind"]) == (2, "supplement")
    assert taken["later"] is None
    assert taken["received_at"] == "2021-11-22T02:00:00.000000Z"


def test_what_was_done_since_is_not_yet_reported(seen: dict[str, Any], year: Year) -> None:
    found = by_unit(seen)[BINH_SON]["activity"]
    assert found == {"held": 4, "covered": 4, "added": 1, "changed": 1, "removed": 1}
    page = year.focal.get(year.binh_son).json()
    assert page["not_yet_reported"] == {"added": 1, "changed": 1, "removed": 1}


def test_communes_are_listed_with_what_they_did_also_where_that_is_nothing(
    seen: dict[str, Any], year: Year
) -> None:
    rows = by_unit(seen)
    with unit_of_work(year.api.engine, write=False) as session:
        there = units_on(date(2021, 6, 1), root=BINH_SON, level="commune")
        names = [unit.name for unit in sorted(session.exec(there), key=lambda u: u.name_sort)]
    communes = rows[BINH_SON]["communes"]
    assert [one["name"] for one in communes] == names
    assert len(names) > 20
    did = {one["unit"]: one for one in communes if one["activities"]}
    assert set(did) == {CHAU_O}
    assert {**did[CHAU_O], "name": ""} == {
        "unit": CHAU_O,
        "name": "",
        "activities": 2,
        "occurrences": 5,
        "last_on": "2021-11-05",
    }
    idle = next(one for one in communes if one["unit"] == BINH_THUAN)
    assert (idle["activities"], idle["occurrences"], idle["last_on"]) == (0, 0, None)
    assert all(rows[unit]["communes"] == [] for unit in (*DEPARTMENTS, REQUESTED, "gso-536"))
    assert sum(len(rows[unit]["communes"]) for unit in DISTRICTS) == 173


def test_ordered_rows_come_first_in_the_order_of_their_names(seen: dict[str, Any]) -> None:
    bases = [row["basis"] for row in seen["rows"]]
    assert bases == ["ordered"] * 33 + ["assigned_only"] * 4 + ["requested"]
    names = [row["name"] for row in seen["rows"][:33]]
    assert names[:3] == [
        "Ban Dân tộc",
        "Ban Quản lý Khu kinh tế Dung Quất và các Khu công nghiệp Quảng Ngãi",
        "Sở Công Thương",
    ]
    assert names[-14:-11] == ["UBND huyện Ba Tơ", "UBND huyện Bình Sơn", "UBND huyện Lý Sơn"]
    assert names[-3:] == [
        "UBND thành phố Quảng Ngãi",
        "UBND thị xã Đức Phổ",
        "Văn phòng Ủy ban nhân dân tỉnh",
    ]


def test_only_those_who_see_the_province_see_all_rows_and_rates(year: Year) -> None:
    year.api.set_clock(LOOKED)
    for unit in (OFFICE, "gso-51"):
        whole = year.api.portal(unit).get(STATUS).json()
        assert len(whole["rows"]) == 38
        assert whole["ordered"]["required"] == 33
    for unit, shown in ((BINH_SON, [BINH_SON]), (CHAU_O, []), ("body-so-y-te", ["body-so-y-te"])):
        own = year.api.portal(unit).get(STATUS).json()
        assert [row["unit"] for row in own["rows"]] == shown
        assert own["ordered"] is own["others"] is None
    own = year.api.portal(BINH_SON).get(STATUS).json()["rows"][0]
    assert own["activity"]["added"] == 1
    sheet = sheets_of(year.api.portal(BINH_SON).get(STATUS, format="xlsx").content)["Tổng hợp"]
    assert not any(cell == "Số đơn vị" for line in sheet for cell in line)


def test_it_takes_the_scope_and_a_cycle_that_is_open(year: Year) -> None:
    scopes = set(Scope) - {Scope.READ_SUBMISSIONS}
    refused(year.api.portal(FOCAL_UNIT, *scopes).get(STATUS), 403, "scope_missing")
    refused(year.focal.get(STATUS.replace("2021/", "2030/")), 404, "not_found")


@pytest.mark.parametrize(
    ("accept", "form", "media_type"),
    [
        (None, None, "application/json"),
        ("*/*", None, "application/json"),
        ("application/pdf", None, "application/json"),
        ("text/csv", None, "text/csv; charset=utf-8"),
        ("text/*, application/json;q=0.5", None, "text/csv; charset=utf-8"),
        ("application/json, text/csv;q=0.9", None, "application/json"),
        (f"{XLSX}, */*;q=0.1", None, XLSX),
        ("text/csv", "xlsx", XLSX),
        (XLSX, "json", "application/json"),
        ("application/json", "csv", "text/csv; charset=utf-8"),
    ],
)
def test_the_form_is_chosen_by_accept_and_the_parameter_wins(
    year: Year, accept: str | None, form: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    params = {} if form is None else {"format": form}
    answer = year.focal.request("GET", STATUS, headers=headers, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["vary"] == "Accept"


def test_an_unknown_form_and_a_part_of_what_has_none_are_refused(year: Year) -> None:
    assert faults(year.focal.get(STATUS, format="pdf")) == {"?format": "literal_error"}
    assert faults(year.focal.get(STATUS, part="units")) == {"?part": "part_only_of_csv"}
    assert faults(year.focal.get(STATUS, format="csv", part="x")) == {"?part": "literal_error"}


def csv_lines(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def days(late_by: str) -> Decimal | None:
    """Return the days of a duration, to two decimals, rounded up; None of none."""
    hundredths = -(-int(late_by[2:-1]) * 100 // 86400)
    return Decimal(hundredths) / 100 if hundredths else None


def test_csv_says_what_json_says(seen: dict[str, Any], year: Year) -> None:
    year.api.set_clock(LOOKED)
    answer = year.focal.get(STATUS, format="csv")
    assert answer.headers["content-disposition"].endswith('"tinh-hinh-bao-cao-2021.csv"')
    lines = csv_lines(answer.content)
    assert len(lines) == len(seen["rows"])
    for line, row in zip(lines, seen["rows"], strict=True):
        late = days(row["late_by"])
        assert line[HEADINGS["unit"]] == row["unit"]
        assert line[HEADINGS["name"]] == row["name"]
        assert line[HEADINGS["review"]] == REVIEWS[row["review"]]
        assert line[HEADINGS["days"]] == (f"{late:.2f}".replace(".", ",") if late else "")
        assert line[HEADINGS["held"]] == str(row["activity"]["held"])
        assert line[HEADINGS["added"]] == str(row["activity"]["added"])
        received = row["received_at"]
        at = datetime.fromisoformat(received).astimezone(LOCAL_TIME) if received else None
        assert line[HEADINGS["received_at"]] == (f"{at:%d/%m/%Y %H:%M:%S}" if at else "")
    table = {line[HEADINGS["unit"]]: line for line in lines}
    assert table["gso-525"][HEADINGS["days"]] == "1,38"
    assert table["gso-525"][HEADINGS["words"]] == "1 ngày 9 giờ"
    assert table["gso-525"][HEADINGS["due_at"]] == "30/11/2021 00:00:00"
    assert table["gso-525"][HEADINGS["timeliness"]] == "Muộn"
    assert table["gso-535"][HEADINGS["timeliness"]] == "Quá hạn, chưa gửi"
    assert table[REQUESTED]["Số văn bản"] == "'=1+1"


def test_the_csv_of_communes_says_what_json_says(seen: dict[str, Any], year: Year) -> None:
    lines = csv_lines(year.focal.get(STATUS, format="csv", part="communes").content)
    found = [(x["Mã cấp huyện"], x["Mã cấp xã"], x["Số hoạt động"], x["Số lượt"]) for x in lines]
    assert found == [
        (row["unit"], one["unit"], str(one["activities"]), str(one["occurrences"]))
        for row in seen["rows"]
        for one in row["communes"]
    ]
    chau_o = next(line for line in lines if line["Mã cấp xã"] == CHAU_O)
    assert chau_o["Ngày hoạt động gần nhất"] == "05/11/2021"


def _as_read(instant: str | None) -> date | None:
    """Return an instant as the reader of spreadsheets has it: local; midnight is a day."""
    if instant is None:
        return None
    at = datetime.fromisoformat(instant).astimezone(LOCAL_TIME).replace(tzinfo=None)
    return at if at.time() != time() else at.date()


def test_the_workbook_says_what_json_says(seen: dict[str, Any], year: Year) -> None:
    year.api.set_clock(LOOKED)
    answer = year.focal.get(STATUS, format="xlsx")
    sheets = sheets_of(answer.content)
    assert list(sheets) == ["Tổng hợp", "Đơn vị", "Cấp xã"]
    summary = {line[0]: line for line in sheets["Tổng hợp"]}
    names = {"Đã duyệt": "accepted", "Quá hạn, chưa gửi": "outstanding", "Gửi muộn": "late"}
    for heading, name in names.items():
        shares = [float(x) for x in summary[heading][1:5]]
        assert shares == [
            part
            for group in ("ordered", "others")
            for part in (seen[group][name]["count"], float(seen[group][name]["percent"]))
        ]
    assert summary["Số đơn vị"][1:5] == [33.0, 100.0, 5.0, 100.0]
    assert summary["Từ ngày"][1] == date(2021, 1, 1)
    headings, *lines = sheets["Đơn vị"]
    for line, row in zip(lines, seen["rows"], strict=True):
        said = dict(zip(headings, line, strict=True))
        late = days(row["late_by"])
        assert said[HEADINGS["unit"]] == row["unit"]
        assert said[HEADINGS["review"]] == REVIEWS[row["review"]]
        assert said[HEADINGS["days"]] == ("" if late is None else float(late))
        assert said[HEADINGS["held"]] == row["activity"]["held"]
        assert said[HEADINGS["due_at"]] == _as_read(row["due_at"])
        assert said[HEADINGS["received_at"]] == (_as_read(row["received_at"]) or "")
    communes = sheets["Cấp xã"][1:]
    assert len(communes) == sum(len(row["communes"]) for row in seen["rows"])
    assert [line for line in communes if line[2]] == [
        ["Huyện Bình Sơn", "Thị trấn Châu Ổ", 2, 5, date(2021, 11, 5), BINH_SON, CHAU_O]
    ]


def test_2025_has_its_closing_rows_and_their_stewards(year: Year) -> None:
    year.api.set_clock(local(2025, 8, 10, 9))
    focal = year.api.portal("body-so-vhttdl")
    answer = focal.get(STATUS_2025)
    assert answer.status_code == 200, answer.text
    rows = by_unit(answer.json())
    assert len(rows) == 137
    ended = rows[BINH_SON]
    assert (ended["closing"], ended["supplement"]) == (True, None)
    assert ended["steward"] == {"unit": STEWARD, "name": "UBND xã Bình Sơn"}
    assert (ended["timeliness"], ended["late_by"]) == ("late", f"PT{9 * 86400 + 9 * 3600}S")
    assert (ended["covers_from"], ended["covers_to"]) == ("2025-01-01", "2025-07-01")
    assert len(ended["communes"]) > 20
    new = rows[STEWARD]
    assert (new["closing"], new["timeliness"], new["covers_from"]) == (
        False,
        "not_due",
        "2025-07-01",
    )
    free = [row for row in rows.values() if row["basis"] == "not_required"]
    assert len(free) == 40
    assert {(x["timeliness"], x["supplement"], x["review"]) for x in free} == {
        (None, None, "missing")
    }
    seen = focal.get(STATUS_2025).json()
    assert (seen["ordered"]["required"], seen["others"]["required"]) == (91, 6)
    outstanding = sum(x["timeliness"] == "late" and x["basis"] == "ordered" for x in rows.values())
    assert seen["ordered"]["outstanding"]["count"] == outstanding == 21  # 8 departments, districts
    steward = year.api.portal(STEWARD).get(STATUS_2025).json()
    assert [row["unit"] for row in steward["rows"]] == [BINH_SON, STEWARD]


def test_a_stewards_report_is_marked_so(year: Year) -> None:
    year.api.set_clock(local(2025, 8, 10, 9))
    steward = year.api.portal(STEWARD)
    drafted = steward.post("/v1/submissions", a_draft(year=2025, unit=BINH_SON))
    document = a_document(document_on="2025-08-10", data_to="2025-06-30")
    place = drafted.headers["Location"]
    assert steward.post(f"{place}/submit", document).status_code == 200
    row = by_unit(steward.get(STATUS_2025).json())[BINH_SON]
    assert (row["stands"]["filed_by"], row["stands"]["filed_as"]) == (STEWARD, "steward")
    assert (row["review"], row["timeliness"]) == ("in_review", "late")


def _statements(engine: Engine, portal: Portal, path: str) -> int:
    """Return how many statements an answer takes, once reference data are remembered."""
    portal.get(path)
    seen: list[str] = []

    def note(*said: Any) -> None:
        seen.append(said[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert portal.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.fixture
def corrected(year: Year) -> Year:
    """Return the year where 2025 has a submission, too, of which something was corrected."""
    year.api.set_clock(local(2025, 9, 1, 9))
    portal = year.api.portal("body-so-y-te")
    report = made(
        portal,
        unit="body-so-y-te",
        occurred_on="2025-05-05",
        content_themes=["II.2.1"],
        plan_item="V.5.1",
        channel="portal",
    )
    drafted = portal.post("/v1/submissions", a_draft(year=2025))
    document = a_document(document_on="2025-09-01", data_to="2025-08-31")
    sent = portal.post(f"{drafted.headers['Location']}/submit", document)
    changed = portal.patch(report, {"title": "Khác", "reason": "Sai"}, If_Match='"1"')
    assert (sent.status_code, changed.status_code) == (200, 200)
    return year


def test_the_number_of_statements_does_not_grow_with_the_rows(corrected: Year) -> None:
    api = corrected.api
    portal = api.portal("body-so-vhttdl")
    few = _statements(api.engine, portal, STATUS)
    many = _statements(api.engine, portal, STATUS_2025)
    assert few == many <= 16
