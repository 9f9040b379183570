"""The document's examples are what the real app takes and answers, and what its schemas say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.api.contract.examples import EXAMPLES, RECORDED
from app.api.contract.sharing import resolved
from tests.examples.year import play
from tests.support.api import Api
from tests.support.commands import ROOT

BINARY = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENT = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
}


def _recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def test_the_app_takes_and_answers_every_example(api: Api) -> None:
    played = {name: recorded.written() for name, recorded in play(api).found.items()}
    assert played.keys() == OPERATIONS.keys(), "play it in tests/examples, then: make examples"
    assert sorted(file.stem for file in RECORDED.glob("*.json")) == sorted(played)
    for name, found in played.items():
        assert json.loads(json.dumps(found)) == _recorded(name), f"{name}: make examples"


def _shown(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the places that an example belongs to: bodies, and good answers in JSON."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type != BINARY:
            yield media_type, content
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content:
            yield status, content


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_and_every_good_answer_has_a_valid_example(name: str) -> None:
    operation, recorded = OPERATIONS[name], _recorded(name)
    for place, content in _shown(operation):
        kept = recorded.get("bodies", {}) | recorded.get("answers", {})
        assert content["example"] == kept[place], (name, place)
        _hold(content["example"], content["schema"], f"{name} {place}")


def test_every_example_of_a_parameter_is_valid() -> None:
    found = 0
    for name, operation in OPERATIONS.items():
        for parameter in operation.get("parameters", ()):
            told = resolved(DOCUMENT, parameter)
            if told["in"] == "path":
                assert "example" in told, (name, told["name"])
            if "example" in told:
                _hold(told["example"], told["schema"], f"{name} {told['name']}")
                found += 1
    assert found > 150


def _hold(example: Any, schema: dict[str, Any], where: str) -> None:
    if schema.get("format") == "binary":  # a file as text: what is in it was taken by the app
        assert isinstance(example, str), where
        return
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    faults = [f"{one.json_path}: {one.message}" for one in validator.iter_errors(example)]
    assert faults == [], where


def test_the_committed_examples_are_the_documents_own() -> None:
    names = sorted(file.name for file in EXAMPLES.glob("*.json"))
    beside = Path(ROOT) / "openapi" / "examples"
    assert names == sorted(file.name for file in beside.glob("*.json"))
    assert len(names) == 5
    for name in names:
        assert (EXAMPLES / name).read_bytes() == (beside / name).read_bytes()
