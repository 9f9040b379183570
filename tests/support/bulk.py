"""Bulk requests as a portal sends them: the file of each kind, the batch, its rows' outcomes."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import httpx
import xlsxwriter  # type: ignore[import-untyped]

from tests.support.api import Portal

BATCHES: Final = "/v1/activity-report-batches"
WITHDRAWALS: Final = f"{BATCHES}/withdrawals"
JSON: Final = "application/json"
JSON_LINES: Final = "application/jsonl"
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Final = (JSON, JSON_LINES, "application/x-ndjson", CSV, XLSX)
_OUTCOMES: Final = ("created", "updated", "unchanged", "rejected")


def a_file(kind: str, bodies: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a bulk file of that media type that says what the bodies say."""
    if kind == JSON:
        return json.dumps(bodies).encode()
    if kind in KINDS[1:3]:
        return lines(bodies)
    table = [_cells(body) for body in bodies]
    headings = list(dict.fromkeys(name for row in table for name in row))
    cells = [[row.get(name, "") for name in headings] for row in table]
    return _csv([headings, *cells]) if kind == CSV else _workbook([headings, *cells])


def lines(bodies: Iterable[Any]) -> bytes:
    """Return JSON Lines."""
    return b"".join(json.dumps(body, ensure_ascii=False).encode() + b"\n" for body in bodies)


def send(
    portal: Portal,
    content: bytes | Sequence[Any],
    *,
    to: str = BATCHES,
    media_type: str | None = JSON_LINES,
    key: str | None = None,
    language: str | None = None,
    **query: Any,
) -> httpx.Response:
    """Send a bulk request: a file, or rows that are made JSON Lines of."""
    headers = {
        "Content-Type": media_type,
        "Idempotency-Key": key,
        "Accept-Language": language,
    }
    return portal.request(
        "POST",
        to,
        content=content if isinstance(content, bytes) else lines(content),
        headers={name: value for name, value in headers.items() if value is not None},
        params=query,
        timeout=120,
    )


def taken(response: httpx.Response, **counts: int) -> dict[str, Any]:
    """Assert that a batch was taken in with these counts (others are 0); return it."""
    assert response.status_code == 201, response.text
    batch: dict[str, Any] = response.json()
    assert response.headers["location"] == f"{BATCHES}/{batch['id']}"
    assert batch["state"] == "finished"
    counted(batch, **counts)
    return batch


def counted(batch: Mapping[str, Any], **counts: int) -> None:
    """Assert that a batch has these counts, others being 0, and that they add up to its rows."""
    nothing = dict.fromkeys((*_OUTCOMES, "held_back"), 0)
    expected = {**nothing, **counts}
    assert batch["counts"] == {"rows": sum(expected.values()), **expected}


def batch_of(portal: Portal, batch_id: str) -> dict[str, Any]:
    """Read a batch again."""
    answer = portal.get(f"{BATCHES}/{batch_id}")
    assert answer.status_code == 200, answer.text
    batch: dict[str, Any] = answer.json()
    return batch


def outcomes(portal: Portal, batch_id: str, **query: Any) -> list[dict[str, Any]]:
    """Return all rows of a batch, page by page."""
    return list(_paged(portal, f"{BATCHES}/{batch_id}/rows", query))


def batches(portal: Portal) -> list[dict[str, Any]]:
    """Return all batches that a portal sees."""
    return list(_paged(portal, BATCHES, {}))


def told(rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, str | None, str]]:
    """Return number, external id and outcome of rows."""
    return [(row["row"], row["external_id"], row["outcome"]) for row in rows]


def faults_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes of a rejected row's faults by pointer."""
    assert (row["outcome"], row["report_id"], row["revision"]) == ("rejected", None, None)
    found = {fault["pointer"]: fault["code"] for fault in row["errors"]}
    assert len(found) == len(row["errors"]) > 0
    assert all(fault["detail"] for fault in row["errors"])
    return found


def reports(portal: Portal) -> list[dict[str, Any]]:
    """Return all activity reports that a portal sees."""
    return list(_paged(portal, "/v1/activity-reports", {}))


def _paged(portal: Portal, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    narrowed = {"limit": 500, **query}
    while True:
        answer = portal.get(path, **narrowed)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page["items"]
        if page["next"] is None:
            return
        narrowed["cursor"] = page["next"]


def _cells(body: Mapping[str, Any]) -> dict[str, str]:
    """Return a body as the cells of a row, by the API's names of its columns."""
    row: dict[str, str] = {}
    for name, value in body.items():
        if name == "measures":
            for one in value:
                repost = ".repost" if one.get("origin") == "repost" else ""
                row[f"measures.{one['indicator']}{repost}"] = one["value"]
        elif name == "expenditure":
            row |= {f"expenditure.{one['source']}": str(one["amount"]) for one in value}
        elif name == "evidence":
            row[name] = " ".join(one["url"] for one in value)
        elif name == "on_behalf":
            row |= {f"on_behalf.{part}": text for part, text in value.items()}
        elif isinstance(value, list):
            row[name] = "; ".join(value)
        elif isinstance(value, bool):
            row[name] = "có" if value else "không"
        else:
            row[name] = str(value)
    return row


def _csv(table: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode()


def _workbook(table: Sequence[Sequence[str]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Hoạt động")
        for line, row in enumerate(table):
            sheet.write_row(line, 0, [cell or None for cell in row])
    return file.getvalue()
