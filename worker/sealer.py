"""Sealing behind the writers: a thread that gives the audit its chain, the feed its order.

Any number of workers may do it: one seals, the others find nothing left.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeAlias

from sqlalchemy import Engine

from app.domain.activities.changes import seal_outstanding_changes
from app.domain.audit.seal import seal_outstanding
from worker.alongside import alongside

SEAL_EVERY_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5.0
Sealer: TypeAlias = Callable[[Engine], int]
SEALERS: Final[Sequence[Sealer]] = (seal_outstanding, seal_outstanding_changes)
_log = logging.getLogger(__name__)


@contextmanager
def sealing(engine: Engine, sealers: Sequence[Sealer]) -> Iterator[None]:
    """Let each sealer seal what is outstanding, again and again, during the block."""
    stopping = threading.Event()
    run = partial(_run, engine, sealers, stopping)
    with alongside(run, name="sealer", stop=stopping.set, within=STOP_SECONDS):
        yield


def _run(engine: Engine, sealers: Sequence[Sealer], stopping: threading.Event) -> None:
    failing: set[Sealer] = set()
    while sealers and not stopping.wait(SEAL_EVERY_SECONDS):
        for seal in sealers:
            try:
                seal(engine)
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever it was
                if seal not in failing:  # said once, not every second of an outage
                    _log.warning("sealing fails, is tried again: %s", error, exc_info=error)
                failing.add(seal)
            else:
                if seal in failing:
                    _log.info("sealing goes on")
                failing.discard(seal)
