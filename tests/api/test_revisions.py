"""The revisions of a report: who, when, why, and what each changed."""

from datetime import UTC, datetime
from typing import Any

from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT, a_content, an_activity
from tests.support.problems import refused

ACTIVITIES = "/v1/activity-reports"


def _made(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _correct(portal: Portal, report: str, revision: int, **changes: Any) -> dict[str, Any]:
    body = a_content(**{"reason": "Gõ nhầm", **changes})
    headers = {"If-Match": f'"{revision}"'}
    response = portal.request("PUT", f"{ACTIVITIES}/{report}", json=body, headers=headers)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def _turn(portal: Portal, report: str, revision: int, verb: str, reason: str) -> None:
    response = portal.request(
        "POST",
        f"{ACTIVITIES}/{report}/{verb}",
        json={"reason": reason},
        headers={"If-Match": f'"{revision}"'},
    )
    assert response.status_code == 200, response.text


def _revisions(portal: Portal, report: str, **query: Any) -> list[dict[str, Any]]:
    response = portal.get(f"{ACTIVITIES}/{report}/revisions", **query)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def test_a_report_tells_each_of_its_revisions_and_what_it_changed(api: Api) -> None:
    portal = api.portal(BINH_SON)
    api.set_clock(datetime(2021, 11, 22, 3, 0, tzinfo=UTC))
    report = _made(portal)["id"]
    api.set_clock(datetime(2021, 11, 22, 3, 1, tzinfo=UTC))
    second = _correct(
        portal,
        report,
        1,
        title="Bài viết",
        measures=[{"indicator": "posts", "value": "5"}, {"indicator": "views", "value": "90"}],
        expenditure=[{"source": "other_lawful", "amount": 700}],
        content_themes=["II.1.2"],
    )
    api.set_clock(datetime(2021, 11, 22, 3, 2, tzinfo=UTC))
    _turn(portal, report, 2, "withdraw", "Báo cáo trùng")
    _turn(portal, report, 3, "reinstate", "Không trùng")
    revisions = _revisions(portal, report)
    assert [
        (one["number"], one["kind"], one["reason"], one["received_at"]) for one in revisions
    ] == [
        (1, "created", None, "2021-11-22T03:00:00.000000Z"),
        (2, "corrected", "Gõ nhầm", "2021-11-22T03:01:00.000000Z"),
        (3, "withdrawn", "Báo cáo trùng", "2021-11-22T03:02:00.000000Z"),
        (4, "reinstated", "Không trùng", "2021-11-22T03:02:00.000001Z"),
    ]
    assert [one["on_behalf"] for one in revisions] == [None] * 4
    assert len({one["by"]["key_id"] for one in revisions}) == 1
    assert {one["by"]["unit"] for one in revisions} == {BINH_SON}
    assert [one["body_sha256"] == second["body_sha256"] for one in revisions] == [
        False,
        True,
        True,
        True,
    ]
    assert [one["changes"] for one in revisions if one["number"] != 2] == [[], [], []]
    labelled = [
        (one["field"], one["label"], one["before"], one["after"]) for one in revisions[1]["changes"]
    ]
    title = an_activity()["title"]
    assert labelled == [
        ("title", "Tên hoạt động", title, "Bài viết"),
        ("measures.posts.original", f"Kết quả: {_name(portal, 'posts')} (tin gốc)", "3", "5"),
        ("measures.views.original", f"Kết quả: {_name(portal, 'views')} (tin gốc)", None, "90"),
        (
            "expenditure.other_lawful",
            "Kinh phí đã thực hiện: Nguồn tài trợ hợp pháp khác",
            None,
            700,
        ),
        ("content_themes", "Nội dung tuyên truyền", "II.1.1", None),
        ("content_themes", "Nội dung tuyên truyền", None, "II.1.2"),
    ]


def _name(portal: Portal, indicator: str) -> str:
    found = portal.get("/v1/indicators", plan=an_activity()["plan"], limit=500).json()["items"]
    name: str = next(one["name_vi"] for one in found if one["code"] == indicator)
    return name


def test_a_revision_keeps_what_was_said_then(api: Api) -> None:
    portal = api.portal(BINH_SON)
    first = _made(portal, measures=[{"indicator": "posts", "value": "3"}])
    path = f"{ACTIVITIES}/{first['id']}"
    second = _correct(portal, first["id"], 1, title="Bài viết", measures=[], channel="zalo")
    _turn(portal, first["id"], 2, "withdraw", "Trùng")
    same = set(portal.get(path).json()) - {"withdrawn", "reported"}
    seen = [portal.get(f"{path}/revisions/{number}").json() for number in (1, 2, 3)]
    assert [{name: one[name] for name in same} for one in seen[:2]] == [
        {name: one[name] for name in same} for one in (first, second)
    ]
    assert [(one["revision"], one["kind"], one["reason"], one["withdrawn"]) for one in seen] == [
        (1, "created", None, False),
        (2, "corrected", "Gõ nhầm", False),
        (3, "withdrawn", "Trùng", True),
    ]
    assert seen[2]["title"] == "Bài viết"
    assert all(one["by"]["unit"] == BINH_SON for one in seen)
    refused(portal.get(f"{path}/revisions/4"), 404, "not_found")
    for wrong in ("0", "x", "99999999"):
        refused(portal.get(f"{path}/revisions/{wrong}"), 404, "not_found")


def test_what_the_focal_unit_entered_on_behalf_is_marked_and_its_own(api: Api) -> None:
    focal, portal = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    behalf = {"incoming_number": "1277/CV", "incoming_on": "2021-11-19"}
    report = _made(focal, on_behalf=behalf)["id"]
    _correct(portal, report, 1)
    first, second = _revisions(portal, report)
    assert (first["on_behalf"], second["on_behalf"]) == (behalf, None)
    assert (first["by"]["unit"], second["by"]["unit"]) == (FOCAL_UNIT, BINH_SON)
    assert [(c["field"], c["before"], c["after"]) for c in second["changes"]] == [
        ("on_behalf.incoming_number", "1277/CV", None),
        ("on_behalf.incoming_on", "2021-11-19", None),
    ]


def test_revisions_come_in_pages_each_compared_to_the_one_before(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal, title="Tin 1")["id"]
    for number in range(1, 6):
        _correct(portal, report, number, title=f"Tin {number + 1}")
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    while query.get("cursor", "") is not None:
        page = portal.get(f"{ACTIVITIES}/{report}/revisions", **query).json()
        assert len(page["items"]) == 2
        seen += page["items"]
        query["cursor"] = page["next"]
    assert seen == _revisions(portal, report)
    assert [one["number"] for one in seen] == [1, 2, 3, 4, 5, 6]
    assert [[(c["before"], c["after"]) for c in one["changes"]] for one in seen[1:]] == [
        [(f"Tin {number}", f"Tin {number + 1}")] for number in range(1, 6)
    ]
    assert [one["number"] for one in _revisions(portal, report, limit=6)] == [1, 2, 3, 4, 5, 6]


def test_another_units_revisions_are_not_found(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    report = _made(portal)["id"]
    other = api.portal("gso-528")
    for path in ("revisions", "revisions/1"):
        refused(other.get(f"{ACTIVITIES}/{report}/{path}"), 404, "not_found")
        assert focal.get(f"{ACTIVITIES}/{report}/{path}").status_code == 200
