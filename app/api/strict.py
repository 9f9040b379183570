"""Reading bodies exactly: one meaning per JSON text, a limit on its size, the right media type.

The framework reads bodies with `json.loads`, which takes NaN, keeps the last of two equal keys
and lets lone surrogates through, none of which can be stored or answered.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api.deps import front_of
from app.api.faults import faults_of
from app.api.refusals import BodyTooLarge, UnsupportedMediaType
from app.domain.errors import DomainError, Invalid
from app.domain.json_text import MalformedJson, parse_json

MAX_BODY: Final = 1_048_576  # bytes; a bulk operation has its own limit


class RefusedRequest(HTTPException):
    """Carries a refusal through the framework, which turns any other exception into its own."""

    def __init__(self, refusal: DomainError) -> None:
        super().__init__(400)
        self.refusal = refusal


class StrictRequest(Request):
    """A request whose body is limited in size and read by `parse_json`."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            chunks = bytearray()
            async for chunk in self.stream():
                chunks += chunk
                if len(chunks) > MAX_BODY:
                    raise RefusedRequest(BodyTooLarge(limit=MAX_BODY))
            self._body = bytes(chunks)
        return self._body

    async def json(self) -> Any:
        try:
            return parse_json(await self.body())
        except MalformedJson as refusal:
            raise RefusedRequest(refusal) from refusal


class StrictRoute(APIRoute):
    """A route that reads its body as a StrictRequest and takes nothing but JSON.

    It also refuses a query where it takes none, and lets in only as many requests at once as
    can be served: the body is read before, so that a slow line keeps nobody waiting.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None
        takes_query = bool(self.dependant.query_params)

        async def handle_strictly(request: Request) -> Response:
            if takes_body and not _is_json(request.headers.get("content-type", "")):
                raise RefusedRequest(UnsupportedMediaType())
            if request.query_params and not takes_query:
                faults = [
                    {"type": "extra_forbidden", "loc": ("query", name)}
                    for name in request.query_params
                ]
                raise RefusedRequest(Invalid(*faults_of(faults)))
            strict = StrictRequest(request.scope, request.receive)
            if takes_body:
                await strict.body()
            async with front_of(request).turns:
                return await handle(strict)

        return handle_strictly


def _is_json(content_type: str) -> bool:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower()
    return media_type.strip().lower() == "application/json" and charset in (
        "",
        "charset=utf-8",
        'charset="utf-8"',
    )
