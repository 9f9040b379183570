"""How Alembic reaches the database: an engine handed in by `app.migrate`, or the settings'."""

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


def run() -> None:
    """Connect and migrate."""
    handed: Engine | None = context.config.attributes.get("engine")
    engine = handed or make_engine(load_settings().database_url)
    with engine.connect() as connection:
        migrate(connection)
        connection.commit()
    if handed is None:
        engine.dispose()


run()
