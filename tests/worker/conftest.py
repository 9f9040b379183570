"""Real workers as processes, on a fresh database of either kind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from app import jobs
from app.db import make_engine, unit_of_work

PROGRAM = Path(__file__).with_name("program.py")
ROOT = Path(__file__).parents[2]
EFFECT = "CREATE TABLE effect (name varchar, value varchar, process integer)"


@dataclass(frozen=True)
class Database:
    """A migrated database, seen from the side that asks for work."""

    url: str
    engine: Engine

    def ask(self, job: str, *arguments: str, workflow_id: str | None = None) -> str:
        workflow_id = workflow_id or f"{job}:{uuid4()}"
        with unit_of_work(self.engine) as session:
            jobs.enqueue(session, jobs.Job(job, "work"), *arguments, workflow_id=workflow_id)
        return workflow_id

    def effects(self, name: str) -> list[str]:
        return [str(value) for (value,) in self._read("SELECT value FROM effect", name)]

    def processes(self, name: str) -> list[int]:
        return [int(number) for (number,) in self._read("SELECT process FROM effect", name)]

    def _read(self, query: str, name: str) -> list[sa.Row[Any]]:
        with unit_of_work(self.engine, write=False) as session:
            where = " WHERE name LIKE :name"
            return list(session.execute(sa.text(query + where), {"name": name}))

    def jobs(self) -> dict[str, tuple[str, str]]:
        """Return the state and the inputs of every job."""
        query = "SELECT w.workflow_uuid, w.status, i.inputs FROM {0}workflow_status w"
        rows = self._ask_engine(f"{query} JOIN {{0}}workflow_input i USING (workflow_uuid)")
        return {row.workflow_uuid: (row.status, row.inputs) for row in rows}

    def status(self, workflow_id: str) -> str | None:
        query = "SELECT status FROM {0}workflow_status WHERE workflow_uuid = :id"
        rows = self._ask_engine(query, id=workflow_id)
        return str(rows[0].status) if rows else None

    def _ask_engine(self, query: str, **values: str) -> list[sa.Row[Any]]:
        with unit_of_work(self.engine, write=False) as session:
            return list(session.execute(sa.text(query.format(self._schema)), values))

    @property
    def _schema(self) -> str:
        return f"{jobs.ENGINE_SCHEMA}." if self.engine.dialect.name == "postgresql" else ""

    def pretend(self, workflow_id: str, column: str, value: object) -> None:
        """Give a workflow a past."""
        query = "UPDATE {0}workflow_status SET {1} = :value WHERE workflow_uuid = :id"
        values = {"value": value, "id": workflow_id}
        with unit_of_work(self.engine) as session:
            session.execute(sa.text(query.format(self._schema, column)), values)

    def settle(self, workflow_id: str, *, within: float = 60) -> str | None:
        """Wait for the workflow's end and return how it ended."""
        ended = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
        wait_until(lambda: self.status(workflow_id) in ended, within)
        return self.status(workflow_id)


@dataclass
class Workers:
    """The worker processes of a test; none outlives it."""

    database: Database
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def launch(self, **environment: str) -> subprocess.Popen[bytes]:
        known = {"DATABASE_URL": self.database.url, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, PROGRAM],
                env={**os.environ, **known, **environment},
                cwd=self.log.parent,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def start(self, *worker_ids: str, **environment: str) -> subprocess.Popen[bytes]:
        """Launch workers and wait until all are ready; return the last."""
        before = self.logged().count("worker ready")
        for worker_id in worker_ids or ("one",):
            process = self.launch(WORKER_ID=worker_id, **environment)
        wait_until(lambda: self.logged().count("worker ready") == before + len(worker_ids or [1]))
        return process

    def logged(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def events(self) -> list[str]:
        """Return what was logged, without instants and levels."""
        return [str(json.loads(line)["event"]) for line in self.logged().splitlines()]

    def kill(self, number: int) -> None:
        """Kill the worker that is this process."""
        (process,) = (worker for worker in self.processes if worker.pid == number)
        process.send_signal(signal.SIGKILL)
        process.wait()


def wait_until(condition: Callable[[], bool], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    name = f"worker_{uuid4().hex}"
    server = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    yield from _migrated(url)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    yield from _migrated(f"sqlite:///{tmp_path}/service.sqlite3")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def workers(database: Database, tmp_path: Path) -> Iterator[Workers]:
    yield from _workers(database, tmp_path)


@pytest.fixture
def sqlite_workers(sqlite: Database, tmp_path: Path) -> Iterator[Workers]:
    yield from _workers(sqlite, tmp_path)


@pytest.fixture
def postgres_workers(postgres: Database, tmp_path: Path) -> Iterator[Workers]:
    yield from _workers(postgres, tmp_path)


def _migrated(url: str) -> Iterator[Database]:
    jobs.migrate(url)
    engine = make_engine(url)
    with unit_of_work(engine) as session:
        session.execute(sa.text(EFFECT))
    yield Database(url, engine)
    engine.dispose()


def _workers(database: Database, directory: Path) -> Iterator[Workers]:
    workers = Workers(database, directory / "worker.log")
    yield workers
    for process in workers.processes:
        process.kill()
        process.wait()
    print(workers.logged())  # noqa: T201 - pytest shows it where a test fails
