"""The database: one engine for SQLite or PostgreSQL, and the only commit in the code base."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlmodel import Session

# SQLite: WAL lets readers go on beside the one writer. synchronous=FULL because an acknowledged
# write must survive a power cut, which WAL's usual NORMAL does not promise.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA wal_autocheckpoint=8000",  # pages: a page written often goes into the file once
    "PRAGMA cache_size=-16384",  # KiB: a large transaction should not spill into the log twice
)


_PATIENCE = 30.0  # seconds to wait for a turn, as busy_timeout
_PAUSE = 1.0  # seconds after which a connection is asked whether it lives
_WRITERS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


def make_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://…`.

    Raises ValueError for any other kind of database.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"))
        event.listen(engine, "checkin", _note_the_time)
        event.listen(engine, "checkout", _ask_after_a_pause)
        return engine
    if backend != "sqlite":
        raise ValueError(f"DATABASE_URL must be sqlite or postgresql+psycopg, not {backend}")
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("DATABASE_URL must name a SQLite file: sqlite:///var/baocao.sqlite3")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _end_sqlite)
    _WRITERS[engine] = Lock()
    return engine


@contextmanager
def unit_of_work(engine: Engine, *, write: bool = True) -> Iterator[Session]:
    """Open a session, commit it when the block ends well, roll it back when it raises.

    With `write=False` nothing is ever committed, and SQLite takes no write lock.
    """
    if not write:
        with Session(_reading(engine), expire_on_commit=False) as session:
            yield session
        return
    with _turn_to_write(engine), Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@lru_cache(maxsize=4)  # a process has one; each is made anew at the cost of a statement
def _reading(engine: Engine) -> Engine:
    """Return the engine, on the same connections, as it begins transactions that only read."""
    return engine.execution_options(sqlite_begin="BEGIN DEFERRED")


@contextmanager
def _turn_to_write(engine: Engine) -> Iterator[None]:
    """Let SQLite's writers of this process take turns, in place of SQLite's own waiting.

    That one sleeps and asks again, ever longer: sixteen writers would sleep most of the time.
    """
    lock = _WRITERS.get(engine)
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=_PATIENCE):
        raise OperationalError("a turn to write", None, TimeoutError("database is busy"))
    try:
        yield
    finally:
        lock.release()


def _note_the_time(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ask_after_a_pause(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that was idle whether it still lives, and have it replaced if not.

    Asking each time would cost a round trip of every request; what breaks within the pause is
    answered as unavailable, and the next request meets a connection that was asked.
    """
    idle = time.monotonic() - record.info.get("used_at", float("-inf"))
    if idle < _PAUSE or "used_at" not in record.info:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError() from error


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
