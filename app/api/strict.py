"""Reading bodies exactly: one meaning per JSON text, a limit on its size, the right media type.

The framework reads bodies with `json.loads`, which takes NaN, keeps the last of two equal keys
and lets lone surrogates through, none of which can be stored or answered.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from http import HTTPStatus
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from app.api.deprecation import DEPRECATED
from app.api.deps import Caller, front_of
from app.api.refusals import BodyTooLarge, UnsupportedMediaType
from app.domain.errors import DomainError, Invalid
from app.domain.json_text import MalformedJson, parse_json
from app.domain.wire_faults import faults_of

MAX_BODY: Final = 1_048_576  # bytes; files have limits of their own: app.api.spool
JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
_UTF_8: Final = ("", "charset=utf-8", 'charset="utf-8"')


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

    accepted: ClassVar[Sequence[str]] = (JSON,)

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        status = options.get("status_code") or HTTPStatus.OK
        if found := DEPRECATED.get(endpoint.__name__):
            options["openapi_extra"] = found.told_in_document | (options.get("openapi_extra") or {})
        super().__init__(path, in_one_thread(endpoint, status), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_query = bool(self.dependant.query_params)

        async def handle_strictly(request: Request) -> Response:
            if request.query_params and not takes_query:
                faults = [
                    {"type": "extra_forbidden", "loc": ("query", name)}
                    for name in request.query_params
                ]
                raise RefusedRequest(Invalid(*faults_of(faults)))
            async with self.read(request) as ready, front_of(request).turns:
                try:
                    return await handle(ready)
                except (RequestValidationError, Invalid):
                    await _admit(request)
                    raise

        return handle_strictly

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[Request]:
        """Read the body, and yield the request as it is served."""
        strict = StrictRequest(request.scope, request.receive)
        if self.body_field is not None:
            self.media_type_of(request)
            body = await strict.body()
        else:
            body = b""
        request.state.body_sha256 = lambda: hashlib.sha256(body).hexdigest()
        yield strict

    def media_type_of(self, request: Request) -> str:
        """Return the body's media type; refuse one not accepted, and a charset but UTF-8."""
        media_type, _, parameters = request.headers.get("content-type", "").partition(";")
        media_type = media_type.strip().lower()
        accepted = (MERGE_PATCH, *self.accepted) if request.method == "PATCH" else self.accepted
        if media_type not in accepted or parameters.strip().lower() not in _UTF_8:
            raise RefusedRequest(UnsupportedMediaType(accepted=", ".join(accepted)))
        return media_type


def in_one_thread(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    """Return an endpoint that runs in one thread, with its unit of work and its answer."""
    if hasattr(endpoint, "__wrapped__"):  # a router that is included makes its routes anew
        return endpoint

    @wraps(endpoint)
    async def served(**values: Any) -> Any:
        caller = next((value for value in values.values() if isinstance(value, Caller)), None)
        if caller is None:
            return await run_in_threadpool(_serve_anybody, endpoint, values, status)
        async with caller.turn():
            return await run_in_threadpool(_serve, caller, endpoint, values, status)

    return served


def _serve(
    caller: Caller, endpoint: Callable[..., Any], values: dict[str, Any], status: int
) -> Response:
    with caller.opened():
        answer = _answer(endpoint(**values), caller.response, status)
        caller.keep(answer)
        return answer


def _serve_anybody(endpoint: Callable[..., Any], values: dict[str, Any], status: int) -> Response:
    told = next((value for value in values.values() if isinstance(value, Response)), None)
    return _answer(endpoint(**values), told, status)


def _answer(result: Any, told: Response | None, status: int) -> Response:
    """Return the answer as it is sent, with the status and headers that were told."""
    if isinstance(result, Response):
        return result
    answer = Response(
        result.__pydantic_serializer__.to_json(result),
        status_code=(told.status_code if told is not None else None) or status,
        media_type=JSON,
    )
    if told is not None:
        answer.headers.raw.extend(told.headers.raw)
    return answer


async def _admit(request: Request) -> None:
    """Refuse an unknown caller before it is told what is wrong with its request."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is not None and not caller.known:
        async with caller.turn():
            await run_in_threadpool(_open_and_close, caller)


def _open_and_close(caller: Caller) -> None:
    with caller.opened():
        caller.abandon()
