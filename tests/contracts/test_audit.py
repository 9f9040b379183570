"""Every write leaves its entry in the audit, done or refused; the database keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from app.db import unit_of_work
from app.domain.access.service import create_key
from app.domain.batches.readers import XLSX
from app.domain.submissions.narrative_sheet import narrative_template
from tests.contracts.operations import Operation, operations
from tests.support.api import Api, Portal
from tests.support.auditing import all_entries
from tests.support.budget_writes import WRITES as BUDGET_WRITES
from tests.support.consolidating import consolidate
from tests.support.deciding import (
    CYCLES,
    WHY,
    YEAR_2021,
    a_change,
    a_stewardship,
    an_amendment,
    an_extension,
    an_extra_cycle,
    an_outage,
)
from tests.support.makers import (
    BINH_SON,
    FOCAL_UNIT,
    OFFICE,
    PLAN,
    a_content,
    a_document,
    a_draft,
    an_activity,
)
from tests.support.problems import refused
from tests.support.webhook_writes import WRITES as WEBHOOK_WRITES


@dataclass(frozen=True)
class Scene:
    """A district, the focal unit and the office; each step stores what the next needs."""

    api: Api
    district: Portal
    focal: Portal
    office: Portal

    def report(self) -> tuple[str, str]:
        """Store a report; return its place and its ETag."""
        made = self.district.post("/v1/activity-reports", an_activity())
        return made.headers["Location"], made.headers["ETag"]

    def draft(self) -> str:
        return self.district.post("/v1/submissions", a_draft()).headers["Location"]

    def submitted(self) -> str:
        place = self.draft()
        self.district.post(f"{place}/submit", a_document())
        return place

    def accepted(self) -> str:
        place = self.submitted()
        self.focal.post(f"{place}/accept")
        return place

    def returned(self) -> str:
        place = self.submitted()
        self.focal.post(f"{place}/return", A_RETURN)
        return place

    def published(self) -> str:
        """Have a report consolidated; return its place."""
        asked = self.focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021}).json()
        consolidate(self.api.engine, UUID(asked["id"]), at=self.api.now())
        return f"/v1/consolidated-reports/{asked['id']}"

    def proposed(self) -> str:
        place = self.published()
        self.focal.put(f"{place}/assessment", {"text": "Đầy đủ."})
        self.focal.post(f"{place}/propose")
        return place

    def approved(self) -> str:
        place = self.proposed()
        self.office.post(f"{place}/approve")
        return place


A_RETURN: Final = {"comments": [{"text": "Bổ sung kết quả.", "field": "/narrative/results"}]}
ISSUED: Final = {
    "document_number": "312/BC-UBND",
    "document_on": "2021-11-22",
    "signatory_title": "Phó Chủ tịch UBND tỉnh",
}


def _proposed(scene: Scene) -> httpx.Response:
    place = scene.published()
    scene.focal.put(f"{place}/assessment", {"text": "Đầy đủ."})
    return scene.focal.post(f"{place}/propose")


def _accepted_in_bulk(scene: Scene) -> httpx.Response:
    number = scene.submitted().rpartition("/")[2]
    body = {"submissions": [{"submission": number, "revision": 1}]}
    return scene.focal.post("/v1/submissions/acceptances", body)


def _correct(scene: Scene) -> httpx.Response:
    place, etag = scene.report()
    body = a_content(title="Khác", reason="Sai tên")
    return scene.district.put(place, body, If_Match=etag)


def _patch(scene: Scene) -> httpx.Response:
    place, etag = scene.report()
    return scene.district.patch(place, {"title": "Khác", "reason": "Sai tên"}, If_Match=etag)


def _withdraw(scene: Scene) -> httpx.Response:
    place, etag = scene.report()
    return scene.district.post(f"{place}/withdraw", {"reason": "Trùng"}, If_Match=etag)


def _reinstate(scene: Scene) -> httpx.Response:
    place, etag = scene.report()
    gone = scene.district.post(f"{place}/withdraw", {"reason": "Trùng"}, If_Match=etag)
    etag = gone.headers["ETag"]
    return scene.district.post(f"{place}/reinstate", {"reason": "Không trùng"}, If_Match=etag)


def _put_report(scene: Scene) -> httpx.Response:
    return scene.district.put("/v1/units/524/activity-reports/portal/put-1", a_content())


def _named(scene: Scene) -> str:
    """Have the district name the focal unit in a report; return the report's id."""
    body = an_activity(participants=["so-tttt"])
    report: str = scene.district.post("/v1/activity-reports", body).json()["id"]
    return report


