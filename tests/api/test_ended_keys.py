"""The keys of a unit that ended: they write for a stated grace, then they only read."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from app.domain.access.ended import GRACE_AFTER_END
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from tests.contracts.operations import operations
from tests.support.api import Api, Portal
from tests.support.auditing import all_entries
from tests.support.bulk import WITHDRAWALS, send
from tests.support.makers import FOCAL_UNIT, PLAN, a_content, an_activity
from tests.support.problems import refused, rows

ACTIVITIES: Final = "/v1/activity-reports"
TU_NGHIA: Final = "gso-528"  # Huyện Tư Nghĩa, until 1/7/2025
SONG_VE: Final = "gso-21238"  # Thị trấn Sông Vệ, under it
STEWARD: Final = "gso-21235-2025-07-01"
# Sixty days from 1/7/2025: the last is 29/8.
OVER: Final = datetime(2025, 8, 30, tzinfo=LOCAL_TIME)
# A bulk request's key is looked at twice, and a test's clock goes on by 1 µs with each look.
LAST: Final = {"single": OVER - timedelta(microseconds=1), "bulk": OVER - timedelta(microseconds=2)}
ON: Final = {"occurred_on": "2025-06-05", "content_themes": ["II.2.1"]}
WHY: Final = {"reason": "Ghi nhầm"}
Write = Callable[[Portal, str], httpx.Response]


def _withdrawn(portal: Portal, report: str) -> httpx.Response:
    return portal.post(f"{ACTIVITIES}/{report}/withdraw", WHY, If_Match="*")


def _put_anew(portal: Portal, report: str) -> httpx.Response:
    path = f"/v1/units/528/activity-reports/portal/{report}-anew"
    return portal.put(path, a_content(**ON))


def _bulk(portal: Portal, report: str) -> httpx.Response:
    return send(portal, [an_activity(unit="528", external_id=f"{report}-bulk", **ON)])


def _bulk_withdrawal(portal: Portal, report: str) -> httpx.Response:
    return send(portal, [{"id": report, "expected_revision": 1, **WHY}], to=WITHDRAWALS)


SINGLE: Final[dict[str, Write]] = {
    "create_activity_report": lambda p, _: p.post(ACTIVITIES, an_activity(unit="528", **ON)),
    "put_activity_report": _put_anew,
    "correct_activity_report": lambda p, r: p.put(
        f"{ACTIVITIES}/{r}", a_content(**ON, **WHY, title="Khác"), If_Match="*"
    ),
    "patch_activity_report": lambda p, r: p.patch(
        f"{ACTIVITIES}/{r}", {"title": "Khác", **WHY}, If_Match="*"
    ),
    "withdraw_activity_report": _withdrawn,
    "reinstate_activity_report": lambda p, r: p.post(
        f"{ACTIVITIES}/{r}/reinstate", WHY, If_Match="*"
    ),
}
BULK: Final[dict[str, Write]] = {
    "create_activity_report_batch": _bulk,
    "create_withdrawal_batch": _bulk_withdrawal,
}


@pytest.fixture
def ended(api: Api) -> tuple[Api, Portal, str]:
    """Return the app, the district's portal, and a report that it made in its last month."""
    api.set_clock(datetime(2025, 6, 10, 9, tzinfo=LOCAL_TIME))
    portal = api.portal(TU_NGHIA)
    made = portal.post(ACTIVITIES, an_activity(unit="528", **ON))
    assert made.status_code == 201, made.text
    return api, portal, made.json()["id"]


def _entries(api: Api, response: httpx.Response) -> list[tuple[str, str | None]]:
    """Return the action and the refusal of each audit entry of one request."""
    number = response.headers["X-Request-Id"]
    found = all_entries(api.engine)
    return [(one.action, one.refusal) for one in found if one.request_id == number]


@pytest.mark.parametrize("name", [*SINGLE, *BULK])
def test_they_write_to_the_last_instant_of_the_grace_and_not_after(
    ended: tuple[Api, Portal, str], name: str
) -> None:
    api, portal, report = ended
    if name == "reinstate_activity_report":
        _withdrawn(portal, report)
    before = rows(api.engine)
    api.set_clock(OVER)
    late = (SINGLE | BULK)[name](portal, report)
    refused(late, 403, "unit_ended")
    assert _entries(api, late) == [(name, "unit_ended")]
    assert rows(api.engine) == before
    api.set_clock(LAST["bulk" if name in BULK else "single"])
    written = (SINGLE | BULK)[name](portal, report)
    assert written.status_code in (200, 201), written.text
    assert rows(api.engine)["activity_revision"] == before["activity_revision"] + 1


