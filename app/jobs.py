"""The job engine behind one small face.

The engine is DBOS, on the same database as the data: its tables share the file on SQLite and
have a schema of their own on PostgreSQL. A job therefore joins the transaction of the rows that
it is about. This module and `worker/` are the only importers of the engine.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from dbos import (
    DBOS,
    DBOSClient,
    DBOSPortableJSONSerializer,
    SQLAlchemyDatasource,
    WorkflowSerializationFormat,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

APPLICATION: Final = "baocao"

# The engine resumes a workflow only under the version that started it, and by default derives
# the version from the source, so that any edit would strand waiting work. Bump this only when
# a workflow's steps change their order or meaning, and drain the queues first.
APPLICATION_VERSION: Final = "1"

ENGINE_SCHEMA: Final = "dbos"

# On SQLite they stand beside our tables, so their names are reserved on both databases.
ENGINE_TABLES: Final = frozenset(
    {
        "application_versions",
        "datasource_outputs",
        "dbos_datasource_migrations",
        "dbos_migrations",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)


@dataclass(frozen=True)
class Job:
    """A kind of work: the name the worker knows it by, and the queue it waits in."""

    name: str
    queue: str


ROLLUP: Final = Job(name="rollup", queue="rollups")
CONSOLIDATION: Final = Job(name="consolidation", queue="consolidations")


def enqueue_rollup(session: Session, *, revision_id: UUID) -> None:
    """Ask, within the session's transaction, for the rollup of a submission revision."""
    enqueue(session, ROLLUP, str(revision_id), workflow_id=rollup_id(revision_id))


def enqueue_consolidation(
    session: Session, *, request_id: UUID, plan: str, cycle: str, version: int
) -> None:
    """Ask, within the session's transaction, for one version of a consolidated report.

    The version is the identity: a second request for the same version is silently the first.
    """
    workflow_id = f"consolidate:{plan}:{cycle}:v{version}"
    enqueue(session, CONSOLIDATION, str(request_id), workflow_id=workflow_id)


def rollup_id(revision_id: UUID) -> str:
    """Return the workflow id of a revision's rollup."""
    return f"rollup:{revision_id}"


def enqueue(session: Session, job: Job, *arguments: str, workflow_id: str) -> None:
    """Put a job into its queue within the session's transaction: no commit, no job.

    An id that was ever used runs once; repeating it is harmless. An id used for another
    kind of job raises the engine's DBOSConflictingWorkflowError.
    """
    # No version: the worker that was launched last takes it, also after a rollback.
    _client(session.get_bind().engine).enqueue_in_transaction(
        session,
        {
            "workflow_name": job.name,
            "queue_name": job.queue,
            "workflow_id": workflow_id,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        },
        *arguments,
    )


def migrate(url: str) -> None:
    """Bring the engine's tables up to date; the database itself must exist. Idempotent."""
    DBOS.migrate(url, schema=ENGINE_SCHEMA)
    SQLAlchemyDatasource.migrate(url, schema=ENGINE_SCHEMA)


def is_engine_table(name: str, schema: str | None = None) -> bool:
    """Tell whether a table belongs to the engine and is none of Alembic's business."""
    return schema == ENGINE_SCHEMA or (schema is None and name in ENGINE_TABLES)


@lru_cache(maxsize=8)
def _client(engine: Engine) -> DBOSClient:
    # Lazy: it only ever borrows the caller's session and opens no connection of its own.
    return DBOSClient(
        system_database_engine=engine,
        dbos_system_schema=ENGINE_SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        lazy=True,
    )
