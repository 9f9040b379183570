"""What the pages' files are served with: a policy that reaches no other host, gzip, ETags."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response

from app.api.representations import StoredBytes, answer

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the icons in swagger-ui.css
        "connect-src 'self'",  # openapi.json, and what "Try it out" sends
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Cache-Control": "no-cache",  # kept, but asked for each time: a new version shows at once
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


def serve_file(request: Request, file: Path) -> Response:
    """Return a file of the pages, compressed where that is welcome, or 304.

    Raises NotAcceptable where both gzip and none at all are excluded.
    """
    return answer(request, _file(file))


def serve_page(request: Request, page: str) -> Response:
    """Return a page that was made of text."""
    return answer(request, _page(page))


def serve_document(request: Request) -> Response:
    """Return the OpenAPI document: over a megabyte, so it is written and compressed once."""
    state = request.app.state
    if not hasattr(state, "document"):
        state.document = _document(request.app)
    stored: StoredBytes = state.document
    return answer(request, stored)


def _document(app: FastAPI) -> StoredBytes:
    written = json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":"))
    return StoredBytes(written.encode(), media_type="application/json", told=HEADERS)


@lru_cache
def _file(file: Path) -> StoredBytes:
    media_type = MEDIA_TYPES[file.suffix]
    return StoredBytes(file.read_bytes(), media_type=media_type, told=HEADERS)


@lru_cache(maxsize=1000)
def _page(page: str) -> StoredBytes:
    return StoredBytes(page.encode(), media_type=MEDIA_TYPES[".html"], told=HEADERS)
