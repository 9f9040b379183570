"""Bad input gets a problem document with a stable code and the place of each fault."""

import base64
import json
import time
from typing import Any

import httpx
import pytest

from tests.conftest import Databases
from tests.support.api import Api, Portal, running_api
from tests.support.makers import (
    BINH_SON,
    FOCAL_UNIT,
    PLAN,
    a_content,
    a_document,
    a_draft,
    an_activity,
)
from tests.support.problems import faults, refused, rows

ACTIVITIES = "/v1/activity-reports"
NATURAL = "/v1/units/524/activity-reports/portal/r-0"
NOBODY = "019d0000-0000-7000-8000-000000000000"
CYCLE = f"{PLAN}.2021"
LISTS = {
    ACTIVITIES: {},
    "/v1/assignments": {},
    "/v1/codes": {},
    "/v1/consolidated-reports": {},
    "/v1/content-themes": {"plan": PLAN},
    "/v1/indicators": {"plan": PLAN},
    "/v1/plan-items": {"plan": PLAN},
    "/v1/plans": {},
    "/v1/reporting-cycles": {},
    f"/v1/reporting-cycles/{CYCLE}/roster": {},
    "/v1/submissions": {},
    "/v1/unit-groups": {"plan": PLAN},
    "/v1/units": {},
}


def _send(portal: Portal, content: bytes, media_type: str | None) -> httpx.Response:
    headers = {} if media_type is None else {"Content-Type": media_type}
    return portal.request("POST", ACTIVITIES, content=content, headers=headers)


# Bodies that are no JSON


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"}",
        b"nope",
        b"{'title': 1}",
        b'{"title": 1,}',
        b'{"title": "a\nb"}',
        b'{"title": "\x00"}',
        b"\xff\xfe",
        b'{"title": "\xc3\x28"}',
        b'{"title": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"title": "x"}',
        '{"title": "x"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 990 + b"]" * 990,
        b'{"occurrences": ' + b"9" * 5000 + b"}",
        b'{"a": [' + b"1" * 100_000 + b"]}",
        b"{} {}",
    ],
    ids=lambda content: str(content[:14]),
)
def test_a_broken_body_is_malformed(shared: Api, reader: Portal, content: bytes) -> None:
    before = rows(shared.engine)
    response = _send(reader, content, "application/json")
    refused(response, 400, "malformed_json")
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", {"": "missing"}),
        (b"  ", None),
        (b"null", {"": "missing"}),
        (b"[]", {"": "model_type"}),
        (b"[{}]", {"": "model_type"}),
        (b"3", {"": "model_type"}),
        (b'"x"', {"": "model_type"}),
        (b"true", {"": "model_type"}),
        (b'{"": 1}', None),
    ],
)
def test_a_body_that_is_no_object_is_refused(
    reader: Portal, content: bytes, found: dict[str, str] | None
) -> None:
    response = _send(reader, content, "application/json")
    if content == b"  ":
        refused(response, 400, "malformed_json")
    elif found is None:
        said = faults(response)
        assert said["/"] == "extra_forbidden"
        assert said["/unit"] == "missing"
    else:
        said = faults(response)
        assert set(said) == set(found)
        assert set(said.values()) <= {"missing", "model_type"}


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json; charset=latin-1",
        "application/jsonx",
        "json",
        ";;;",
    ],
)
def test_only_json_is_read(shared: Api, reader: Portal, media_type: str | None) -> None:
    before = rows(shared.engine)
    content = json.dumps(an_activity()).encode()
    refused(_send(reader, content, media_type), 415, "unsupported_media_type")
    assert rows(shared.engine) == before


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON", "application/json; charset=UTF-8"]
)
def test_json_is_read_however_it_is_written(reader: Portal, media_type: str) -> None:
    assert faults(_send(reader, b"{}", media_type))["/plan"] == "missing"


# Bodies that say what cannot be


