"""What HTTP asks of every answer: methods, headers, and requests that are not quite right."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from fastapi import APIRouter
from structlog.testing import capture_logs

from app.api.deprecation import DEPRECATED, Deprecation
from app.api.out import OutModel
from app.api.routing import allowed_methods
from app.api.strict import StrictRoute
from app.api.tracing import trace_of
from app.domain.principal import Scope
from app.main import create_app
from app.settings import Settings
from tests.conftest import Databases
from tests.contracts.operations import PUBLIC, SAMPLES, Operation, operations
from tests.support.api import TLS, Api, Portal, running_api
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, an_activity
from tests.support.problems import refused

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
PROBLEM = "application/problem+json"
NOTHING = "019d0000-0000-7000-8000-000000000009"


def _paths(api: Api) -> Iterator[tuple[str, list[str]]]:
    """Yield every path of the document, filled in, with the methods that it takes."""
    for path, methods in api.app.openapi()["paths"].items():
        takes = {method.upper() for method in methods} | {"OPTIONS"}
        yield path.format_map(SAMPLES), sorted(takes | ({"HEAD"} if "get" in methods else set()))


def _query(operation: Operation) -> dict[str, str]:
    known = {"plan": PLAN, "pointer": "/counts/0/activities"}
    parameters = operation.described.get("parameters", [])
    return {
        p["name"]: known[p["name"]] for p in parameters if p.get("required") and p["in"] == "query"
    }


def test_every_path_tells_its_methods_to_anybody_and_refuses_all_others(
    shared: Api, reader: Portal
) -> None:
    found = 0
    for path, takes in _paths(shared):
        told = shared.http.options(path)
        assert (told.status_code, told.content) == (204, b""), path
        assert told.headers["allow"].split(", ") == takes, path
        assert "ratelimit" not in told.headers
        assert "content-length" not in told.headers
        for method in {"DELETE", "PROPFIND"} - {*takes}:
            refusal = reader.request(method, path)
            refused(refusal, 405, "method_not_allowed")
            assert refusal.headers["allow"].split(", ") == takes, path
        found += 1
    assert found > 60
    refused(shared.http.options("/v1/nothing"), 404, "not_found")
    assert allowed_methods(shared.app.routes, "*") == [
        *("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
    ]


def test_head_tells_what_get_would(shared: Api) -> None:
    portal, found = shared.portal(FOCAL_UNIT), 0
    for operation in operations(shared.app):
        if operation.method != "get":
            continue
        path = operation.path.format_map(SAMPLES)
        same = {"headers": {"X-Request-Id": "the-very-same"}, "params": _query(operation)}
        got, told = (portal.request(method, path, **same) for method in ("GET", "HEAD"))
        assert (told.status_code, told.content) == (got.status_code, b""), path
        changing = {"date", "ratelimit"}
        if path.endswith("activity-reports.xlsx"):
            changing.add("content-length")  # each one has ids of its own, which compress otherwise
        of_get, of_head = (
            {name: value for name, value in answer.headers.items() if name not in changing}
            for answer in (got, told)
        )
        assert of_head == of_get, path
        found += 1
    assert found > 40
    with_key_only = shared.http.head("/v1/units")
    assert (with_key_only.status_code, with_key_only.content) == (401, b"")


def test_every_answer_carries_what_all_carry(shared: Api) -> None:
    key, statuses = shared.portal(FOCAL_UNIT).secret, set()
    always = {"X-Request-Id": "portal-000001", "traceparent": TRACEPARENT}
    with httpx.Client(verify=TLS, base_url=shared.http.base_url, headers=always) as http:
        for operation, secret in product(operations(shared.app), (key, None)):
            answer = operation.send(http, secret)
            told, name = answer.headers, operation.name
            assert {one: told.get(one) for one in always} == always, name
            assert "cache-control" in told, name
            keyed = secret is not None and name not in PUBLIC
            assert ("ratelimit" in told, "ratelimit-policy" in told) == (keyed, keyed), name
            if told.get("content-type") == PROBLEM:
                assert told["content-language"] == "vi", name
                assert "Accept-Language" in told["vary"], name
            statuses.add(answer.status_code)
    assert statuses >= {200, 401, 404, 422}, statuses


def test_a_key_is_told_what_is_left_of_its_quota(databases: Databases) -> None:
    with databases.loaded() as url, running_api(url, rate_limit="6/minute") as api:
        portal = api.portal(BINH_SON, Scope.READ_REFERENCE)
        sent = (
            ("GET", "/v1/plans", 200),
            ("HEAD", "/v1/plans", 200),
            ("GET", "/v1/submissions", 403),
            ("GET", "/v1/nothing", 404),
            ("PUT", "/v1/plans", 405),
            ("GET", f"/v1/plans/{PLAN}?nobody=1", 422),
            ("GET", "/v1/plans", 429),
            ("GET", "/v1/nothing", 404),  # said though nothing is left: nothing was looked up
        )
        for left, (method, path, status) in zip((5, 4, 3, 2, 1, 0, 0, 0), sent, strict=True):
            assert api.http.options(path.partition("?")[0]).status_code in (204, 404)  # for nothing
            answer = portal.request(method, path)
            assert answer.status_code == status, (method, path)
            assert answer.headers["ratelimit-policy"] == '"default";q=6;w=60'
            told, _, seconds = answer.headers["ratelimit"].rpartition(";t=")
            assert told == f'"default";r={left}', (method, path)
            assert 1 <= int(seconds) <= 60
            if status == 429:
                assert answer.headers["retry-after"] == seconds


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([TRACEPARENT], TRACEPARENT),
        ([TRACEPARENT[:-2] + "ff"], TRACEPARENT[:-2] + "ff"),
        (["cc" + TRACEPARENT[2:] + "-what-is-this"], TRACEPARENT),
        (["cc" + TRACEPARENT[2:]], TRACEPARENT),
        ([], None),
        ([""], None),
        ([TRACEPARENT, TRACEPARENT], None),
        ([TRACEPARENT + "-more"], None),
        ([TRACEPARENT.upper()], None),
        (["ff" + TRACEPARENT[2:]], None),
        (["cc" + TRACEPARENT[2:] + ".more"], None),
        ([TRACEPARENT.replace(TRACE, "0" * 32)], None),
        ([TRACEPARENT.replace("b7ad6b7169203331", "0" * 16)], None),
        ([TRACEPARENT + "\n"], None),
        ([f" {TRACEPARENT}"], None),
    ],
)
def test_a_trace_is_read_as_the_specification_has_it(sent: list[str], told: str | None) -> None:
    found = trace_of(sent)
    assert (found.traceparent if found else None) == told
    assert found is None or found.trace_id == TRACE


def test_a_valid_trace_is_logged_and_given_back_and_any_other_is_passed_over(
    shared: Api, reader: Portal
) -> None:
    with capture_logs() as lines:
        for sent in (TRACEPARENT, "none"):
            answer = reader.request("GET", "/v1/plans", headers={"traceparent": sent})
            assert answer.status_code == 200
            assert answer.headers.get("traceparent") == (sent if sent == TRACEPARENT else None)
        shared.http.head("/livez")
    logged = [line for line in lines if line["event"] == "request"]
    assert [line.get("trace_id") for line in logged] == [TRACE, None, None]
    assert [line["method"] for line in logged] == ["GET", "GET", "HEAD"]
    assert all(line["request_id"] for line in logged)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/nothing", [], 404),
        ("GET", "/v1/units/", [], 404),
        ("GET", "//v1/units", [], 404),
        ("GET", "/V1/units", [], 404),
        ("GET", "/v1/plans", [("Accept", "application/xml")], 200),
        ("GET", "/v1/plans", [("Range", "bytes=0-1")], 200),
        ("GET", "/v1/plans", [("If-None-Match", '"1'), ("If-Match", "nonsense")], 200),
        ("GET", "/v1/plans", [("Content-Type", "text/plain")], 200),
        ("GET", "/v1/plans", [("Authorization", "Bearer baocao_x")], 401),
        ("GET", f"/v1/reporting-cycles/{PLAN}.2021", [("If-None-Match", "*")], 200),
        ("POST", "/v1/activity-reports", [("X-HTTP-Method-Override", "GET")], 415),
    ],
)
def test_what_is_not_quite_right_is_answered_as_decided(
    reader: Portal, method: str, path: str, headers: list[tuple[str, str]], status: int
) -> None:
    sent = [("Authorization", f"Bearer {reader.secret}"), *headers]
    answer = reader.http.request(method, path, headers=sent)
    assert answer.status_code == status
    assert "content-range" not in answer.headers
    if status == 200:
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "private, no-cache"
    else:
        assert answer.headers["content-type"] == PROBLEM
    if status == 404:  # nobody is told what only a key may know
        refused(reader.http.request(method, path), 404, "not_found")


def test_the_tag_of_a_revision_is_for_if_match_and_hides_nothing_from_a_reader(
    shared: Api,
) -> None:
    portal = shared.portal(BINH_SON)
    made = portal.post("/v1/activity-reports", an_activity(external_id="http-1"))
    path, tag = made.headers["location"], made.headers["etag"]
    for sent in ({"If-None-Match": tag}, {"If-None-Match": "*"}, {"If-Match": '"7"'}):
        answer = portal.request("GET", path, headers=sent)
        # What is told beside the revision, such as `reported`, changes under the same tag.
        assert (answer.status_code, answer.headers["etag"]) == (200, tag), sent
        assert answer.json()["id"] == made.json()["id"]


def test_an_answer_says_its_language_where_one_was_chosen(shared: Api) -> None:
    portal = shared.portal(FOCAL_UNIT)
    path, body = (
        "/v1/submissions/acceptances",
        {"submissions": [{"submission": NOTHING, "revision": 1}]},
    )
    key = {"Idempotency-Key": "http-language"}
    asked: list[dict[str, Any]] = [
        {"Accept-Language": "en", **key},
        {"Accept-Language": "vi", **key},
    ]
    first, again = (portal.request("POST", path, json=body, headers=one) for one in asked)
    assert (first.status_code, first.headers["content-language"]) == (200, "en")
    assert first.headers["vary"] == "Accept-Language"
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.content, again.headers["content-language"]) == (first.content, "en")
    several = [("Authorization", f"Bearer {portal.secret}"), ("Accept-Language", "fr")]
    english = portal.http.get("/v1/nothing", headers=[*several, ("Accept-Language", "en")])
    assert english.headers["content-language"] == "en"
    assert "content-language" not in portal.get("/v1/plans").headers


def test_the_next_page_is_named_relative_to_the_one_that_was_asked_for(reader: Portal) -> None:
    first = reader.get("/v1/units", limit=2)
    assert first.headers["link"].endswith('>; rel="next"')
    place = urljoin("https://proxy.example/v1/units?limit=2", first.links["next"]["url"])
    assert place.startswith("https://proxy.example/v1/units?")
    second = reader.http.get(
        place.removeprefix("https://proxy.example"),
        headers={"Authorization": f"Bearer {reader.secret}"},
    )
    assert len(second.json()["items"]) == 2
    assert second.json()["items"] != first.json()["items"]


class OldThing(OutModel):
    """What an operation that ends answers."""

    name: str


def test_what_is_going_to_end_says_so(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    ends = Deprecation(
        since=datetime(2027, 1, 1, tzinfo=UTC),
        sunset=datetime(2028, 1, 1, tzinfo=UTC),
        told_at="/docs/ends",
        successor="/v2/things",
    )
    monkeypatch.setitem(DEPRECATED, "get_old_thing", ends)
    router = APIRouter(route_class=StrictRoute, tags=["Health"])

    @router.get("/v1/old-things/{number}")
    def get_old_thing(number: int) -> OldThing:
        """Read it. Public."""
        return OldThing(name=f"{number}")

    app = create_app(Settings(database_url=database_url))
    app.include_router(router)

    async def asked() -> list[httpx.Response]:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http,
        ):
            return [
                await http.get(path) for path in ("/v1/old-things/1", "/v1/old-things/x", "/livez")
            ]

    found, refusal, other = asyncio.run(asked())
    assert [found.status_code, refusal.status_code, other.status_code] == [200, 404, 200]
    for answer in (found, refusal):
        assert answer.headers["deprecation"] == "@1798761600"
        assert answer.headers["sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
        assert {name: link["url"] for name, link in answer.links.items()} == {
            "deprecation": "/docs/ends",
            "sunset": "/docs/ends",
            "successor-version": "/v2/things",
        }
    assert not {"deprecation", "sunset", "link"} & set(other.headers)
    described = app.openapi()["paths"]["/v1/old-things/{number}"]["get"]
    assert described["deprecated"] is True
    assert described["x-sunset"] == "2028-01-01T00:00:00+00:00"
    assert described["x-deprecated-since"] == "2027-01-01T00:00:00+00:00"
    assert {"Deprecation", "Sunset"} <= set(described["responses"]["200"]["headers"])
    with pytest.raises(ValueError, match="before it is deprecated"):
        Deprecation(since=ends.since, told_at="/", sunset=datetime(2026, 1, 1, tzinfo=UTC))
