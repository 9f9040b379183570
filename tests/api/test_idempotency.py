"""Whatever is sent again has its effect once, and is answered as it was."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.idempotency.models import IdempotencyKey
from app.domain.idempotency.service import RETENTION, forget_old
from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.budget_writes import POSTS as BUDGET_POSTS
from tests.support.budget_writes import Post
from tests.support.consolidating import consolidate
from tests.support.deciding import (
    CYCLES,
    WHY,
    YEAR_2021,
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
    a_document,
    a_draft,
    an_activity,
)
from tests.support.problems import faults, refused, rows
from tests.support.racing import at_once, under_way
from tests.support.webhook_writes import POSTS as WEBHOOK_POSTS

ACTIVITIES = "/v1/activity-reports"
CONSOLIDATED = "/v1/consolidated-reports"
EDUCATION = "body-so-gddt"
ANSWERED = ("content-type", "location", "etag")


def _key(name: str = "") -> dict[str, str]:
    return {"Idempotency-Key": name or str(uuid4())}


def _headers(response: httpx.Response) -> dict[str, str | None]:
    return {name: response.headers.get(name) for name in ANSWERED}


def _same_again(first: httpx.Response, again: httpx.Response) -> None:
    """Assert that an answer is another one, replayed."""
    assert again.headers.get("idempotency-replayed") == "true", again.text
    assert "idempotency-replayed" not in first.headers
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert _headers(again) == _headers(first)


def _made(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


# The natural key


def test_a_body_that_any_revision_says_is_answered_with_the_current_one(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity(title="Một")
    path = f"{ACTIVITIES}/{portal.post(ACTIVITIES, body).json()['id']}"
    for number, title in ((1, "Hai"), (2, "Ba"), (3, "Bốn")):
        patch = {"title": title, "reason": "Sửa"}
        assert portal.patch(path, patch, If_Match=f'"{number}"').status_code == 200
    before = rows(api.engine)
    for title in ("Một", "Hai", "Ba", "Bốn"):
        response = portal.post(ACTIVITIES, {**body, "title": title})
        assert response.status_code == 200, response.text
        said = response.json()
        assert (said["outcome"], said["revision"], said["title"]) == ("unchanged", 4, "Bốn")
        assert (response.headers["etag"], response.headers["location"]) == ('"4"', path)
    assert rows(api.engine) == before


def test_another_body_differs_from_the_current_revision_and_not_from_an_older_one(
    api: Api,
) -> None:
    portal, body = api.portal(BINH_SON), an_activity(title="Một", channel="zalo")
    path = f"{ACTIVITIES}/{portal.post(ACTIVITIES, body).json()['id']}"
    patch = {"title": "Hai", "channel": "facebook", "reason": "Sửa"}
    assert portal.patch(path, patch, If_Match='"1"').status_code == 200
    response = portal.post(ACTIVITIES, {**body, "title": "Hai", "description": "Thêm"})
    refused(response, 409, "report_exists")
    assert response.json()["detail"].endswith(": channel, description.")
    assert "2" in response.json()["detail"]


def test_a_body_with_faults_is_refused_for_them_though_its_key_is_taken(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    assert portal.post(ACTIVITIES, body).status_code == 201
    before = rows(api.engine)
    wrong = {**body, "title": "Khác", "channel": "no_such", "plan_item": "IX.9"}
    assert faults(portal.post(ACTIVITIES, wrong)) == {
        "/channel": "unknown_code",
        "/plan_item": "unknown_plan_item",
        "/measures/0/indicator": "unknown_indicator",
    }
    assert faults(portal.post(ACTIVITIES, {**body, "occurrences": 2})) == {"": "summary_incomplete"}
    assert rows(api.engine) == before


def test_a_body_stored_once_is_unchanged_though_its_code_has_ended_since(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity(format="news")
    first = portal.post(ACTIVITIES, body)
    with api.engine.begin() as connection:
        ended = "UPDATE code_entry SET valid_to = '2021-02-01' WHERE list = 'format'"
        connection.execute(text(f"{ended} AND code = 'news'"))
    again = portal.post(ACTIVITIES, body)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["id"] == first.json()["id"]
    assert faults(portal.post(ACTIVITIES, an_activity(format="news"))) == {
        "/format": "unknown_code"
    }


# Idempotency-Key on every POST


@dataclass(frozen=True)
class Sent:
    """A POST that has an effect, and what it could be mistaken for."""

    portal: Portal
    path: str
    body: Any
    other: Any
    headers: dict[str, str]

    def send(self, body: Any = None, path: str = "", **headers: str) -> httpx.Response:
        content = None if self.body is None else json.dumps(body or self.body)
        kind = {} if content is None else {"Content-Type": "application/json"}
        return self.portal.request(
            "POST", path or self.path, content=content, headers={**kind, **self.headers, **headers}
        )


def _create(api: Api) -> Sent:
    body = an_activity()
    return Sent(api.portal(BINH_SON), ACTIVITIES, body, {**body, "title": "Khác"}, {})


def _turn(verb: str) -> Callable[[Api], Sent]:
    def prepare(api: Api) -> Sent:
        portal = api.portal(BINH_SON)
        path = f"{ACTIVITIES}/{_made(portal)['id']}"
        if verb == "reinstate":
            portal.post(f"{path}/withdraw", {"reason": "Trùng"}, If_Match='"1"')
        revision = {"If-Match": '"2"' if verb == "reinstate" else '"1"'}
        return Sent(portal, f"{path}/{verb}", {"reason": "Một"}, {"reason": "Hai"}, revision)

    return prepare


def _draft(api: Api) -> Sent:
    return Sent(api.portal(BINH_SON), "/v1/submissions", a_draft(), a_draft(narrative={}), {})


def _submit(api: Api) -> Sent:
    portal = api.portal(BINH_SON)
    place = portal.post("/v1/submissions", a_draft()).headers["location"]
    other = a_document(document_number="216/BC-UBND")
    return Sent(portal, f"{place}/submit", a_document(), other, {})


def _accept(api: Api) -> Sent:
    submitted = _submit(api)
    assert submitted.send().status_code == 200
    path = submitted.path.replace("/submit", "/accept")
    return Sent(api.portal(FOCAL_UNIT), path, None, None, {})


def _consolidate(api: Api) -> Sent:
    body = {"plan": PLAN, "year": 2021}
    return Sent(api.portal(FOCAL_UNIT), CONSOLIDATED, body, {"plan": PLAN, "year": 2024}, {})


def _two_reports(api: Api) -> tuple[Portal, str, str]:
    """Return a department's portal, a report that names it, and one of its own."""
    portal = api.portal(EDUCATION)
    theirs = _made(api.portal(BINH_SON), participants=["so-gddt"])["id"]
    return portal, theirs, _made(portal, unit="so-gddt")["id"]