def _decide(scene: Scene) -> httpx.Response:
    place = f"/v1/activity-reports/{_named(scene)}/participation"
    return scene.focal.post(place, {"decision": "confirmed"})


def _join(scene: Scene, portal: Portal) -> httpx.Response:
    body = an_activity(unit="so-tttt", participants=["524"])
    own = scene.focal.post("/v1/activity-reports", body).json()["id"]
    return portal.post("/v1/joint-links", {"reports": [_named(scene), own]})


def _confirm(scene: Scene) -> httpx.Response:
    return scene.focal.post(f"{_join(scene, scene.district).headers['Location']}/confirm")


def _separate(scene: Scene) -> httpx.Response:
    place = _join(scene, scene.focal).headers["Location"]
    return scene.focal.post(f"{place}/separate", {"reason": "Khác buổi"})


def _bulk(scene: Scene) -> httpx.Response:
    rows = [an_activity(), an_activity()]
    return scene.district.post("/v1/activity-report-batches", rows)


def _bulk_withdrawal(scene: Scene) -> httpx.Response:
    rows = [
        {"id": scene.report()[0].rpartition("/")[2], "expected_revision": 1, "reason": "Trùng"}
        for _ in range(2)
    ]
    return scene.district.post("/v1/activity-report-batches/withdrawals", rows)


def _sheet(scene: Scene) -> httpx.Response:
    place = f"{scene.draft()}/narrative-sheet"
    headers = {"Content-Type": XLSX}
    return scene.district.request("PUT", place, content=narrative_template(), headers=headers)


def _decide_on_proposal(scene: Scene) -> httpx.Response:
    made = {"proposals": [{"addressee": "UBND tỉnh", "text": "Bố trí kinh phí."}]}
    place = scene.district.post("/v1/submissions", a_draft(narrative=made)).headers["Location"]
    scene.district.post(f"{place}/submit", a_document())
    (found,) = scene.focal.get("/v1/proposals").json()["items"]
    return scene.focal.put(f"/v1/proposals/{found['id']}", {"status": "forwarded"})


def _withdraw_outage(scene: Scene) -> httpx.Response:
    place = f"{YEAR_2021}/outages"
    number = scene.focal.post(place, an_outage()).json()["id"]
    return scene.focal.post(f"{place}/{number}/withdraw", {"reason": "Nhầm"})


def _by_all(write: Callable[[Api], httpx.Response]) -> Callable[[Scene], httpx.Response]:
    return lambda scene: write(scene.api)


_ROSTER: Final = f"{YEAR_2021}/roster"

