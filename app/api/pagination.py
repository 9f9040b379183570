"""Opaque signed cursors: where a list goes on, readable by the list that gave it out."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.refusals import BadCursor

_MAC_LENGTH: Final = 12
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 500

Row = TypeVar("Row")


class ListQuery(BaseModel):
    """The parameters that every list takes. An unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]+$")] | None = Field(
        default=None, description="`next` of the page before."
    )
    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows in a page, at most."
    )


def write_cursor(secret: str, place: str, after: Sequence[str]) -> str:
    """Return a cursor of the list `place` that goes on behind the key `after`."""
    payload = json.dumps([place, *after], ensure_ascii=True).encode()
    mac = hmac.digest(secret.encode(), payload, hashlib.sha256)[:_MAC_LENGTH]
    return base64.urlsafe_b64encode(mac + payload).decode().rstrip("=")


def read_cursor(secret: str, place: str, cursor: str | None) -> list[str] | None:
    """Return the key behind which the list goes on, or None at its start. Raises BadCursor."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadCursor() from error
    mac, payload = raw[:_MAC_LENGTH], raw[_MAC_LENGTH:]
    expected = hmac.digest(secret.encode(), payload, hashlib.sha256)[:_MAC_LENGTH]
    if not hmac.compare_digest(mac, expected):
        raise BadCursor()
    found, *after = json.loads(payload)
    if found != place:
        raise BadCursor()
    return [str(part) for part in after]


def page_of(
    rows: Sequence[Row], *, limit: int, key: Callable[[Row], Sequence[str]], secret: str, place: str
) -> tuple[Sequence[Row], str | None]:
    """Cut a page out of rows read with `limit + 1`; return it with the next page's cursor."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], write_cursor(secret, place, key(rows[limit - 1]))


def page_of_all(
    rows: Sequence[Row],
    query: ListQuery,
    *,
    key: Callable[[Row], Sequence[str]],
    secret: str,
    place: str,
) -> tuple[Sequence[Row], str | None]:
    """Cut a page out of a whole short list, which goes on behind the row with the cursor's key."""
    after = read_cursor(secret, place, query.cursor)
    start = 0
    if after is not None:
        start = next((i + 1 for i, row in enumerate(rows) if list(key(row)) == after), len(rows))
    rest = rows[start : start + query.limit + 1]
    return page_of(rest, limit=query.limit, key=key, secret=secret, place=place)


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Name the next page in a Link header (RFC 8288)."""
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