def _say(api: Api) -> Sent:
    portal, theirs, _ = _two_reports(api)
    said, other = {"decision": "confirmed"}, {"decision": "disputed", "reason": "Không dự"}
    return Sent(portal, f"{ACTIVITIES}/{theirs}/participation", said, other, {})


def _join(api: Api) -> Sent:
    portal, theirs, own = _two_reports(api)
    said = {"reports": [theirs, own]}
    return Sent(portal, "/v1/joint-links", said, {**said, "reason": "Cùng một buổi"}, {})


def _confirm(api: Api) -> Sent:
    claim = _join(api).send()
    assert claim.status_code == 201, claim.text
    path = f"/v1/joint-links/{claim.json()['id']}/confirm"
    return Sent(api.portal(BINH_SON), path, None, None, {})


def _separate(api: Api) -> Sent:
    claim = _join(api)
    path = f"/v1/joint-links/{claim.send().json()['id']}/separate"
    return Sent(claim.portal, path, {"reason": "Hai buổi"}, {"reason": "Khác buổi"}, {})


def _batch(api: Api) -> Sent:
    row = an_activity()
    other = [{**row, "title": "Khác"}]
    return Sent(api.portal(BINH_SON), "/v1/activity-report-batches", [row], other, {})


def _withdrawals(api: Api) -> Sent:
    portal = api.portal(BINH_SON)
    row = {"id": _made(portal)["id"], "expected_revision": 1, "reason": "Trùng"}
    path = "/v1/activity-report-batches/withdrawals"
    return Sent(portal, path, [row], [{**row, "reason": "Khác"}], {})


def _accepted(api: Api) -> str:
    accepting = _accept(api)
    assert accepting.send().status_code == 200
    return accepting.path.removesuffix("/accept")