DONE: Final[dict[str, Callable[[Scene], httpx.Response]]] = {
    "create_activity_report": lambda s: s.district.post("/v1/activity-reports", an_activity()),
    "put_activity_report": _put_report,
    "correct_activity_report": _correct,
    "patch_activity_report": _patch,
    "withdraw_activity_report": _withdraw,
    "reinstate_activity_report": _reinstate,
    "decide_participation": _decide,
    "join_reports": lambda s: _join(s, s.focal),
    "confirm_joint_link": _confirm,
    "separate_joint_link": _separate,
    "create_activity_report_batch": _bulk,
    "create_withdrawal_batch": _bulk_withdrawal,
    "open_reporting_cycle": lambda s: s.focal.post(CYCLES, an_extra_cycle()),
    "change_reporting_cycle": lambda s: s.focal.put(YEAR_2021, a_change(), If_Match="*"),
    "add_roster_row": lambda s: s.focal.post(_ROSTER, an_amendment(unit="21040")),
    "amend_roster_row": lambda s: s.focal.put(f"{_ROSTER}/524", an_amendment(), If_Match="*"),
    "exempt_roster_row": lambda s: s.focal.post(f"{_ROSTER}/524/exempt", WHY),
    "extend_roster_row": lambda s: s.focal.post(f"{_ROSTER}/524/extend", an_extension()),
    "declare_outage": lambda s: s.focal.post(f"{YEAR_2021}/outages", an_outage()),
    "withdraw_outage": _withdraw_outage,
    "decide_stewardship": lambda s: s.focal.post("/v1/stewardships", a_stewardship()),
    "draft_submission": lambda s: s.district.post("/v1/submissions", a_draft()),
    "rewrite_narrative": lambda s: s.district.put(f"{s.draft()}/narrative", {"results": "Khác."}),
    "rewrite_draft": lambda s: s.district.put(f"{s.draft()}/draft", {"narrative": {}}),
    "rewrite_draft_from_sheet": _sheet,
    "discard_draft": lambda s: s.district.request("DELETE", f"{s.draft()}/draft"),
    "submit_submission": lambda s: s.district.post(f"{s.draft()}/submit", a_document()),
    "accept_submission": lambda s: s.focal.post(f"{s.submitted()}/accept"),
    "accept_submissions": _accepted_in_bulk,
    "return_submission": lambda s: s.focal.post(f"{s.submitted()}/return", A_RETURN),
    "revise_submission": lambda s: s.district.post(f"{s.returned()}/revise", {}),
    "correct_submission": lambda s: s.district.post(f"{s.accepted()}/correct", {"reason": "Sót"}),
    "supplement_submission": lambda s: s.district.post(f"{s.accepted()}/supplement", {}),
    "assess_report": lambda s: s.focal.put(f"{s.published()}/assessment", {"text": "Đầy đủ."}),
    "propose_report": _proposed,
    "return_report": lambda s: s.office.post(f"{s.proposed()}/return", {"reason": "Làm rõ"}),
    "approve_report": lambda s: s.office.post(f"{s.proposed()}/approve"),
    "issue_report": lambda s: s.office.post(f"{s.approved()}/issue", ISSUED),
    "set_report_recipients": lambda s: s.focal.put(
        f"/v1/plans/{PLAN}/report-recipients", {"units": ["so-tai-chinh"], "reason": "Nơi nhận"}
    ),
    "decide_on_proposal": _decide_on_proposal,
    "request_consolidated_report": lambda s: s.focal.post(
        "/v1/consolidated-reports", {"plan": PLAN, "year": 2021}
    ),
    **{name: _by_all(write) for name, write in (BUDGET_WRITES | WEBHOOK_WRITES).items()},
}
# Operations that are being added right now, whose row above is still to be written.
COMING: Final[frozenset[str]] = frozenset()


def _writes(api: Api) -> dict[str, Operation]:
    found = {
        operation.described["operationId"]: operation
        for operation in operations(api.app)
        if operation.method != "get"
    }
    assert len(found) > 10
    return found


def _entries_of(api: Api, response: httpx.Response) -> list[tuple[str, str | None]]:
    """Return the action and the refusal of each entry of one request."""
    number = response.headers["X-Request-Id"]
    found = all_entries(api.engine)
    return [(entry.action, entry.refusal) for entry in found if entry.request_id == number]


def test_the_table_holds_every_write_of_the_document(api: Api) -> None:
    assert set(_writes(api)) - COMING == set(DONE)


@pytest.mark.parametrize("name", DONE)
def test_a_write_that_is_done_leaves_one_entry(api: Api, name: str) -> None:
    scene = Scene(api, api.portal(BINH_SON), api.portal(FOCAL_UNIT), api.portal(OFFICE))
    response = DONE[name](scene)
    assert response.status_code in (200, 201, 202, 204), response.text
    (entry,) = _entries_of(api, response)
    assert entry[1] is None
    assert "." in entry[0]


def test_a_write_that_is_refused_leaves_one_entry_with_its_code(api: Api) -> None:
    with unit_of_work(api.engine) as session:
        times: dict[str, Any] = {"at": api.now(), "expires_at": api.now().replace(year=2031)}
        _, bare = create_key(session, unit=BINH_SON, scopes=(), label="test", **times)
    for name, operation in _writes(api).items():
        response = operation.send(api.http, bare)
        refused(response, 403, "scope_missing")
        assert _entries_of(api, response) == [(name, "scope_missing")]


def test_both_tables_are_guarded(engine: Engine) -> None:
    """Alembic's batch mode on SQLite makes a table anew, and drops its triggers."""
    sqlite = engine.dialect.name == "sqlite"
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
        if sqlite
        else "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'audit_%' AND tgenabled = 'O'"
    )
    with engine.connect() as connection:
        found = set(connection.execute(sa.text(listed)).scalars())
    kinds = ("_refuses_update", "_refuses_delete", "_refuses_replace") if sqlite else ("_refuses",)
    assert found == {f"{table}{kind}" for table in ("audit_entry", "audit_seal") for kind in kinds}
