"""What an endpoint may ask for, as types: who calls, the open unit of work, the instant.

Authorization is the parameter's type: `caller: CanWriteActivities`. One dependency opens the
unit of work and resolves the key; it commits before the response is sent (scope "function").
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.exceptions import HTTPException

from app.api.limiter import Limiter
from app.clock import Clock
from app.db import unit_of_work
from app.domain.access.service import ScopeMissing, authenticate
from app.domain.idempotency.service import Asked, KeyMissing, keep, kept
from app.domain.instance import Instance
from app.domain.period import local_day
from app.domain.principal import Principal, Scope
from app.domain.reference import Memory, Reference

BEARER: Final = HTTPBearer(
    scheme_name="ApiKey",
    description="A key of the unit's program, made by the operator with "
    "`python -m app keys create`; it begins with `baocao_`.",
    auto_error=False,
)


MAX_AT_ONCE: Final = 12  # below the 15 connections of the engine's pool, the server's 40 threads


_IDEMPOTENCY_KEY: Final = re.compile(r"[!-~]{1,128}", re.ASCII)


@dataclass(frozen=True)
class Front:
    """What the API process holds for its whole life.

    `turns` bounds the requests that are served at once. A request takes one thread after the
    other, and keeps its transaction between them: if requests that wait for a connection or for
    SQLite's write lock filled all threads, the one that they wait for could not go on.
    """

    engine: Engine
    clock: Clock
    instance: Instance
    limiter: Limiter
    memory: Memory = field(default_factory=Memory)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))


@dataclass(frozen=True)
class Caller:
    """One authorized request: its unit of work, who asks, and when."""

    session: Session
    by: Principal
    at: datetime
    reference: Reference
    cursor_secret: str

    @property
    def today(self) -> date:
        """The province's calendar day at the request's instant."""
        return local_day(self.at)


def front_of(request: Request) -> Front:
    """Return what the process holds."""
    front: Front = request.app.state.front
    return front


class Replayed(HTTPException):
    """Carries the first answer under an Idempotency-Key through the framework."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def _caller(scope: Scope, *, write: bool, key_needed: bool) -> Callable[..., Iterator[Caller]]:
    def open_unit_of_work(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    ) -> Iterator[Caller]:
        front = front_of(request)
        at = front.clock.now()
        secret = credentials.credentials if credentials else None
        with unit_of_work(front.engine, write=write) as session:
            by, reference = authenticate(
                session,
                front.memory,
                secret=secret,
                at=at,
                request_id=request.state.request_id,
            )
            request.state.principal, request.state.at = by, at  # for the record of a refusal
            front.limiter.count(by.key_id)
            if scope not in by.scopes:
                raise ScopeMissing(scope=scope.value)
            caller = Caller(session, by, at, reference, front.instance.cursor_secret)
            if request.method == "POST":
                _replay(request, caller, key_needed=key_needed)
            request.state.caller = caller
            yield caller

    return open_unit_of_work


def _replay(request: Request, caller: Caller, *, key_needed: bool) -> None:
    """Answer a POST that was answered before under its Idempotency-Key; else remember it."""
    asked = asked_under_key(request, caller.by, key_needed=key_needed)
    if asked is None:
        return
    request.state.asked = asked
    found = kept(caller.session, asked)
    if found is not None:
        headers = {**(found.headers or {}), "Idempotency-Replayed": "true"}
        raise Replayed(Response(found.body, found.status or 200, headers))


def asked_under_key(request: Request, by: Principal, *, key_needed: bool) -> Asked | None:
    """Return what is asked for under an Idempotency-Key, or None. Raises KeyMissing."""
    key = request.headers.get("idempotency-key")
    if key is None and not key_needed:
        return None
    if key is None or not _IDEMPOTENCY_KEY.fullmatch(key):
        raise KeyMissing()
    return Asked(by.key_id, key, operation_of(request), request.state.body_sha256())


def operation_of(request: Request) -> str:
    """Return method, path and query: what an Idempotency-Key is used for."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.method} {request.url.path}{query}"[:200]


def keep_answer(request: Request, response: Response) -> None:
    """Keep the answer under the request's Idempotency-Key, before its transaction ends."""
    asked: Asked | None = getattr(request.state, "asked", None)
    caller: Caller | None = getattr(request.state, "caller", None)
    if asked is None or caller is None or response.status_code >= HTTPStatus.BAD_REQUEST:
        return
    names = ("content-type", "location", "etag")
    headers = {name: response.headers[name] for name in names if name in response.headers}
    keep(
        caller.session,
        asked,
        at=caller.at,
        status=response.status_code,
        headers=headers,
        body=bytes(response.body),
    )


def _may(scope: Scope, *, write: bool = False, key_needed: bool = False) -> Any:
    return Depends(_caller(scope, write=write, key_needed=key_needed), scope="function")


CanReadReference = Annotated[Caller, _may(Scope.READ_REFERENCE)]
CanReadActivities = Annotated[Caller, _may(Scope.READ_ACTIVITIES)]
CanWriteActivities = Annotated[Caller, _may(Scope.WRITE_ACTIVITIES, write=True)]
CanReadSubmissions = Annotated[Caller, _may(Scope.READ_SUBMISSIONS)]
CanDraftSubmissions = Annotated[Caller, _may(Scope.DRAFT_SUBMISSIONS, write=True)]
CanSubmitSubmissions = Annotated[Caller, _may(Scope.SUBMIT_SUBMISSIONS, write=True)]
CanReviewSubmissions = Annotated[Caller, _may(Scope.REVIEW_SUBMISSIONS, write=True)]
CanReadConsolidated = Annotated[Caller, _may(Scope.READ_CONSOLIDATED)]
CanRequestConsolidated = Annotated[
    Caller, _may(Scope.REQUEST_CONSOLIDATED, write=True, key_needed=True)
]
CanReadAudit = Annotated[Caller, _may(Scope.READ_AUDIT)]
