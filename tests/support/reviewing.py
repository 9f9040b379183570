"""A report's way through its states over HTTP, step by step."""

from typing import Any, Final

import httpx

from tests.support.api import Portal
from tests.support.makers import a_document, a_draft, an_activity

ACTIVITIES: Final = "/v1/activity-reports"
SUBMISSIONS: Final = "/v1/submissions"
ACCEPTANCES: Final = f"{SUBMISSIONS}/acceptances"
PAPER: Final = {"incoming_number": "1277/CV-ĐẾN", "incoming_on": "2021-11-19"}


def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Assert that it was done; return what was answered."""
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    return said


def posted(portal: Portal, **changes: Any) -> dict[str, Any]:
    """Post an activity report."""
    return done(portal.post(ACTIVITIES, an_activity(**changes)), 201)


def changed(portal: Portal, report: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Correct an activity report."""
    place = f"{ACTIVITIES}/{report['id']}"
    return done(portal.patch(place, {"reason": "Ghi nhầm", **changes}, If_Match="*"))


def withdrawn(portal: Portal, report: dict[str, Any]) -> dict[str, Any]:
    """Withdraw an activity report."""
    place = f"{ACTIVITIES}/{report['id']}/withdraw"
    return done(portal.post(place, {"reason": "Trùng"}, If_Match="*"))


def drafted(portal: Portal, **changes: Any) -> str:
    """Begin a draft; return its place."""
    answer = portal.post(SUBMISSIONS, a_draft(**changes))
    done(answer, 201)
    return answer.headers["Location"]


def submitted(portal: Portal, place: str | None = None, **changes: Any) -> str:
    """Submit a draft, a new one where none is named; return its place."""
    place = place or drafted(portal)
    done(portal.post(f"{place}/submit", a_document(**changes)))
    return place


def accepted(portal: Portal, reviewer: Portal, **changes: Any) -> str:
    """Draft, submit and have accepted; return the place."""
    place = submitted(portal, **changes)
    done(reviewer.post(f"{place}/accept"))
    return place


def returned(reviewer: Portal, place: str, *texts: str) -> list[str]:
    """Return a report with comments on the whole; return their ids."""
    said = {"comments": [{"text": text} for text in texts or ("Bổ sung số liệu.",)]}
    answer = done(reviewer.post(f"{place}/return", said))
    return [comment["id"] for comment in answer["comments"]]


def answering(portal: Portal, place: str, comments: list[str], **content: Any) -> dict[str, Any]:
    """Begin the revision after a return, and answer the comments."""
    begun = done(portal.post(f"{place}/revise", {}))
    said = {
        name: begun[name] for name in ("narrative", "deliverables", "expectations", "nil_items")
    }
    said["answers"] = [{"comment": comment, "text": "Đã bổ sung."} for comment in comments]
    return done(portal.put(f"{place}/draft", {**said, **content}))
