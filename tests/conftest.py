"""Every test that asks for `database_url` runs twice: on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.db import make_engine, unit_of_work
from tests.support.api import Api, running_api
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.postgres import running_postgres

Databases = SqliteDatabases | PostgresDatabases
BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Run a PostgreSQL server and return a superuser's URL of its database "postgres"."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """Return where fresh SQLite files come from."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases(postgres_url: str) -> PostgresDatabases:
    """Return where fresh PostgreSQL databases come from."""
    return PostgresDatabases(postgres_url)


@pytest.fixture(scope="session", params=BACKENDS)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Return where fresh databases come from."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Return a fresh database with the real register, plan and catalogue in it."""
    with databases.loaded() as url:
        yield url


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """Return a database with nothing in it."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Return an engine of a fresh loaded database."""
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Return an open unit of work, committed where the test ends well."""
    with unit_of_work(engine) as opened:
        yield opened


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    """Return the running app, where it is the morning of 22 November 2021."""
    with running_api(database_url) as running:
        yield running
