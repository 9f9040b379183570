"""Templates as units download them, and a filled narrative as it is sent back."""

import io
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api.spool import SheetRoute
from app.domain.batches.readers import XLSX
from app.domain.batches.workbook import open_workbook, sheet_named
from app.domain.principal import Scope
from app.domain.submissions.narrative_sheet import narrative_template
from tests.domain.batches.sheets import a_workbook, filled
from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_document, a_draft
from tests.support.problems import faults, refused, rows

HEADINGS = ("Phần", "Nội dung", "Nơi nhận kiến nghị", "Giải thích")
ACTIVITIES = "/v1/templates/activity-reports.xlsx"


def facts(response: httpx.Response) -> dict[str, str]:
    """Return what a template says once for all rows."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == XLSX
    sheet = sheet_named(open_workbook(io.BytesIO(response.content)), "Thông tin")
    assert sheet is not None
    return {str(cells[0]): str(cells[1]) for _, cells in list(sheet.rows())[1:]}


def headings(response: httpx.Response) -> list[str]:
    sheet = open_workbook(io.BytesIO(response.content))[0]
    return [str(cell) for cell in next(sheet.rows())[1].values()]


def a_narrative(*said: tuple[str, ...]) -> bytes:
    return a_workbook(("Báo cáo", [HEADINGS, *said]))


def begun(portal: Portal) -> str:
    """Begin a draft; return where its narrative sheet goes."""
    made = portal.post("/v1/submissions", a_draft())
    assert made.status_code == 201, made.text
    return f"/v1/submissions/{made.json()['id']}/narrative-sheet"


def put(portal: Portal, path: str, body: bytes, media_type: str = XLSX) -> httpx.Response:
    return portal.request("PUT", path, content=body, headers={"Content-Type": media_type})


def said(response: httpx.Response) -> Mapping[str, Any]:
    assert response.status_code == 200, response.text
    narrative: dict[str, Any] = response.json()["narrative"]
    return {name: value for name, value in narrative.items() if value}


def test_a_template_is_for_the_keys_own_unit(api: Api) -> None:
    response = api.portal(BINH_SON).get(ACTIVITIES, plan=PLAN)
    assert facts(response)["Đơn vị"] == "gso-524 – Huyện Bình Sơn"
    assert facts(response)["Kế hoạch"].startswith(f"{PLAN} – ")
    name = f'attachment; filename="hoat-dong-{BINH_SON}-2021-11-22.xlsx"'
    assert response.headers["content-disposition"] == name
    assert "Số đến" not in headings(response)


def test_a_filled_template_is_taken_as_it_is_and_may_be_sent_again(api: Api) -> None:
    portal = api.portal(BINH_SON)
    book = filled(
        portal.get(ACTIVITIES, plan=PLAN).content,
        {
            "Hình thức": "III.1.b – Trên các Cổng/Trang thông tin điện tử",
            "Ngày thực hiện": "10/9/2021",
            "Kênh": "facebook – Facebook",
            "Tên": "Đăng tin về Nghị quyết",
            "Số lượt xem": "1.234.567",
        },
        {},
        {
            "Hình thức": "III.1.c",
            "Ngày thực hiện": "12/31/2021",
            "Kênh": "loudspeaker",
            "Tên": "Phát thanh",
            "Thời lượng phát thanh trên": "1.234",
        },
    )

    def sent() -> dict[str, Any]:
        answer = portal.request(
            "POST",
            "/v1/activity-report-batches?mode=partial",
            content=book,
            headers={"Content-Type": XLSX, "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first, again = (sent()["counts"] for _ in range(2))
    assert (first["rows"], first["created"], first["rejected"]) == (2, 1, 1)
    assert (again["rows"], again["unchanged"], again["rejected"]) == (2, 1, 1)
    (row,) = sent()["rejected_rows"]
    told = [(one["column"], one["line"], one["code"], one["value"]) for one in row["errors"]]
    assert told == [
        ("Ngày thực hiện *", 4, "month_first", "12/31/2021"),
        (
            "Thời lượng phát thanh trên hệ thống truyền thanh cơ sở [loudspeaker_minutes]",
            4,
            "ambiguous_number",
            "1.234",
        ),
    ]


def test_no_two_templates_give_the_same_record_ids(api: Api) -> None:
    portal = api.portal(BINH_SON)
    prefixes = {facts(portal.get(ACTIVITIES, plan=PLAN))["Mã biểu mẫu"] for _ in range(5)}
    assert len(prefixes) == 5


def test_a_district_gets_one_for_its_communes_and_for_no_other_unit(api: Api) -> None:
    portal = api.portal(BINH_SON)
    inside, outside = "21040", "525"
    response = portal.get(ACTIVITIES, plan=PLAN, unit=inside)
    assert facts(response)["Đơn vị"].startswith("gso-21040")
    refused(portal.get(ACTIVITIES, plan=PLAN, unit=outside), 404, "not_found")
    refused(portal.get(ACTIVITIES, plan=PLAN, unit="99999"), 404, "not_found")
    refused(portal.get(ACTIVITIES, plan="khac"), 404, "not_found")


def test_the_focal_unit_gets_one_to_enter_for_another(api: Api) -> None:
    response = api.portal(FOCAL_UNIT).get(ACTIVITIES, plan=PLAN, unit="525")
    assert facts(response)["Đơn vị"].startswith("gso-525")
    assert {"Số đến", "Ngày đến"} <= set(headings(response))


def test_a_template_needs_its_plan_and_its_scope(api: Api) -> None:
    portal = api.portal(BINH_SON)
    assert faults(portal.get(ACTIVITIES)) == {"?plan": "missing"}
    assert faults(portal.get(ACTIVITIES, plan=PLAN, day="x")) == {"?day": "extra_forbidden"}
    drafter = api.portal(BINH_SON, Scope.DRAFT_SUBMISSIONS)
    refused(drafter.get(ACTIVITIES, plan=PLAN), 403, "scope_missing")
    refused(drafter.get("/v1/templates/narrative.xlsx"), 403, "scope_missing")


def test_a_filled_narrative_is_taken_as_it_is(api: Api) -> None:
    portal = api.portal(BINH_SON)
    path = begun(portal)
    template = portal.get("/v1/templates/narrative.xlsx")
    assert template.headers["content-type"] == XLSX
    assert template.content == narrative_template()
    (sheet,) = open_workbook(io.BytesIO(template.content))
    labels = [str(cells[0]) for _, cells in sheet.rows()][1:]
    assert said(put(portal, path, template.content)) == {}
    answer = put(
        portal,
        path,
        a_narrative(
            *((label, f"{label}: dòng một\ndòng hai") for label in dict.fromkeys(labels[:5])),
            *((label, f"kiến nghị {n}", f"Sở {n}") for n, label in enumerate(labels[5:7])),
            ("", "", "", "giải thích"),
            ("NHIEM VU NAM TIEP THEO", "2022"),
        ),
    )
    assert said(answer) == {
        "direction": "Công tác chỉ đạo, triển khai: dòng một\ndòng hai",
        "results": "Kết quả thực hiện: dòng một\ndòng hai",
        "difficulties": "Khó khăn, hạn chế, nguyên nhân: dòng một\ndòng hai",
        "lessons": "Bài học kinh nghiệm: dòng một\ndòng hai",
        "funding": "Kinh phí thực hiện: dòng một\ndòng hai",
        "proposals": [
            {"addressee": "Sở 0", "text": "kiến nghị 0"},
            {"addressee": "Sở 1", "text": "kiến nghị 1"},
        ],
        "next_year": "2022",
    }
    assert portal.get(path.removesuffix("/narrative-sheet")).json() == answer.json()


def test_what_is_wrong_with_a_narrative_names_its_row(api: Api) -> None:
    portal = api.portal(BINH_SON)
    path, before = begun(portal), rows(api.engine)
    response = put(
        portal,
        path,
        a_narrative(
            ("Kết quả thực hiện", "một"),
            ("Kết quả thực hiện", "hai"),
            ("Lời cảm ơn", "xin cảm ơn"),
            ("Bài học kinh nghiệm", "ba", "Sở Y tế"),
        ),
    )
    found = refused(response, 422, "invalid")
    assert [(fault["pointer"], fault["code"]) for fault in found] == [
        ("/results", "section_given_twice"),
        ("", "unknown_section"),
        ("/lessons", "addressee_misplaced"),
    ]
    assert [fault["detail"][:6] for fault in found] == ["Dòng 3", "Dòng 4", "Dòng 5"]
    assert "Kết quả thực hiện" in found[1]["permitted"]
    response = put(portal, path, a_narrative(("proposals", "không nơi nhận")))
    assert faults(response) == {"/proposals/0/addressee": "missing"}
    assert rows(api.engine) == before


def test_a_narrative_is_rewritten_by_its_unit_while_it_is_a_draft(api: Api) -> None:
    portal, body = api.portal(BINH_SON), a_narrative(("results", "xong"))
    path = begun(portal)
    refused(put(api.portal("gso-525"), path, body), 404, "not_found")
    reader = api.portal(BINH_SON, Scope.READ_SUBMISSIONS)
    refused(put(reader, path, body), 403, "scope_missing")
    submitted = portal.post(path.replace("narrative-sheet", "submit"), a_document())
    assert submitted.status_code == 200, submitted.text
    refused(put(portal, path, body), 409, "action_not_allowed")


@pytest.mark.parametrize("media_type", ["application/json", "text/csv", "", f"{XLSX}; charset=x"])
def test_nothing_but_a_workbook_is_taken(api: Api, media_type: str) -> None:
    portal = api.portal(BINH_SON)
    response = put(portal, begun(portal), a_narrative(), media_type)
    refused(response, 415, "unsupported_media_type")
    assert XLSX in response.json()["detail"]


def test_a_file_of_another_kind_is_refused_whatever_it_is_called(api: Api) -> None:
    portal = api.portal(BINH_SON)
    path = begun(portal)
    for body in (b"", b"{}", b"a,b\n", bytes(2_000_000)):
        assert faults(put(portal, path, body)) == {"": "not_a_workbook"}


def test_a_file_has_a_limit_however_it_is_sent(api: Api) -> None:
    portal = api.portal(BINH_SON)
    path = begun(portal)
    piece = bytes(2**16)
    pieces = SheetRoute.limit // len(piece)

    def sent_in_pieces(count: int) -> httpx.Response:
        chunks = (piece for _ in range(count))
        return portal.request("PUT", path, content=chunks, headers={"Content-Type": XLSX})

    assert faults(sent_in_pieces(pieces)) == {"": "not_a_workbook"}
    refused(sent_in_pieces(pieces + 1), 413, "body_too_large")
    refused(put(portal, path, piece * (pieces + 1)), 413, "body_too_large")


def test_a_file_is_taken_in_from_known_keys_only_and_with_no_query(api: Api) -> None:
    path = begun(api.portal(BINH_SON))
    stranger = Portal(api.http, "baocao_nobody")
    refused(put(stranger, path, bytes(2**20)), 401, "unauthenticated")
    response = put(api.portal(BINH_SON), f"{path}?dry=1", a_narrative())
    assert faults(response) == {"?dry": "extra_forbidden"}