def test_reading_goes_on(ended: tuple[Api, Portal, str]) -> None:
    api, portal, report = ended
    api.set_clock(datetime(2026, 11, 1, 9, tzinfo=LOCAL_TIME))
    assert [one["id"] for one in portal.get(ACTIVITIES).json()["items"]] == [report]
    for path in (
        f"{ACTIVITIES}/{report}",
        f"{ACTIVITIES}/{report}/revisions",
        f"{ACTIVITIES}/changes",
        "/v1/activity-report-batches",
        "/v1/submissions",
        "/v1/joint-links",
        "/v1/units",
    ):
        assert portal.get(path).status_code == 200, path
    assert portal.get("/v1/reconciliation", plan=PLAN).json()["totals"]["reports"] == 1


def test_every_writing_operation_is_refused_whatever_its_scope_and_audited(api: Api) -> None:
    api.set_clock(OVER)
    portal = api.portal(TU_NGHIA)
    writes = [one for one in operations(api.app) if one.method != "get"]
    assert len(writes) > 10
    before = rows(api.engine)
    for operation in writes:
        response = operation.send(api.http, portal.secret)
        refused(response, 403, "unit_ended")
        name = operation.described["operationId"]
        assert _entries(api, response) == [(name, "unit_ended")]
    assert rows(api.engine) == before


@pytest.mark.parametrize(
    ("unit", "ended_on", "last_day", "steward"),
    [
        (TU_NGHIA, "2025-07-01", "2025-08-29", STEWARD),
        (SONG_VE, "2025-07-01", "2025-08-29", STEWARD),  # through the district that it stood under
        ("gso-51", "2025-07-01", "2025-08-29", "—"),
        (FOCAL_UNIT, "2025-03-01", "2025-04-29", "body-so-vhttdl"),
        ("body-dai-ptth", "2025-05-19", "2025-07-17", "body-bao-quang-ngai"),
    ],
)
def test_the_refusal_names_the_days_and_the_steward(
    api: Api, unit: str, ended_on: str, last_day: str, steward: str
) -> None:
    over = date.fromisoformat(ended_on) + GRACE_AFTER_END
    assert over - timedelta(days=1) == date.fromisoformat(last_day)
    portal = api.portal(unit)
    api.set_clock(datetime(over.year, over.month, over.day, tzinfo=LOCAL_TIME))
    for language in ("vi", "en"):
        answer = portal.post(ACTIVITIES, an_activity(), Accept_Language=language)
        refused(answer, 403, "unit_ended")
        detail = answer.json()["detail"]
        for told in (unit, ended_on, last_day, steward, str(GRACE_AFTER_END.days)):
            assert told in detail


def test_what_was_answered_before_is_not_answered_again_and_can_be_read(
    ended: tuple[Api, Portal, str],
) -> None:
    api, portal, _ = ended
    body, key = an_activity(unit="528", **ON), {"Idempotency_Key": "once"}
    first = portal.post(ACTIVITIES, body, **key)
    assert first.status_code == 201
    api.set_clock(OVER)
    refused(portal.post(ACTIVITIES, body, **key), 403, "unit_ended")
    assert portal.get(first.headers["Location"]).status_code == 200


def test_a_missing_scope_is_said_first_and_a_bad_key_is_no_key(api: Api) -> None:
    api.set_clock(OVER)
    reader = api.portal(TU_NGHIA, Scope.READ_ACTIVITIES)
    refused(reader.post(ACTIVITIES, an_activity()), 403, "scope_missing")
    refused(send(reader, [an_activity()]), 403, "scope_missing")
    nobody = Portal(api.http, reader.secret[::-1])
    refused(nobody.post(ACTIVITIES, an_activity()), 401, "unauthenticated")


def test_units_that_go_on_are_not_concerned(ended: tuple[Api, Portal, str]) -> None:
    api, _, report = ended
    api.set_clock(datetime(2026, 11, 1, 9, tzinfo=LOCAL_TIME))
    body: dict[str, Any] = an_activity(unit="so-y-te", **ON)
    assert api.portal("body-so-y-te").post(ACTIVITIES, body).status_code == 201
    # And the ended unit's record is corrected by its steward, whenever.
    changed = _withdrawn(api.portal(STEWARD), report)
    assert (changed.status_code, changed.json()["withdrawn"]) == (200, True)


def test_the_grace_is_said_where_keys_are_described(api: Api) -> None:
    days = f"{GRACE_AFTER_END.days} days"
    made = api.app.openapi()
    assert days in " ".join(made["info"]["description"].split())
    assert days in made["components"]["securitySchemes"]["ApiKey"]["description"]
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"{GRACE_AFTER_END.days} more days" in readme
    assert "`unit_ended`" in readme
