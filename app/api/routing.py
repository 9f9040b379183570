"""Finding a request's route by the resource that its path names, and not by trying all of them.

OPTIONS is answered here: it asks what a path takes, and neither needs a key nor counts.

The framework keeps the routers that were included as a tree, and tries their routes in turn, at
each of its levels anew: some hundred patterns for a request, a quarter of what a read costs.
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Response
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX: Final = "/v1/"
SERVICE: Final = "*"


class ByResource:
    """Tries those routes of a router first that are about the request's resource, in their order.

    The resource is the path's segment after `/v1/`. Where none of them takes the request, the
    router tries them all: what is answered is the same, 404 and 405 included.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._otherwise: ASGIApp = router.middleware_stack
        self._routes = _by_resource(router.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            allowed = allowed_methods(self._router.routes, scope["path"])
            if allowed:
                told = {"Allow": ", ".join(allowed)}
                await Response(None, HTTPStatus.NO_CONTENT, told)(scope, receive, send)
                return
        if scope["type"] == "http" and not scope.get("root_path"):
            for route in self.routes_of(scope["path"]):
                match, found = route.matches(scope)
                if match == Match.FULL:
                    scope.setdefault("router", self._router)
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await self._otherwise(scope, receive, send)

    def routes_of(self, path: str) -> Sequence[BaseRoute]:
        """Return the routes that are about a path's resource, in their order."""
        return self._routes.get(_resource(path), ())


def allowed_methods(routes: Sequence[BaseRoute], path: str) -> list[str]:
    """Return all methods that a path takes; the framework names those of one route only.

    None for a path that nothing is at. HEAD is where GET is, OPTIONS everywhere. `*` asks for all
    methods of the service (RFC 9110, 9.3.7).
    """
    methods: set[str] = set()
    for context in iter_route_contexts(routes):
        if path == SERVICE or context.path_regex.match(path):
            methods |= context.methods or set()
    if "GET" in methods:
        methods.add("HEAD")
    return sorted(methods | {"OPTIONS"}) if methods else []


def _by_resource(routes: Iterable[BaseRoute]) -> dict[str, list[BaseRoute]]:
    """Return the routes below `/v1/` by resource.

    Raises ValueError for a path with a parameter in that place: it could be about any of them.
    """
    found: dict[str, list[BaseRoute]] = {}
    for route in routes:
        paths = [context.path or "" for context in iter_route_contexts([route])]
        for resource in {_resource(path): None for path in paths}:
            if "{" in resource:
                raise ValueError(f"a parameter in place of a resource: {paths}")
            if resource:
                found.setdefault(resource, []).append(route)
    return found


def _resource(path: str) -> str:
    """Return the segment after `/v1/`; nothing for any other path."""
    return path[len(PREFIX) :].partition("/")[0] if path.startswith(PREFIX) else ""
