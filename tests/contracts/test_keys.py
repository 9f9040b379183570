"""Every operation demands a key with its scope, but two explicit lists: public, and any key."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import Session

from app.db import unit_of_work
from app.domain.access.models import ApiKey
from app.domain.access.service import create_key, revoke_key
from app.domain.principal import Scope
from tests.contracts.operations import ANY_KEY, PUBLIC, operations
from tests.support.api import Api
from tests.support.makers import BINH_SON
from tests.support.problems import refused


def _key(session: Session, at: datetime, *scopes: Scope) -> tuple[ApiKey, str]:
    return create_key(
        session,
        unit=BINH_SON,
        scopes=scopes,
        label="test",
        at=at - timedelta(days=2),
        expires_at=at + timedelta(days=1),
    )


def _expired(session: Session, at: datetime) -> str:
    row, secret = _key(session, at, *Scope)
    row.expires_at = at
    session.add(row)
    return secret


def _revoked(session: Session, at: datetime) -> str:
    row, secret = _key(session, at, *Scope)
    revoke_key(session, key_id=row.id, at=at)
    return secret


def _unknown(session: Session, at: datetime) -> str:
    row, secret = _key(session, at, *Scope)
    session.delete(row)
    return secret


def _mistyped(session: Session, at: datetime) -> str:
    _, secret = _key(session, at, *Scope)
    return secret[:-1] + ("0" if secret[-1] != "0" else "1")


def _none(session: Session, at: datetime) -> None:
    return None


@pytest.mark.parametrize("key", [_none, _mistyped, _unknown, _expired, _revoked])
def test_every_operation_demands_a_valid_key_but_the_public_ones(
    api: Api, key: Callable[[Session, datetime], str | None]
) -> None:
    with unit_of_work(api.engine) as session:
        secret = key(session, api.now())
    answered = set()
    for operation in operations(api.app):
        response = operation.send(api.http, secret)
        if response.status_code != 401:
            answered.add(operation.name)
            continue
        refused(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert answered == PUBLIC


def _lacks_scope(response: httpx.Response) -> bool:
    return response.status_code == 403 and response.json()["code"] == "scope_missing"


def test_every_operation_checks_one_scope_of_its_own_kind(api: Api) -> None:
    with unit_of_work(api.engine) as session:
        _, bare = _key(session, api.now())
        keys = {scope: _key(session, api.now(), scope)[1] for scope in Scope}
    needed: dict[Scope, int] = dict.fromkeys(Scope, 0)
    for operation in operations(api.app):
        if operation.name in PUBLIC:
            assert operation.described["security"] == [], operation.name
            continue
        if operation.name in ANY_KEY:
            assert operation.send(api.http, bare).status_code == 200, operation.name
            assert operation.described["security"] == [{"ApiKey": []}], operation.name
            assert "403" not in operation.described["responses"], operation.name
            continue
        refused(operation.send(api.http, bare), 403, "scope_missing")
        passing = [
            scope for scope, key in keys.items() if not _lacks_scope(operation.send(api.http, key))
        ]
        assert len(passing) == 1, (operation.name, passing)
        assert operation.described["security"] == [{"ApiKey": passing}], operation.name
        assert (operation.method == "get") == passing[0].value.endswith(":read"), operation.name
        needed[passing[0]] += 1
    assert all(needed.values()), "a scope that no operation asks for"


def test_what_is_not_in_the_document_is_only_the_document_and_its_page(api: Api) -> None:
    described = {path for _, path in (operation.name for operation in operations(api.app))}
    served = {
        str(context.path).replace(":uuid}", "}") for context in iter_route_contexts(api.app.routes)
    }
    assert described <= served
    beside = {path.partition("/docs")[0] or "/docs" for path in served - described}
    assert beside == {"/", "/docs", "/openapi.json"}
