"""What a workflow is made of: steps that are done once, whatever happens to the worker."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar, cast

import sqlalchemy as sa
from dbos import DBOS, SQLAlchemyDatasource, WorkflowStatusString
from sqlmodel import Session

from app.clock import Clock
from app.jobs import Job

T = TypeVar("T")

# Waits between the attempts at one step. A database that is away or busy does not count as an
# attempt: the engine waits for it as long as it takes.
RETRY_SECONDS: Final = (0.5, 2.0)

_GAVE_UP: Final = [
    WorkflowStatusString.ERROR.value,
    WorkflowStatusString.CANCELLED.value,
    WorkflowStatusString.MAX_RECOVERY_ATTEMPTS_EXCEEDED.value,
]
_ENDED: Final = [WorkflowStatusString.SUCCESS.value, *_GAVE_UP]
_BATCH: Final = 500
_log = logging.getLogger(__name__)


class Steps:
    """What a workflow may use; all else in its body must come out the same when replayed."""

    def __init__(self, datasource: SQLAlchemyDatasource, clock: Clock) -> None:
        self._datasource = datasource
        self._clock = clock

    def run(self, name: str, work: Callable[[Session, datetime], T]) -> T:
        """Do `work` in one transaction that also holds its checkpoint, so it counts once.

        What it returns must be plain JSON. A failure is tried again a few times; the last one
        is raised, or when replayed `dbos.PortableWorkflowError` with the same message.
        """

        def in_transaction() -> T:
            return work(cast("Session", self._datasource.sql_session()), self._clock.now())

        pauses = iter(RETRY_SECONDS)
        while True:
            try:
                return self._datasource.run_tx_step({"name": name}, in_transaction)
            except Exception as error:
                pause = next(pauses, None)
                if pause is None:
                    raise
                # The engine records a failed attempt as a step: the next one is a new step,
                # and the pause is durable too, so a restart replays the same sequence.
                _log.warning("step %s of %s failed: %s", name, DBOS.workflow_id, error)
                DBOS.sleep(pause)

    def do(self, name: str, work: Callable[[datetime], T]) -> T:
        """Do `work` outside of any transaction and note what it returned: plain JSON.

        At least once: a worker that dies before it is noted does it again.
        """
        return DBOS.run_step({"name": name}, lambda: work(self._clock.now()))

    def run_again(self, workflow_ids: Sequence[str], *, queue: str) -> None:
        """Put those of the workflows back into the queue that have ended, in whatever way.

        An id never runs twice by itself, not even after an error. Rewinding also drops the old
        checkpoints; deleting and asking anew would replay them.
        """

        def rewind_ended() -> None:
            for start in range(0, len(workflow_ids), _BATCH):
                for workflow in DBOS.list_workflows(
                    workflow_ids=list(workflow_ids[start : start + _BATCH]),
                    status=_ENDED,
                    load_input=False,
                    load_output=False,
                ):
                    DBOS.rewind_workflow(workflow.workflow_id, queue_name=queue)

        if workflow_ids:
            DBOS.run_step({"name": "run again"}, rewind_ended)

    def given_up(self, job: Job, *, within: timedelta) -> list[list[str]]:
        """Return the arguments of the jobs that lately ended without doing their work."""

        def arguments() -> list[list[str]]:
            found = DBOS.list_workflows(
                name=job.name, status=_GAVE_UP, completed_after=_ago(within), load_output=False
            )
            return [list(workflow.input["args"]) for workflow in found if workflow.input]

        return DBOS.run_step({"name": "given up"}, arguments)

    def forget_ended(self, *, older_than: timedelta) -> None:
        """Delete the records of the workflows that ended so long ago."""

        def delete_old() -> None:
            while found := DBOS.list_workflows(
                status=_ENDED,
                completed_before=_ago(older_than),
                limit=_BATCH,
                load_input=False,
                load_output=False,
            ):
                DBOS.delete_workflows([workflow.workflow_id for workflow in found])

        def delete_checkpoints(session: Session, _at: datetime) -> None:
            # Those of a workflow that was cut off stay behind when it is deleted.
            at = sa.column("created_at", sa.BigInteger)
            table = sa.table("datasource_outputs", at, schema=self._datasource.schema)
            limit = (time.time() - older_than.total_seconds()) * 1000
            session.execute(sa.delete(table).where(at < int(limit)))

        DBOS.run_step({"name": "delete ended"}, delete_old)
        self.run("delete checkpoints", delete_checkpoints)


def _ago(age: timedelta) -> str:
    # The engine keeps its records in real time, whatever the service's clock shows.
    return (datetime.now(UTC) - age).isoformat()
