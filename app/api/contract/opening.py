"""Schemas of answers are open: a field may be added to an answer, and breaks no program.

Those of requests are closed: a field that the service does not know is refused. What both use
stays closed. The models forbid other fields either way, and the tests hold answers against closed
schemas, so nothing is answered that the document does not name.
"""

from collections.abc import Iterator
from typing import Any, Final

from app.api.contract.sharing import resolved

_CLOSED: Final = "additionalProperties"


def open_answers(made: dict[str, Any]) -> None:
    """Let a document's answers and webhooks be added to."""
    asked: dict[int, dict[str, Any]] = {}
    answered: dict[int, dict[str, Any]] = {}
    for operation in _operations(made["paths"]):
        _collect(made, operation.get("parameters", []), asked)
        _collect(made, operation.get("requestBody", {}), asked)
        _collect(made, operation["responses"], answered)
    for operation in _operations(made.get("webhooks", {})):
        _collect(made, operation["requestBody"], answered)
    for place, schema in answered.items():
        if place not in asked and schema.get(_CLOSED) is False:
            del schema[_CLOSED]


def _operations(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in paths.values():
        yield from path.values()


def _collect(made: dict[str, Any], part: Any, found: dict[int, dict[str, Any]]) -> None:
    """Find every object that a part of a document holds or refers to, once each."""
    if isinstance(part, list):
        for one in part:
            _collect(made, one, found)
    elif isinstance(part, dict) and id(part) not in found:
        found[id(part)] = part
        if "$ref" in part:
            _collect(made, resolved(made, part), found)
        for one in part.values():
            _collect(made, one, found)
