"""The committed document is the one that the app generates, and a valid OpenAPI 3.1."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from app.domain.consolidation.report_schema import FILE_NAME
from tests.support.commands import ROOT, run_app

COMMITTED = ROOT / "openapi" / "openapi.json"


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
            content = operation["responses"][status]["content"]
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
