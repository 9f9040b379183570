"""Recording refusals: each in a transaction of its own, after the refused one is rolled back."""

import re
from datetime import datetime
from typing import Final

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool

from app.api.deps import Front, front_of
from app.db import unit_of_work
from app.domain.access.service import PREFIX, Unauthenticated, authenticate
from app.domain.audit.service import audit
from app.domain.principal import Principal

NO_OPERATION: Final = "no_operation"
_WRITES: Final = ("POST", "PUT", "PATCH", "DELETE")
_FORBIDDEN: Final = 403
_NOT_RECORDED: Final = (401, 429)  # nobody's, and one that would let a caller fill the database
_FAULTS_OF_OURS: Final = 500
_LONGEST: Final = 400
_SECRET: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]+")

log = structlog.get_logger()


async def record_refusal(request: Request, *, code: str, status: int) -> None:
    """Record that a known key was refused a write, or anything that it may not do.

    What was refused before its key was looked at counts among the key's requests all the same.
    A refusal stays what it is when it cannot be recorded: that is logged.
    """
    if status in _NOT_RECORDED or status >= _FAULTS_OF_OURS:
        return
    recorded = request.method in _WRITES or status == _FORBIDDEN
    uncounted = "authorization" in request.headers and not hasattr(request.state, "quota")
    if not (recorded or uncounted):
        return
    front = front_of(request)
    # Among the requests that are served at once: those that wait here take connections.
    async with front.turns:
        await run_in_threadpool(_record, request, front, code if recorded else None)


def _record(request: Request, front: Front, code: str | None) -> None:
    try:
        found = _asking(request, front)
        if found is None or code is None:
            return
        by, at = found
        target = ("operation", _named(request))
        with unit_of_work(front.engine) as session:
            audit(session, by=by, at=at, action=_operation(request), target=target, refusal=code)
    except Exception:
        # Whatever it was, the client gets its refusal.
        log.exception("refusal not recorded", code=code, request_id=request.state.request_id)


def _asking(request: Request, front: Front) -> tuple[Principal, datetime] | None:
    """Return who was refused, and when; None for a key that is not known or asks too often."""
    known = getattr(request.state, "principal", None)
    if known is not None:
        return known, request.state.at
    # It was refused before its key was looked at: for its media type, its size, its query.
    at = front.clock.now()
    sent = request.headers.getlist("authorization")
    _, secret = get_authorization_scheme_param(sent[0] if len(sent) == 1 else None)
    try:
        with unit_of_work(front.engine, write=False) as session:
            by, _ = authenticate(
                session,
                front.memory,
                secret=secret,
                at=at,
                request_id=request.state.request_id,
            )
    except Unauthenticated:
        return None
    request.state.quota = front.limiter.count(by.key_id)
    return None if request.state.quota.exceeded else (by, at)


def _operation(request: Request) -> str:
    route = request.scope.get("route")
    if isinstance(route, APIRoute) and request.method in (route.methods or ()):
        return route.name
    return NO_OPERATION


def _named(request: Request) -> str:
    path = request.scope["raw_path"].decode("ascii", "replace")
    return _SECRET.sub(f"{PREFIX}…", f"{request.method} {path}")[:_LONGEST]
