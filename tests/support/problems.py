"""Reading refusals, and seeing that nothing was stored."""

from typing import Any

import httpx
from sqlalchemy import Engine, text

from app.domain.models import METADATA


def refused(response: httpx.Response, status: int, code: str) -> list[dict[str, Any]]:
    """Assert that an answer is that problem document (RFC 9457); return its faults."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json", response.text
    said: dict[str, Any] = response.json()
    assert (said["status"], said["code"], said["title"]) == (status, code, code), response.text
    assert said["type"].endswith(f"/{code}")
    assert said["detail"]
    assert said["request_id"] == response.headers["x-request-id"]
    faults: list[dict[str, Any]] = said.get("errors", [])
    assert all(fault["detail"] for fault in faults)
    return faults


def faults(response: httpx.Response, status: int = 422, code: str = "invalid") -> dict[str, str]:
    """Assert that an answer is that problem document; return its faults' codes by pointer."""
    found = refused(response, status, code)
    by_pointer = {fault["pointer"]: fault["code"] for fault in found}
    assert len(by_pointer) == len(found), "two faults at one pointer"
    return by_pointer


# One statement for all: to build one for each table takes longer than to count what is in them.
_COUNTED = " UNION ALL ".join(
    f"SELECT '{table.name}', count(*) FROM {table.name}"  # noqa: S608 - the names are our own
    for table in METADATA.sorted_tables
    if not table.name.startswith("audit_")
)


def rows(engine: Engine) -> dict[str, int]:
    """Return how many rows each of our tables holds, but the audit, which keeps refusals too."""
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(_COUNTED))}
