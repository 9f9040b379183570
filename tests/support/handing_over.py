"""A district's years up to its end and its steward's closing report, to be handed over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from app.db import unit_of_work
from app.domain.access.service import authenticate
from app.domain.consolidation.service import build_rollup, revisions_without_rollup
from app.domain.period import LOCAL_TIME
from app.domain.reference import Memory, Reference
from app.domain.submissions.contents import Answer, CommentIn, ReturnIn, SubmissionContent
from app.domain.submissions.drafting import rewrite
from app.domain.submissions.filing import own
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.reviewing import return_
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.makers import (
    BINH_SON,
    FOCAL_UNIT,
    OFFICE,
    PLAN,
    a_document,
    a_draft,
    an_activity,
)

COMMUNE: Final = "gso-21040"  # Thị trấn Châu Ổ, under Bình Sơn until both ended
STEWARD: Final = "gso-21040-2025-07-01"
INFORMATION: Final = FOCAL_UNIT  # Sở Thông tin và Truyền thông, until 1/3/2025
CULTURE: Final = "body-so-vhttdl"  # the focal unit after it, and its steward
AFTER: Final = datetime(2025, 7, 10, 9, tzinfo=LOCAL_TIME)
IN_2026: Final = datetime(2026, 3, 2, 9, tzinfo=LOCAL_TIME)
_2025: Final = {"content_themes": ["II.2.1"]}


def handed(portal: Portal, unit: str) -> Any:
    """Ask for a unit's handover."""
    return portal.get(f"/v1/units/{unit}/handover")


def play_years(api: Api) -> None:
    """Have Bình Sơn and its commune report and correct, submit, be returned, end, and close."""
    api.set_clock(A_WORKING_DAY)
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    _activity(api, district)
    place = _submitted(district, a_document())
    _return(api, focal, place)
    _ok(district.post(f"{place}/revise", {}))
    _answer(api, district, place)
    _ok(district.post(f"{place}/submit", a_document(document_number="216/BC-UBND")))
    _ok(focal.post(f"{place}/accept"))
    _ok(district.post(f"{place}/correct", {"reason": "Ghi trùng"}))  # stays a draft
    _close(api)
    roll_up(api.engine)


def play_department(api: Api) -> None:
    """Have the department of information report and submit; the office accepts it."""
    api.set_clock(A_WORKING_DAY)
    focal, office = api.portal(INFORMATION), api.portal(OFFICE)
    for number in range(3):
        body = an_activity(unit="so-tttt", external_id=f"so.{number}")
        _ok(focal.post("/v1/activity-reports", body))
    place = _submitted(focal, a_document())
    _ok(office.post(f"{place}/accept"))


def roll_up(engine: Engine) -> None:
    """Build the rollups as the worker does."""
    with unit_of_work(engine) as session:
        for revision in revisions_without_rollup(session):
            build_rollup(session, revision_id=revision, at=AFTER)


def _activity(api: Api, district: Portal) -> None:
    commune, focal = api.portal(COMMUNE), api.portal(FOCAL_UNIT)
    path = "/v1/activity-reports"
    made = [_ok(district.post(path, an_activity(external_id=f"d.{number}"))) for number in range(3)]
    township = _ok(commune.post(path, an_activity(unit=COMMUNE, external_id="c.1", title="Xã «A»")))
    spent = [{"source": "state_budget_province", "amount": 2**53 - 1}]
    _ok(commune.post(path, an_activity(unit=COMMUNE, external_id="c.2", expenditure=spent)))
    paper = {"incoming_number": "99/VB-ĐẾN", "incoming_on": "2021-10-01"}
    _ok(focal.post(path, an_activity(unit=COMMUNE, external_id="c.3", on_behalf=paper)))
    patch = {"title": "Tên đúng", "reason": "Ghi nhầm", "occurred_on": "2021-09-11"}
    _ok(district.patch(f"{path}/{made[1]['id']}", patch, If_Match="*"))
    for report in (made[2], township):
        place = f"{path}/{report['id']}"
        _ok(district.post(f"{place}/withdraw", {"reason": "Trùng"}, If_Match="*"))
    again = {"reason": "Không trùng"}
    _ok(district.post(f"{path}/{township['id']}/reinstate", again, If_Match="*"))


def _return(api: Api, focal: Portal, place: str) -> None:
    """Return a submission with a comment on a record, and one on a field."""
    record = focal.get("/v1/activity-reports", limit=1).json()["items"][0]["id"]
    returned = ReturnIn(
        comments=[
            CommentIn(text="Bổ sung số liệu.", activity_report=UUID(record)),
            CommentIn(text="Viết rõ hơn: xã «Châu Ổ».", field="/narrative/results"),
        ]
    )
    with _acting(api, focal) as (session, reference, who):
        submission = UUID(place.rpartition("/")[2])
        return_(session, reference, submission_id=submission, returned=returned, **who)


def _answer(api: Api, district: Portal, place: str) -> None:
    """Answer the comments in the draft that follows."""
    asked = _ok(district.get(place))["comments"]
    content = SubmissionContent(
        narrative=Narrative(results="Đã rõ."),
        answers=[Answer(comment=UUID(one["id"]), text="Đã bổ sung.") for one in asked],
    )
    with _acting(api, district) as (session, reference, who):
        submission = UUID(place.rpartition("/")[2])
        found = own(session, reference, submission_id=submission, action="rewrite", **who)
        rewrite(session, reference, found=found, content=content, **who)


@contextmanager
def _acting(api: Api, portal: Portal) -> Iterator[tuple[Session, Reference, dict[str, Any]]]:
    with unit_of_work(api.engine) as session:
        by, reference = authenticate(session, Memory(), secret=portal.secret, at=api.now())
        yield session, reference, {"by": by, "at": api.now()}


def _close(api: Api) -> None:
    """Have the steward enter late activity of 2025, and file the closing report."""
    api.set_clock(AFTER)
    steward, focal = api.portal(STEWARD), api.portal(CULTURE)
    for unit, day in (("gso-524", "2025-05-06"), (COMMUNE, "2025-06-30")):
        body = an_activity(unit=unit, occurred_on=day, external_id=f"late.{unit}", **_2025)
        _ok(steward.post("/v1/activity-reports", body))
    document = {"document_number": "1/BC-UBND", "document_on": "2025-07-09"}
    body = a_draft(year=2025, unit="gso-524")
    place = _submitted(steward, a_document(data_to="2025-06-30", **document), body)
    _ok(focal.post(f"{place}/accept"))


def _submitted(portal: Portal, document: dict[str, Any], body: dict[str, Any] | None = None) -> str:
    drafted = portal.post("/v1/submissions", body or a_draft(plan=PLAN))
    place = drafted.headers["Location"]
    _ok(portal.post(f"{place}/submit", document))
    return place


def _ok(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()
