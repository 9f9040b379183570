"""A dry run does and answers everything that the real request would, and leaves nothing."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.api import Api, Portal
from tests.support.filing import Filing
from tests.support.makers import BINH_SON, FOCAL_UNIT, a_content, an_activity
from tests.support.problems import faults, refused
from tests.support.racing import at_once
from tests.support.stored import everything

ACTIVITIES = "/v1/activity-reports"
DRY = "?dry_run=true"
Send = Callable[[Portal, dict[str, Any], str], httpx.Response]


def _made(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _natural(external_id: str) -> str:
    return f"/v1/units/524/activity-reports/portal/{external_id}"


def _create(portal: Portal, _: dict[str, Any], query: str) -> httpx.Response:
    body = an_activity(external_id="new", channel="zalo", expenditure=_MONEY)
    return portal.post(f"{ACTIVITIES}{query}", body)


def _put_new(portal: Portal, _: dict[str, Any], query: str) -> httpx.Response:
    return portal.put(f"{_natural('new')}{query}", a_content(expenditure=_MONEY))


def _put_by_key(portal: Portal, report: dict[str, Any], query: str) -> httpx.Response:
    content = a_content(title="Hai", reason="Sửa", expenditure=_MONEY)
    return portal.put(f"{_natural(report['external_id'])}{query}", content, If_Match='"1"')


def _put(portal: Portal, report: dict[str, Any], query: str) -> httpx.Response:
    content = a_content(title="Hai", reason="Sửa", expenditure=_MONEY)
    return portal.put(f"{ACTIVITIES}/{report['id']}{query}", content, If_Match='"1"')


def _patch(portal: Portal, report: dict[str, Any], query: str) -> httpx.Response:
    patch = {"title": "Hai", "reason": "Sửa", "participants": ["so-y-te"]}
    return portal.patch(f"{ACTIVITIES}/{report['id']}{query}", patch, If_Match='"1"')


def _withdraw(portal: Portal, report: dict[str, Any], query: str) -> httpx.Response:
    path = f"{ACTIVITIES}/{report['id']}/withdraw{query}"
    return portal.post(path, {"reason": "Trùng"}, If_Match='"1"')


_MONEY = [{"source": "other_lawful", "amount": 7}]
CREATING = (_create, _put_new)
WAYS = pytest.mark.parametrize("send", [*CREATING, _put_by_key, _put, _patch, _withdraw])


@WAYS
def test_it_answers_what_the_real_request_will_and_stores_nothing(api: Api, send: Send) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    before = everything(api.engine)
    assert len(before["audit_entry"]) > 0
    dry = send(portal, report, DRY)
    assert everything(api.engine) == before
    assert dry.status_code == 200, dry.text
    assert not {"location", "etag"} & set(dry.headers)
    real = send(portal, report, "")
    assert everything(api.engine) != before
    said, done = dry.json(), real.json()
    assert (said["dry_run"], done["dry_run"]) == (True, False)
    told = {"dry_run", "received_at", "id"}
    assert {n: said[n] for n in set(said) - told} == {n: done[n] for n in set(done) - told}
    if send in CREATING:
        assert (said["id"], said["outcome"], said["revision"]) == (None, "created", 1)
        assert real.status_code == 201
    else:
        assert (said["id"], said["outcome"], said["revision"]) == (report["id"], "updated", 2)
        assert real.status_code == 200
    assert portal.get(f"{ACTIVITIES}/{done['id']}").json()["body_sha256"] == said["body_sha256"]


@WAYS
def test_what_is_there_already_is_unchanged_in_a_dry_run_too(api: Api, send: Send) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    real = send(portal, report, "")
    before = everything(api.engine)
    dry = send(portal, report, DRY)
    assert everything(api.engine) == before
    assert (dry.status_code, dry.json()["outcome"]) == (200, "unchanged")
    assert dry.json()["id"] == real.json()["id"]


def test_a_dry_run_of_a_reversal_leaves_the_report_withdrawn(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    _withdraw(portal, report, "")
    before = everything(api.engine)
    path = f"{ACTIVITIES}/{report['id']}"
    dry = portal.post(f"{path}/reinstate{DRY}", {"reason": "Sai"}, If_Match='"2"')
    assert (dry.json()["withdrawn"], dry.json()["revision"]) == (False, 3)
    assert everything(api.engine) == before
    assert portal.get(path).json()["withdrawn"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "no_such", "plan_item": "IX.9", "measures": []},
        {"measures": [{"indicator": "posts", "value": "1.5"}]},
        {"occurred_on": "2021-11-23"},
        {"participants": ["99999"]},
        {"title": 5},
        {"no_such": 1},
        {"evidence": [{"url": "https://facebook.com/profile.php?id=1"}]},
    ],
    ids=str,
)
def test_its_faults_are_those_of_the_real_request(
    shared: Api, reader: Portal, changes: dict[str, Any]
) -> None:
    report = _made(reader)
    body = an_activity(**changes)
    content = a_content(reason="Sửa", **changes)
    key = {"If-Match": '"1"'}
    path, natural = f"{ACTIVITIES}/{report['id']}", _natural(report["external_id"])
    patch = {"reason": "Sửa", **changes}
    sends: list[Callable[[str], httpx.Response]] = [
        lambda query: reader.post(f"{ACTIVITIES}{query}", body),
        lambda query: reader.put(f"{path}{query}", content, **key),
        lambda query: reader.put(f"{natural}{query}", content, **key),
        lambda query: reader.patch(f"{path}{query}", patch, **key),
    ]
    for send in sends:
        dry, real = send(DRY), send("")
        assert faults(dry) == faults(real) != {}
        assert [e["detail"] for e in dry.json()["errors"]] == [
            e["detail"] for e in real.json()["errors"]
        ]


def test_its_refusals_are_those_of_the_real_request(api: Api) -> None:
    portal, stranger, focal = (api.portal(unit) for unit in (BINH_SON, "gso-528", FOCAL_UNIT))
    report = _made(portal, title="Một")
    path = f"{ACTIVITIES}/{report['id']}"
    other = an_activity(external_id=report["external_id"], title="Hai")
    patch = {"title": "Hai", "reason": "Sửa"}
    for query in (DRY, ""):
        refused(portal.post(f"{ACTIVITIES}{query}", other), 409, "report_exists")
        refused(portal.patch(f"{path}{query}", patch), 428, "precondition_required")
        refused(portal.patch(f"{path}{query}", patch, If_Match='"2"'), 412, "revision_changed")
        refused(stranger.patch(f"{path}{query}", patch, If_Match='"1"'), 404, "not_found")
        refused(focal.patch(f"{path}{query}", patch, If_Match='"1"'), 403, "unit_not_yours")
        why = {"reason": "Trùng"}
        response = portal.post(f"{path}/withdraw{query}", why, If_Match='"2"')
        refused(response, 412, "revision_changed")
    assert portal.get(path).json()["revision"] == 1


def test_it_names_what_the_real_correction_puts_out_of_date(api: Api) -> None:
    Filing(api.engine).hand_in(api.http, [BINH_SON], activities=2)
    portal = api.portal(BINH_SON)
    report = portal.get(ACTIVITIES).json()["items"][0]
    before = everything(api.engine)
    for send in (_patch, _withdraw):
        outdated = send(portal, report, DRY).json()["outdated"]
        assert [row["unit"] for row in outdated["submissions"]] == [BINH_SON]
    assert everything(api.engine) == before


def test_many_dry_runs_at_once_stand_in_nobodys_way(api: Api) -> None:
    portal = api.portal(BINH_SON)
    before = everything(api.engine)
    key = {"Idempotency-Key": "one-for-all"}
    body = an_activity(external_id="new")
    sends = [lambda own: own.post(f"{ACTIVITIES}{DRY}", body, **key) for _ in range(8)]
    answers = at_once(api, portal, *sends)
    assert {a.status_code for a in answers} <= {200, 409}
    assert {a.json()["outcome"] for a in answers if a.status_code == 200} == {"created"}
    for late in answers:
        if late.status_code == 409:
            refused(late, 409, "idempotency_key_in_progress")
    before["audit_entry"] = everything(api.engine)["audit_entry"]  # those refusals
    assert everything(api.engine) == before
    assert _create(portal, {}, "").status_code == 201


@pytest.mark.parametrize("value", ["1x", "", "TRUE ", "yes please", "2", "null"])
def test_whether_it_is_one_is_never_guessed(shared: Api, reader: Portal, value: str) -> None:
    before = everything(shared.engine)
    response = reader.post(f"{ACTIVITIES}?dry_run={value}", an_activity())
    assert list(faults(response)) == ["?dry_run"]
    after = everything(shared.engine)
    assert after["activity_report"] == before["activity_report"]