def _accept_many(api: Api) -> Sent:
    submitted = _submit(api)
    assert submitted.send().status_code == 200
    number = submitted.path.split("/")[3]
    body = {"submissions": [{"submission": number, "revision": 1}]}
    other = {"submissions": [{"submission": number, "revision": 2}]}
    return Sent(api.portal(FOCAL_UNIT), "/v1/submissions/acceptances", body, other, {})


def _return(api: Api) -> Sent:
    submitted = _submit(api)
    assert submitted.send().status_code == 200
    path = submitted.path.replace("/submit", "/return")
    one, two = ({"comments": [{"text": said}]} for said in ("Bổ sung.", "Làm rõ."))
    return Sent(api.portal(FOCAL_UNIT), path, one, two, {})


def _revise(api: Api) -> Sent:
    returning = _return(api)
    assert returning.send().status_code == 200
    path = returning.path.replace("/return", "/revise")
    other = {"on_behalf": {"incoming_number": "1/Đ", "incoming_on": "2021-11-19"}}
    return Sent(api.portal(BINH_SON), path, {}, other, {})


def _correct(api: Api) -> Sent:
    path = f"{_accepted(api)}/correct"
    return Sent(api.portal(BINH_SON), path, {"reason": "Sót"}, {"reason": "Nhầm"}, {})


def _supplement(api: Api) -> Sent:
    other = {"on_behalf": {"incoming_number": "1/Đ", "incoming_on": "2021-11-19"}}
    return Sent(api.portal(BINH_SON), f"{_accepted(api)}/supplement", {}, other, {})


def _step(verb: str, *before: str) -> Callable[[Api], Sent]:
    """Return what prepares a step of a version's way, after the steps before it."""

    def prepare(api: Api) -> Sent:
        focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
        asked = focal.post(CONSOLIDATED, {"plan": PLAN, "year": 2021}).json()["id"]
        consolidate(api.engine, UUID(asked), at=api.now())
        place = f"{CONSOLIDATED}/{asked}"
        assert focal.put(f"{place}/assessment", {"text": "Đầy đủ."}).status_code == 200
        for step in before:
            portal = focal if step == "propose" else office
            assert portal.post(f"{place}/{step}").status_code == 200
        document = {
            "document_number": "312/BC-UBND",
            "document_on": "2021-11-22",
            "signatory_title": "Phó Chủ tịch UBND tỉnh",
        }
        bodies: dict[str, tuple[Any, Any]] = {
            "return": ({"reason": "Làm rõ"}, {"reason": "Bổ sung"}),
            "issue": (document, {**document, "document_number": "313/BC-UBND"}),
        }
        body, other = bodies.get(verb, (None, None))
        portal = focal if verb == "propose" else office
        return Sent(portal, f"{place}/{verb}", body, other, {})

    return prepare


def _decide(path: str, body: dict[str, Any], **otherwise: Any) -> Callable[[Api], Sent]:
    """Return what prepares a decision of the province on the reporting of 2021."""

    def prepare(api: Api) -> Sent:
        return Sent(api.portal(FOCAL_UNIT), path, body, body | otherwise, {})

    return prepare


def _withdraw_outage(api: Api) -> Sent:
    focal = api.portal(FOCAL_UNIT)
    number = focal.post(f"{YEAR_2021}/outages", an_outage()).json()["id"]
    path = f"{YEAR_2021}/outages/{number}/withdraw"
    return Sent(focal, path, {"reason": "Nhầm"}, {"reason": "Trùng"}, {})


_ROSTER = f"{YEAR_2021}/roster"
_CYCLE = "/v1/reporting-cycles/{cycle}"
_VERSION = "/v1/consolidated-reports/{report_id}"


def _prepared(prepare: Callable[[Api], Post]) -> Callable[[Api], Sent]:
    return lambda api: Sent(*prepare(api), {})


