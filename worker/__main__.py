"""`python -m worker`: do the jobs until told to stop."""

import logging
import os
import signal
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from app.clock import Clock
from app.db import make_engine
from app.log import configure
from app.migrate import NotReady, check_ready
from app.settings import Settings, load_settings
from app.webhooks import webhooks_of
from worker.collector import collect_rarely
from worker.engine import Workflow, running
from worker.liveness import WorkerRefused, claimed, executor_id
from worker.mail import MailServer
from worker.posting import Postman
from worker.reaper import reaping
from worker.reminders import reminder_workflows
from worker.sealer import SEALERS, Sealer, sealing
from worker.webhooks import OPENED, Courier, couriering
from worker.workflows import WORKFLOWS

DATABASE_RETRY_SECONDS: Final = 1.0
# A step that is still busy then is cut off: its transaction rolls back, and it runs again.
LAST_THREADS_SECONDS: Final = 0.5
_log = logging.getLogger("worker")


def main() -> int:
    """Run the service's worker; return the process's exit code."""
    settings = load_settings()
    configure(settings.log_level)
    collect_rarely()
    try:
        workflows = (*WORKFLOWS, OPENED, *reminder_workflows(MailServer.of(settings)))
    except WorkerRefused as refusal:
        _log.error("%s", refusal)
        return 1
    engine = make_engine(settings.database_url)
    return serve(
        settings,
        engine,
        workflows,
        lambda: _check_ready(engine, settings),
        SEALERS,
        lambda: _courier(engine, settings),
    )


def serve(
    settings: Settings,
    engine: Engine,
    workflows: Sequence[Workflow],
    ready: Callable[[], None],
    sealers: Sequence[Sealer] = (),
    courier: Callable[[], Courier] | None = None,
) -> int:
    """Do the workflows' jobs, seal and deliver, until a signal; return the process's exit code.

    Waits first, as long as `ready` raises OperationalError because the database is away.
    """
    stop, lost = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def on_lost() -> None:
        lost.set()
        stop.set()

    try:
        executor = executor_id(settings)
        _await(ready, stop)
        if stop.is_set():
            return 0
        with (
            claimed(settings, executor=executor, on_lost=on_lost),
            running(settings, engine, workflows, executor_id=executor),
            reaping(settings, executor=executor),
            sealing(engine, sealers),
            couriering(courier() if courier else None),
        ):
            _log.info("worker ready (%s)", executor)
            stop.wait()
            _log.info("worker stops")
    except (NotReady, WorkerRefused) as refusal:
        _log.error("%s", refusal)
        return 1
    return 1 if lost.is_set() else 0


def leave(code: int) -> None:
    """End the process, also when a step that does not come to its end holds a thread."""
    threads = [t for t in threading.enumerate() if t is not threading.main_thread()]
    for thread in threads:
        if not thread.daemon:
            thread.join(timeout=LAST_THREADS_SECONDS)
    logging.shutdown()
    if any(thread.is_alive() and not thread.daemon for thread in threads):
        os._exit(code)
    sys.exit(code)


def _check_ready(engine: Engine, settings: Settings) -> None:
    check_ready(engine, Clock(settings.clock_offset))


def _courier(engine: Engine, settings: Settings) -> Courier:
    clock = Clock(settings.clock_offset)
    told = webhooks_of(settings, check_ready(engine, clock))
    trusted = ssl.create_default_context()
    postman = Postman(told.destinations, settings.webhook_timeout, trusted)
    return Courier(engine, clock, told.key, postman)


def _await(ready: Callable[[], None], stop: threading.Event) -> None:
    said = ""
    while not stop.is_set():
        try:
            ready()
        except OperationalError as error:
            if str(error.orig) != said:
                said = str(error.orig)
                _log.warning("waiting for the database: %s", said)
            stop.wait(DATABASE_RETRY_SECONDS)
        else:
            return


if __name__ == "__main__":
    leave(main())
