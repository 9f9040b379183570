"""What HTTP asks of every answer, in one place, and one log line for each request.

An answer carries the request's id and trace, what is left of the key's quota, how it may be kept,
and its language where that was chosen. HEAD is served as GET whose content is not sent.

An error that nobody expected is answered here, and not by the framework's outermost layer: that
one raises it again, and the server then drops a connection that the client goes on using.
"""

import re
import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deprecation import DEPRECATED
from app.api.problems import unexpected
from app.api.representations import PRIVATE
from app.api.tracing import Trace, trace_of

CLIENT_GONE: Final = 499  # no status that is sent: what logs customarily say
_ACCEPTABLE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_START: Final = "http.response.start"
_BODY: Final = "http.response.body"
# A 404 may be kept without being told so (RFC 9110, 15.1), and what one key may see, no other may.
_CACHE_CONTROL: Final = (b"cache-control", PRIVATE.encode())

log = structlog.get_logger()


class Conventions:
    """Gives each request an id (the client's own where it sent a sane one); logs its end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        sent = headers.get("x-request-id", "")
        request_id = sent if _ACCEPTABLE.fullmatch(sent) else str(uuid4())
        trace = trace_of(headers.getlist("traceparent"))
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0
        head = scope["method"] == "HEAD"
        # A copy, so that the server knows that it must send no content.
        served = {**scope, "method": "GET"} if head else scope

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == _START:
                status = message["status"]
                message["headers"] = [*message["headers"], *_told(served, message, trace)]
            elif head and message["type"] == _BODY:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(served, receive, send_with_headers)
        except ClientDisconnect:  # in the middle of what it sent: nobody is left to be answered
            status = CLIENT_GONE
        except Exception as error:
            if status:  # the answer has begun: nothing can be said any more
                raise
            await unexpected(Request(served), error)(served, receive, send_with_headers)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                request_id=request_id,
                **({"trace_id": trace.trace_id} if trace else {}),
            )


def _told(scope: Scope, message: Message, trace: Trace | None) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers that an answer does not have of itself."""
    state: dict[str, Any] = scope["state"]
    yield b"x-request-id", state["request_id"].encode()
    if trace is not None:
        yield b"traceparent", trace.traceparent.encode()
    if "quota" in state:
        yield from state["quota"].headers
    if "language" in state:
        yield b"content-language", state["language"].encode()
        yield b"vary", b"Accept-Language"
    if not any(name == b"cache-control" for name, _ in message["headers"]):
        yield _CACHE_CONTROL
    if DEPRECATED and (found := DEPRECATED.get(getattr(scope.get("route"), "name", ""))):
        yield from found.headers
