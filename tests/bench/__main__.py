"""`make bench`: ratios within one run, one JSON line each on standard output.

A benchmark is a module here with `run(url) -> Iterator[Measured]`; `ours` and `floor` are
measured alternately and their medians divided, so that a slow machine slows both.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.bench import fold
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.postgres import running_postgres

BENCHES = {"fold": fold.run}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; return the exit code."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHES)}", file=sys.stderr)  # noqa: T201
        return 2
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        for databases in (SqliteDatabases(Path(folder)), PostgresDatabases(server)):
            for name in names or BENCHES:
                with databases.loaded() as url:
                    for measured in BENCHES[name](url):
                        print(json.dumps({"bench": name, **measured}), flush=True)  # noqa: T201
    return 0


sys.exit(main(sys.argv[1:]))
