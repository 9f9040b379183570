"""The worker's peak memory while it builds all rollups and the report, at two sizes of a year."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from app.db import unit_of_work
from app.domain.consolidation.models import ConsolidationRequest
from app.processes import start_worker, stop
from tests.bench.consolidate import FEW, TARGET_GROWTH, a_request
from tests.bench.full_year import UNITS, FullYear, full_year
from tests.bench.measured import Measured, say
from tests.bench.rollups import MANY
from tests.support.processes import environment_of

ROUNDS: Final = 5
MOST_MIB: Final = 300.0
PATIENCE: Final = 600.0


def run(url: str) -> Iterator[Measured]:
    """Measure a worker process of its own in each round, that has done nothing else."""
    few, many = full_year(url, many=FEW), full_year(url, many=MANY)
    if few is None or many is None:
        return
    small, large = [], []
    for number in range(ROUNDS):
        small.append(peak_memory(few))
        large.append(peak_memory(many))
        say(f"worker_memory: round {number + 1}: {large[-1]:.0f} MiB, {small[-1]:.0f} MiB")
    ours, floor = round(median(large), 1), round(median(small), 1)
    yield Measured(
        variant=f"postgresql, {UNITS} units, {MANY} activity reports, floor is the target",
        unit="MiB",
        ours=ours,
        floor=MOST_MIB,
        target=1.0,
        at_most=True,
    )
    yield Measured(
        variant=f"postgresql, {UNITS} units, {MANY} over {FEW} activity reports",
        unit="MiB",
        ours=ours,
        floor=floor,
        target=TARGET_GROWTH,
        at_most=True,
    )


def peak_memory(year: FullYear) -> float:
    """Have a worker build everything from nothing; return the most it held at once, in MiB."""
    year.forget_rollups()
    with unit_of_work(year.engine) as session:
        request = a_request(session, year).id
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        process = start_worker(environment=environment_of(year.url), log=log)
        try:
            _wait(year, request, log)
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        finally:
            stop(process)
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None, "no VmHWM in /proc"
    return int(found[1]) / 1024


def _wait(year: FullYear, request: UUID, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with unit_of_work(year.engine, write=False) as session:
            state = session.get_one(ConsolidationRequest, request).state
        if state == "succeeded":
            return
        if state == "failed":
            break
        time.sleep(0.2)
    raise RuntimeError(f"no report:\n{log.read_text(encoding='utf-8')}")
