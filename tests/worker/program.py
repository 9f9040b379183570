"""A worker with made-up jobs: the real process, on a domain of one table, `effect`."""

import os
import signal
import time
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session

from app.db import make_engine
from app.jobs import Job
from app.log import configure
from app.settings import load_settings
from worker.__main__ import leave, serve
from worker.engine import Workflow
from worker.steps import Steps


def note(session: Session, name: str, value: str) -> None:
    session.execute(
        sa.text("INSERT INTO effect (name, value, process) VALUES (:name, :value, :process)"),
        {"name": name, "value": value, "process": os.getpid()},
    )


def count(steps: Steps, name: str, last: str, pause: str) -> None:
    """Note 1 to `last`, a step each, with a pause before each."""
    for number in range(1, int(last) + 1):
        time.sleep(float(pause))
        value = str(number)
        steps.run("note", lambda s, _, value=value: note(s, name, value))  # type: ignore[misc]


def kill(steps: Steps, name: str) -> None:
    """End the worker that does this, at once."""
    steps.run("note", lambda s, _: note(s, name, "started"))
    os.kill(os.getpid(), signal.SIGKILL)


def fail(steps: Steps, name: str) -> None:
    """Fail at every attempt and note the reason, like a consolidation does."""

    def attempt(session: Session, _at: object) -> None:
        note(session, name, "half")
        raise ValueError("no way")

    try:
        steps.run("attempt", attempt)
    except Exception as error:
        reason = str(error)
        steps.run("fail", lambda s, _: note(s, name, reason))
        raise


def mend(steps: Steps, workflow_id: str) -> None:
    """Note which counts were given up, then run an ended workflow again."""
    lost = sorted(args[0] for args in steps.given_up(KILL, within=timedelta(hours=1)))
    steps.run("note", lambda s, _: note(s, "given up", " ".join(lost)))
    steps.run_again([workflow_id], queue="work")


def forget(steps: Steps) -> None:
    """Forget all that has ended until now."""
    steps.forget_ended(older_than=timedelta(0))


def tick(steps: Steps, planned_at: object, _context: object) -> None:
    """Note the second for which the clock started this."""
    steps.run("note", lambda s, _: note(s, "tick", str(planned_at)))


COUNT, KILL, FAIL, MEND, FORGET, TICK = (
    Job(name, "work") for name in ("count", "kill", "fail", "mend", "forget", "tick")
)
WORKFLOWS = (
    Workflow(COUNT, count),
    Workflow(KILL, kill),
    Workflow(FAIL, fail),
    Workflow(MEND, mend),
    Workflow(FORGET, forget),
)


def main() -> int:
    settings = load_settings()
    configure(settings.log_level)
    engine = make_engine(settings.database_url)
    ticking = (Workflow(TICK, tick, cron="* * * * * *"),) if "TICK" in os.environ else ()

    def ready() -> None:
        with engine.connect():
            pass

    return serve(settings, engine, (*WORKFLOWS, *ticking), ready)


if __name__ == "__main__":
    leave(main())
