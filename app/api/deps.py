"""What an endpoint may ask for, as types: who calls, the open unit of work, the instant.

Authorization is the parameter's type: `caller: CanWriteActivities`. The route opens the caller
round the endpoint, all in one thread: a hop between threads costs more than most statements. It
commits before the response is sent.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from app.api.consolidation.kept import KeptReports
from app.api.limiter import Limiter
from app.clock import Clock
from app.db import unit_of_work
from app.domain.access.ended import GRACE_AFTER_END, refuse_after_grace
from app.domain.access.service import ScopeMissing, authenticate
from app.domain.idempotency.service import Asked, KeyMissing, keep, kept
from app.domain.instance import Instance
from app.domain.period import local_day
from app.domain.principal import Principal, Scope
from app.domain.reference import Memory, Reference
from app.domain.webhooks.service import Webhooks


class OneBearer(HTTPBearer):
    """Takes the key from the one Authorization header; several of them name nobody."""

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Return what was sent, or None for anything but one key."""
        if len(request.headers.getlist("authorization")) > 1:
            return None
        return await super().__call__(request)


BEARER: Final = OneBearer(
    scheme_name="ApiKey",
    description="A key of the unit's program, made by the operator with "
    "`python -m app keys create`; it begins with `baocao_`. It holds scopes (phạm vi): each "
    "operation's security requirement names the one that it needs, and without it the answer is "
    "403 `scope_missing`. Which ones it holds, `read_key` tells any key. The keys of a unit that "
    f"ended write for {GRACE_AFTER_END.days} days from the day of its end, for late corrections; "
    "after that every writing operation is 403 `unit_ended`, and reading goes on.",
    auto_error=False,
)


MAX_BULK: Final = 4  # of these, so that bulk requests never keep everybody else out
MAX_AT_ONCE: Final = 12  # below the 15 connections of the engine's pool, the server's 40 threads


_IDEMPOTENCY_KEY: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_LONGEST_OPERATION: Final = 200  # what the column holds
# Stands for a webhook's secret in an answer that is kept: beside it, which one it is.
_CONCEALED: Final = "webhook-secret"


@dataclass(frozen=True)
class Front:
    """What the API process holds for its whole life.

    `turns` bounds the requests that are served at once, below the connections there are: if
    requests that wait for SQLite's write lock held them all, nothing could be read meanwhile.
    On SQLite, which has one writer at a time, requests that write wait for `writing` before they
    take a thread: threads that wait cost more than requests that do.
    """

    engine: Engine
    clock: Clock
    instance: Instance
    limiter: Limiter
    webhooks: Webhooks
    memory: Memory = field(default_factory=Memory)
    reports: KeptReports = field(default_factory=KeptReports)
    bulk_turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_BULK))
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))


def front_of(request: Request) -> Front:
    """Return what the process holds."""
    front: Front = request.app.state.front
    return front


class Replayed(HTTPException):
    """Carries the first answer under an Idempotency-Key through the framework."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@dataclass(frozen=True)
class May:
    """What an operation asks of its caller; no scope is a key, whatever its scopes."""

    scope: Scope | None
    write: bool = False
    key_needed: bool = False


class Caller:
    """One request's unit of work, who asks, and when; all of it only while it is open.

    The route opens it in the thread that the endpoint runs in (`app.api.strict`).
    """

    session: Session
    by: Principal
    at: datetime
    reference: Reference
    cursor_secret: str

    def __init__(self, request: Request, response: Response, secret: str | None, may: May) -> None:
        self.response = response  # what is set on it goes into the answer
        self._request, self._secret, self._may = request, secret, may
        self._asked: Asked | None = None
        self._concealed: tuple[str, str] | None = None

    @property
    def webhooks(self) -> Webhooks:
        """What the operator set for webhooks."""
        return front_of(self._request).webhooks

    @property
    def purpose(self) -> str:
        """What the service's database was created for."""
        return front_of(self._request).instance.purpose

    @property
    def today(self) -> date:
        """The province's calendar day at the request's instant."""
        return local_day(self.at)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Return the wait for this request's turn to write, where the database needs one."""
        front = front_of(self._request)
        if self._may.write and front.engine.dialect.name == "sqlite":
            return front.writing
        return nullcontext()

    @property
    def known(self) -> bool:
        """Whether the key was resolved."""
        return hasattr(self, "by")

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open the unit of work and resolve the key; commit when the block ends well.

        Raises Unauthenticated, ScopeMissing, RateLimited, UnitEnded, KeyMissing, KeyReused,
        KeyInProgress; Replayed for a POST that was answered before under its Idempotency-Key.
        """
        request, front = self._request, front_of(self._request)
        self.at, self.cursor_secret = front.clock.now(), front.instance.cursor_secret
        with unit_of_work(front.engine, write=self._may.write) as self.session:
            self.by, self.reference = authenticate(
                self.session,
                front.memory,
                secret=self._secret,
                at=self.at,
                request_id=request.state.request_id,
            )
            # For the record of a refusal, which is made when this is closed.
            request.state.principal, request.state.at = self.by, self.at
            admit(request, self.reference, may=self._may, by=self.by, at=self.at)
            if request.method == "POST":
                self._replay()
            yield

    def abandon(self) -> None:
        """Take back everything that was done: a dry run leaves nothing."""
        self.session.rollback()
        self._asked = None

    def conceal(self, secret: str, *, endpoint: UUID, version: int) -> None:
        """Keep the answer without a webhook's secret; it is derived again where it is replayed."""
        self._concealed = secret, f"{endpoint}.{version}"

    def keep(self, response: Response) -> None:
        """Keep the answer under the request's Idempotency-Key, if it has one."""
        if self._asked is None:
            return
        names = ("content-type", "location", "etag")
        headers = {name: response.headers[name] for name in names if name in response.headers}
        language = getattr(self._request.state, "language", None)
        if language is not None:
            headers["content-language"] = language
        body = bytes(response.body)
        if self._concealed is not None:
            secret, headers[_CONCEALED] = self._concealed
            body = body.replace(secret.encode(), _CONCEALED.encode())
        keep(
            self.session,
            self._asked,
            at=self.at,
            status=response.status_code,
            headers=headers,
            body=body,
        )

    def _replay(self) -> None:
        self._asked = asked_under_key(self._request, self.by, key_needed=self._may.key_needed)
        found = kept(self.session, self._asked) if self._asked else None
        if found is not None:
            headers = {**(found.headers or {}), "Idempotency-Replayed": "true"}
            body = found.body or b""
            if concealed := headers.pop(_CONCEALED, None):
                endpoint, _, version = concealed.partition(".")
                secret = self.webhooks.shown(UUID(endpoint), int(version))
                body = body.replace(_CONCEALED.encode(), secret.encode())
            raise Replayed(Response(body, found.status or 200, headers))


