"""The database: one engine for SQLite or PostgreSQL, and the only commit in the code base."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlmodel import Session

# SQLite: WAL lets readers go on beside the one writer. synchronous=FULL because an acknowledged
# write must survive a power cut, which WAL's usual NORMAL does not promise.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
)


def make_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://…`.

    Raises ValueError for any other kind of database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if backend != "sqlite":
        raise ValueError(f"DATABASE_URL must be sqlite or postgresql+psycopg, not {backend}")
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("DATABASE_URL must name a SQLite file: sqlite:///var/baocao.sqlite3")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _end_sqlite)
    return engine


@contextmanager
def unit_of_work(engine: Engine, *, write: bool = True) -> Iterator[Session]:
    """Open a session, commit it when the block ends well, roll it back when it raises.

    With `write=False` nothing is ever committed, and SQLite takes no write lock.
    """
    bind = engine if write else engine.execution_options(sqlite_begin="BEGIN DEFERRED")
    with Session(bind, expire_on_commit=False) as session:
        yield session
        if write:
            session.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin or commit by itself
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _end_sqlite(connection: Any, _record: Any) -> None:
    # A COMMIT that fails leaves SQLite's transaction open, and SQLAlchemy takes it for ended:
    # the connection would go back into the pool with the write lock.
    if connection is not None:
        connection.rollback()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a writer waits for its turn at the start. A deferred transaction that turns
    # into a writer later fails at once with "database is locked", however long the timeout.
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE")
    connection.exec_driver_sql(begin)
