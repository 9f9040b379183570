"""`make fuzz`: Schemathesis on SQLite and PostgreSQL, for minutes, with a seed of one's choice."""

import sys
import tempfile
from pathlib import Path

from tests.schemathesis.running import attack
from tests.support.api import running_api
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.makers import BINH_SON, FOCAL_UNIT
from tests.support.postgres import running_postgres


def main(minutes: float, seed: int) -> int:
    """Attack both databases, half of the time each; return the exit code."""
    failed = 0
    seconds = max(10, int(minutes * 15))
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        for databases in (SqliteDatabases(Path(folder)), PostgresDatabases(server)):
            for unit in (BINH_SON, FOCAL_UNIT):
                print(f"{type(databases).__name__}, {unit}, seed {seed}", file=sys.stderr)  # noqa: T201
                with (
                    databases.loaded() as url,
                    running_api(url, rate_limit="100000000/minute") as api,
                ):
                    found = attack(
                        api,
                        unit,
                        phases="examples,coverage,fuzzing,stateful",
                        examples=50,
                        seed=seed,
                        seconds=seconds,
                    )
                if found:
                    failed += 1
                    print(found)  # noqa: T201
    return failed and 1


sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))
