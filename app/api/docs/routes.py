"""The API's document as pages, all of them from here: they need no other host, and reach none."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.docs.pages import guide_page, problem_page
from app.api.docs.served import serve_document, serve_file, serve_page
from app.domain.errors import Language, NotFound

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


@router.get("/openapi.json")
def get_document(request: Request) -> Response:
    """Serve the API's document. Public."""
    return serve_document(request)


@router.get("/")
def show_way_in() -> Response:
    """Lead a person who has only the service's address to the document. Public."""
    return _elsewhere("docs")


@router.get("/docs/")
def show_document_too() -> Response:
    """Lead to the document. Public."""
    return _elsewhere("../docs")


@router.get("/docs/guides")
def show_guides() -> Response:
    """Lead to the guides. Public."""
    return _elsewhere("guides/vi/index")


@router.get("/docs/guides/{language}")
def show_guides_in(language: Language) -> Response:
    """Lead to the guides in a language. Public."""
    return _elsewhere(f"{language}/index")


@router.get("/docs/problems")
def show_problems() -> Response:
    """Lead to the catalogue of errors. Public."""
    return _elsewhere("guides/vi/errors")


@router.get("/docs")
def show_document(request: Request) -> Response:
    """Show the API's document to a person. Public."""
    return serve_file(request, PAGE)


@router.get("/docs/{asset}")
def get_document_asset(asset: str, request: Request) -> Response:
    """Serve what the pages consist of. Public."""
    if asset not in ASSETS:
        raise NotFound
    return serve_file(request, ASSETS[asset])


@router.get("/docs/guides/{language}/{name}")
def show_guide(language: Language, name: str, request: Request) -> Response:
    """Show a guide, or the catalogue of errors. Public."""
    page = guide_page(language, name)
    if page is None:
        raise NotFound
    return serve_page(request, page)


@router.get("/docs/problems/{code}")
def show_problem(code: str, request: Request) -> Response:
    """Show what a problem's `type` names: its cause and its remedy, in both languages. Public."""
    page = problem_page(code)
    if page is None:
        raise NotFound
    return serve_page(request, page)


def _elsewhere(place: str) -> Response:
    """Send a person on; relative, since the service may stand below a prefix."""
    return RedirectResponse(place, status_code=307)