def test_every_fault_is_named_at_its_place_with_what_is_permitted(reader: Portal) -> None:
    body = an_activity(
        plan_item="V.9",
        channel="pigeon",
        format="scent",
        content_themes=["II.1.1", "II.9"],
        languages=["vi", "xx"],
        measures=[{"indicator": "posts", "value": "1"}, {"indicator": "nothing", "value": "1"}],
        expenditure=[{"source": "pocket", "amount": 1}],
        participants=["524", "99999"],
    )
    found = {f["pointer"]: f for f in refused(reader.post(ACTIVITIES, body), 422, "invalid")}
    assert {pointer: fault["code"] for pointer, fault in found.items()} == {
        "/plan_item": "unknown_plan_item",
        "/channel": "unknown_code",
        "/format": "unknown_code",
        "/content_themes/1": "unknown_content_theme",
        "/languages/1": "unknown_code",
        "/measures/0/indicator": "unknown_indicator",
        "/measures/1/indicator": "unknown_indicator",
        "/expenditure/0/source": "unknown_code",
        "/participants/1": "unknown_unit",
    }
    assert "III.1.b" in found["/plan_item"]["permitted"]
    assert "IV.1" not in found["/plan_item"]["permitted"]
    assert "facebook" in found["/channel"]["permitted"]
    assert "bdq" not in found["/languages/1"]["permitted"], "usable from 1/7/2025 only"
    assert found["/content_themes/1"]["permitted"][0] == "II.1.1"
    assert found["/expenditure/0/source"]["permitted"] == [
        "state_budget_province",
        "state_budget_district",
        "state_budget_commune",
        "other_lawful",
    ]


LONG = "x" * 1_000_000


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"no_such_field": 1}, {"/no_such_field": "extra_forbidden"}),
        ({"a/b~c": 1}, {"/a~1b~0c": "extra_forbidden"}),
        ({"title": ...}, {"/title": "missing"}),
        ({"unit": ..., "plan": ...}, {"/unit": "missing", "/plan": "missing"}),
        ({"title": LONG}, {"/title": "string_too_long"}),
        ({"title": "x" * 501}, {"/title": "string_too_long"}),
        ({"title": "\ufb2c" * 500}, {"/title": "string_too_long"}),
        ({"description": LONG}, {"/description": "string_too_long"}),
        ({"title": "  "}, {"/title": "blank_text"}),
        ({"title": "a\nb"}, {"/title": "control_character"}),
        ({"title": "a\x00b"}, {"/title": "control_character"}),
        ({"title": "a\x1b[31mb"}, {"/title": "control_character"}),
        ({"title": "a\x9fb"}, {"/title": "control_character"}),
        ({"description": "a\x00b"}, {"/description": "control_character"}),
        ({"unit": "52\x004"}, {"/unit": "string_pattern_mismatch"}),
        ({"unit": "524\n"}, {"/unit": "string_pattern_mismatch"}),
        ({"unit": LONG}, {"/unit": None}),
        ({"plan": "../x"}, {"/plan": "string_pattern_mismatch"}),
        ({"plan": "khac"}, {"/plan": "unknown_plan"}),
        ({"plan_item": "3.1"}, {"/plan_item": "string_pattern_mismatch"}),
        ({"plan_item": "IV.1", "measures": ...}, {"/plan_item": "unknown_plan_item"}),
        ({"external_id": "a b"}, {"/external_id": "string_pattern_mismatch"}),
        ({"external_id": "x" * 129}, {"/external_id": "string_pattern_mismatch"}),
        ({"external_id": "é"}, {"/external_id": "string_pattern_mismatch"}),
        ({"source_system": "Portal"}, {"/source_system": "string_pattern_mismatch"}),
        ({"languages": []}, {"/languages": "too_short"}),
        ({"content_themes": ["II.1.1"] * 31}, {"/content_themes": "too_long"}),
        ({"measures": [{}] * 51}, {"/measures": "too_long"}),
        ({"measures": [{"indicator": "posts"}]}, {"/measures/0/value": "missing"}),
        ({"evidence": [{"url": "javascript:x"}]}, {"/evidence/0/url": "string_pattern_mismatch"}),
        ({"evidence": [{"url": "https://a/\x00"}]}, {"/evidence/0/url": "string_pattern_mismatch"}),
        ({"evidence": [{"url": "https://a/b c"}]}, {"/evidence/0/url": "string_pattern_mismatch"}),
        (
            {"evidence": [{"url": "https://a/b", "sha256": "A" * 64}]},
            {"/evidence/0/sha256": "string_pattern_mismatch"},
        ),
        ({"occurred_on": "2021-09-10", "ended_on": "2021-09-11"}, {"": "summary_incomplete"}),
        ({"occurrences": 2}, {"": "summary_incomplete"}),
        ({"occurrences": 0, "ended_on": "2021-09-11"}, {"/occurrences": "greater_than_equal"}),
        ({"occurrences": 10**4000, "ended_on": "2021-09-11"}, {"/occurrences": None}),
        ({"occurrences": 10**18, "ended_on": "2021-09-11"}, {"/occurrences": "less_than_equal"}),
        ({"unit": "99999"}, {"/unit": "unknown_unit"}),
        ({"unit": "so-nnmt"}, {"/unit": "unit_not_in_being"}),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_fault_has_its_code_and_pointer_and_nothing_is_stored(
    shared: Api, reader: Portal, changes: dict[str, Any], found: dict[str, str | None]
) -> None:
    before = rows(shared.engine)
    response = reader.post(ACTIVITIES, an_activity(**changes))
    said = faults(response)
    if "occurrences" in changes and "ended_on" in changes:
        said.pop("", None)
    assert set(said) == set(found)
    assert all(code in (None, said[pointer]) for pointer, code in found.items()), said
    assert len(response.content) < 5000, "what was sent is not echoed"
    assert rows(shared.engine) == before


