"""Who asks in bulk: the work has transactions of its own, so that none is open all the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from app.api.deps import BEARER, Front, May, admit, asked_under_key, front_of
from app.db import unit_of_work
from app.domain.access.service import authenticate
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
    may = May(scope, write=True)

    def identify(
        request: Request,
        credentials: Annotated[
            HTTPAuthorizationCredentials | None, Security(BEARER, scopes=[scope])
        ],
    ) -> BulkCaller:
        front = front_of(request)
        at = front.clock.now()
        secret = credentials.credentials if credentials else None
        with unit_of_work(front.engine, write=False) as session:
            by, reference = authenticate(
                session, front.memory, secret=secret, at=at, request_id=request.state.request_id
            )
            request.state.principal, request.state.at = by, at
            admit(request, reference, may=may, by=by, at=at)
        return BulkCaller(front, by, at, asked_under_key(request, by, key_needed=False))

    return identify


CanWriteInBulk = Annotated[BulkCaller, Depends(_bulk_caller(Scope.WRITE_ACTIVITIES))]
