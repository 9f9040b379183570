"""The job engine as the worker runs it: workflows in, durable steps out."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from dbos import (
    DBOS,
    DBOSPortableJSONSerializer,
    ScheduleInput,
    SQLAlchemyDatasource,
    WorkflowSerializationFormat,
)
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from app.clock import Clock
from app.jobs import APPLICATION, APPLICATION_VERSION, ENGINE_SCHEMA, Job
from app.settings import Settings
from worker.steps import Steps

# The engine counts the starts of a workflow that never ended: one that kills its worker each
# time is given up after these.
MAX_RECOVERY_ATTEMPTS: Final = 5
# What a stopping worker leaves its running workflows; the rest is resumed at the next start.
STOP_SECONDS: Final = 3
TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
SAY_AGAIN_SECONDS: Final = 30


@dataclass(frozen=True)
class Workflow:
    """What the worker does for a job: `body(steps, *arguments)`.

    One worker does `at_once` of them. With `cron` (six fields, local time) it also starts by
    itself; its arguments are then the planned instant and None.
    """

    job: Job
    body: Callable[..., None]
    at_once: int = 8
    cron: str | None = None


@contextmanager
def running(
    settings: Settings, engine: sa.Engine, workflows: Sequence[Workflow], *, executor_id: str
) -> Iterator[None]:
    """Do the workflows' jobs until the block ends, then stop within a few seconds.

    Raises `dbos.error.DBOSInitializationError` when the engine's tables are not up to date.
    """
    _through_std_logging()
    DBOS(
        config={
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            # An engine of its own: it looks into its tables while a step of ours holds
            # SQLite's only write lock, which our engine's BEGIN IMMEDIATE would wait for.
            "system_database_url": settings.database_url,
            "dbos_system_schema": ENGINE_SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": False,
            "log_level": "WARNING",  # INFO advertises a paid console
        }
    )
    try:
        datasource = SQLAlchemyDatasource.create(
            settings.database_url,
            engine=engine,
            schema=ENGINE_SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            sessionmaker=sessionmaker(class_=Session, expire_on_commit=False),
            run_migrations=False,
        )
        _launch(workflows, Steps(datasource, Clock(settings.clock_offset)))
        yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=STOP_SECONDS, destroy_registry=True)


def _launch(workflows: Sequence[Workflow], steps: Steps) -> None:
    schedules = [_register(workflow, steps) for workflow in workflows]
    DBOS.launch()
    # Jobs are enqueued without a version and go to the latest: the worker launched last, so
    # that going back to an older release also works.
    DBOS.set_latest_application_version(APPLICATION_VERSION)
    for queue in sorted({workflow.job.queue for workflow in workflows}):
        waiting = [workflow for workflow in workflows if workflow.job.queue == queue]
        DBOS.register_queue(
            queue,
            worker_concurrency=min(workflow.at_once for workflow in waiting),
            polling_interval_sec=min(_hurry(workflow) for workflow in waiting),
            on_conflict="always_update",
        )
    DBOS.apply_schedules([schedule for schedule in schedules if schedule])


def _hurry(workflow: Workflow) -> float:
    # Looking costs the database little, but for ever: nobody waits for what a clock starts.
    return 0.1 if workflow.cron is None else 1.0


def _register(workflow: Workflow, steps: Steps) -> ScheduleInput | None:
    def body(*arguments: object) -> None:
        workflow.body(steps, *arguments)

    registered = DBOS.workflow(
        name=workflow.job.name,
        max_recovery_attempts=MAX_RECOVERY_ATTEMPTS,
        serialization_type=WorkflowSerializationFormat.PORTABLE,
    )(body)
    if workflow.cron is None:
        return None
    return {
        "schedule_name": workflow.job.name,
        "workflow_fn": registered,
        "schedule": workflow.cron,
        "cron_timezone": TIME_ZONE,
        "queue_name": workflow.job.queue,
    }


class _Sparingly(logging.Filter):
    """Lets a warning through once in a while: a queue without a database warns at every look."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        # What differs from look to look stands at the end; the first line says it all.
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
        kind = record.msg[:40]
        if record.created - self._said_at.get(kind, 0) < SAY_AGAIN_SECONDS:
            return False
        self._said_at[kind] = record.created
        return True


def _through_std_logging() -> None:
    log = logging.getLogger("dbos")
    if not log.handlers:
        # Else the engine adds a console handler and stops propagating to the root logger.
        log.addHandler(logging.NullHandler())
        log.addFilter(_Sparingly())