def test_a_title_that_grows_in_normal_form_is_refused_when_it_is_put_too(reader: Portal) -> None:
    put = reader.put(NATURAL, a_content(title="\ufb2c" * 500))
    assert faults(put) == {"/title": "string_too_long"}


def test_the_natural_key_stands_in_the_path_alone(reader: Portal) -> None:
    assert faults(reader.put(NATURAL, a_content(unit="524"))) == {"/unit": "extra_forbidden"}


def test_submissions_are_checked_alike(api: Api) -> None:
    portal = api.portal(BINH_SON)
    drafts = "/v1/submissions"
    unknown = a_draft(narrative={"resutls": "x", "proposals": [{"text": "x"}]})
    assert faults(portal.post(drafts, unknown)) == {
        "/narrative/resutls": "extra_forbidden",
        "/narrative/proposals/0/addressee": "missing",
    }
    refused(portal.post(drafts, a_draft(year=2030)), 404, "not_found")
    assert list(faults(portal.post(drafts, a_draft(year=1999)))) == ["/year"]
    before = rows(api.engine)
    path = f"{drafts}/{portal.post(drafts, a_draft()).json()['id']}"
    assert faults(portal.post(f"{path}/submit", a_document(data_to="2021-11-23"))) == {
        "/data_to": "data_to_out_of_range"
    }
    assert faults(portal.post(f"{path}/submit", a_document(nil=True))) == {
        "/nil_reason": "nil_needs_reason"
    }
    assert faults(portal.put(f"{path}/narrative", {"results": "\x00"})) == {
        "/results": "control_character"
    }
    after = rows(api.engine)
    assert {name for name in after if after[name] != before[name]} == {
        "submission",
        "submission_revision",
    }
    assert portal.get(path).json()["review"] == "draft"


