"""What an endpoint may ask for, as types: who calls, the open unit of work, the instant.

Authorization is the parameter's type: `caller: CanWriteActivities`. One dependency opens the
unit of work and resolves the key; it commits before the response is sent (scope "function").
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine
from sqlmodel import Session

from app.api.limiter import Limiter
from app.clock import Clock
from app.db import unit_of_work
from app.domain.access.service import ScopeMissing, authenticate
from app.domain.instance import Instance
from app.domain.period import local_day
from app.domain.principal import Principal, Scope

BEARER: Final = HTTPBearer(
    scheme_name="ApiKey",
    description="A key of the unit's program, made by the operator with "
    "`python -m app keys create`; it begins with `baocao_`.",
    auto_error=False,
)


MAX_AT_ONCE: Final = 12  # below the 15 connections of the engine's pool, the server's 40 threads


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
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))


@dataclass(frozen=True)
class Caller:
    """One authorized request: its unit of work, who asks, and when."""

    session: Session
    by: Principal
    at: datetime
    cursor_secret: str

    @property
    def today(self) -> date:
        """The province's calendar day at the request's instant."""
        return local_day(self.at)


def front_of(request: Request) -> Front:
    """Return what the process holds."""
    front: Front = request.app.state.front
    return front


def _caller(scope: Scope, *, write: bool) -> Callable[..., Iterator[Caller]]:
    def open_unit_of_work(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    ) -> Iterator[Caller]:
        front = front_of(request)
        at = front.clock.now()
        secret = credentials.credentials if credentials else None
        with unit_of_work(front.engine, write=write) as session:
            by = authenticate(session, secret=secret, at=at)
            by = replace(by, request_id=request.state.request_id)
            request.state.principal, request.state.at = by, at  # for the record of a refusal
            front.limiter.count(by.key_id)
            if scope not in by.scopes:
                raise ScopeMissing(scope=scope.value)
            yield Caller(session, by, at, front.instance.cursor_secret)

    return open_unit_of_work


def _may(scope: Scope, *, write: bool = False) -> Any:
    return Depends(_caller(scope, write=write), scope="function")


CanReadReference = Annotated[Caller, _may(Scope.READ_REFERENCE)]
CanReadActivities = Annotated[Caller, _may(Scope.READ_ACTIVITIES)]
CanWriteActivities = Annotated[Caller, _may(Scope.WRITE_ACTIVITIES, write=True)]
CanReadSubmissions = Annotated[Caller, _may(Scope.READ_SUBMISSIONS)]
CanDraftSubmissions = Annotated[Caller, _may(Scope.DRAFT_SUBMISSIONS, write=True)]
CanSubmitSubmissions = Annotated[Caller, _may(Scope.SUBMIT_SUBMISSIONS, write=True)]
CanReviewSubmissions = Annotated[Caller, _may(Scope.REVIEW_SUBMISSIONS, write=True)]
CanReadConsolidated = Annotated[Caller, _may(Scope.READ_CONSOLIDATED)]
CanRequestConsolidated = Annotated[Caller, _may(Scope.REQUEST_CONSOLIDATED, write=True)]
CanReadAudit = Annotated[Caller, _may(Scope.READ_AUDIT)]