POSTS: dict[str, Callable[[Api], Sent]] = {
    "/v1/activity-reports": _create,
    "/v1/activity-reports/{report_id}/withdraw": _turn("withdraw"),
    "/v1/activity-reports/{report_id}/reinstate": _turn("reinstate"),
    "/v1/activity-reports/{report_id}/participation": _say,
    "/v1/activity-report-batches": _batch,
    "/v1/activity-report-batches/withdrawals": _withdrawals,
    "/v1/joint-links": _join,
    "/v1/joint-links/{link_id}/confirm": _confirm,
    "/v1/joint-links/{link_id}/separate": _separate,
    "/v1/submissions": _draft,
    "/v1/submissions/{submission_id}/submit": _submit,
    "/v1/submissions/{submission_id}/accept": _accept,
    "/v1/submissions/acceptances": _accept_many,
    "/v1/submissions/{submission_id}/return": _return,
    "/v1/submissions/{submission_id}/revise": _revise,
    "/v1/submissions/{submission_id}/correct": _correct,
    "/v1/submissions/{submission_id}/supplement": _supplement,
    "/v1/consolidated-reports": _consolidate,
    f"{_VERSION}/propose": _step("propose"),
    f"{_VERSION}/return": _step("return", "propose"),
    f"{_VERSION}/approve": _step("approve", "propose"),
    f"{_VERSION}/issue": _step("issue", "propose", "approve"),
    CYCLES: _decide(CYCLES, an_extra_cycle(), name="Báo cáo khác"),
    f"{_CYCLE}/roster": _decide(_ROSTER, an_amendment(unit="21040"), basis="ordered"),
    f"{_CYCLE}/roster/{{unit}}/exempt": _decide(f"{_ROSTER}/524/exempt", WHY, reason="Khác"),
    f"{_CYCLE}/roster/{{unit}}/extend": _decide(
        f"{_ROSTER}/524/extend", an_extension(), reason="Khác"
    ),
    f"{_CYCLE}/outages": _decide(f"{YEAR_2021}/outages", an_outage(), reason="Khác"),
    f"{_CYCLE}/outages/{{outage_id}}/withdraw": _withdraw_outage,
    "/v1/stewardships": _decide("/v1/stewardships", a_stewardship(), reason="Khác"),
    **{path: _prepared(prepare) for path, prepare in (BUDGET_POSTS | WEBHOOK_POSTS).items()},
}
OF_FILES = {path for path in POSTS if "batches" in path}  # a batch's answer is made anew
EVERY_POST = pytest.mark.parametrize("path", POSTS)


def test_every_post_in_the_document_takes_the_key(shared: Api) -> None:
    document = shared.app.openapi()
    found = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            references = [one.get("$ref") for one in parameters]
            named = "#/components/parameters/IdempotencyKey" in references
            if path == "/v1/consolidated-reports":  # which needs one
                needed = [one["name"] for one in parameters if one.get("required")]
                named = "Idempotency-Key" in needed
            assert named == (method == "post"), (method, path)
            found |= {path} if named else set()
    described = document["components"]["parameters"]["IdempotencyKey"]
    assert (described["name"], described["in"]) == ("Idempotency-Key", "header")
    assert f"{RETENTION.days} days" in described["description"]
    missing = found - set(POSTS)
    assert not missing, f"a POST that the tests below do not send: {missing}"


@EVERY_POST
def test_a_post_is_answered_again_as_it_was_and_has_its_effect_once(api: Api, path: str) -> None:
    sent, key = POSTS[path](api), _key()
    first = sent.send(**key)
    assert first.status_code < 300, first.text
    before = rows(api.engine)
    for _ in range(2):
        again = sent.send(**key)
        if path in OF_FILES:
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert _headers(again) == _headers(first)
        else:
            _same_again(first, again)
    assert rows(api.engine) == before
    with unit_of_work(api.engine, write=False) as session:
        sent_under = IdempotencyKey.key == key["Idempotency-Key"]
        (kept,) = session.exec(select(IdempotencyKey).where(sent_under)).all()
    assert kept.key == key["Idempotency-Key"]


@EVERY_POST
def test_a_key_is_good_for_one_request(api: Api, path: str) -> None:
    sent, key = POSTS[path](api), _key()
    assert sent.send(**key).status_code < 300
    before = rows(api.engine)
    if sent.other is not None:
        refused(sent.send(sent.other, **key), 422, "idempotency_key_reused")
    if path != ACTIVITIES:
        elsewhere = sent.portal.request(
            "POST", ACTIVITIES, json=sent.body or an_activity(), headers=key
        )
        code = elsewhere.json()["code"]
        assert (elsewhere.status_code, code) == (422, "idempotency_key_reused")
    assert rows(api.engine) == before


