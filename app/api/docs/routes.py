"""The API's document as a page, all of it from here: it needs no other host, and can reach none."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from app.domain.errors import NotFound

router = APIRouter(include_in_schema=False)

FOLDER: Final = Path(__file__).parent
PAGE: Final = FOLDER / "page.html"
ASSETS: Final = {
    file.name: file
    for file in (
        FOLDER / "page.css",
        FOLDER / "page.js",
        FOLDER / "swagger-ui" / "swagger-ui.css",
        FOLDER / "swagger-ui" / "swagger-ui-bundle.js",
    )
}
MEDIA_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}

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


@dataclass(frozen=True)
class Stored:
    """A file as it is served."""

    content: bytes
    media_type: str
    etag: str


IfNoneMatch = Annotated[str | None, Header()]


@router.get("/docs")
def show_document(if_none_match: IfNoneMatch = None) -> Response:
    """Show the API's document to a person. Public."""
    return _served(PAGE, if_none_match)


@router.get("/docs/{asset}")
def get_document_asset(asset: str, if_none_match: IfNoneMatch = None) -> Response:
    """Serve what the page consists of. Public."""
    if asset not in ASSETS:
        raise NotFound
    return _served(ASSETS[asset], if_none_match)


def _served(file: Path, if_none_match: str | None) -> Response:
    stored = _stored(file)
    headers = {**HEADERS, "ETag": stored.etag}
    if stored.etag in (if_none_match or ""):
        return Response(status_code=304, headers=headers)
    return Response(stored.content, media_type=stored.media_type, headers=headers)


@lru_cache
def _stored(file: Path) -> Stored:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Stored(content, MEDIA_TYPES[file.suffix], f'"{digest}"')
