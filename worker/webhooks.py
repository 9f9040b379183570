"""Delivering webhooks: a thread that finds what is due, and a few that send, one per endpoint.

They are threads of their own and no jobs of the engine: what waits, and until when, stands in our
own table, and a claim there is a lease. Any number of workers may do it.
"""

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app import jobs
from app.clock import Clock
from app.db import unit_of_work
from app.domain.webhooks.delivery import Outcome, Sending, claim, is_due, note
from app.domain.webhooks.signing import SigningKey
from app.domain.webhooks.telling import tell_opened
from worker.alongside import alongside
from worker.engine import Workflow
from worker.posting import Postman
from worker.steps import Steps

# Receivers that do not answer hold one each, for as long as an attempt may take.
AT_ONCE: Final = 24
LOOK_EVERY_SECONDS: Final = 0.5
STOP_SECONDS: Final = 3.0
NOTE_AGAIN_SECONDS: Final = (1.0, 5.0, 15.0)
_log = logging.getLogger(__name__)


class Courier:
    """Claims deliveries, has them sent, and notes what came of them."""

    def __init__(self, engine: Engine, clock: Clock, key: SigningKey, postman: Postman) -> None:
        self._engine, self._clock, self._key, self._postman = engine, clock, key, postman
        self._busy: set[UUID] = set()
        self._busy_lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Deliver again and again until told to stop."""
        failing = False
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            try:
                while not self._stopping.is_set() and self._send_one():
                    pass
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever it was
                if not failing:  # said once, not twice a second of an outage
                    _log.warning("webhooks wait, are tried again: %s", error, exc_info=error)
                failing = True
            else:
                failing = False

    def stop(self) -> None:
        """Begin nothing more. What is being sent goes on; if it is cut off, it is sent again."""
        self._stopping.set()
        ends_at = time.monotonic() + STOP_SECONDS
        while self._endpoints() and time.monotonic() < ends_at:
            time.sleep(0.05)

    def _send_one(self) -> bool:
        """Claim one and have it sent; tell whether there was one, and a hand free for it."""
        busy = self._endpoints()
        if len(busy) >= AT_ONCE:
            return False
        # A look first: it takes no write lock, which on SQLite there is only one of.
        with unit_of_work(self._engine, write=False) as session:
            if not is_due(session, at=self._clock.now(), busy=busy):
                return False
        with unit_of_work(self._engine) as session:
            sending = claim(session, key=self._key, busy=busy, at=self._clock.now())
        if sending is None:
            return False  # another worker was first
        with self._busy_lock:
            self._busy.add(sending.endpoint)
        # A thread for each: what waits for a receiver must not keep the process from its end.
        threading.Thread(target=self._deliver, args=(sending,), daemon=True).start()
        return True

    def _endpoints(self) -> frozenset[UUID]:
        with self._busy_lock:
            return frozenset(self._busy)

    def _deliver(self, sending: Sending) -> None:
        try:
            self._note_at_last(sending, self._postman.post(sending))
        except Exception:  # noqa: BLE001 - its thread ends here, and the lease stands
            _log.exception("webhook attempt not noted, is made again later")
        finally:
            with self._busy_lock:
                self._busy.discard(sending.endpoint)

    def _note_at_last(self, sending: Sending, outcome: Outcome) -> None:
        """Note an outcome, also where the database is away for some seconds."""
        for pause in NOTE_AGAIN_SECONDS:
            try:
                return self._note(sending, outcome)
            except SQLAlchemyError as error:
                _log.warning("a webhook's attempt is noted again: %s", error)
                self._stopping.wait(pause)
        return self._note(sending, outcome)

    def _note(self, sending: Sending, outcome: Outcome) -> None:
        with unit_of_work(self._engine) as session:
            jitter = random.random()  # noqa: S311 - it spreads load and hides nothing
            note(session, sending, outcome, jitter=jitter, at=self._clock.now())


@contextmanager
def couriering(courier: Courier | None) -> Iterator[None]:
    """Deliver webhooks during the block, where there is a courier."""
    if courier is None:
        yield
        return
    with alongside(courier.run, name="webhooks", stop=courier.stop, within=STOP_SECONDS):
        yield


def open_cycles(steps: Steps, _planned_at: object, _context: object) -> None:
    """Tell of the reporting cycles that have opened."""
    steps.run("tell_opened", lambda s, at: tell_opened(s, at=at))


OPENED: Final = Workflow(
    jobs.Job("tell_opened", "housekeeping"), open_cycles, at_once=1, cron="20 */5 * * * *"
)
