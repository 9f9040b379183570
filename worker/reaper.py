"""Who does the work of a worker that is gone.

The engine resumes a worker's work when that same worker comes back, and leaves it for ever when
it does not. So on PostgreSQL every worker looks after the others.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dbos import DBOS, WorkflowStatus, WorkflowStatusString, error
from sqlalchemy.exc import SQLAlchemyError

from app.jobs import APPLICATION_VERSION
from app.settings import Settings
from worker.alongside import alongside
from worker.liveness import is_sqlite, lock_engine, try_lock, unlock

REAP_EVERY_SECONDS: Final = 2.0
# A lock must stay free this long: after a restart of PostgreSQL all are free for a moment.
GRACE_SECONDS: Final = 4.0
# A job that outlived so many dead workers probably killed them.
MAX_TAKEOVERS: Final = 5
_log = logging.getLogger(__name__)


@contextmanager
def reaping(settings: Settings, *, executor: str) -> Iterator[None]:
    """Take over the work of dead workers during the block (the engine must be running)."""
    if is_sqlite(settings):
        yield
        return
    reaper = _Reaper(settings, executor)
    stop = reaper.stopping.set
    with alongside(reaper.run, name="reaper", stop=stop, within=REAP_EVERY_SECONDS):
        yield


class _Reaper:
    """Finds the work of workers whose lock is free, and puts it back into its queue."""

    def __init__(self, settings: Settings, executor: str) -> None:
        self.stopping = threading.Event()
        self._engine = lock_engine(settings, f"{executor} reaper")
        self._executor = executor
        self._free_since: dict[str, float] = {}

    def run(self) -> None:
        while not self.stopping.wait(REAP_EVERY_SECONDS):
            try:
                self._look()
            except (SQLAlchemyError, error.DBOSException) as failure:
                # Whatever this was, what we saw before it says nothing about who lives now.
                self._free_since.clear()
                _log.warning("could not look for dead workers: %s", failure)
        self._engine.dispose()

    def _look(self) -> None:
        suspects = {status.executor_id for status in _started()} - {None, self._executor}
        for gone in self._free_since.keys() - suspects:
            del self._free_since[gone]
        with self._engine.connect() as connection:
            for executor in sorted(name for name in suspects if name):
                if not try_lock(connection, executor):
                    self._free_since.pop(executor, None)
                    continue
                # Held while its work moves: nobody else takes it, and its owner cannot start.
                try:
                    since = self._free_since.setdefault(executor, time.monotonic())
                    if time.monotonic() - since >= GRACE_SECONDS:
                        self._take_over(executor)
                finally:
                    unlock(connection, executor)

    def _take_over(self, executor: str) -> None:
        for status in _started(executor):
            takeovers = int((status.attributes or {}).get("takeovers", 0))
            if takeovers >= MAX_TAKEOVERS:
                # Ended for the engine, so that the sweep can tell whoever waits for it.
                DBOS.cancel_workflow(status.workflow_id)
                _log.error("%s ended %d workers: given up", status.workflow_id, takeovers + 1)
                continue
            # Resuming resets the engine's own count of starts, so the count is kept by us.
            DBOS.update_workflow_attributes(
                status.workflow_id, {"takeovers": takeovers + 1}, merge=True
            )
            DBOS.resume_workflows([status.workflow_id], queue_name=status.queue_name)
            _log.warning("took over %s of dead worker %s", status.workflow_id, executor)


def _started(executor: str | None = None) -> list[WorkflowStatus]:
    return DBOS.list_workflows(
        status=WorkflowStatusString.PENDING.value,
        executor_id=executor,
        app_version=APPLICATION_VERSION,  # of another version we could not resume it
        load_input=False,
        load_output=False,
    )
