"""`make bench`: ratios within one run, one JSON line each on standard output.

A benchmark is a module here with `run(url) -> Iterator[Measured]`; ours and the floor are
measured in turns on the same database, and the round of the median ratio is what is said. A
missed target is said on standard error and fails nothing: a person reads it.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.bench import (
    bulk,
    bulk_memory,
    consolidate,
    pull,
    resubmit,
    rollups,
    single,
    worker_memory,
)
from tests.bench.measured import Measured, say
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteDatabases

BENCHES: Final[dict[str, Callable[[str], Iterator[Measured]]]] = {
    "single": single.run,
    "bulk": bulk.run,
    "bulk_memory": bulk_memory.run,
    "pull": pull.run,
    "rollups": rollups.run,
    "consolidate": consolidate.run,
    "resubmit": resubmit.run,
    "worker_memory": worker_memory.run,
}

# The tests' server forgets what it promised when the power fails. Here a commit costs what it
# costs in production, on both databases.
postgres._SETTINGS = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=200",
    "max_locks_per_transaction=256",
)


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; return the exit code."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        say(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHES)}")
        return 2
    with tempfile.TemporaryDirectory() as folder, postgres.running_postgres() as server:
        for databases in (SqliteDatabases(Path(folder)), PostgresDatabases(server)):
            for name in names or BENCHES:
                with databases.loaded() as url:
                    for measured in BENCHES[name](url):
                        _tell(name, measured)
    return 0


def _tell(name: str, measured: Measured) -> None:
    print(json.dumps(measured.line(name)), flush=True)  # noqa: T201
    if measured.missed:
        say(f"TARGET MISSED: {name}, {measured.variant}: {measured.ratio}, not {measured.target}")


sys.exit(main(sys.argv[1:]))