def admit(request: Request, reference: Reference, *, may: May, by: Principal, at: datetime) -> None:
    """Let a known key through to an operation, or raise RateLimited, ScopeMissing or UnitEnded."""
    request.state.quota = front_of(request).limiter.count(by.key_id)
    request.state.quota.check()
    if may.scope is not None and may.scope not in by.scopes:
        raise ScopeMissing(scope=may.scope.value)
    if may.write:
        refuse_after_grace(reference, by=by, today=local_day(at))


def asked_under_key(request: Request, by: Principal, *, key_needed: bool) -> Asked | None:
    """Return what is asked for under an Idempotency-Key, or None. Raises KeyMissing."""
    keys = request.headers.getlist("idempotency-key")
    if not keys and not key_needed:
        return None
    if len(keys) != 1 or not _IDEMPOTENCY_KEY.fullmatch(keys[0]):
        raise KeyMissing()
    return Asked(by.key_id, keys[0], operation_of(request), request.state.body_sha256())


def operation_of(request: Request) -> str:
    """Return method, path and query: what an Idempotency-Key is used for.

    A long one is cut short, and its hash tells it from others that begin alike.
    """
    query = f"?{request.url.query}" if request.url.query else ""
    operation = f"{request.method} {request.url.path}{query}"
    if len(operation) <= _LONGEST_OPERATION:
        return operation
    return f"{operation[: _LONGEST_OPERATION - 65]} {sha256(operation.encode()).hexdigest()}"


def _may(scope: Scope | None, *, write: bool = False, key_needed: bool = False) -> Any:
    may = May(scope, write=write, key_needed=key_needed)
    scopes = [] if scope is None else [scope]

    async def caller(
        request: Request,
        response: Response,
        credentials: Annotated[
            HTTPAuthorizationCredentials | None, Security(BEARER, scopes=scopes)
        ],
    ) -> Caller:
        made = Caller(request, response, credentials.credentials if credentials else None, may)
        request.state.caller = made
        return made

    return Depends(caller)


AnyKey = Annotated[Caller, _may(None)]
CanReadReference = Annotated[Caller, _may(Scope.READ_REFERENCE)]
CanReadActivities = Annotated[Caller, _may(Scope.READ_ACTIVITIES)]
CanWriteActivities = Annotated[Caller, _may(Scope.WRITE_ACTIVITIES, write=True)]
CanReadSubmissions = Annotated[Caller, _may(Scope.READ_SUBMISSIONS)]
CanDraftSubmissions = Annotated[Caller, _may(Scope.DRAFT_SUBMISSIONS, write=True)]
CanSubmitSubmissions = Annotated[Caller, _may(Scope.SUBMIT_SUBMISSIONS, write=True)]
CanReviewSubmissions = Annotated[Caller, _may(Scope.REVIEW_SUBMISSIONS, write=True)]
CanManageCycles = Annotated[Caller, _may(Scope.MANAGE_CYCLES, write=True)]
CanReadConsolidated = Annotated[Caller, _may(Scope.READ_CONSOLIDATED)]
CanRequestConsolidated = Annotated[
    Caller, _may(Scope.REQUEST_CONSOLIDATED, write=True, key_needed=True)
]
CanProposeConsolidated = Annotated[Caller, _may(Scope.REQUEST_CONSOLIDATED, write=True)]
CanDecideConsolidated = Annotated[Caller, _may(Scope.DECIDE_CONSOLIDATED, write=True)]
CanReadAudit = Annotated[Caller, _may(Scope.READ_AUDIT)]
CanReadHandover = Annotated[Caller, _may(Scope.READ_HANDOVER)]
CanReadBudgets = Annotated[Caller, _may(Scope.READ_BUDGETS)]
CanDraftBudgets = Annotated[Caller, _may(Scope.DRAFT_BUDGETS, write=True)]
CanSubmitBudgets = Annotated[Caller, _may(Scope.SUBMIT_BUDGETS, write=True)]
CanReviewBudgets = Annotated[Caller, _may(Scope.REVIEW_BUDGETS, write=True)]
CanReadWebhooks = Annotated[Caller, _may(Scope.READ_WEBHOOKS)]
CanWriteWebhooks = Annotated[Caller, _may(Scope.WRITE_WEBHOOKS, write=True)]