# Paths and queries


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v2/units",
        "/v1/nothing",
        "/v1/units/",
        "//v1/units",
        "/V1/units",
        "/v1/units/%00",
        "/v1/units/a%00b",
        "/v1/units/%ff",
        "/v1/units/%ED%A0%80",
        "/v1/units/99999",
        "/v1/units/99999/history",
        "/v1/units/Huyện",
        f"/v1/units/{'x' * 5000}",
        "/v1/units/524/activity-reports/portal/%00",
        "/v1/units/524/activity-reports/portal/none",
        "/v1/units/99999/activity-reports/portal/none",
        "/v1/activity-reports/%00",
        "/v1/activity-reports/1",
        f"/v1/activity-reports/{NOBODY}",
        f"/v1/submissions/{NOBODY}",
        f"/v1/consolidated-reports/{NOBODY}",
        f"/v1/consolidation-requests/{NOBODY}",
        "/v1/plans/%00",
        "/v1/plans/none",
        "/v1/plans/none/cycles/2021/consolidated-report",
        f"/v1/plans/{PLAN}/cycles/2021/consolidated-report",
        f"/v1/plans/{PLAN}/cycles/99999999999999999999/consolidated-report",
        f"/v1/plans/{PLAN}/cycles/x/consolidated-report",
        "/v1/reporting-cycles/none",
        f"/v1/reporting-cycles/{PLAN}.9999",
        f"/v1/reporting-cycles/{PLAN}.2021%0a",
        "/v1/reporting-cycles/none.2021/roster",
    ],
)
def test_a_path_that_names_nothing_is_not_found(reader: Portal, path: str) -> None:
    refused(reader.get(path), 404, "not_found")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("limit", "0", "greater_than_equal"),
        ("limit", "501", "less_than_equal"),
        ("limit", "-1", "greater_than_equal"),
        ("limit", "x", "int_parsing"),
        ("limit", "", "int_parsing"),
        ("limit", "1.5", "int_parsing"),
        ("limit", "9" * 5000, None),
        ("limit", "\x00", "int_parsing"),
        ("no_such", "1", "extra_forbidden"),
        ("Limit", "1", "extra_forbidden"),
        ("cursor", "", "string_pattern_mismatch"),
        ("cursor", "a\x00", "string_pattern_mismatch"),
        ("cursor", "a=", "string_pattern_mismatch"),
        ("cursor", "x" * 401, "string_too_long"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_list_refuses_what_it_does_not_take(
    reader: Portal, path: str, name: str, value: str, code: str | None
) -> None:
    found = faults(reader.get(path, **LISTS[path], **{name: value}))
    assert list(found) == [f"?{name}"]
    assert code in (None, found[f"?{name}"])


@pytest.mark.parametrize("path", LISTS)
def test_a_forged_cursor_is_refused(shared: Api, path: str) -> None:
    portal = shared.portal(FOCAL_UNIT)
    given = portal.get("/v1/units", limit=1).json()["next"]
    payload = json.dumps(["units", "A", "gso-51"]).encode()
    forged = [
        "x",
        "xxxx",
        "A" * 16,
        "A" * 400,
        "_" * 21,
        given[:-1],
        given[1:],
        given + "A",
        given[:20],
        given.swapcase(),
        base64.urlsafe_b64encode(bytes(12) + payload).decode().rstrip("="),
        base64.urlsafe_b64encode(bytes(12)).decode(),
        base64.urlsafe_b64encode(bytes(12) + b"[]").decode().rstrip("="),
    ]
    if path != "/v1/units":
        forged.append(given)
    else:
        forged.append(portal.get("/v1/codes", limit=1).json()["next"])
    for cursor in forged:
        refused(portal.get(path, **LISTS[path], cursor=cursor), 400, "bad_cursor")


def test_a_cursor_of_other_filters_does_not_end_the_list(reader: Portal) -> None:
    channels = reader.get("/v1/codes", list="channel", limit=2).json()["next"]
    refused(reader.get("/v1/codes", list="format", cursor=channels), 400, "bad_cursor")
    first = reader.get("/v1/content-themes", plan=PLAN, phase="II.1", limit=1).json()["next"]
    second = reader.get("/v1/content-themes", plan=PLAN, phase="II.2", cursor=first)
    refused(second, 400, "bad_cursor")


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/v1/units", {"on": "0"}, {"?on": "day_format"}),
        ("/v1/units", {"on": "2021-09-01T00:00"}, {"?on": "day_format"}),
        ("/v1/units", {"level": "village"}, {"?level": "literal_error"}),
        ("/v1/units", {"search": "\x00"}, {"?search": "control_character"}),
        ("/v1/units", {"search": "x" * 501}, {"?search": "string_too_long"}),
        ("/v1/units", {"within": "99999"}, {"?within": "unknown_unit"}),
        ("/v1/units", {"within": "524", "on": "2025-07-01"}, {"?within": "unit_not_in_being"}),
        ("/v1/units/524", {"limit": "1"}, {"?limit": "extra_forbidden"}),
        ("/v1/units/524", {"cursor": "x"}, {"?cursor": "extra_forbidden"}),
        ("/v1/units/524/history", {"limit": "1"}, {"?limit": "extra_forbidden"}),
        (f"/v1/plans/{PLAN}", {"x": "1"}, {"?x": "extra_forbidden"}),
        (f"/v1/reporting-cycles/{CYCLE}", {"x": "1"}, {"?x": "extra_forbidden"}),
        (f"{ACTIVITIES}/{NOBODY}", {"x": "1"}, {"?x": "extra_forbidden"}),
        (ACTIVITIES, {"a\x1fb": "1"}, {"?a·b": "extra_forbidden"}),
        (ACTIVITIES, {"x" * 1000: "1"}, {f"?{'x' * 998}…": "extra_forbidden"}),
        (ACTIVITIES, {"baocao_0123abcd": "1"}, {"?baocao_…": "extra_forbidden"}),
        ("/v1/content-themes", {}, {"?plan": "missing"}),
        ("/v1/plan-items", {"plan": PLAN, "kind": "x"}, {"?kind": "literal_error"}),
        ("/v1/assignments", {"role": "boss"}, {"?role": "literal_error"}),
        ("/v1/assignments", {"unit": "99999"}, {"?unit": "unknown_unit"}),
        (ACTIVITIES, {"occurred_from": "yesterday"}, {"?occurred_from": "day_format"}),
        (ACTIVITIES, {"plan_item": "x%"}, {"?plan_item": "string_pattern_mismatch"}),
        (ACTIVITIES, {"content_theme": "%"}, {"?content_theme": "string_pattern_mismatch"}),
        ("/v1/submissions", {"review": "lost"}, {"?review": "literal_error"}),
        ("/v1/submissions", {"year": "20"}, {"?year": "greater_than_equal"}),
    ],
    ids=str,
)
def test_a_query_that_says_what_cannot_be_is_refused(
    reader: Portal, path: str, query: dict[str, str], found: dict[str, str]
) -> None:
    assert faults(reader.get(path, **query)) == found


