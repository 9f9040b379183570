"""The operations of the API's document, with a request for each."""

from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.makers import PLAN

PUBLIC = {("get", "/livez"), ("get", "/readyz")}
# Any valid key may ask, whatever its scopes: what it answers is about the key itself, which whoever
# sends it has, and a program that lacks a scope must be able to find out.
ANY_KEY = {("get", "/v1/key")}
SAMPLES = {
    "plan": PLAN,
    "year": "2021",
    "cycle": f"{PLAN}.2021",
    "unit": "gso-524",
    "source_system": "portal",
    "external_id": "r-1",
    "number": "1",
    "report_id": "019d0000-0000-7000-8000-000000000000",
    "submission_id": "019d0000-0000-7000-8000-000000000001",
    "batch_id": "019d0000-0000-7000-8000-000000000003",
    "link_id": "019d0000-0000-7000-8000-000000000004",
    "outage_id": "1",
    "proposal": "019d0000-0000-7000-8000-000000000001.0123456789abcdef",
    "estimate_id": "019d0000-0000-7000-8000-000000000005",
    "dossier_id": "019d0000-0000-7000-8000-000000000006",
    "version_id": "019d0000-0000-7000-8000-000000000007",
    "stage": "proposed",
    "webhook_id": "019d0000-0000-7000-8000-000000000008",
    "delivery_id": "019d0000-0000-7000-8000-000000000009",
    "request_id": "019d0000-0000-7000-8000-000000000002",
}


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        return self.method, self.path

    def send(self, http: httpx.Client, key: str | None) -> httpx.Response:
        """Send a request that is well formed, though its body says nothing."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        body = None
        if "requestBody" in self.described:
            headers["Content-Type"] = next(iter(self.described["requestBody"]["content"]))
            body = b"{}"
        path = self.path.format_map(SAMPLES)
        return http.request(self.method, path, headers=headers, content=body)


def operations(app: FastAPI) -> list[Operation]:
    """Return every operation. `app.routes` is a tree, so the document is walked instead."""
    found = [
        Operation(method, path, described)
        for path, methods in app.openapi()["paths"].items()
        for method, described in methods.items()
    ]
    assert len(found) > 25
    return found
