"""Running Schemathesis, all checks on, against the real app on a real database."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.api import Api

HERE = Path(__file__).parent


def attack(api: Api, unit: str, *, phases: str, examples: int, seed: int, seconds: int = 0) -> str:
    """Let Schemathesis loose with a key of all scopes; return what it found, "" for nothing."""
    portal = api.portal(unit)
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        f"{str(portal.http.base_url).rstrip('/')}/openapi.json",
        "--header",
        f"Authorization: Bearer {portal.secret}",
        "--checks",
        "all",
        "--phases",
        phases,
        "--max-examples",
        str(examples),
        "--seed",
        str(seed),
        "--generation-deterministic",
        "--no-color",
        "--request-timeout",
        "60",  # a machine that is busy is no fault of the app's
        *(["--max-time", str(seconds)] if seconds else []),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.schemathesis.hooks",
        "PYTHONPATH": str(HERE.parent.parent),
    }
    with tempfile.TemporaryDirectory() as folder:  # where it keeps what it saw
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
    return "" if done.returncode == 0 else done.stdout + done.stderr