def test_a_replay_says_what_was_true_then(api: Api) -> None:
    sent, key = _create(api), _key()
    first = sent.send(**key)
    path = first.headers["location"]
    assert sent.portal.patch(path, {"title": "Hai", "reason": "Sửa"}, If_Match='"1"').is_success
    _same_again(first, sent.send(**key))
    now = sent.send(**_key())
    assert (now.status_code, now.json()["outcome"], now.json()["revision"]) == (200, "unchanged", 2)


def test_another_query_is_another_request(api: Api) -> None:
    sent, key = _create(api), _key()
    assert sent.send(path=f"{ACTIVITIES}?dry_run=false", **key).status_code == 201
    refused(sent.send(**key), 422, "idempotency_key_reused")
    refused(sent.send(path=f"{ACTIVITIES}?dry_run=true", **key), 422, "idempotency_key_reused")


def test_another_query_is_another_request_however_long_it_is(api: Api) -> None:
    sent, key = _create(api), _key()
    long = "&".join(["dry_run=false"] * 30)
    first = sent.send(path=f"{ACTIVITIES}?{long}", **key)
    assert first.status_code == 201, first.text
    other = sent.send(path=f"{ACTIVITIES}?{long}&dry_run=true", **key)
    refused(other, 422, "idempotency_key_reused")
    _same_again(first, sent.send(path=f"{ACTIVITIES}?{long}", **key))


def test_the_body_is_compared_by_its_bytes(api: Api) -> None:
    sent, key = _create(api), _key()
    content = json.dumps(sent.body)
    headers = {**key, "Content-Type": "application/json"}
    first = sent.portal.request("POST", ACTIVITIES, content=content, headers=headers)
    _same_again(first, sent.portal.request("POST", ACTIVITIES, content=content, headers=headers))
    spaced = sent.portal.request("POST", ACTIVITIES, content=f"{content} ", headers=headers)
    refused(spaced, 422, "idempotency_key_reused")


def test_each_api_key_has_its_own_keys(api: Api) -> None:
    one, two, key = api.portal(BINH_SON), api.portal(BINH_SON), _key("the-same")
    first = one.post(ACTIVITIES, an_activity(), **key)
    second = two.post(ACTIVITIES, an_activity(), **key)
    third = api.portal("gso-528").post(ACTIVITIES, an_activity(unit="528"), **key)
    assert [answer.status_code for answer in (first, second, third)] == [201] * 3
    assert len({answer.json()["id"] for answer in (first, second, third)}) == 3
    assert all("idempotency-replayed" not in answer.headers for answer in (first, second, third))


def test_a_replay_needs_the_scope_still(api: Api) -> None:
    body, key = an_activity(), _key()
    reader = api.portal(BINH_SON, Scope.READ_ACTIVITIES)
    refused(reader.post(ACTIVITIES, body, **key), 403, "scope_missing")
    assert rows(api.engine)["idempotency_key"] == 0


def test_a_refusal_is_not_kept_so_the_mended_request_goes_under_the_same_key(api: Api) -> None:
    portal, body, key = api.portal(BINH_SON), an_activity(), _key()
    taken = an_activity()
    assert portal.post(ACTIVITIES, taken).status_code == 201
    faults(portal.post(ACTIVITIES, {**body, "channel": "no_such"}, **key))
    faults(portal.post(ACTIVITIES, {**body, "title": 5}, **key))
    refused(portal.post(ACTIVITIES, {**taken, "title": "Khác"}, **key), 409, "report_exists")
    refused(portal.post(ACTIVITIES, {**body, "unit": "528"}, **key), 403, "unit_not_yours")
    assert rows(api.engine)["idempotency_key"] == 0
    mended = portal.post(ACTIVITIES, body, **key)
    assert (mended.status_code, mended.json()["outcome"]) == (201, "created")
    _same_again(mended, portal.post(ACTIVITIES, body, **key))


def test_a_dry_run_is_not_kept_so_it_leaves_its_key_to_the_real_request(api: Api) -> None:
    sent, key = _create(api), _key()
    for _ in range(2):
        dry = sent.send(path=f"{ACTIVITIES}?dry_run=true", **key)
        assert (dry.status_code, dry.json()["id"]) == (200, None)
        assert "idempotency-replayed" not in dry.headers
    assert rows(api.engine)["idempotency_key"] == 0
    _same_again(sent.send(**key), sent.send(**key))


