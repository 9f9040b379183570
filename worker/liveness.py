"""Which workers are alive: each has an id of its own, and no two share one.

On PostgreSQL each worker holds an advisory lock on its id, for as long as it lives: a lock that
is free tells the others that its owner is gone (`worker.reaper`). On SQLite there is one worker,
behind a file lock.
"""

import fcntl
import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.jobs import APPLICATION
from app.settings import Settings

# How long a starting worker waits for its id: a reaper or its own dying predecessor may hold it.
CLAIM_SECONDS: Final = 3.0
# How long a worker that lost its connection tries to get its id back before it stops; longer
# than the server needs to notice that the old connection is dead.
RECLAIM_SECONDS: Final = 60.0

# Both ends notice within seconds when the other machine is gone without a word.
_CONNECT_ARGS: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_SERVER_KEEPALIVES: Final = (
    "SELECT set_config('tcp_keepalives_idle', '10', false),"
    " set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
_log = logging.getLogger(__name__)


class WorkerRefused(Exception):
    """A worker must not run here; the message says why, and what to do."""


def executor_id(settings: Settings) -> str:
    """Return the id under which this worker's work is recorded, the same after a restart.

    Raises WorkerRefused for an id that is nobody's own.
    """
    if is_sqlite(settings):
        # One file, one worker: a new host name must not strand the work of the old one.
        return "local"
    name = settings.worker_id or f"{socket.gethostname()}-1"
    if name == "local":
        raise WorkerRefused('WORKER_ID must not be "local": give each worker an id of its own')
    return name


@contextmanager
def claimed(settings: Settings, *, executor: str, on_lost: Callable[[], None]) -> Iterator[None]:
    """Hold the executor id for the block, so that no second live worker has it.

    Calls `on_lost` when another worker took it over. Raises WorkerRefused when it is taken.
    """
    if is_sqlite(settings):
        with _file_lock(Path(str(sa.make_url(settings.database_url).database))):
            yield
        return
    claim = _Claim(settings, executor, on_lost)
    claim.start()
    try:
        yield
    finally:
        claim.stop()


class _Claim:
    """The advisory lock on a worker's id, kept on a connection of its own."""

    def __init__(self, settings: Settings, executor: str, on_lost: Callable[[], None]) -> None:
        self._engine = lock_engine(settings, executor)
        self._executor = executor
        self._on_lost = on_lost
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="claim", daemon=True)
        self._connection: sa.Connection | None = None

    def start(self) -> None:
        deadline = time.monotonic() + CLAIM_SECONDS
        while not self._holds():
            if time.monotonic() > deadline:
                self._engine.dispose()
                raise WorkerRefused(
                    f'another live worker holds the id "{self._executor}" in this database: '
                    "give this one a WORKER_ID of its own"
                )
            time.sleep(0.2)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)
        self._drop()
        self._engine.dispose()

    def _keep(self) -> None:
        taken_since: float | None = None
        away = False
        while not self._stopping.wait(1.0):
            try:
                held = self._holds()
            except SQLAlchemyError as error:
                if not away:
                    _log.warning("lost the connection that holds this worker's id: %s", error)
                self._drop()
                away, taken_since = True, None
                continue
            if held:
                if away:
                    _log.info("holds the id %s again", self._executor)
                away, taken_since = False, None
                continue
            taken_since = taken_since or time.monotonic()
            if time.monotonic() - taken_since > RECLAIM_SECONDS:
                _log.error('another worker took over the id "%s"', self._executor)
                self._on_lost()
                return

    def _holds(self) -> bool:
        if self._connection is not None:
            self._connection.execute(sa.text("SELECT 1"))
            return True
        self._connection = self._engine.connect()
        self._connection.execute(sa.text(_SERVER_KEEPALIVES))
        if try_lock(self._connection, self._executor):
            return True
        self._drop()
        return False

    def _drop(self) -> None:
        if self._connection is not None:
            # Invalidate: the lock lives as long as the session, so it must not go to a pool.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


@contextmanager
def _file_lock(database: Path) -> Iterator[None]:
    path = database.with_name(f"{database.name}.worker")
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise WorkerRefused(
                f"another worker (process {file.read().strip()}) runs on {database}: "
                "SQLite takes one, PostgreSQL any number"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def try_lock(connection: sa.Connection, executor: str) -> bool:
    """Take the lock of an executor id for this connection, if it is free."""
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_lock_key(executor)))))


def unlock(connection: sa.Connection, executor: str) -> None:
    """Give the lock of an executor id back."""
    connection.execute(sa.select(sa.func.pg_advisory_unlock(_lock_key(executor))))


def _lock_key(executor: str) -> int:
    digest = hashlib.sha256(f"{APPLICATION} worker {executor}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock_engine(settings: Settings, name: str) -> sa.Engine:
    """Return an engine for the one connection that holds locks, apart from the service's pool."""
    return sa.create_engine(
        sa.make_url(settings.database_url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",  # a session's lock, not a transaction left open for days
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={**_CONNECT_ARGS, "application_name": f"{APPLICATION} worker {name}"},
    )


def is_sqlite(settings: Settings) -> bool:
    """Tell whether the service runs on a file, with one worker."""
    return sa.make_url(settings.database_url).get_backend_name() == "sqlite"
