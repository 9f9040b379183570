"""Every answer in any test is held against the document: refusals, and what headers say."""

import json
import re
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator

from app.api.contract.problems import CODES, fault_codes
from app.api.contract.sharing import resolved
from app.api.problems import MEDIA_TYPE
from app.domain.consolidation.report import SCHEMA

JSON = "application/json"
_NAMED = ("ETag", "Location", "Link", "Retry-After", "Idempotency-Replayed", "WWW-Authenticate")


class Declared:
    """What the operations of an app declare, found by a request's method and path."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._closed = closed(document["components"])
        # A path without parameters is more exact than one with.
        paths = sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
        self._operations = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operations)
            for path, operations in paths
        ]
        self._by_request: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._faults = frozenset(fault_codes())
        self._validators: dict[str, Draft202012Validator] = {}

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Return the operation of a request, or None for one that the document does not have."""
        key = (method.lower(), path)
        if key not in self._by_request:
            found = (ops for pattern, ops in self._operations if pattern.fullmatch(path))
            self._by_request[key] = next((o[key[0]] for o in found if key[0] in o), None)
        return self._by_request[key]

    def hold(self, response: httpx.Response) -> None:
        """Assert that an answer is one that its operation declares."""
        request = response.request
        operation = self.operation(request.method, request.url.path)
        if operation is None:
            return
        name, status = operation["operationId"], str(response.status_code)
        responses = operation["responses"]
        declared = resolved(self._document, responses.get(status, responses["default"]))
        if response.headers.get("content-type") == MEDIA_TYPE:
            self._hold_problem(name, status, declared, response)
        elif JSON in declared.get("content", {}):
            self._hold_schema(f"{name} {status}", declared["content"][JSON]["schema"], response)
        headers = [one for one in _NAMED if one in response.headers]
        undeclared = [one for one in headers if one not in declared["headers"]]
        assert not undeclared, f"{name} {status} does not declare {undeclared}"

    def _hold_problem(
        self, name: str, status: str, declared: dict[str, Any], response: httpx.Response
    ) -> None:
        problem = json.loads(_read(response))
        assert problem["code"] in declared[CODES], f"{name} {status} undeclared: {problem['code']}"
        faults = {fault["code"] for fault in problem.get("errors", ())}
        assert faults <= self._faults, f"{name} undeclared faults: {faults - self._faults}"

    def _hold_schema(self, place: str, schema: dict[str, Any], response: httpx.Response) -> None:
        """Assert that what is answered is within what the document says of it, bounds included."""
        sent = response.headers
        if sent.get("content-type") != JSON or "content-encoding" in sent:
            return
        if place not in self._validators:
            self._validators[place] = Draft202012Validator({**schema, "components": self._closed})
        told = json.loads(_read(response))
        if "X-Report-SHA256" in sent and told.get("schema") != SCHEMA:
            return  # an older release made it, or a test did
        faults = [
            f"{fault.instance_path}: {fault.message[:200]}"
            for fault in self._validators[place].iter_errors(told)
        ]
        assert faults == [], f"{place} answers otherwise than it declares: {faults[:5]}"


def closed(part: Any) -> Any:
    """Return schemas that allow no property without a name, and no word that is not listed."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: closed(one) for name, one in part.items()}
    if part.get("type") == "object" and "properties" in part:
        made.setdefault("additionalProperties", False)
    if isinstance(part.get("x-extensible-enum"), list):
        made["enum"] = part["x-extensible-enum"]
    return made


def _read(response: httpx.Response) -> bytes:
    """Return an answer's bytes, and leave it as it came: a test may read it piece by piece."""
    content = response.read()
    response.stream = httpx.ByteStream(content)
    response.is_stream_consumed = response.is_closed = False
    return content


_KNOWN: list[Declared] = []


def declared_by(app: FastAPI) -> Declared:
    """Return what an app declares: made once, for all apps are of the same code."""
    if not _KNOWN:
        _KNOWN.append(Declared(app.openapi()))
    return _KNOWN[0]
