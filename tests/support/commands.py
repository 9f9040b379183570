"""The operator's commands as real processes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def run_app(database_url: str, *arguments: str | Path, **environment: str) -> Outcome:
    """Run `python -m app …` on a database and wait for its end."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        # The clock is set in any case: the demo leaves another one in var/settings.env.
        env={**os.environ, "CLOCK_OFFSET": "PT0S", "DATABASE_URL": database_url, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
