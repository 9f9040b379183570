"""Corrections: a new revision each, of the revision that was read, never of another body's."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text, update

from app.db import unit_of_work
from app.domain.activities.models import ActivityReport
from app.domain.period import LOCAL_TIME
from tests.support.api import Api, Portal
from tests.support.consolidating import consolidate
from tests.support.filing import Filing
from tests.support.makers import BINH_SON, PLAN, a_content, an_activity
from tests.support.problems import faults, refused, rows
from tests.support.racing import at_once, under_way
from tests.support.stored import everything

ACTIVITIES = "/v1/activity-reports"
TU_NGHIA = "gso-528"
SONG_VE = "gso-21238"  # Thị trấn Sông Vệ, until 1/7/2025; its code is Xã Vệ Giang's afterwards
VE_GIANG = "gso-21238-2025-07-01"
Correct = Callable[[Portal, dict[str, Any], dict[str, Any], str | None], httpx.Response]


def _made(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _path(report: dict[str, Any]) -> str:
    return f"{ACTIVITIES}/{report['id']}"


def _natural(report: dict[str, Any], unit: str = "") -> str:
    return f"/v1/units/{unit or report['unit']}/activity-reports/portal/{report['external_id']}"


def _if_match(tag: str | None) -> dict[str, str]:
    return {} if tag is None else {"If-Match": tag}


def _by_patch(
    portal: Portal, report: dict[str, Any], changes: dict[str, Any], tag: str | None
) -> httpx.Response:
    return portal.patch(_path(report), {"reason": "Sửa", **changes}, **_if_match(tag))


def _by_put(
    portal: Portal, report: dict[str, Any], changes: dict[str, Any], tag: str | None
) -> httpx.Response:
    return portal.put(_path(report), a_content(reason="Sửa", **changes), **_if_match(tag))


def _by_natural_key(
    portal: Portal, report: dict[str, Any], changes: dict[str, Any], tag: str | None
) -> httpx.Response:
    return portal.put(_natural(report), a_content(reason="Sửa", **changes), **_if_match(tag))


WAYS = pytest.mark.parametrize("correct", [_by_patch, _by_put, _by_natural_key])


def _updated(response: httpx.Response, revision: int) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    assert (said["outcome"], said["revision"]) == ("updated", revision)
    assert response.headers["etag"] == f'"{revision}"'
    return said


def _unchanged(response: httpx.Response, revision: int) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    assert (said["outcome"], said["revision"]) == ("unchanged", revision)
    assert response.headers["etag"] == f'"{revision}"'
    return said


# If-Match


@WAYS
def test_a_correction_is_a_new_revision_and_the_old_one_stays(api: Api, correct: Correct) -> None:
    portal = api.portal(BINH_SON)
    first = _made(portal)
    later = datetime(2021, 11, 23, 8, tzinfo=LOCAL_TIME)
    api.set_clock(later)
    said = _updated(correct(portal, first, {"title": "Tên mới"}, '"1"'), 2)
    assert (said["id"], said["unit"], said["title"]) == (first["id"], BINH_SON, "Tên mới")
    assert said["received_at"] == "2021-11-23T01:00:00.000000Z"
    assert said["outdated"] == {"submissions": [], "consolidated_reports": []}
    told = ("title", "revision", "received_at", "body_sha256", "outcome", "dry_run", "outdated")
    same = {name: value for name, value in first.items() if name not in told}
    assert {name: said[name] for name in same} == same
    read = portal.get(_path(first))
    assert read.headers["etag"] == '"2"'
    assert read.json() == {name: said[name] for name in read.json()}
    one, two = portal.get(f"{_path(first)}/revisions").json()["items"]
    assert (one["kind"], one["reason"], one["number"]) == ("created", None, 1)
    assert (two["kind"], two["reason"], two["number"]) == ("corrected", "Sửa", 2)
    assert two["received_at"] == said["received_at"]
    assert two["by"]["unit"] == BINH_SON
    old = portal.get(f"{_path(first)}/revisions/1").json()
    assert {name: old[name] for name in same if name != "reported"} == {
        name: value for name, value in same.items() if name != "reported"
    }
    assert old["title"] == first["title"]


@WAYS
def test_a_correction_says_which_revision_it_corrects(api: Api, correct: Correct) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    before = rows(api.engine)
    new = {"title": "Tên mới"}
    refused(correct(portal, report, new, None), 428, "precondition_required")
    for stale in (
        '"2"',
        '"0"',
        '"01"',
        '"x"',
        '""',
        '"*"',
        'W/"1"',
        '"2", W/"1"',
        '"999999999999"',
    ):
        refused(correct(portal, report, new, stale), 412, "revision_changed")
    for malformed in ("", "1", "'1'", '"1', '1"', '"1" "2"', "w/1", '*, "1"', '"1",'):
        found = faults(correct(portal, report, new, malformed))
        assert found == {"header:if-match": "if_match_format"}, malformed
    assert faults(correct(portal, report, new, '"' + "1" * 199 + '"')) == {
        "header:If-Match": "string_too_long"
    }
    assert rows(api.engine) == before
    for revision, tag in ((1, "*"), (2, '"2"'), (3, '"7" ,"3"'), (4, '"4","44"'), (5, 'W/"9","5"')):
        _updated(correct(portal, report, {"title": f"Tên {revision}"}, tag), revision + 1)


def test_if_match_in_two_headers_is_one_list(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    response = portal.http.request(
        "PATCH",
        _path(report),
        content=json.dumps({"title": "Hai", "reason": "Sửa"}),
        headers=[
            ("Authorization", f"Bearer {portal.secret}"),
            ("Content-Type", "application/merge-patch+json"),
            ("If-Match", '"7"'),
            ("If-Match", '"1"'),
        ],
    )
    _updated(response, 2)


@WAYS
def test_a_correction_sent_again_with_its_old_tag_changes_nothing(
    api: Api, correct: Correct
) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    new = {"title": "Tên mới", "measures": [{"indicator": "posts", "value": "9"}]}
    first = _updated(correct(portal, report, new, '"1"'), 2)
    before = everything(api.engine)
    for tag in ('"1"', '"2"', "*", None):
        again = _unchanged(correct(portal, report, new, tag), 2)
        assert again == {**first, "outcome": "unchanged"}
    assert everything(api.engine) == before


@pytest.mark.parametrize("correct", [_by_put, _by_natural_key])
def test_a_correction_sent_again_after_another_one_is_known_again(
    api: Api, correct: Correct
) -> None:
    """A body that any later revision says is stored already, whatever became of it since."""
    portal = api.portal(BINH_SON)
    report = _made(portal, title="Một")
    _updated(correct(portal, report, {"title": "Hai"}, '"1"'), 2)
    _updated(correct(portal, report, {"title": "Ba"}, '"2"'), 3)
    before = rows(api.engine)
    said = _unchanged(correct(portal, report, {"title": "Hai"}, '"1"'), 3)
    assert said["title"] == "Ba"
    assert _unchanged(correct(portal, report, {"title": "Một"}, '"1"'), 3)["title"] == "Ba"
    # One that would take the report back to what it said before the named revision is late.
    refused(correct(portal, report, {"title": "Một"}, '"2"'), 412, "revision_changed")
    assert rows(api.engine) == before


@pytest.mark.parametrize("correct", [_by_patch, _by_put, _by_natural_key])
def test_going_back_to_an_older_content_is_a_revision_too(api: Api, correct: Correct) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal, title="Một")
    two = _updated(correct(portal, report, {"title": "Hai"}, '"1"'), 2)
    three = _updated(correct(portal, report, {"title": "Một"}, '"2"'), 3)
    assert two["body_sha256"] != report["body_sha256"] == three["body_sha256"]
    items = portal.get(f"{_path(report)}/revisions").json()["items"]
    assert [one["kind"] for one in items] == ["created", "corrected", "corrected"]
    posted = portal.post(ACTIVITIES, an_activity(external_id=report["external_id"], title="Hai"))
    assert _unchanged(posted, 3)["title"] == "Một"


@WAYS
def test_a_correction_without_a_change_makes_no_revision(api: Api, correct: Correct) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    before = everything(api.engine)
    _unchanged(correct(portal, report, {}, '"1"'), 1)
    _unchanged(correct(portal, report, {}, None), 1)
    assert everything(api.engine) == before


def test_a_reason_is_needed_and_is_one_line_of_text(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    before = rows(api.engine)
    path, natural, tag = _path(report), _natural(report), {"If-Match": '"1"'}
    new: Any
    for reason, code in (
        (..., "missing"),
        ("", "blank_text"),
        (" \u3000", "blank_text"),
        ("a\nb", "control_character"),
        ("a\x00b", "control_character"),
        (5, "string_type"),
        ("x" * 501, "string_too_long"),
    ):
        new = {} if reason is ... else {"reason": reason}
        assert faults(portal.put(path, a_content(title="Hai", **new), **tag)) == {"/reason": code}
        assert faults(portal.patch(path, {"title": "Hai", **new}, **tag)) == {"/reason": code}
        needed = "reason_needed" if reason is ... else code
        response = portal.put(natural, a_content(title="Hai", **new), **tag)
        assert faults(response) == {"/reason": needed}
    assert faults(portal.patch(path, {"title": "Hai", "reason": None}, **tag)) == {
        "/reason": "missing"
    }
    assert rows(api.engine) == before
    _unchanged(portal.put(natural, a_content(), **tag), 1)


# PUT by the natural key


def test_a_put_that_names_a_revision_of_nothing_is_refused(api: Api) -> None:
    portal = api.portal(BINH_SON)
    before = rows(api.engine)
    path = "/v1/units/524/activity-reports/portal/nobody"
    for tag in ('"1"', "*"):
        refused(portal.put(path, a_content(reason="Sửa"), If_Match=tag), 412, "revision_changed")
    assert rows(api.engine) == before
    made = portal.put(path, a_content(reason="Gửi lần đầu"))
    assert (made.status_code, made.json()["revision"]) == (201, 1)
    revision = portal.get(f"{_path(made.json())}/revisions").json()["items"][0]
    assert (revision["kind"], revision["reason"]) == ("created", None)


def test_a_put_without_a_revision_knows_any_that_says_the_same(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal, title="Một")
    _updated(_by_natural_key(portal, report, {"title": "Hai"}, '"1"'), 2)
    _unchanged(_by_natural_key(portal, report, {"title": "Một"}, None), 2)
    refused(_by_natural_key(portal, report, {"title": "Ba"}, None), 428, "precondition_required")
    response = _by_natural_key(portal, report, {"title": "Ba", "channel": "no_such"}, None)
    assert faults(response) == {"/channel": "unknown_code"}


# A merge patch


FULL: dict[str, Any] = {
    "content_themes": ["II.1.3", "II.1.1"],
    "ended_on": "2021-09-12",
    "occurrences": 4,
    "description": "Dòng một.\nDòng hai.",
    "languages": ["vi", "hre"],
    "integrated": True,
    "measures": [
        {"indicator": "posts", "value": "3", "origin": "repost"},
        {"indicator": "followers", "value": "1500"},
    ],
    "expenditure": [{"source": "state_budget_district", "amount": 1_500_000}],
    "participants": ["so-tttt", "21238"],
    "evidence": [{"url": "https://binhson.quangngai.gov.vn/tin/1", "sha256": "ab" * 32}],
}


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({"title": "Hai"}, {"title": "Hai"}),
        ({"description": None}, {"description": None}),
        ({"format": None}, {"format": None}),
        ({"languages": None}, {"languages": ["vi"]}),
        ({"languages": ["cua"]}, {"languages": ["cua"]}),
        ({"integrated": None}, {"integrated": False}),
        ({"content_themes": []}, {"content_themes": []}),
        ({"measures": None}, {"measures": []}),
        (
            {"measures": [{"indicator": "posts", "value": "1"}]},
            {"measures": [{"indicator": "posts", "value": "1", "origin": "original"}]},
        ),
        ({"expenditure": []}, {"expenditure": []}),
        ({"participants": ["so-y-te"]}, {"participants": ["body-so-y-te"]}),
        (
            {"evidence": [{"url": "https://a.vn/x"}]},
            {"evidence": [{"url": "https://a.vn/x", "sha256": None}]},
        ),
        ({"ended_on": None, "occurrences": None}, {"ended_on": "2021-09-10", "occurrences": 1}),
        ({"occurrences": 7}, {"occurrences": 7}),
        ({"ended_on": "2021-09-30"}, {"ended_on": "2021-09-30"}),
        ({"occurred_on": "2021-09-12"}, {"occurred_on": "2021-09-12"}),
        ({"unit": "524", "title": "Hai"}, {"title": "Hai"}),
        ({"unit": None, "title": "Hai"}, {"title": "Hai"}),
        ({"on_behalf": None, "title": "Hai"}, {"title": "Hai"}),
    ],
    ids=str,
)
def test_a_patch_changes_what_it_says_and_nothing_else(
    reader: Portal, patch: dict[str, Any], changed: dict[str, Any]
) -> None:
    report = _made(reader, **FULL)
    said = _updated(_by_patch(reader, report, patch, '"1"'), 2)
    told = {"revision", "received_at", "body_sha256", "outcome"}
    expected = {**report, **changed}
    assert {n: said[n] for n in set(said) - told} == {n: expected[n] for n in set(said) - told}
    again = _unchanged(_by_patch(reader, report, patch, '"1"'), 2)
    assert again["body_sha256"] == said["body_sha256"]


def test_a_single_activity_is_moved_and_made_a_summary_by_a_patch(reader: Portal) -> None:
    report = _made(reader)
    said = _updated(_by_patch(reader, report, {"occurred_on": "2021-09-20"}, '"1"'), 2)
    assert (said["occurred_on"], said["ended_on"]) == ("2021-09-20", "2021-09-20")
    assert faults(_by_patch(reader, report, {"ended_on": "2021-09-21"}, '"2"')) == {
        "": "summary_incomplete"
    }
    summary = {"ended_on": "2021-09-21", "occurrences": 3}
    said = _updated(_by_patch(reader, report, summary, '"2"'), 3)
    assert (said["ended_on"], said["occurrences"]) == ("2021-09-21", 3)
    assert faults(_by_patch(reader, report, {"ended_on": None}, '"3"')) == {
        "": "summary_incomplete"
    }
    assert faults(_by_patch(reader, report, {"occurred_on": "2021-09-22"}, '"3"')) == {
        "/ended_on": "days_reversed"
    }


@pytest.mark.parametrize(
    ("patch", "found"),
    [
        ({"no_such": 1}, {"/no_such": "extra_forbidden"}),
        ({"no/su~ch": 1}, {"/no~1su~0ch": "extra_forbidden"}),
        ({"external_id": "x"}, {"/external_id": "extra_forbidden"}),
        ({"source_system": "x"}, {"/source_system": "extra_forbidden"}),
        ({"revision": 3}, {"/revision": "extra_forbidden"}),
        ({"title": None}, {"/title": "missing"}),
        ({"channel": None, "plan": None}, {"/channel": "missing", "/plan": "missing"}),
        ({"title": 5}, {"/title": "string_type"}),
        ({"title": {"vi": "Hai"}}, {"/title": "string_type"}),
        ({"title": {"vi": None}}, {"/title": "string_type"}),
        ({"occurrences": "4"}, {"/occurrences": "int_type"}),
        ({"integrated": "true"}, {"/integrated": "bool_type"}),
        ({"measures": {"0": {"value": "5"}}}, {"/measures": "list_type"}),
        ({"measures": [{"value": "5"}]}, {"/measures/0/indicator": "missing"}),
        ({"measures": [None]}, {"/measures/0": "model_type"}),
        (
            {"measures": [{"indicator": "posts", "value": "1", "amount": 1}]},
            {"/measures/0/amount": "extra_forbidden"},
        ),
        ({"occurred_on": "2021-02-29"}, {"/occurred_on": "day_unknown"}),
        ({"occurred_on": 20210910}, {"/occurred_on": "day_format"}),
        (
            {"occurred_on": "2021-11-23", "ended_on": None, "occurrences": None},
            {"/occurred_on": "day_in_future"},
        ),
        ({"channel": "no_such"}, {"/channel": "unknown_code"}),
        ({"unit": "99999"}, {"/unit": "unknown_unit"}),
        ({"on_behalf": {"incoming_number": "1"}}, {"/on_behalf/incoming_on": "missing"}),
    ],
    ids=str,
)
def test_a_patch_is_checked_as_a_whole_body_is(
    shared: Api, reader: Portal, patch: dict[str, Any], found: dict[str, str]
) -> None:
    report = _made(reader, **FULL)
    before = rows(shared.engine)
    assert faults(_by_patch(reader, report, patch, '"1"')) == found
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    "content",
    [
        '{"title": ' + '{"a": ' * depth + "1" + "}" * depth + ', "reason": "Sửa"}'
        for depth in (50, 400, 900, 1_500, 5_000, 50_000)
    ],
    ids=len,
)
def test_a_patch_however_deep_is_refused(reader: Portal, content: str) -> None:
    report = _made(reader)
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    response = reader.request("PATCH", _path(report), content=content.encode(), headers=headers)
    assert response.status_code in (400, 422), response.text
    assert reader.get(_path(report)).json()["revision"] == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'[{"op": "replace", "path": "/title", "value": "x"}]', 422, "invalid"),
        (b'"title"', 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"title": "x", "title": "y", "reason": "z"}', 400, "malformed_json"),
        (b'{"title": NaN, "reason": "z"}', 400, "malformed_json"),
        (b'{"title": "\\ud800", "reason": "z"}', 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
    ],
)
def test_a_patch_is_one_object_of_exact_json(
    reader: Portal, content: bytes, status: int, code: str
) -> None:
    report = _made(reader)
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    response = reader.request("PATCH", _path(report), content=content, headers=headers)
    refused(response, status, code)


def test_a_patch_is_a_merge_patch_or_json_and_a_put_is_json(reader: Portal) -> None:
    report = _made(reader)
    revision = 1
    for media_type in (
        "application/merge-patch+json",
        "application/json",
        "Application/Merge-Patch+JSON; charset=utf-8",
    ):
        patch = {"title": f"Tên {revision}", "reason": "Sửa"}
        headers = {"If-Match": f'"{revision}"', "Content-Type": media_type}
        response = reader.request(
            "PATCH", _path(report), content=json.dumps(patch), headers=headers
        )
        revision = _updated(response, revision + 1)["revision"]
    content = json.dumps(a_content(reason="Sửa")).encode()
    for method, media_type in (
        ("PATCH", "application/json-patch+json"),
        ("PATCH", "text/plain"),
        ("PATCH", "application/merge-patch+json; charset=latin-1"),
        ("PUT", "application/merge-patch+json"),
    ):
        headers = {"If-Match": f'"{revision}"', "Content-Type": media_type}
        response = reader.request(method, _path(report), content=content, headers=headers)
        refused(response, 415, "unsupported_media_type")


# The unit stays


@pytest.fixture
def in_2025(api: Api) -> Api:
    api.set_clock(datetime(2025, 8, 29, 9, tzinfo=LOCAL_TIME))
    return api


AFTERWARDS = {"occurred_on": "2025-08-01", "content_themes": ["II.2.1"]}
BEFORE = {"occurred_on": "2025-06-01", "content_themes": ["II.2.1"]}


@pytest.mark.parametrize("natural_by", ["21238", SONG_VE])
def test_a_correction_never_makes_a_report_another_bodys(in_2025: Api, natural_by: str) -> None:
    portal = in_2025.portal(TU_NGHIA)
    report = _made(portal, unit="21238", **BEFORE)
    assert report["unit"] == SONG_VE
    before = rows(in_2025.engine)
    content = a_content(reason="Sai ngày", **AFTERWARDS)
    tag = {"If-Match": '"1"'}
    path = _path(report)
    for response in (
        portal.patch(path, {"occurred_on": "2025-08-01", "reason": "Sai ngày"}, **tag),
        portal.patch(path, {"occurred_on": "2025-07-01", "reason": "Sai", "unit": "21238"}, **tag),
        portal.patch(path, {"occurred_on": "2025-07-01", "reason": "Sai", "unit": SONG_VE}, **tag),
        portal.patch(path, {"reason": "Sai", "unit": "528"}, **tag),
        portal.patch(path, {"reason": "Sai", "unit": "21283"}, **tag),
        portal.put(path, content, **tag),
        portal.put(path, {**content, "unit": "21238"}, **tag),
        portal.put(path, {**content, "unit": VE_GIANG}, **tag),
        portal.put(_natural(report, natural_by), content, **tag),
    ):
        refused(response, 409, "unit_would_change")
        assert SONG_VE in response.json()["detail"]
    assert rows(in_2025.engine) == before
    said = portal.patch(path, {"occurred_on": "2025-06-30", "reason": "Sai"}, **tag)
    assert _updated(said, 2)["unit"] == SONG_VE


def test_a_correction_backwards_never_makes_a_report_another_bodys_either(in_2025: Api) -> None:
    portal = in_2025.portal(VE_GIANG)
    report = _made(portal, unit="21238", **AFTERWARDS)
    tag = {"If-Match": '"1"'}
    for response in (
        portal.patch(_path(report), {"occurred_on": "2025-06-30", "reason": "Sai"}, **tag),
        portal.put(_path(report), a_content(reason="Sai", **BEFORE), **tag),
        portal.put(_natural(report, "21238"), a_content(reason="Sai", **BEFORE), **tag),
        portal.put(_natural(report), a_content(reason="Sai", **BEFORE), **tag),
    ):
        refused(response, 409, "unit_would_change")
        assert VE_GIANG in response.json()["detail"]


def test_a_put_under_one_key_does_not_tell_of_another_bodys_report(in_2025: Api) -> None:
    old = _made(in_2025.portal(TU_NGHIA), unit="21238", external_id="secret", **BEFORE)
    assert old["unit"] == SONG_VE
    portal = in_2025.portal(VE_GIANG)
    content = a_content(reason="Sửa", **AFTERWARDS)
    for name in ("secret", "nobody"):
        path = f"/v1/units/21238/activity-reports/portal/{name}"
        refused(portal.put(path, content, If_Match='"1"'), 412, "revision_changed")


def test_a_code_that_two_bodies_bore_corrects_the_one_of_the_day(in_2025: Api) -> None:
    old = _made(in_2025.portal(TU_NGHIA), unit="21238", external_id="r", **BEFORE)
    portal = in_2025.portal(VE_GIANG)
    new = _made(portal, unit="21238", external_id="r", **AFTERWARDS)
    assert old["id"] != new["id"]
    path = "/v1/units/21238/activity-reports/portal/r"
    content = a_content(reason="Sửa", title="Hai", **AFTERWARDS)
    assert _updated(portal.put(path, content, If_Match='"1"'), 2)["id"] == new["id"]


# Whose it is


@WAYS
def test_another_units_report_is_not_there_to_be_corrected(api: Api, correct: Correct) -> None:
    report, other = _made(api.portal(BINH_SON)), api.portal(TU_NGHIA)
    before = rows(api.engine)
    response = correct(other, report, {"title": "Hai"}, '"1"')
    if correct is _by_natural_key:
        refused(response, 403, "unit_not_yours")  # the unit is named, so nothing is told by it
    else:
        refused(response, 404, "not_found")
    assert rows(api.engine) == before


@WAYS
def test_who_only_reads_a_report_does_not_correct_it(api: Api, correct: Correct) -> None:
    report = _made(api.portal(BINH_SON))
    readers = [api.portal(unit) for unit in ("body-so-tttt", "body-vp-ubnd")]
    before = rows(api.engine)
    for reader in readers:
        response = correct(reader, report, {"title": "Hai"}, '"1"')
        refused(response, 403, "unit_not_yours")
    assert rows(api.engine) == before


@WAYS
def test_a_unit_that_a_report_names_reads_it_and_does_not_correct_it(
    api: Api, correct: Correct
) -> None:
    report = _made(api.portal(BINH_SON), participants=["so-gddt"])
    named = api.portal("body-so-gddt")
    assert named.get(_path(report)).status_code == 200
    new = {"title": "Hai", "participants": ["so-gddt"]}
    refused(correct(named, report, new, '"1"'), 403, "unit_not_yours")
    why = {"reason": "Sai"}
    withdrawn = named.post(f"{_path(report)}/withdraw", why, If_Match='"1"')
    refused(withdrawn, 403, "unit_not_yours")
    assert named.get(_path(report)).json()["revision"] == 1


@WAYS
def test_a_district_corrects_what_its_commune_reported_while_it_stood_under_it(
    in_2025: Api, correct: Correct
) -> None:
    report = _made(in_2025.portal(SONG_VE), unit="21238", **BEFORE)
    new = {"title": "Hai", **BEFORE}
    _updated(correct(in_2025.portal(TU_NGHIA), report, new, '"1"'), 2)


# Faults


@WAYS
def test_a_correction_is_checked_as_a_new_report_is(api: Api, correct: Correct) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    before = rows(api.engine)
    wrong = {
        "channel": "no_such",
        "plan_item": "IX.9",
        "participants": ["99999"],
        "content_themes": ["II.9.9"],
    }
    assert faults(correct(portal, report, wrong, '"1"')) == {
        "/channel": "unknown_code",
        "/plan_item": "unknown_plan_item",
        "/participants/0": "unknown_unit",
        "/content_themes/0": "unknown_content_theme",
        "/measures/0/indicator": "unknown_indicator",
    }
    crossing = {"ended_on": "2022-01-02", "occurrences": 2}
    refusal = refused(correct(portal, report, crossing, '"1"'), 422, "invalid")
    assert [(fault["pointer"], fault["code"]) for fault in refusal] == [
        ("/ended_on", "day_in_future"),
        ("/ended_on", "summary_crosses_window"),
    ]
    assert rows(api.engine) == before


def test_a_withdrawn_report_takes_no_correction(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    assert portal.post(f"{_path(report)}/withdraw", {"reason": "Trùng"}, If_Match='"1"').is_success
    before = rows(api.engine)
    for correct in (_by_patch, _by_put, _by_natural_key):
        refused(correct(portal, report, {"title": "Hai"}, '"2"'), 409, "report_withdrawn")
        assert _unchanged(correct(portal, report, {}, '"2"'), 2)["withdrawn"] is True
    assert rows(api.engine) == before


# At the same time


@WAYS
def test_of_corrections_of_one_revision_one_wins(api: Api, correct: Correct) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    for revision in (1, 2, 3):
        answers = at_once(
            api,
            portal,
            *[
                lambda own, n=n, tag=f'"{revision}"': correct(
                    own, report, {"title": f"Tên {tag} {n}"}, tag
                )
                for n in range(8)
            ],
        )
        assert sorted(a.status_code for a in answers) == [200] + [412] * 7
        (won,) = [a for a in answers if a.status_code == 200]
        for lost in answers:
            if lost is not won:
                refused(lost, 412, "revision_changed")
        assert portal.get(_path(report)).json()["title"] == won.json()["title"]
    items = portal.get(f"{_path(report)}/revisions").json()["items"]
    assert [one["number"] for one in items] == [1, 2, 3, 4]
    assert rows(api.engine)["activity_revision"] == 4


def test_of_the_same_correction_many_times_at_once_one_is_a_revision(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    sends = [lambda own: _by_put(own, report, {"title": "Hai"}, '"1"') for _ in range(12)]
    answers = at_once(api, portal, *sends)
    assert [a.status_code for a in answers] == [200] * 12
    outcomes = sorted(a.json()["outcome"] for a in answers)
    assert outcomes == ["unchanged"] * 11 + ["updated"]
    assert {a.json()["revision"] for a in answers} == {2}


def test_patches_of_whatever_is_current_lose_nothing_of_each_other(api: Api) -> None:
    """Each changes a field of its own, for `If-Match: *`."""
    portal = api.portal(BINH_SON)
    report = _made(portal)
    patches: list[dict[str, Any]] = [
        {"title": "Hai"},
        {"description": "Có mô tả"},
        {"channel": "zalo"},
        {"integrated": True},
        {"languages": ["vi", "hre"]},
        {"participants": ["so-y-te"]},
        {"content_themes": ["II.1.2"]},
        {"expenditure": [{"source": "other_lawful", "amount": 5}]},
    ]
    answers = at_once(
        api, portal, *[lambda own, p=p: _by_patch(own, report, p, "*") for p in patches]
    )
    assert [a.status_code for a in answers] == [200] * len(patches)
    said = portal.get(_path(report)).json()
    assert said["revision"] == len(patches) + 1
    assert (said["title"], said["description"], said["channel"]) == ("Hai", "Có mô tả", "zalo")
    assert (said["integrated"], said["languages"]) == (True, ["hre", "vi"])
    assert (said["participants"], said["content_themes"]) == (["body-so-y-te"], ["II.1.2"])
    assert said["expenditure"] == [{"source": "other_lawful", "amount": 5}]


def test_a_patch_waits_for_a_correction_under_way_and_is_made_of_what_it_left(api: Api) -> None:
    portal = api.portal(BINH_SON)
    report = _made(portal)
    with under_way(api, portal) as start:
        with unit_of_work(api.engine, write=False) as session:
            session.execute(update(ActivityReport).values(number=ActivityReport.number))
            waiting = start(lambda own: _by_patch(own, report, {"title": "Hai"}, "*"))
            start(lambda own: _by_patch(own, report, {"description": "Mô tả"}, "*"))
            time.sleep(0.7)
            assert waiting.answers == [], "nothing waited"
        answers = waiting.done()
    assert sorted(a.json()["revision"] for a in answers) == [2, 3]
    said = portal.get(_path(report)).json()
    assert (said["title"], said["description"]) == ("Hai", "Mô tả")


# What was frozen before


def _frozen(api: Api) -> tuple[Portal, Portal, dict[str, Any], str, bytes, str]:
    """Return a report that went into a submission and a published consolidated report."""
    filing = Filing(api.engine)
    focal = filing.hand_in(api.http, [BINH_SON], activities=3)
    portal = api.portal(BINH_SON)
    report = portal.get(ACTIVITIES).json()["items"][0]
    submission = portal.get("/v1/submissions").json()["items"][0]["id"]
    asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021})
    consolidate(api.engine, UUID(asked.json()["id"]), at=api.now())
    published = f"/v1/consolidated-reports/{asked.json()['id']}"
    return portal, focal, report, submission, focal.get(published).content, published


def test_a_correction_names_what_was_built_on_the_revision_before(api: Api) -> None:
    portal, focal, report, submission, content, published = _frozen(api)
    receipt = portal.get(f"/v1/submissions/{submission}").json()
    said = _updated(_by_patch(portal, report, {"title": "Hai"}, '"1"'), 2)
    expected = {
        "submissions": [
            {
                "submission_id": submission,
                "revision": 1,
                "unit": BINH_SON,
                "year": 2021,
                "state": "accepted",
            }
        ],
        "consolidated_reports": [
            {
                "report_id": published.rpartition("/")[2],
                "cycle": f"{PLAN}.2021",
                "plan": PLAN,
                "year": 2021,
                "version": 1,
            }
        ],
    }
    assert said["outdated"] == expected
    # A dropped answer is told again whole.
    again = _unchanged(_by_patch(portal, report, {"title": "Hai"}, '"1"'), 2)
    assert again["outdated"] == expected
    # The submission says what it said, and beside it that one record says something else now.
    told = {"not_yet_reported": {"added": 0, "changed": 1, "removed": 0}}
    assert portal.get(f"/v1/submissions/{submission}").json() == receipt | told
    assert focal.get(published).content == content
    old = portal.get(f"{_path(report)}/revisions/1").json()
    assert (old["title"], old["body_sha256"]) == (report["title"], report["body_sha256"])
    with unit_of_work(api.engine, write=False) as session:
        frozen = session.execute(
            text(
                "SELECT v.number FROM frozen_activity f "
                "JOIN activity_revision v ON v.id = f.activity_revision_id "
                "WHERE v.report_id = :id"
            ),
            {"id": UUID(report["id"]).hex if api.engine.dialect.name == "sqlite" else report["id"]},
        ).scalars()
        assert list(frozen) == [1]


def test_a_withdrawal_and_its_reversal_name_it_too(api: Api) -> None:
    portal, _, report, submission, _, _ = _frozen(api)
    why = {"reason": "Trùng"}
    withdrawn = portal.post(f"{_path(report)}/withdraw", why, If_Match='"1"')
    outdated = _updated(withdrawn, 2)["outdated"]
    assert [row["submission_id"] for row in outdated["submissions"]] == [submission]
    assert len(outdated["consolidated_reports"]) == 1
    again = portal.post(f"{_path(report)}/withdraw", why, If_Match='"1"')
    assert _unchanged(again, 2)["outdated"] == outdated
    # What is said again as it was frozen is not out of date, though its revision is another.
    back = portal.post(f"{_path(report)}/reinstate", why, If_Match='"2"')
    assert _updated(back, 3)["outdated"] == {"submissions": [], "consolidated_reports": []}


def test_a_correction_of_what_nothing_froze_names_nothing(api: Api) -> None:
    portal, _, _, _, _, _ = _frozen(api)
    fresh = _made(portal)
    said = _updated(_by_patch(portal, fresh, {"title": "Hai"}, '"1"'), 2)
    assert said["outdated"] == {"submissions": [], "consolidated_reports": []}


def test_corrections_and_reads_at_once_never_show_a_half(api: Api) -> None:
    portal = api.portal(BINH_SON)
    measures = [{"indicator": "posts", "value": "1"}, {"indicator": "views", "value": "1"}]
    report = _made(portal, title="Tin 1", measures=measures)
    stop = threading.Event()
    seen: list[dict[str, Any]] = []

    def read(own: Portal) -> None:
        while not stop.is_set():
            seen.append(own.get(_path(report)).json())

    def write(own: Portal) -> None:
        for number in range(1, 16):
            value = str(number + 1)
            new = {
                "title": f"Tin {value}",
                "measures": [{**measure, "value": value} for measure in measures],
            }
            _updated(_by_put(own, report, new, f'"{number}"'), number + 1)
        stop.set()

    at_once(api, portal, read, write, read)
    assert seen
    for said in seen:
        number = str(said["revision"])
        assert said["title"] == f"Tin {number}"
        assert [row["value"] for row in said["measures"]] == [number] * 2


def test_a_put_of_another_body_is_not_told_to_who_cannot_see_the_report(in_2025: Api) -> None:
    """The district may write for the township's day, but the commune's report is not its own."""
    report = _made(in_2025.portal(VE_GIANG), unit="21238", **AFTERWARDS)
    district = in_2025.portal(TU_NGHIA)
    content = a_content(reason="Sai", **BEFORE)
    for name in (report["external_id"], "nobody"):
        path = f"/v1/units/21238/activity-reports/portal/{name}"
        refused(district.put(path, content, If_Match='"1"'), 412, "revision_changed")