def test_a_write_takes_no_query_but_its_own(shared: Api, reader: Portal) -> None:
    before = rows(shared.engine)
    response = reader.post(f"{ACTIVITIES}?dry=1", an_activity())
    assert faults(response) == {"?dry": "extra_forbidden"}
    assert rows(shared.engine) == before


@pytest.mark.parametrize("raw", ["search=%ff", "search=%ED%A0%80", "search=%", "search=%F0%9F"])
def test_a_query_that_is_no_utf_8_finds_nothing(reader: Portal, raw: str) -> None:
    response = reader.request("GET", f"/v1/units?{raw}")
    assert response.status_code == 200
    assert response.json()["items"] == []


# What is told


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("vi", "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en", "en"),
        ("en-US, en;q=0.9, vi;q=0.8", "en"),
        ("EN", "en"),
        ("vi;q=0.9, en; q=0.8", "vi"),
        ("vi;q=0.1, en;q=0.2", "en"),
        ("fr", "vi"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0", "vi"),
        ("*", "vi"),
        ("enm", "vi"),
        ("en;q=x", "vi"),
        (",;,=;q", "vi"),
        ("en;q=nan", "vi"),
    ],
)
def test_the_words_change_with_the_language_and_the_codes_never(
    reader: Portal, header: str | None, language: str
) -> None:
    # httpx sends no Accept-Language of its own
    headers = {} if header is None else {"Accept-Language": header}
    body = an_activity(title="", channel="pigeon")
    response = reader.request("POST", ACTIVITIES, json=body, headers=headers)
    assert response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]
    assert faults(response) == {"/title": "blank_text"}
    said = response.json()
    blank = {"vi": "Không được để trống.", "en": "It must not be blank."}[language]
    assert said["errors"][0]["detail"] == blank
    assert ("xem «errors»" in said["detail"]) == (language == "vi")


def test_a_request_id_comes_back_and_a_wild_one_does_not(reader: Portal) -> None:
    sane = reader.request("GET", "/v1/nothing", headers={"X-Request-Id": "portal-524.000001"})
    refused(sane, 404, "not_found")
    assert sane.json()["request_id"] == "portal-524.000001"
    for wild in ("x", "a b c d e f", "x" * 65, '"><script>'):
        other = reader.request("GET", "/v1/nothing", headers={"X-Request-Id": wild})
        refused(other, 404, "not_found")
        assert other.json()["request_id"] != wild


def test_a_key_that_asks_too_often_is_told_when_to_come_back(databases: Databases) -> None:
    with databases.loaded() as url, running_api(url, rate_limit="3/minute") as api:
        portal, other = api.portal(BINH_SON), api.portal(BINH_SON)
        if time.time() % 60 > 55:  # the window is a minute of the clock
            time.sleep(6)
        before = rows(api.engine)
        assert [portal.get("/v1/plans").status_code for _ in range(3)] == [200] * 3
        response = portal.post(ACTIVITIES, an_activity())
        refused(response, 429, "rate_limited")
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert response.headers["retry-after"] in response.json()["detail"]
        assert rows(api.engine) == before
        assert other.get("/v1/plans").status_code == 200
        refused(api.http.get("/v1/plans"), 401, "unauthenticated")
