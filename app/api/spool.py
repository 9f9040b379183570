"""Taking in a file of any size: streamed to disk, hashed on the way, never held in memory.

An endpoint of a SpooledRoute asks for `Spooled` and describes its body by `file_body`.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Annotated, Any, ClassVar, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.api.deps import BEARER, Front, front_of
from app.api.refusals import BodyTooLarge
from app.api.strict import JSON, RefusedRequest, StrictRoute
from app.db import unit_of_work
from app.domain.access.service import authenticate
from app.domain.batches.readers import MEDIA_TYPES, XLSX
from app.domain.batches.rows import MOST_ROWS

_IN_MEMORY: Final = 1024 * 1024  # bytes of a file that is not worth a file


@dataclass(frozen=True)
class SpooledBody:
    """A file that was sent, at its beginning; it is closed when the request ends."""

    file: IO[bytes]
    media_type: str
    sha256: str
    size: int


class SpooledRoute(StrictRoute):
    """A route whose body is a file. It is taken in only from a caller whose key is good.

    A request has its turn when its file is here.
    """

    accepted: ClassVar[Sequence[str]] = MEDIA_TYPES
    limit: ClassVar[int] = 256 * 1024 * 1024  # bytes

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[Request]:
        """Take in the file, and yield the request while the file is open."""
        await _known(request)
        media_type = self.media_type_of(request)
        sha256, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size > self.limit:
                    raise RefusedRequest(BodyTooLarge(limit=self.limit))
                sha256.update(chunk)
                file.write(chunk)
            file.seek(0)
            request.state.spooled = SpooledBody(file, media_type, sha256.hexdigest(), size)
            request.state.body_sha256 = sha256.hexdigest
            async with front_of(request).bulk_turns:
                yield request


class SheetRoute(SpooledRoute):
    """A route whose body is a filled spreadsheet."""

    accepted = (XLSX,)
    limit = 5 * 1024 * 1024


def file_body(
    route: type[SpooledRoute], description: str, *, row: str | None = None
) -> dict[str, Any]:
    """Return the `openapi_extra` of an endpoint whose body is a file that `route` takes.

    `row` names the schema of a JSON file's elements.
    """
    content: dict[str, Any] = {}
    for media_type in route.accepted:
        schema: dict[str, Any] = {
            "type": "string",
            "format": "binary",
            "maxLength": route.limit,
        }
        if media_type == JSON:
            items = {"$ref": f"#/components/schemas/{row}"}
            schema = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": items}
        content[media_type] = {"schema": schema}
    return {"requestBody": {"description": description, "required": True, "content": content}}


async def _known(request: Request) -> None:
    # Or anybody could fill the disk. What the key may do is asked when the endpoint is called.
    credentials = await BEARER(request)
    secret = credentials.credentials if credentials else None
    async with front_of(request).turns:
        await run_in_threadpool(_authenticate, front_of(request), secret)


def _authenticate(front: Front, secret: str | None) -> None:
    with unit_of_work(front.engine, write=False) as session:
        authenticate(session, front.memory, secret=secret, at=front.clock.now())


async def _spooled(request: Request) -> SpooledBody:
    body: SpooledBody = request.state.spooled
    return body


Spooled = Annotated[SpooledBody, Depends(_spooled)]
