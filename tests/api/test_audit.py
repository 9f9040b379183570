"""The audit over HTTP: who sees which entries, and how refusals come into it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.db import unit_of_work
from app.domain.audit.verify import Verified, verify
from app.domain.principal import Scope
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.auditing import all_entries, note
from tests.support.makers import BINH_SON, FOCAL_UNIT, a_document, a_draft, an_activity
from tests.support.problems import faults, refused

TRA_BONG = "gso-525"


def _read(portal: Portal, **query: Any) -> list[dict[str, Any]]:
    response = portal.get("/v1/audit", **query)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def _refusals(api: Api) -> list[tuple[str, str, str | None]]:
    return [
        (entry.action, entry.target_id, entry.refusal)
        for entry in all_entries(api.engine)
        if entry.refusal is not None
    ]


def _verified(api: Api) -> Verified:
    with unit_of_work(api.engine, write=False) as session:
        found = verify(session)
    assert isinstance(found, Verified), found
    return found


def test_an_action_is_read_with_all_that_it_was(api: Api) -> None:
    portal = api.portal(BINH_SON)
    made = portal.request(
        "POST",
        "/v1/submissions",
        json=a_draft(),
        headers={"X-Request-Id": "portal-0001", "Idempotency-Key": "k-1"},
    )
    (entry,) = _read(portal, action="submission.drafted")
    at = A_WORKING_DAY.strftime("%Y-%m-%dT02:00:00")
    assert entry.pop("at").startswith(at)
    assert len(entry.pop("chain_sha256")) == 64
    assert len(entry["after"].pop("narrative_sha256")) == 64
    stored = all_entries(api.engine)[0]
    assert entry == {
        "seq": 1,
        "request_id": "portal-0001",
        "api_key_id": str(stored.api_key_id),
        "unit": BINH_SON,
        "action": "submission.drafted",
        "target": {"kind": "submission", "id": made.json()["id"]},
        "before": None,
        "after": {"state": "draft", "revision": 1},
        "refusal": None,
    }


def test_a_submission_leaves_its_whole_way(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = portal.post("/v1/submissions", a_draft()).headers["Location"]
    portal.put(f"{place}/narrative", {"results": "Khác."})
    submitted = portal.post(f"{place}/submit", a_document()).json()
    focal.post(f"{place}/accept")
    found = _read(focal, target_kind="submission", target_id=submitted["id"])
    assert [(e["action"], e["unit"]) for e in found] == [
        ("submission.drafted", BINH_SON),
        ("submission.redrafted", BINH_SON),
        ("submission.submitted", BINH_SON),
        ("submission.accepted", FOCAL_UNIT),
    ]
    drafted, redrafted, handed_in, accepted = found
    assert redrafted["before"] == drafted["after"] != redrafted["after"]
    assert handed_in["after"]["sha256"] == submitted["sha256"] == accepted["after"]["sha256"]
    assert (accepted["before"], accepted["after"]["state"]) == ({"state": "submitted"}, "accepted")
    assert _verified(api).count == len(all_entries(api.engine))


def test_a_unit_sees_its_own_and_the_province_sees_all(api: Api) -> None:
    one, other, focal = (api.portal(unit) for unit in (BINH_SON, TRA_BONG, FOCAL_UNIT))
    one.post("/v1/submissions", a_draft())
    other.post("/v1/submissions", a_draft())
    with unit_of_work(api.engine) as session:
        note(session, by=None)  # an operator's command
    assert [e["unit"] for e in _read(one)] == [BINH_SON]
    assert [e["unit"] for e in _read(other)] == [TRA_BONG]
    assert [e["unit"] for e in _read(focal)] == [BINH_SON, TRA_BONG, None]
    assert [e["unit"] for e in _read(focal, unit=TRA_BONG)] == [TRA_BONG]
    assert _read(one, unit=TRA_BONG) == []


def test_the_pages_of_a_list_hold_every_entry_once_in_the_order_of_the_chain(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for number in range(7):
        portal.post("/v1/submissions", {"number": number})
    seen, cursor = [], None
    while True:
        page = portal.get("/v1/audit", limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [entry["seq"] for entry in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        portal.post("/v1/submissions", {})  # what comes in between stands at the end
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) == 7 + 2


def test_the_list_is_narrowed_by_instant_and_by_refusal(api: Api) -> None:
    portal = api.portal(BINH_SON)
    portal.post("/v1/submissions", a_draft())
    api.set_clock(A_WORKING_DAY + timedelta(hours=1))
    portal.post("/v1/submissions", {})
    later = "2021-11-22T10:00:00+07:00"
    assert [e["refusal"] for e in _read(portal, at_from=later)] == ["invalid"]
    assert [e["refusal"] for e in _read(portal, at_to=later)] == [None]
    assert [e["refusal"] for e in _read(portal, refused="true")] == ["invalid"]
    assert [e["refusal"] for e in _read(portal, refused="false")] == [None]
    assert len(_read(portal, at_from="2021-11-22T02:00:00Z", at_to="2021-11-23T00:00:00Z")) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"at_from": "2021-11-22"}, "string_pattern_mismatch"),
        ({"at_from": "2021-11-22T10:00:00"}, "string_pattern_mismatch"),
        ({"at_to": "0"}, "string_pattern_mismatch"),
        ({"at_to": "2021-02-30T10:00:00Z"}, "day_unknown"),
        ({"at_to": "0001-01-01T00:00:00+07:00"}, "day_unknown"),
        ({"refused": "1"}, "bool_type"),
        ({"action": "a'b"}, "string_pattern_mismatch"),
        ({"target_id": "a\x00b"}, "string_pattern_mismatch"),
        ({"nobody": "1"}, "extra_forbidden"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(
    shared: Api, query: dict[str, str], code: str
) -> None:
    response = shared.portal(BINH_SON).get("/v1/audit", **query)
    assert faults(response) == {f"?{next(iter(query))}": code}


def test_every_kind_of_refused_write_is_recorded_once_with_its_code(api: Api) -> None:
    portal, other = api.portal(BINH_SON), api.portal(TRA_BONG)
    reader = api.portal(BINH_SON, Scope.READ_SUBMISSIONS)
    path = "/v1/activity-reports"
    body = an_activity()
    assert portal.post(path, body).status_code == 201
    done = len(all_entries(api.engine))
    refused(portal.post(path, {**body, "title": "Khác"}), 409, "report_exists")
    refused(portal.post(path, {}), 422, "invalid")
    refused(other.post(path, body), 403, "unit_not_yours")
    refused(reader.post(path, body), 403, "scope_missing")
    refused(portal.request("POST", path, content=b"{"), 415, "unsupported_media_type")
    json = {"Content-Type": "application/json"}
    refused(portal.request("POST", path, content=b"{", headers=json), 400, "malformed_json")
    refused(portal.request("POST", f"{path}?a=b", json=body), 422, "invalid")
    refused(portal.request("POST", path, content=b" " * 2**21, headers=json), 413, "body_too_large")
    refused(portal.request("DELETE", path), 405, "method_not_allowed")
    refused(portal.post("/v1/nothing", {}), 404, "not_found")
    refused(portal.post("/v1/submissions/1/accept"), 404, "not_found")
    create = "create_activity_report"
    assert _refusals(api) == [
        (create, f"POST {path}", "report_exists"),
        (create, f"POST {path}", "invalid"),
        (create, f"POST {path}", "unit_not_yours"),
        (create, f"POST {path}", "scope_missing"),
        (create, f"POST {path}", "unsupported_media_type"),
        (create, f"POST {path}", "malformed_json"),
        (create, f"POST {path}", "invalid"),
        (create, f"POST {path}", "body_too_large"),
        ("no_operation", f"DELETE {path}", "method_not_allowed"),
        ("no_operation", "POST /v1/nothing", "not_found"),
        ("accept_submission", "POST /v1/submissions/1/accept", "not_found"),
    ]
    assert len(all_entries(api.engine)) == done + 11
    assert [e["unit"] for e in _read(other)] == [TRA_BONG]


def test_a_read_is_recorded_only_where_it_is_forbidden(api: Api) -> None:
    portal = api.portal(BINH_SON, Scope.READ_ACTIVITIES)
    refused(portal.get("/v1/submissions"), 403, "scope_missing")
    refused(portal.get("/v1/activity-reports/1"), 404, "not_found")
    refused(portal.get("/v1/activity-reports", nobody="1"), 422, "invalid")
    assert _refusals(api) == [("list_submissions", "GET /v1/submissions", "scope_missing")]


def test_who_is_unknown_or_asks_too_often_is_not_recorded(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for secret in ("x", f"{portal.secret[:-1]}{'0' if portal.secret[-1] != '0' else '1'}"):
        stranger = Portal(api.http, secret)
        refused(stranger.post("/v1/submissions", {}), 401, "unauthenticated")
        assert stranger.request("POST", "/v1/submissions", content=b"{").status_code in (401, 415)
        refused(stranger.post("/v1/nothing", {}), 404, "not_found")
    assert _refusals(api) == []


def test_a_repeated_answer_is_no_refusal_and_no_second_action(api: Api) -> None:
    portal = api.portal(BINH_SON)
    key = {"Idempotency-Key": "k-1"}
    for _ in range(3):
        portal.request("POST", "/v1/submissions", json=a_draft(), headers=key)
    assert [entry.action for entry in all_entries(api.engine)] == ["submission.drafted"]


def test_no_key_stands_in_the_audit(api: Api) -> None:
    portal = api.portal(BINH_SON)
    portal.post(f"/v1/{portal.secret}", {})
    ((_, target, _),) = _refusals(api)
    assert target == "POST /v1/baocao_…"


def test_a_long_path_is_cut(api: Api) -> None:
    refused(api.portal(BINH_SON).post(f"/v1/{'a' * 5000}", {}), 404, "not_found")
    ((_, target, _),) = _refusals(api)
    assert len(target) == 400


def test_a_refusal_that_cannot_be_recorded_stays_a_refusal(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    portal = api.portal(BINH_SON)
    with api.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit_entry RENAME TO audit_entry_away"))
    refused(portal.post("/v1/submissions", {}), 422, "invalid")
    assert "refusal not recorded" in capsys.readouterr().out


def test_many_refusals_at_once_keep_nobody_waiting(api: Api) -> None:
    """More than there are threads or connections: those that wait must not hold what they need."""
    portal = api.portal(BINH_SON)
    with ThreadPoolExecutor(64) as pool:
        sent = [pool.submit(portal.post, "/v1/submissions", {}) for _ in range(128)]
        done = [pool.submit(portal.post, "/v1/activity-reports", an_activity()) for _ in range(16)]
        assert {future.result().status_code for future in sent} == {422}
        assert {future.result().status_code for future in done} == {201}
    assert len(_refusals(api)) == 128


def test_a_refusal_waits_for_a_writer_and_is_recorded_after_it(api: Api) -> None:
    portal = api.portal(BINH_SON)
    answered = threading.Event()

    def send() -> None:
        refused(
            portal.request("POST", "/v1/submissions", content=b"{"), 415, "unsupported_media_type"
        )
        answered.set()

    sender = threading.Thread(target=send)
    with unit_of_work(api.engine) as session:
        session.connection()  # SQLite's only write lock
        sender.start()
        waited = not answered.wait(0.5)
        assert waited == (api.engine.dialect.name == "sqlite")
        assert api.http.get("/livez").status_code == 200, "the event loop waited too"
    sender.join(10)
    assert answered.is_set()
    assert len(_refusals(api)) == 1


def test_the_audit_is_read_while_somebody_writes(api: Api) -> None:
    portal = api.portal(BINH_SON)
    with unit_of_work(api.engine) as session:
        session.connection()  # SQLite's only write lock, which reading must not wait for
        assert _read(portal) == []
