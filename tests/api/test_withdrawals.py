"""Withdrawing in place of deleting: it stays readable, and counts in nothing frozen afterwards."""

from collections.abc import Callable
from typing import Any, Literal

import httpx
import pytest

from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, PLAN, a_content, a_document, a_draft, an_activity
from tests.support.problems import faults, refused, rows
from tests.support.racing import at_once
from tests.support.stored import everything

ACTIVITIES = "/v1/activity-reports"
Verb = Literal["withdraw", "reinstate"]


def _made(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _turn(
    portal: Portal, report: dict[str, Any], verb: Verb, tag: str | None, reason: Any = "Trùng"
) -> httpx.Response:
    headers = {} if tag is None else {"If-Match": tag}
    return portal.post(f"{ACTIVITIES}/{report['id']}/{verb}", {"reason": reason}, **headers)


def _answered(response: httpx.Response, outcome: str, revision: int) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    assert (said["outcome"], said["revision"]) == (outcome, revision)
    assert response.headers["etag"] == f'"{revision}"'
    assert response.headers["location"] == f"{ACTIVITIES}/{said['id']}"
    return said


def test_a_withdrawal_is_a_revision_that_says_what_the_one_before_says(api: Api) -> None:
    portal = api.portal(BINH_SON)
    money = [{"source": "other_lawful", "amount": 7}]
    first = _made(portal, expenditure=money, description="Mô tả", participants=["so-y-te"])
    said = _answered(_turn(portal, first, "withdraw", '"1"', "Báo cáo trùng"), "updated", 2)
    told = {"revision", "withdrawn", "received_at", "outcome"}
    assert {n: said[n] for n in set(said) - told} == {n: first[n] for n in set(first) - told}
    assert (first["withdrawn"], said["withdrawn"]) == (False, True)
    back = _answered(_turn(portal, first, "reinstate", '"2"', "Không trùng"), "updated", 3)
    assert {n: back[n] for n in set(back) - told} == {n: first[n] for n in set(first) - told}
    assert back["withdrawn"] is False
    items = portal.get(f"{ACTIVITIES}/{first['id']}/revisions").json()["items"]
    assert [(one["kind"], one["reason"]) for one in items] == [
        ("created", None),
        ("withdrawn", "Báo cáo trùng"),
        ("reinstated", "Không trùng"),
    ]


def test_a_withdrawn_report_stays_readable_and_is_marked(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report, other = _made(portal), _made(portal)
    _turn(portal, report, "withdraw", '"1"')
    natural = f"/v1/units/524/activity-reports/portal/{report['external_id']}"
    for path in (f"{ACTIVITIES}/{report['id']}", natural):
        read = portal.get(path)
        assert (read.status_code, read.json()["withdrawn"]) == (200, True)
        assert read.headers["etag"] == '"2"'
    listed = {row["id"]: row["withdrawn"] for row in portal.get(ACTIVITIES).json()["items"]}
    assert listed == {report["id"]: True, other["id"]: False}


@pytest.mark.parametrize("verb", ["withdraw", "reinstate"])
def test_it_names_the_revision_and_a_reason(api: Api, verb: Verb) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    current = 1
    if verb == "reinstate":
        current = _answered(_turn(portal, report, "withdraw", '"1"'), "updated", 2)["revision"]
    before = rows(api.engine)
    good, stale = f'"{current}"', f'"{current + 1}"'
    refused(_turn(portal, report, verb, None), 428, "precondition_required")
    for tag in (stale, f"W/{good}", '""'):
        refused(_turn(portal, report, verb, tag), 412, "revision_changed")
    for tag in ("", "1", "'1'"):
        assert faults(_turn(portal, report, verb, tag)) == {"header:if-match": "if_match_format"}
    for reason, code in (("", "blank_text"), ("a\nb", "control_character"), (5, "string_type")):
        assert faults(_turn(portal, report, verb, good, reason)) == {"/reason": code}
    path = f"{ACTIVITIES}/{report['id']}/{verb}"
    assert faults(portal.post(path, {}, If_Match=good)) == {"/reason": "missing"}
    extra = portal.post(path, {"reason": "Trùng", "why": "x"}, If_Match=good)
    assert faults(extra) == {"/why": "extra_forbidden"}
    assert rows(api.engine) == before
    _answered(_turn(portal, report, verb, f'"9", {good}'), "updated", current + 1)


def test_it_is_withdrawn_once_however_often_it_is_sent(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    first = _answered(_turn(portal, report, "withdraw", '"1"'), "updated", 2)
    before = everything(api.engine)
    for tag in ('"1"', '"2"', "*", None, '"9"'):
        again = _answered(_turn(portal, report, "withdraw", tag, "Lý do khác"), "unchanged", 2)
        assert again == {**first, "outcome": "unchanged"}
    assert everything(api.engine) == before
    # Sent again after it was taken back, an old withdrawal is late.
    _answered(_turn(portal, report, "reinstate", "*"), "updated", 3)
    _answered(_turn(portal, report, "reinstate", '"2"'), "unchanged", 3)
    refused(_turn(portal, report, "withdraw", '"1"'), 412, "revision_changed")
    refused(_turn(portal, report, "withdraw", None), 428, "precondition_required")
    assert portal.get(f"{ACTIVITIES}/{report['id']}").json()["withdrawn"] is False


def test_what_was_never_withdrawn_is_reinstated_by_nothing(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    before = everything(api.engine)
    _answered(_turn(portal, report, "reinstate", '"1"'), "unchanged", 1)
    assert everything(api.engine) == before


def test_the_same_body_posted_again_says_that_it_is_withdrawn(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity()
    report = portal.post(ACTIVITIES, body).json()
    _turn(portal, report, "withdraw", '"1"')
    before = rows(api.engine)
    said = _answered(portal.post(ACTIVITIES, body), "unchanged", 2)
    assert said["withdrawn"] is True
    natural = f"/v1/units/524/activity-reports/portal/{body['external_id']}"
    key = ("unit", "source_system", "external_id")
    content = {name: value for name, value in body.items() if name not in key}
    assert _answered(portal.put(natural, content), "unchanged", 2)["withdrawn"] is True
    refused(portal.post(ACTIVITIES, {**body, "title": "Khác"}), 409, "report_exists")
    new = a_content(title="Khác", reason="Sửa")
    refused(portal.put(natural, new, If_Match='"2"'), 409, "report_withdrawn")
    assert rows(api.engine) == before
    _answered(_turn(portal, report, "reinstate", '"2"'), "updated", 3)
    _answered(portal.put(natural, new, If_Match='"3"'), "updated", 4)


def test_what_is_withdrawn_counts_in_nothing_that_is_frozen_afterwards(api: Api) -> None:
    portal = api.portal(BINH_SON)
    kept, gone, back = (_made(portal) for _ in range(3))
    _turn(portal, gone, "withdraw", '"1"')
    _turn(portal, back, "withdraw", '"1"')
    _turn(portal, back, "reinstate", '"2"')
    place = portal.post("/v1/submissions", a_draft()).headers["location"]
    submitted = portal.post(f"{place}/submit", a_document())
    assert submitted.status_code == 200, submitted.text
    assert submitted.json()["activities"] == 2
    counted = portal.get("/v1/reconciliation", plan=PLAN, unit="524")
    if counted.status_code == 200:
        assert str(gone["id"]) not in counted.text
    outdated = _turn(portal, gone, "reinstate", '"2"').json()["outdated"]
    assert outdated["submissions"] == [], "it was in none"
    named = _turn(portal, kept, "withdraw", '"1"').json()["outdated"]["submissions"]
    assert [(row["unit"], row["state"]) for row in named] == [(BINH_SON, "submitted")]
    assert portal.get(place).json()["activities"] == 2, "what is frozen stays"


def test_only_who_writes_for_the_unit_withdraws(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    stranger, focal, office, province = (
        api.portal(unit) for unit in ("gso-528", "body-so-tttt", "body-vp-ubnd", "gso-51")
    )
    before = rows(api.engine)
    for verb in ("withdraw", "reinstate"):
        refused(_turn(stranger, report, verb, '"1"'), 404, "not_found")
        refused(_turn(focal, report, verb, '"1"'), 403, "unit_not_yours")
        refused(_turn(office, report, verb, '"1"'), 403, "unit_not_yours")
    assert rows(api.engine) == before
    _answered(_turn(province, report, "withdraw", '"1"'), "updated", 2)
    commune = _made(portal, unit="21040")
    _answered(_turn(portal, commune, "withdraw", '"1"'), "updated", 2)


def test_of_many_withdrawals_at_once_one_is_a_revision(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    sends = [lambda own: _turn(own, report, "withdraw", '"1"') for _ in range(10)]
    answers = at_once(api, portal, *sends)
    assert [a.status_code for a in answers] == [200] * 10
    assert sorted(a.json()["outcome"] for a in answers) == ["unchanged"] * 9 + ["updated"]
    assert rows(api.engine)["activity_revision"] == 2


def _withdrawing(report: dict[str, Any]) -> Callable[[Portal], httpx.Response]:
    return lambda own: _turn(own, report, "withdraw", '"1"')


def _correcting(path: str) -> Callable[[Portal], httpx.Response]:
    return lambda own: own.patch(path, {"title": "Hai", "reason": "Sửa"}, If_Match='"1"')


def test_a_withdrawal_and_a_correction_at_once_are_one_of_both(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for _ in range(6):
        report = _made(portal)
        path = f"{ACTIVITIES}/{report['id']}"
        withdrawn, corrected = at_once(api, portal, _withdrawing(report), _correcting(path))
        assert sorted((withdrawn.status_code, corrected.status_code)) == [200, 412]
        read = portal.get(path).json()
        assert (read["revision"], read["withdrawn"]) == (2, withdrawn.status_code == 200)
        assert (read["title"] == "Hai") == (corrected.status_code == 200)
