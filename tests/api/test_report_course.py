"""A consolidated version's way: assessed, proposed, returned or approved, issued, received."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.support.api import Api, Portal
from tests.support.consolidating import consolidate
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN, a_document, a_draft
from tests.support.problems import refused

YEAR = {"plan": PLAN, "year": 2021}
LATEST = f"/v1/plans/{PLAN}/cycles/2021/consolidated-report"
DOCUMENT = {
    "document_number": "312/BC-UBND",
    "document_on": "2021-11-22",
    "signatory_title": "Phó Chủ tịch UBND tỉnh",
}
RECEIVER = "body-so-tai-chinh"


def published(api: Api, focal: Portal, **changes: Any) -> str:
    asked = focal.post("/v1/consolidated-reports", YEAR | changes)
    assert asked.status_code == 202, asked.text
    consolidate(api.engine, UUID(asked.json()["id"]), at=api.now())
    return f"/v1/consolidated-reports/{asked.json()['id']}"


def issued(focal: Portal, office: Portal, place: str) -> None:
    assert focal.put(f"{place}/assessment", {"text": "Đầy đủ."}).status_code == 200
    for portal, step, body in (
        (focal, "propose", None),
        (office, "approve", None),
        (office, "issue", DOCUMENT),
    ):
        answer = portal.post(f"{place}/{step}", body)
        assert answer.status_code == 200, answer.text


def test_a_version_goes_from_draft_to_issued_and_its_bytes_stay(api: Api) -> None:
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    place = published(api, focal)
    before = focal.get(place)
    seen = focal.get(f"{place}/course").json()
    assert (seen["state"], seen["actions"]) == ("draft", ["assess", "propose"])
    refused(focal.post(f"{place}/propose"), 409, "assessment_missing")
    focal.put(f"{place}/assessment", {"text": "Khá."})
    focal.put(f"{place}/assessment", {"text": "Tốt."})
    again = focal.put(f"{place}/assessment", {"text": "Tốt."}).json()
    assert [(row["number"], row["text"]) for row in again["assessments"]] == [
        (1, "Khá."),
        (2, "Tốt."),
    ]
    proposed = focal.post(f"{place}/propose").json()
    assert (proposed["state"], proposed["actions"]) == ("proposed", [])
    assert office.get(f"{place}/course").json()["actions"] == ["return", "approve"]
    returned = office.post(f"{place}/return", {"reason": "Làm rõ số liệu."}).json()
    assert (returned["state"], returned["steps"][-1]["reason"]) == ("returned", "Làm rõ số liệu.")
    assert focal.get(f"{place}/course").json()["actions"] == ["assess", "propose"]
    focal.post(f"{place}/propose")
    assert office.post(f"{place}/approve").json()["actions"] == ["issue"]
    done = office.post(f"{place}/issue", DOCUMENT).json()
    assert done["state"] == "issued"
    assert [row["step"] for row in done["steps"]] == [
        *("proposed", "returned", "proposed", "approved", "issued")
    ]
    assert {name: done["steps"][-1][name] for name in DOCUMENT} == DOCUMENT
    assert done["steps"][0]["assessment"] == 2
    after = focal.get(place)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


STEPS = ("assess", "propose", "return", "approve", "issue")
ALLOWED: dict[str, dict[str, tuple[str, ...]]] = {
    "draft": {"focal": ("assess", "propose"), "office": ()},
    "proposed": {"focal": (), "office": ("return", "approve")},
    "returned": {"focal": ("assess", "propose"), "office": ()},
    "approved": {"focal": (), "office": ("issue",)},
    "issued": {"focal": (), "office": ()},
}


def take(portal: Portal, place: str, step: str) -> httpx.Response:
    if step == "assess":
        return portal.put(f"{place}/assessment", {"text": "Đánh giá."})
    bodies: dict[str, Any] = {"return": {"reason": "Làm rõ."}, "issue": DOCUMENT}
    body = bodies.get(step)
    return portal.post(f"{place}/{step}", body)


WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "proposed": ("focal assess", "focal propose"),
    "returned": ("focal assess", "focal propose", "office return"),
    "approved": ("focal assess", "focal propose", "office approve"),
    "issued": ("focal assess", "focal propose", "office approve", "office issue"),
}


@pytest.mark.parametrize("state", WAYS)
def test_a_step_that_the_state_does_not_allow_is_refused_with_those_allowed(
    api: Api, state: str
) -> None:
    portals = {"focal": api.portal(FOCAL_UNIT), "office": api.portal(OFFICE)}
    place = published(api, portals["focal"])
    for way in WAYS[state]:
        role, step = way.split()
        assert take(portals[role], place, step).status_code == 200
    other = api.portal(BINH_SON)
    for step in STEPS:
        refused(take(other, place, step), 404, "not_found")
        theirs = "focal" if step in ("assess", "propose") else "office"
        wrong = portals["office" if theirs == "focal" else "focal"]
        refused(take(wrong, place, step), 403, "report_step_not_yours")
        if step in ALLOWED[state][theirs]:
            continue
        answer = take(portals[theirs], place, step)
        refused(answer, 409, "report_step_not_allowed")
        (fault,) = answer.json()["errors"]
        assert tuple(fault.get("permitted", ())) == ALLOWED[state][theirs]
    for role, portal in portals.items():
        seen = portal.get(f"{place}/course").json()
        assert (seen["state"], tuple(seen["actions"])) == (state, ALLOWED[state][role])


def test_a_newer_issued_version_supersedes_and_an_older_is_not_issued_after_it(api: Api) -> None:
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    first, second, third = (published(api, focal) for _ in range(3))
    issued(focal, office, first)
    issued(focal, office, third)
    assert focal.get(f"{first}/course").json()["state"] == "superseded"
    assert focal.get(first).status_code == 200
    focal.put(f"{second}/assessment", {"text": "Đầy đủ."})
    focal.post(f"{second}/propose")
    office.post(f"{second}/approve")
    refused(office.post(f"{second}/issue", DOCUMENT), 409, "newer_version_issued")
    late = {**DOCUMENT, "document_on": "2021-11-23"}
    refused(office.post(f"{second}/issue", late), 422, "invalid")


def test_those_who_receive_reports_see_what_is_issued_and_nothing_else(api: Api) -> None:
    focal, office, receiver = (api.portal(unit) for unit in (FOCAL_UNIT, OFFICE, RECEIVER))
    place = published(api, focal)
    setting = f"/v1/plans/{PLAN}/report-recipients"
    body = {"units": ["so-tai-chinh"], "reason": "Nơi nhận"}
    refused(receiver.put(setting, body), 403, "not_province")
    assert [row["unit"] for row in focal.put(setting, body).json()["items"]] == [RECEIVER]
    refused(receiver.get(place), 404, "not_found")
    refused(receiver.get(LATEST), 404, "not_found")
    issued(focal, office, place)
    newer = published(api, focal)
    assert receiver.get(place).status_code == 200
    assert receiver.get(LATEST).content == receiver.get(place).content
    refused(receiver.get(newer), 404, "not_found")
    assert receiver.get(f"{place}/course").json()["actions"] == []
    refused(api.portal(BINH_SON).get(place), 404, "not_found")
    assert focal.put(setting, {"units": [], "reason": "Không còn"}).json()["items"] == []
    refused(receiver.get(place), 404, "not_found")


def test_a_preview_counts_what_is_in_review_and_is_never_proposed(api: Api) -> None:
    focal, district = api.portal(FOCAL_UNIT), api.portal(BINH_SON)
    place = district.post("/v1/submissions", a_draft()).headers["Location"]
    district.post(f"{place}/submit", a_document())
    plain, preview = published(api, focal), published(api, focal, basis="submitted")
    api.set_clock(api.now() + timedelta(hours=1))
    counted = [focal.get(one).json()["manifest"] for one in (plain, preview)]
    assert [(row["basis"], len(row["inputs"])) for row in counted] == [
        ("accepted", 0),
        ("submitted", 1),
    ]
    assert focal.get(LATEST).json()["manifest"]["basis"] == "accepted"
    assert focal.get(f"{preview}/course").json()["state"] == "preview"
    refused(focal.post(f"{preview}/propose"), 409, "report_step_not_allowed")
    coverage = focal.get(preview).json()["coverage"]["ordered"]
    assert (coverage["accepted"], coverage["in_review"]) == (0, 1)
