"""The committed document is the one that the app generates, and a valid OpenAPI 3.1."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.contract.problems import CODES, CODES_OF_ROWS, NOT_OF_THE_API
from app.api.contract.sharing import resolved
from app.api.problems import STATUS
from app.domain.consolidation.report_schema import FILE_NAME
from app.domain.principal import Scope
from app.domain.webhooks.events import SENT
from tests.support.commands import ROOT, run_app

COMMITTED = ROOT / "openapi" / "openapi.json"


@cache
def _committed() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(COMMITTED.read_text(encoding="utf-8"))
    return document


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in _committed()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_committed_files_are_what_the_command_writes(tmp_path: Path) -> None:
    outcome = run_app(f"sqlite:///{tmp_path}/none.sqlite3", "openapi", tmp_path)
    assert outcome.code == 0, outcome.err
    made = tmp_path / "openapi.json"
    assert made.read_bytes() == COMMITTED.read_bytes(), "run: make openapi"
    schema = tmp_path / FILE_NAME
    assert schema.read_bytes() == (COMMITTED.parent / FILE_NAME).read_bytes(), "run: make openapi"
    assert not (tmp_path / "none.sqlite3").exists()


def test_the_document_is_valid_openapi_3_1() -> None:
    document = _committed()
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()
    assert "itemSchema" not in COMMITTED.read_text(encoding="utf-8")


def test_every_operation_is_named_once_and_described() -> None:
    names = [operation["operationId"] for _, _, operation in _operations()]
    assert len(names) == len(set(names)) > 25
    for path, method, operation in _operations():
        assert operation["description"].strip(), (path, method)
        assert len(operation["tags"]) == 1, (path, method)


def test_every_schema_has_a_name_of_its_own_that_clients_can_use() -> None:
    schemas = _committed()["components"]["schemas"]
    assert all(re.fullmatch("[A-Z][A-Za-z]+", name) for name in schemas), [*schemas]
    titles = Counter(schema["title"] for schema in schemas.values())
    assert max(titles.values()) == 1, titles.most_common(3)


def test_every_refusal_in_the_document_is_a_problem() -> None:
    for path, method, operation in _operations():
        statuses = [s for s in operation["responses"] if s == "default" or s >= "400"]
        assert "default" in statuses, (path, method)
        for status in statuses:
            content = resolved(_committed(), operation["responses"][status])["content"]
            assert content == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }, (path, method, status)


def test_a_parameter_is_named_only_where_it_means_something() -> None:
    for path, method, operation in _operations():
        names = {parameter.get("name") for parameter in operation.get("parameters", [])}
        answer = operation["responses"].get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        a_list = schema.get("$ref", "").endswith("Page")
        assert (names >= {"cursor", "limit"}) == a_list, (path, method)
        assert a_list or "cursor" not in names, (path, method)
        assert ("limit" in names) == (a_list or "since" in names), (path, method)


def test_every_code_is_declared_by_an_operation_under_its_status() -> None:
    statuses = {error.text.code: str(status) for error, status in STATUS.items()}
    declared: set[str] = set()
    of_rows: set[str] = set()
    for path, method, operation in _operations():
        for status, response in operation["responses"].items():
            told = resolved(_committed(), response)
            of_rows |= set(told.get(CODES_OF_ROWS, ()))
            for code in told.get(CODES, ()):
                assert status in (statuses[code], "default"), (path, method, code)
                assert f"`{code}`" in told["description"] or status == "default", (path, code)
                declared.add(code)
    assert set(statuses) - declared - of_rows == {error.text.code for error in NOT_OF_THE_API}
    assert of_rows - declared == {"another_revision"}, "only where many are accepted at once"


def test_every_operation_names_its_scope_or_is_public_or_takes_any_key() -> None:
    secured = {operation["operationId"]: operation["security"] for *_, operation in _operations()}
    assert [name for name, needed in secured.items() if not needed] == ["is_live", "is_ready"]
    assert [name for name, needed in secured.items() if needed == [{"ApiKey": []}]] == ["read_key"]
    for path, method, operation in _operations():
        for scope in _scopes(operation):
            assert operation["x-scope"] == scope, (path, method)
            assert f"Scope: `{scope}`." in operation["description"], (path, method)
    told = _committed()["paths"]["/v1/key"]["get"]
    assert "x-scope" not in told
    assert "Scope: none" in told["description"]


def test_every_scope_is_explained_where_the_key_is() -> None:
    told = _committed()["components"]["securitySchemes"]["ApiKey"]["description"]
    used = {scope for *_, operation in _operations() for scope in _scopes(operation)}
    assert used == {scope.value for scope in Scope}
    for scope in used:
        assert f"\n- `{scope}`: " in told


def _scopes(operation: dict[str, Any]) -> list[str]:
    return [scope for one in operation["security"] for scope in one["ApiKey"]]


def test_the_tags_in_use_are_those_described_in_reading_order() -> None:
    named = [tag["name"] for tag in _committed()["tags"]]
    assert all(tag["description"].strip() for tag in _committed()["tags"])
    assert {operation["tags"][0] for *_, operation in _operations()} == set(named)
    assert (named[0], named[-1]) == ("Key", "Health")


def test_every_link_leads_to_an_operation_with_what_is_found_in_the_answer() -> None:
    by_name = {operation["operationId"]: operation for *_, operation in _operations()}
    found = 0
    for path, method, operation in _operations():
        for status, response in operation["responses"].items():
            for name, link in response.get("links", {}).items():
                target = by_name[link["operationId"]]
                takes = {(p.get("in"), p.get("name")) for p in target.get("parameters", [])}
                for parameter, place in link["parameters"].items():
                    where, _, bare = parameter.rpartition(".")
                    named = {one for one in takes if one[1] == (bare if where else parameter)}
                    assert named, (path, method, name, parameter)
                    assert _leads(operation, response, place), (path, method, status, name, place)
                found += 1
    assert found > 150


def _leads(operation: dict[str, Any], response: dict[str, Any], place: str) -> bool:
    """Tell whether an answer has what a runtime expression names (OpenAPI 3.1, 4.8.20.4)."""
    source, _, pointer = place.partition("#")
    if not source.startswith("$"):
        return True  # a value that is always the same
    if source.startswith("$request.path."):
        names = {one.get("name") for one in operation["parameters"]}
        return source.removeprefix("$request.path.") in names
    if source.startswith("$response.header."):
        return source.removeprefix("$response.header.") in response["headers"]
    schema = response["content"]["application/json"]["schema"]
    for step in pointer.split("/")[1:]:
        schema = resolved(_committed(), schema)
        schema = schema["items"] if step.isdigit() else schema["properties"][step]
    return bool(schema)


def test_operation_ids_begin_with_a_verb() -> None:
    verbs = {operation["operationId"].partition("_")[0] for *_, operation in _operations()}
    assert not verbs & {"activity", "report", "template", "new", "the", "all"}, sorted(verbs)
    assert len(verbs) < 60


def test_every_answer_names_its_headers() -> None:
    headers = set(_committed()["components"]["headers"])
    for path, method, operation in _operations():
        for status, response in operation["responses"].items():
            named = resolved(_committed(), response)["headers"]
            assert "X-Request-Id" in named, (path, method, status)
            limited = "RateLimit" in named and "RateLimit-Policy" in named
            assert limited == bool(operation["security"]), (path, method, status)
            refs = {one["$ref"].rpartition("/")[2] for one in named.values() if "$ref" in one}
            assert refs <= headers, (path, method, status)


def test_a_webhook_is_completed_with_the_headers_that_prove_its_sender() -> None:
    assert set(_committed()["webhooks"]) == set(SENT)
    for event, methods in _committed()["webhooks"].items():
        told = methods["post"]
        assert told["operationId"] == f"receive_{event.replace('.', '_')}"
        names = [one["name"] for one in told["parameters"]]
        assert names == ["webhook-id", "webhook-timestamp", "webhook-signature"]
        assert (list(told["responses"]), told["security"]) == (["2XX", "410"], [])


def test_the_example_of_a_webhook_is_what_is_sent() -> None:
    for event, methods in _committed()["webhooks"].items():
        (shown,) = methods["post"]["requestBody"]["content"].values()
        jsonschema.validate(shown["example"], {**shown["schema"], **_committed()})
        assert SENT[event].model_validate(shown["example"]).model_dump() == shown["example"]