@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "kh\u00f3a", "a\tb"])
def test_a_malformed_key_is_refused(shared: Api, reader: Portal, key: str) -> None:
    before = rows(shared.engine)
    headers = {"Idempotency-Key": key.encode("latin-1")}
    response = reader.request("POST", ACTIVITIES, json=an_activity(), headers=headers)
    refused(response, 400, "idempotency_key_missing")
    assert rows(shared.engine) == before


def test_two_keys_are_none(shared: Api, reader: Portal) -> None:
    before = rows(shared.engine)
    response = reader.http.request(
        "POST",
        ACTIVITIES,
        json=an_activity(),
        headers=[
            ("Authorization", f"Bearer {reader.secret}"),
            ("Idempotency-Key", "one"),
            ("Idempotency-Key", "two"),
        ],
    )
    refused(response, 400, "idempotency_key_missing")
    assert rows(shared.engine) == before


@pytest.mark.parametrize("key", ["x", "!~", "x" * 128, '"3f8b"', "a/b?c=d&e%20"])
def test_a_key_is_any_visible_ascii(reader: Portal, key: str) -> None:
    body, headers = an_activity(), {"Idempotency-Key": key}
    first = reader.request("POST", ACTIVITIES, json=body, headers=headers)
    assert first.status_code == 201
    _same_again(first, reader.request("POST", ACTIVITIES, json=body, headers=headers))


def test_a_key_is_needed_where_there_is_no_natural_key(api: Api) -> None:
    focal, body = api.portal(FOCAL_UNIT), {"plan": PLAN, "year": 2021}
    before = rows(api.engine)
    refused(focal.request("POST", CONSOLIDATED, json=body), 400, "idempotency_key_missing")
    assert rows(api.engine) == before
    for _ in range(2):
        assert focal.post(CONSOLIDATED, body, Idempotency_Key="once").status_code == 202
    assert rows(api.engine)["consolidation_request"] == 1


def test_a_key_on_another_method_is_nothing(reader: Portal) -> None:
    path = f"{ACTIVITIES}/{_made(reader)['id']}"
    key = _key()
    for number, title in ((1, "Hai"), (2, "Ba")):
        patch = {"title": title, "reason": "Sửa"}
        answer = reader.patch(path, patch, If_Match=f'"{number}"', **key)
        assert (answer.status_code, answer.json()["title"]) == (200, title)


# What is kept is forgotten


def test_what_was_kept_is_forgotten_after_thirty_days_and_not_before(api: Api) -> None:
    sent, key = _create(api), _key()
    first = sent.send(**key)
    kept_at = api.now()
    assert timedelta(days=30) == RETENTION
    with unit_of_work(api.engine) as session:
        forget_old(session, at=kept_at + RETENTION)
    _same_again(first, sent.send(**key))
    with unit_of_work(api.engine) as session:
        forget_old(session, at=kept_at + RETENTION + timedelta(seconds=1))
    assert rows(api.engine)["idempotency_key"] == 0
    again = sent.send(**key)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")


# At the same time


@pytest.mark.parametrize("keyed", [False, True])
def test_of_sixteen_with_the_same_record_one_makes_the_row(api: Api, *, keyed: bool) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    key = _key() if keyed else {}

    def send(own: Portal) -> httpx.Response:
        response = own.post(ACTIVITIES, body, **key)
        while response.status_code == 409:
            refused(response, 409, "idempotency_key_in_progress")
            assert response.headers["retry-after"] == "1"
            time.sleep(0.02)
            response = own.post(ACTIVITIES, body, **key)
        return response

    answers = at_once(api, portal, *[send] * 16)
    stored = rows(api.engine)
    assert (stored["activity_report"], stored["activity_revision"]) == (1, 1)
    assert stored["idempotency_key"] == int(keyed)
    assert len({answer.json()["id"] for answer in answers}) == 1
    if keyed:
        assert [answer.status_code for answer in answers] == [201] * 16
        replayed = [a for a in answers if "idempotency-replayed" in a.headers]
        assert len(replayed) == 15
        assert len({answer.content for answer in answers}) == 1
    else:
        assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]


def test_of_sixteen_with_the_same_record_and_keys_of_their_own_one_makes_the_row(
    api: Api,
) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    sends = [lambda own: own.post(ACTIVITIES, body, **_key()) for _ in range(16)]
    answers = at_once(api, portal, *sends)
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    stored = rows(api.engine)
    assert (stored["activity_report"], stored["activity_revision"]) == (1, 1)
    assert stored["idempotency_key"] == 16


