"""A version of the consolidated report as it is pulled: its stored bytes, to the byte.

Who may see it is asked of the database for each request; its bytes, which never change, are read
once by a process.
"""

import hashlib
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response

from app.api.consolidation.files import pull_file
from app.api.consolidation.kept import KeptReport
from app.api.deps import Caller, front_of
from app.api.forms import FILES_OF_ANSWER, form_of
from app.api.representations import StoredBytes, answer
from app.api.strict import JSON
from app.domain.consolidation.queries import ReportHead, content_of, latest_head, report_head


def pull(
    caller: Caller, request: Request, *, report_id: UUID, wanted: str | None = None
) -> Response:
    """Answer a version; `wanted` is the form that is asked for, whatever Accept says.

    Raises NotFound, NotAcceptable, ReportSchemaTooOld.
    """
    form = form_of(request.headers.getlist("accept"), wanted)
    kept = front_of(request).reports.find(report_id)
    met = kept.head if kept else None
    head = report_head(caller.session, by=caller.by, report_id=report_id, met=met)
    if form != JSON:
        return pull_file(caller, request, head, form)
    return answer(request, (kept or _read(caller, request, head)).stored)


def pull_latest(
    caller: Caller, request: Request, *, plan: str, year: int, wanted: str | None = None
) -> Response:
    """Answer the latest version of a plan's year, as `pull` does.

    Raises NotFound, NotAcceptable, ReportSchemaTooOld.
    """
    form = form_of(request.headers.getlist("accept"), wanted)
    head = latest_head(caller.session, by=caller.by, plan=plan, year=year)
    if form != JSON:
        return pull_file(caller, request, head, form)
    kept = front_of(request).reports.find(head.id)
    return answer(request, (kept or _read(caller, request, head)).stored)


def _read(caller: Caller, request: Request, head: ReportHead) -> KeptReport:
    content = content_of(caller.session, head.id)
    if hashlib.sha256(content).hexdigest() != head.sha256:
        raise RuntimeError(f"the bytes of report {head.id} do not have the hash stored with them")
    told = {
        "Content-Location": f"/v1/consolidated-reports/{head.id}",
        "X-Report-Version": str(head.version),
        "X-Report-SHA256": head.sha256,
    }
    read = KeptReport(head, StoredBytes(content, media_type=JSON, told=told, vary="Accept"))
    front_of(request).reports.keep(read)
    return read


_TEXT: Final = {"type": "string", "maxLength": 400, "pattern": "^[ -~]*$"}
_LIST: Final = {"type": "string", "maxLength": 8000, "pattern": "^[ -~]*$"}
_SHA256: Final = {"type": "string", "maxLength": 64, "pattern": "^[0-9a-f]{64}$"}
_OF_BOTH: Final[dict[str, Any]] = {
    "ETag": {
        "description": "SHA-256 of the bytes that are sent (mã băm), in hexadecimal: each content "
        "coding has its own. Strong: under the same tag come the same bytes.",
        "schema": {"type": "string", "maxLength": 66, "pattern": '^"[0-9a-f]{64}"$'},
    },
    "Cache-Control": {
        "description": "private, no-cache, no-transform: keep a copy (lưu bản sao), and ask each "
        "time with `If-None-Match` whether the key may still have it.",
        "schema": _TEXT,
    },
    "Vary": {
        "description": "The request headers that choose the bytes (tùy theo).",
        "schema": _TEXT,
    },
    "Content-Location": {
        "description": "Path of this very version (đường dẫn), with its form where it is a file.",
        "schema": _TEXT,
    },
    "X-Report-Version": {
        "description": "Number of the version, from 1 (bản số).",
        "schema": {"type": "string", "maxLength": 10, "pattern": "^[1-9][0-9]*$"},
    },
    "X-Report-SHA256": {
        "description": "SHA-256 of the report (mã băm): of its canonical JSON (RFC 8785), not "
        "compressed. It is the `sha256` of the version, whatever is sent.",
        "schema": _SHA256,
    },
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The stored bytes (nguyên bản), or a file made of them (tệp kết xuất), "
        "whose name `Content-Disposition` suggests.",
        "content": FILES_OF_ANSWER,
        "headers": {
            **_OF_BOTH,
            "Repr-Digest": {
                "description": "SHA-256 of the bytes that are sent (mã băm), with their content "
                "coding, RFC 9530.",
                "schema": _TEXT,
            },
            "Content-Disposition": {
                "description": "Of a file: the name under which it may be saved (tên tệp).",
                "schema": _TEXT,
            },
            "Content-Encoding": {
                "description": "gzip, where `Accept-Encoding` prefers it (cách nén); else absent.",
                "schema": {"type": "string", "enum": ["gzip"]},
            },
        },
    },
    304: {
        "description": "`If-None-Match` names the bytes that would have been sent (không đổi).",
        "headers": _OF_BOTH,
    },
}
REQUEST_HEADERS: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "ETags of copies that the client has, or `*` (bản đã có); compared "
            "weakly (RFC 9110, 13.1.2). 304 without a body where one is of the bytes that would "
            "be sent.",
            "schema": _LIST,
        },
        {
            "name": "Accept-Encoding",
            "in": "header",
            "required": False,
            "description": "Compressions that the client reads, with weights, RFC 9110, 12.5.3 "
            "(cách nén). gzip is sent where it is as welcome as identity; without this header "
            "nothing is compressed.",
            "schema": _LIST,
            "example": "gzip",
        },
    ]
}
