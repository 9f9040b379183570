"""A request's route is found by its resource, and is the one that the router itself would find."""

from collections.abc import Iterable

import pytest
from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from app.api.routing import ByResource
from app.main import create_app
from app.settings import Settings
from tests.contracts.operations import PUBLIC, SAMPLES, operations


def _first(routes: Iterable[BaseRoute], scope: Scope) -> BaseRoute | None:
    return next((route for route in routes if route.matches(scope)[0] == Match.FULL), None)


def test_every_operation_is_found_where_the_router_would_find_it() -> None:
    app = create_app(Settings(database_url="sqlite:///none.sqlite3"))
    by_resource = app.router.middleware_stack
    assert isinstance(by_resource, ByResource)
    found = 0
    for operation in operations(app):
        path = operation.path.format_map(SAMPLES)
        scope = {"type": "http", "method": operation.method.upper(), "path": path}
        direct = _first(by_resource.routes_of(path), dict(scope))
        assert (direct is None) == (operation.name in PUBLIC), operation.name
        found += direct is not None
        if direct is not None:
            assert direct is _first(app.router.routes, dict(scope)), operation.name
    assert found > 60


def test_a_parameter_may_not_stand_in_place_of_a_resource() -> None:
    router = APIRouter()
    router.add_api_route("/v1/{anything}/x", lambda: None)
    with pytest.raises(ValueError, match="in place of a resource"):
        ByResource(router)
