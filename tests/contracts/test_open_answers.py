"""Answers can be added to without breaking a program; requests hold what is known, and no more."""

import json
from typing import Any

from jsonschema_rs import Draft202012Validator

from app.api.contract.growing import GROWING
from app.main import create_app
from app.settings import Settings
from tests.support.declared import closed

MADE: dict[str, Any] = create_app(Settings()).openapi()
SCHEMAS: dict[str, Any] = MADE["components"]["schemas"]


def _reached(part: Any, found: set[str]) -> set[str]:
    if isinstance(part, list):
        for one in part:
            _reached(one, found)
    elif isinstance(part, dict):
        name = part.get("$ref", "").rpartition("/")[2]
        if name in SCHEMAS and name not in found:
            found.add(name)
            _reached(SCHEMAS[name], found)
        for one in part.values():
            _reached(one, found)
    return found


def test_what_is_sent_is_closed_and_what_is_only_answered_is_open() -> None:
    sent: set[str] = set()
    for path in MADE["paths"].values():
        for operation in path.values():
            _reached(operation.get("requestBody"), sent)
    objects = {name for name, one in SCHEMAS.items() if "properties" in one}
    shut = {name for name in objects if SCHEMAS[name].get("additionalProperties") is False}
    rows_of_files = {"ActivityRow", "WithdrawalRow"}
    assert shut == (sent & objects) | rows_of_files
    assert len(objects - shut) > 200


def test_the_tests_hold_answers_against_closed_schemas() -> None:
    thing = {"type": "object", "properties": {"a": {"type": "integer"}}}
    nested = {"type": "object", "properties": {"things": {"type": "array", "items": thing}}}
    told = {"things": [{"a": 1, "b": 2}]}
    assert Draft202012Validator(nested).is_valid(told)
    assert not Draft202012Validator(closed(nested)).is_valid(told)
    growing = {"type": "string", "x-extensible-enum": ["late"]}
    assert Draft202012Validator(growing).is_valid("later")
    assert not Draft202012Validator(closed(growing)).is_valid("later")


def test_lists_that_may_grow_are_answered_only() -> None:
    for name, fields in GROWING.items():
        assert SCHEMAS[name].get("additionalProperties") is not False, name
        for field in fields:
            one = SCHEMAS[name]["properties"][field]
            assert "x-extensible-enum" in json.dumps(one), (name, field)
            assert '"enum"' not in json.dumps(one), (name, field)
