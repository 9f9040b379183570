"""What every answer carries: the request's id. And one log line for each request.

An error that nobody expected is answered here, and not by the framework's outermost layer: that
one raises it again, and the server then drops a connection that the client goes on using.
"""

import re
import time
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import unexpected

CLIENT_GONE: Final = 499  # no status that is sent: what logs customarily say
_ACCEPTABLE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

log = structlog.get_logger()


class RequestId:
    """Gives each request an id (the client's own where it sent a sane one) and logs its end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _ACCEPTABLE.fullmatch(sent) else str(uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:  # in the middle of what it sent: nobody is left to be answered
            status = CLIENT_GONE
        except Exception as error:
            if status:  # the answer has begun: nothing can be said any more
                raise
            await unexpected(Request(scope), error)(scope, receive, send_with_id)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                request_id=request_id,
            )
