"""The route on which a version is pulled: the framework is passed by where there is nothing to ask.

A GET of a version names it in its path and nowhere else. Solving its parameters as those of any
operation costs more than to answer it from memory, so a request with no query is answered without.
What lets a caller in is the very parameter type that the endpoint declares, and every refusal goes
the same way; with a query, or an id that is none, the request is served as any other.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final, get_args
from uuid import UUID

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.consolidation.answer import pull
from app.api.deps import BEARER, Caller, CanReadConsolidated, front_of
from app.api.strict import StrictRoute

_CALLER: Final = get_args(CanReadConsolidated)[1].dependency


class PullRoute(StrictRoute):
    """A route with the path parameter `report_id`, which answers with `pull`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        as_any_other = super().get_route_handler()

        async def handle(request: Request) -> Response:
            report_id = _id(request.path_params.get("report_id", ""))
            if report_id is None or request.scope["query_string"]:
                return await as_any_other(request)
            caller: Caller = await _CALLER(request, Response(), await BEARER(request))
            async with front_of(request).turns:
                return await run_in_threadpool(_pull, caller, request, report_id)

        return handle


def _pull(caller: Caller, request: Request, report_id: UUID) -> Response:
    with caller.opened():
        return pull(caller, request, report_id=report_id)


def _id(text: str) -> UUID | None:
    """Return the id that is written in the one usual way; None for anything else."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
