"""How Alembic reaches the database: an engine handed in by `app.migrate`, or the settings'."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Engine
from sqlmodel.sql.sqltypes import AutoString

from app.db import make_engine
from app.domain.base import CodeSet, Instant
from app.domain.models import METADATA
from app.jobs import is_engine_table
from app.settings import load_settings


def include_object(_object: Any, name: str | None, type_: str, *_rest: Any) -> bool:
    """Leave the job engine's tables, which share the database, to the job engine."""
    return not (type_ == "table" and name is not None and is_engine_table(name))


def render_item(type_: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types into migrations as what the database knows them by."""
    if type_ == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, CodeSet | AutoString):
        return "sa.String()"
    return False


def migrate(connection: Connection) -> None:
    """Run the migrations on one connection, all in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        include_object=include_object,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


@contextmanager
def _references_unwatched(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table that others refer to, as making it anew does.

    It looks at the switch outside of transactions only (https://sqlite.org/lang_altertable.html,
    "Making Other Kinds Of Table Schema Changes").
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.rollback()  # within a transaction the switch would not be looked at
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    """Raise RuntimeError where rows lost what they refer to, while all can be taken back."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if broken:
            raise RuntimeError(f"rows refer to what is not there: {broken}")


def run() -> None:
    """Connect and migrate."""
    handed: Engine | None = context.config.attributes.get("engine")
    engine = handed or make_engine(load_settings().database_url)
    with engine.connect() as connection, _references_unwatched(connection):
        migrate(connection)
        _check_references(connection)
        connection.commit()
    if handed is None:
        engine.dispose()


run()
