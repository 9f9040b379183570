"""Walking the committed document: what it describes, and where."""

import json
from collections.abc import Iterator
from typing import Any

from app.api.contract.sharing import resolved
from tests.lint.tools import DOCUMENT

MADE: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
SCHEMAS: dict[str, dict[str, Any]] = MADE["components"]["schemas"]
# What holds any value: an example is no schema, and a link's parameters are none.
_NO_SCHEMAS = ("example", "examples", "default", "const", "enum", "links", "x-problem-codes")

Found = Iterator[tuple[str, dict[str, Any]]]


def of_type(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every schema of a type, with its place."""
    found = [(place, schema) for place, schema in _typed(MADE, "#") if schema["type"] == name]
    assert found, f"no {name}: the walk is wrong"
    return found


def _typed(part: Any, place: str) -> Found:
    if isinstance(part, dict):
        if isinstance(part.get("type"), str):
            yield place, part
        for name, inner in part.items():
            if name not in _NO_SCHEMAS or place.endswith("/properties"):
                yield from _typed(inner, f"{place}/{name}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _typed(inner, f"{place}/{number}")


def described_places(part: Any = MADE, place: str = "#") -> Iterator[str]:
    """Yield the place of everything that is described."""
    if isinstance(part, dict):
        if isinstance(part.get("description"), str):
            yield place
        for name, inner in part.items():
            yield from described_places(inner, f"{place}/{name}")


def fields() -> Iterator[tuple[str, str]]:
    """Yield every field of every schema, with its description or else that of its schema."""
    for name, schema in SCHEMAS.items():
        for field, one in schema.get("properties", {}).items():
            said = one.get("description") or resolved(MADE, one).get("description", "")
            yield f"{name}.{field}", said


def schemas() -> Iterator[tuple[str, str]]:
    """Yield every schema with its description."""
    for name, schema in SCHEMAS.items():
        yield name, schema.get("description", "")


def parameters() -> Iterator[tuple[str, str]]:
    """Yield every parameter and request body of every operation, with its description."""
    for name, operation in _operations():
        for parameter in operation.get("parameters", ()):
            one = resolved(MADE, parameter)
            yield f"{name} {one['name']}", one.get("description", "")
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = resolved(MADE, content["schema"])
            said = operation["requestBody"].get("description") or schema.get("description", "")
            yield f"{name} body", said


def answers() -> Iterator[tuple[str, str]]:
    """Yield every answer of every operation and every header of it, with its description."""
    for name, operation in _operations():
        for status, answer in operation["responses"].items():
            one = resolved(MADE, answer)
            yield f"{name} {status}", one.get("description", "")
            for header, told in one.get("headers", {}).items():
                yield f"{name} {status} {header}", resolved(MADE, told).get("description", "")


def _operations() -> Found:
    for name, methods in [*MADE["paths"].items(), *MADE["webhooks"].items()]:
        for method, operation in methods.items():
            yield f"{method} {name}", operation
