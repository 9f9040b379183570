"""Playing operations by their names, and writing down the first request and answer of each."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.api.strict import JSON
from tests.examples.masking import LONGEST_LIST, Mask
from tests.support.api import Api, Portal


@dataclass
class Recorded:
    """What one operation shows: its request, and its answers by status."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """Return it as it is kept in a file: what is empty is left out."""
        return {name: value for name, value in vars(self).items() if value}


class Recorder:
    """Sends requests to a running app; what is sent and answered is kept, masked."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.found: dict[str, Recorded] = {}
        self.keys: list[str] = []  # of requests that need an Idempotency-Key
        self._mask = Mask()
        self._portals: dict[str, Portal] = {}
        self._operations = {
            operation["operationId"]: (method, path)
            for path, methods in api.app.openapi()["paths"].items()
            for method, operation in methods.items()
        }

    def of(self, unit: str) -> "Acting":
        """Return whoever acts with a unit's key."""
        if unit not in self._portals:
            self._portals[unit] = self.api.portal(unit)
        return Acting(self, self._portals[unit])

    def send(self, portal: Portal, name: str, **said: Any) -> httpx.Response:
        """Send a request of an operation; the answer is a good one."""
        method, template = self._operations[name]
        path = {one: said.pop(one) for one in list(said) if f"{{{one}}}" in template}
        body, headers = said.pop("body", None), said.pop("headers", {})
        media_type = said.pop("media_type", JSON)
        query = {one.rstrip("_"): value for one, value in said.items()}
        content = _content(body, media_type)
        typed = {} if content is None else {"Content-Type": media_type}
        answer = portal.request(
            method.upper(),
            template.format_map(path),
            params=query,
            content=content,
            headers={**headers, **typed},
        )
        assert answer.is_success, (name, answer.status_code, answer.text)
        self._keep(name, Recorded(path, query, headers), body, media_type, answer)
        return answer

    def _keep(
        self, name: str, sent: Recorded, body: Any, media_type: str, answer: httpx.Response
    ) -> None:
        first = name not in self.found
        kept = self.found.setdefault(name, Recorded())
        if first:
            kept.path = self._mask.masked(sent.path)
            kept.query = self._mask.masked(sent.query)
            kept.headers = {key: self._mask.text(value) for key, value in sent.headers.items()}
        if body is not None and not isinstance(body, bytes):
            kept.bodies.setdefault(media_type, self._mask.masked(body))
        status = str(answer.status_code)
        if answer.headers.get("content-type") == JSON and status not in kept.answers:
            kept.answers[status] = self._mask.masked(answer.json(), longest=LONGEST_LIST)


@dataclass(frozen=True)
class Acting:
    """A unit's program, which plays operations."""

    recorder: Recorder
    portal: Portal

    def does(self, operation: str, /, **said: Any) -> Any:
        """Play an operation; return what was answered.

        Its path's parameters, its query's, `body`, `media_type` and `headers` are named; a
        parameter that is a word of Python's ends with an underscore.
        """
        answer = self.recorder.send(self.portal, operation, **said)
        json_answered = answer.headers.get("content-type") == JSON
        return answer.json() if json_answered else answer

    def match(self, operation: str, /, **said: Any) -> dict[str, str]:
        """Read something; return the header that a change of it is sent with."""
        return {"If-Match": self.recorder.send(self.portal, operation, **said).headers["ETag"]}

    def does_twice(self, operation: str, /, **said: Any) -> Any:
        """Play an operation, and once more the same, which changes nothing; return the first."""
        first = self.does(operation, **said)
        self.does(operation, **said)
        return first


def _content(body: Any, media_type: str) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    assert media_type.endswith("json"), media_type
    return json.dumps(body, ensure_ascii=False).encode()
