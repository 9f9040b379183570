"""Who asks in bulk: the work has transactions of its own, so that none is open all the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from app.api.deps import BEARER, Front, asked_under_key, front_of
from app.db import unit_of_work
from app.domain.access.service import ScopeMissing, authenticate
from app.domain.idempotency.service import Asked
from app.domain.principal import Principal, Scope


@dataclass(frozen=True)
class BulkCaller:
    """One authorized bulk request."""

    front: Front
    by: Principal
    at: datetime
    asked: Asked | None


def _bulk_caller(scope: Scope) -> Callable[..., BulkCaller]:
    def identify(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    ) -> BulkCaller:
        front = front_of(request)
        at = front.clock.now()
        secret = credentials.credentials if credentials else None
        with unit_of_work(front.engine, write=False) as session:
            by, _ = authenticate(
                session, front.memory, secret=secret, at=at, request_id=request.state.request_id
            )
        request.state.principal, request.state.at = by, at
        front.limiter.count(by.key_id)
        if scope not in by.scopes:
            raise ScopeMissing(scope=scope.value)
        return BulkCaller(front, by, at, asked_under_key(request, by, key_needed=False))

    return identify


CanWriteInBulk = Annotated[BulkCaller, Depends(_bulk_caller(Scope.WRITE_ACTIVITIES))]
