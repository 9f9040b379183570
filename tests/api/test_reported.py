"""What is entered after a submission shows as not yet reported until a revision takes it in."""

from typing import Any

from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_document, a_draft, an_activity

ACTIVITIES = "/v1/activity-reports"


def _posted(portal: Portal, **changes: Any) -> str:
    made = portal.post(ACTIVITIES, an_activity(**changes))
    assert (made.status_code, made.json()["reported"]) == (201, False), made.text
    return str(made.json()["id"])


def _reported(portal: Portal, *, held: bool) -> list[str]:
    found = portal.get(ACTIVITIES, plan=PLAN, reported=str(held).lower())
    assert found.status_code == 200, found.text
    assert all(row["reported"] is held for row in found.json()["items"])
    return [row["id"] for row in found.json()["items"]]


def test_activity_is_reported_once_a_submitted_revision_holds_it(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    first, second = _posted(portal), _posted(portal)
    place = portal.post("/v1/submissions", a_draft()).headers["Location"]
    assert (_reported(portal, held=True), _reported(portal, held=False)) == ([], [first, second])
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    late = _posted(portal)
    assert (_reported(portal, held=True), _reported(portal, held=False)) == (
        [first, second],
        [late],
    )
    corrected = portal.patch(
        f"{ACTIVITIES}/{first}", {"title": "Khác", "reason": "Sai"}, If_Match='"1"'
    )
    assert corrected.json()["reported"] is False
    assert _reported(portal, held=False) == [first, late]
    pending = portal.get(place).json()["not_yet_reported"]
    assert pending == {"added": 1, "changed": 1, "removed": 0}
    assert focal.post(f"{place}/accept").status_code == 200
    begun = portal.post(f"{place}/correct", {"reason": "Bổ sung số liệu"})
    assert begun.status_code == 200, begun.text
    assert _reported(portal, held=False) == [first, late]
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    assert _reported(portal, held=True) == [first, second, late]
    assert portal.get(place).json()["not_yet_reported"] == {"added": 0, "changed": 0, "removed": 0}


def test_what_is_withdrawn_after_a_submission_is_told_too(api: Api) -> None:
    portal = api.portal(BINH_SON)
    gone = _posted(portal)
    place = portal.post("/v1/submissions", a_draft()).headers["Location"]
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    portal.post(f"{ACTIVITIES}/{gone}/withdraw", {"reason": "Trùng"}, If_Match='"1"')
    assert portal.get(place).json()["not_yet_reported"] == {"added": 0, "changed": 0, "removed": 1}
    listed = portal.get(f"{place}/not-yet-reported").json()["items"]
    assert [(row["activity_report"], row["change"], row["before"]) for row in listed] == [
        (gone, "removed", 1)
    ]
