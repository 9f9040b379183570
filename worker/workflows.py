"""What the worker does: for each job a few lines that call one verb of the domain."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app import jobs
from app.domain.consolidation import service
from app.domain.errors import DomainError
from app.domain.idempotency.service import forget_old
from app.domain.webhooks import delivery
from worker.engine import Workflow
from worker.steps import Steps

KEEP_RECORDS_FOR: Final = timedelta(days=30)
# The sweep runs six times an hour; a day covers any time without a worker to run it.
LATELY: Final = timedelta(days=1)


def roll_up(steps: Steps, revision_id: str) -> None:
    """Build the rollup of one submission revision."""
    revision = UUID(revision_id)
    steps.run("build_rollup", lambda s, at: service.build_rollup(s, revision_id=revision, at=at))


def consolidate(steps: Steps, request_id: str) -> None:
    """Consolidate what a request froze; one that cannot be is marked failed."""
    request = UUID(request_id)
    try:
        revisions = steps.run(
            "begin", lambda s, at: _strings(service.begin(s, request_id=request, at=at))
        )
        for revision in revisions:
            _prepare(steps, request, UUID(revision))
        steps.run("publish", lambda s, at: service.publish(s, request_id=request, at=at))
    except Exception as error:
        _fail(steps, request, _reason(error))
        raise


def _prepare(steps: Steps, request: UUID, revision: UUID) -> None:
    steps.run(
        "prepare_input",
        lambda s, at: service.prepare_input(s, request_id=request, revision_id=revision, at=at),
    )


def sweep(steps: Steps, _planned_at: object, _context: object) -> None:
    """Find what fell through: revisions without a rollup, requests whose job died.

    A rollup that failed is tried again at every sweep, so it heals by itself once its cause is
    gone; until then every sweep says so in the log.
    """
    missing = steps.run(
        "revisions_without_rollup",
        lambda s, _: _strings(service.revisions_without_rollup(s)),
    )
    revisions = [UUID(found) for found in missing]
    steps.run_again([jobs.rollup_id(revision) for revision in revisions], queue=jobs.ROLLUP.queue)
    steps.run("enqueue_rollups", lambda s, _: _enqueue_rollups(s, revisions))
    for (request_id,) in steps.given_up(jobs.CONSOLIDATION, within=LATELY):
        _fail(steps, UUID(request_id), "its job ended too many workers and was given up")


def _reason(error: Exception) -> str:
    # Whoever asked may read a refusal of the domain; the rest is for the operator's eyes.
    if isinstance(error, DomainError):
        return str(error)
    return f"unexpected {type(error).__name__}; the worker's log says more"


def _strings(ids: list[UUID]) -> list[str]:
    return [str(each) for each in ids]


def _enqueue_rollups(session: Session, revisions: list[UUID]) -> None:
    for revision in revisions:
        jobs.enqueue_rollup(session, revision_id=revision)


def _fail(steps: Steps, request: UUID, reason: str) -> None:
    steps.run("fail", lambda s, at: service.fail(s, request_id=request, at=at, reason=reason))


def clean(steps: Steps, _planned_at: object, _context: object) -> None:
    """Delete what is kept for a time only: ended work, answers under old keys, old deliveries."""
    steps.forget_ended(older_than=KEEP_RECORDS_FOR)
    steps.run("forget_old_keys", lambda s, at: forget_old(s, at=at))
    steps.run("forget_old_deliveries", lambda s, at: delivery.forget_old(s, at=at))


WORKFLOWS: Final = (
    Workflow(jobs.ROLLUP, roll_up),
    Workflow(jobs.CONSOLIDATION, consolidate, at_once=2),
    Workflow(jobs.Job("sweep", "housekeeping"), sweep, at_once=1, cron="0 */10 * * * *"),
    Workflow(jobs.Job("clean", "housekeeping"), clean, at_once=1, cron="0 30 2 * * *"),
)