def test_of_sixteen_with_different_bodies_one_is_stored_whole(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()

    def sender(number: int) -> Callable[[Portal], httpx.Response]:
        other = {
            **body,
            "title": f"Tin số {number}",
            "measures": [{"indicator": "posts", "value": str(number)}],
            "expenditure": [{"source": "other_lawful", "amount": number}],
        }
        return lambda own: own.post(ACTIVITIES, other)

    answers = at_once(api, portal, *[sender(number) for number in range(16)])
    (made,) = [answer for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer is not made:
            refused(answer, 409, "report_exists")
            assert answer.json()["detail"].endswith(": expenditure, measures, title.")
    stored = rows(api.engine)
    assert (stored["activity_report"], stored["activity_revision"]) == (1, 1)
    assert (stored["activity_measure"], stored["activity_expenditure"]) == (1, 1)
    winner = int(made.json()["title"].removeprefix("Tin số "))
    read = portal.get(f"{ACTIVITIES}/{made.json()['id']}").json()
    assert read["measures"][0]["value"] == str(winner)
    assert read["expenditure"] == [{"source": "other_lawful", "amount": winner}]


def test_a_second_one_is_told_to_wait_or_waits_while_the_first_is_in_progress(api: Api) -> None:
    """The first is held up by a real transaction that holds what it needs."""
    portal, body, key = api.portal(BINH_SON), an_activity(external_id="r-held"), _key()

    def send(own: Portal) -> httpx.Response:
        return own.post(ACTIVITIES, body, **key)

    with under_way(api, portal) as start:
        with unit_of_work(api.engine, write=False) as session:
            session.execute(
                text(
                    "INSERT INTO activity_report (id, unit_key, source_system, external_id, "
                    "plan_slug, number, occurred_on) VALUES (:id, :unit, 'portal', 'r-held', "
                    ":plan, 1, '2021-09-10')"
                ),
                {"id": uuid4().hex, "unit": BINH_SON, "plan": PLAN},
            )
            first = start(send)
            time.sleep(0.5)
            assert first.answers == [], "the first was not held up"
            if api.engine.dialect.name == "postgresql":
                second = send(portal)
                refused(second, 409, "idempotency_key_in_progress")
                assert second.headers["retry-after"] == "1"
                other_body = portal.post(ACTIVITIES, {**body, "title": "Khác"}, **key)
                refused(other_body, 409, "idempotency_key_in_progress")
                assert portal.post(ACTIVITIES, an_activity(), **_key()).status_code == 201
            else:
                start(send)
                time.sleep(0.5)
                assert first.answers == [], "the second did not wait"
        answers = first.done()
    statuses = [answer.status_code for answer in answers]
    assert statuses == [201] * len(answers)
    original = next(a for a in answers if "idempotency-replayed" not in a.headers)
    for answer in [*answers, send(portal)]:
        if answer is not original:
            _same_again(original, answer)
    with unit_of_work(api.engine, write=False) as session:
        kept = session.exec(
            select(IdempotencyKey).where(col(IdempotencyKey.key) == key["Idempotency-Key"])
        ).all()
    assert len(kept) == 1


def test_a_request_that_was_cut_off_leaves_its_key_free(api: Api) -> None:
    portal, body, key = api.portal(BINH_SON), an_activity(), _key()
    with api.engine.begin() as connection:
        if api.engine.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE 'broken off'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER break_off BEFORE INSERT ON idempotency_key "
                "FOR EACH ROW EXECUTE FUNCTION break_off()"
            )
        else:
            connection.exec_driver_sql(
                "CREATE TRIGGER break_off BEFORE INSERT ON idempotency_key "
                "BEGIN SELECT RAISE(ABORT, 'broken off'); END"
            )
    before = rows(api.engine)
    refused(portal.post(ACTIVITIES, body, **key), 500, "internal_error")
    assert rows(api.engine) == before, "the effect and the kept answer are one transaction"
    on = " ON idempotency_key" if api.engine.dialect.name == "postgresql" else ""
    with api.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER break_off{on}")
    _same_again(portal.post(ACTIVITIES, body, **key), portal.post(ACTIVITIES, body, **key))
