"""Opaque signed cursors: where a list goes on, readable by the list that gave it out."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.refusals import BadCursor
from app.domain.fields import SMALL

_MAC_LENGTH: Final = 12
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 500

Row = TypeVar("Row")
Cursor = Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]+$")]


class ListQuery(BaseModel):
    """The parameters that every list takes. An unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Cursor | None = Field(default=None, description="`next` of the page before (con trỏ).")
    limit: int = Field(
        default=DEFAULT_LIMIT,
        ge=1,
        le=MAX_LIMIT,
        json_schema_extra=SMALL,
        description="Rows in a page, at most (số dòng tối đa).",
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


@dataclass(frozen=True)
class ListOf(Generic[Row]):
    """One list: its name, which its cursors carry, and the key of a row in its order."""

    place: str
    key: Callable[[Row], Sequence[str]]

    def after(self, query: ListQuery, *, secret: str) -> list[str] | None:
        """Return the key behind which the page begins. Raises BadCursor."""
        return read_cursor(secret, self.place, query.cursor)

    def page(
        self, rows: Sequence[Row], query: ListQuery, *, secret: str
    ) -> tuple[Sequence[Row], str | None]:
        """Cut a page out of rows read with `limit + 1`; return it with the next cursor."""
        if len(rows) <= query.limit:
            return rows, None
        shown = rows[: query.limit]
        return shown, write_cursor(secret, self.place, self.key(shown[-1]))

    def page_of_all(
        self, rows: Sequence[Row], query: ListQuery, *, secret: str
    ) -> tuple[Sequence[Row], str | None]:
        """Cut a page out of a whole short list. Raises BadCursor."""
        after = self.after(query, secret=secret)
        start = 0
        if after is not None:
            places = (i + 1 for i, row in enumerate(rows) if list(self.key(row)) == after)
            start = next(places, 0)
            if start == 0:  # a cursor of other filters, or of another day
                raise BadCursor()
        return self.page(rows[start : start + query.limit + 1], query, secret=secret)


async def _next_page(request: Request, response: Response) -> Callable[[str | None], str | None]:
    def link(cursor: str | None) -> str | None:
        if cursor is not None:
            url = request.url.include_query_params(cursor=cursor)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return cursor

    return link


NextPage = Annotated[Callable[[str | None], str | None], Depends(_next_page)]
"""Names the next page in a Link header (RFC 8288) and returns its cursor for the body."""
