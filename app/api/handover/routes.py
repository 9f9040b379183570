"""The handover of an ended unit: its records, submissions and hashes in one archive."""

import base64
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from app.api.contract.refusing import refuses
from app.api.deps import CanReadHandover, front_of
from app.api.paths import UnitInPath
from app.api.strict import StrictRoute
from app.api.units.schemas import OnQuery
from app.domain.handover.container import CHUNK
from app.domain.handover.service import UnitNotEnded, export

ZIP: Final = "application/zip"
SEAL: Final = "Handover-Seal"
_IN_MEMORY: Final = 1024 * 1024  # bytes of an archive that is not worth a file
_ARCHIVE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The archive (hồ sơ bàn giao). `Content-Disposition` suggests its name.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            SEAL: {
                "description": "SHA-256 of the archive's manifest.json (mã niêm phong).",
                "schema": {"type": "string", "maxLength": 64, "pattern": "^[0-9a-f]{64}$"},
            },
            "Repr-Digest": {
                "description": "SHA-256 of the archive's bytes, RFC 9530 (mã băm tệp).",
                "schema": {"type": "string", "maxLength": 400, "pattern": "^[ -~]*$"},
            },
        },
    },
}


class HandoverRoute(StrictRoute):
    """A route that works long for one request: it takes turns with those in bulk."""

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[Request]:
        async with super().read(request) as ready, front_of(request).bulk_turns:
            yield ready


class SpooledResponse(Response):
    """A file, sent a piece at a time from its beginning and closed behind it."""

    media_type = ZIP

    def __init__(
        self, file: IO[bytes], headers: dict[str, str], status_code: int = HTTPStatus.OK
    ) -> None:
        super().__init__(status_code=status_code, headers=headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file as file:
            start = {"type": "http.response.start", "status": self.status_code}
            await send({**start, "headers": self.raw_headers})
            while piece := await run_in_threadpool(file.read, CHUNK):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


router = APIRouter(tags=["Handover"], route_class=HandoverRoute)


@router.get(
    "/units/{unit}/handover",
    response_class=SpooledResponse,
    responses={**_ARCHIVE, **refuses(UnitNotEnded)},
)
def get_handover(
    caller: CanReadHandover,
    unit: UnitInPath,
    query: Annotated[OnQuery, Query()],
    request: Request,
) -> Response:
    """Export an ended unit (hồ sơ bàn giao): its records, submissions and hashes in one ZIP.

    For its steward (tiếp quản), its own keys, and the province; for anybody else the unit is 404.
    With it goes what stood under it on the activity's day. The same data give the same bytes.
    `Handover-Seal` is the SHA-256 of the archive's manifest, which lists the hashes of all else;
    it stands in the audit too, in an entry that is written before the first byte is sent.
    `python -m app handover verify FILE` checks an archive without any database.
    """
    caller.session.rollback()  # give the connection back: the archive is read in its own snapshot
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        made = export(
            front_of(request).engine,
            unit=unit,
            named_on=query.on,
            by=caller.by,
            at=caller.at,
            into=file,
        )
    except BaseException:
        file.close()
        raise
    digest = base64.b64encode(bytes.fromhex(made.sha256)).decode()
    return SpooledResponse(
        file,
        {
            "Content-Length": str(made.size),
            "Content-Disposition": f'attachment; filename="ban-giao-{made.unit}.zip"',
            "Repr-Digest": f"sha-256=:{digest}:",
            SEAL: made.seal,
        },
    )
