"""The API and the worker as an operator runs them: real processes on a test's database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from app.processes import start_api, start_worker, stop
from tests.support.api import A_WORKING_DAY, TLS

ROOT = Path(__file__).parents[2]


def environment_of(database_url: str, *, at: datetime = A_WORKING_DAY) -> dict[str, str]:
    """Return the environment of a process that begins at that instant, whatever is set here."""
    offset = int((at - datetime.now(UTC)).total_seconds())
    sign = "-" if offset < 0 else ""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "CLOCK_OFFSET": f"{sign}P{abs(offset) // 86400}DT{abs(offset) % 86400}S",
        "WORKER_ID": "one",
        "RATE_LIMIT": "1000000/minute",
        "LOG_LEVEL": "INFO",
        "PYTHONPATH": str(ROOT),
    }


@dataclass(frozen=True)
class Worker:
    """A running worker and its log."""

    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running_worker(
    database_url: str, log: Path, *, at: datetime = A_WORKING_DAY
) -> Iterator[Worker]:
    """Run `python -m worker` until the block ends; its log is shown where a test fails."""
    process = start_worker(environment=environment_of(database_url, at=at), log=log)
    try:
        yield Worker(process, log)
    finally:
        stop(process)
        sys.stdout.write(log.read_text(encoding="utf-8"))


@contextmanager
def running_api_process(database_url: str, log: Path) -> Iterator[httpx.Client]:
    """Run the API's server as a process on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = start_api(
        host="127.0.0.1", port=port, environment=environment_of(database_url), log=log
    )
    try:
        with httpx.Client(verify=TLS, base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            wait_until(lambda: _answers(http))
            yield http
    finally:
        stop(process)
        sys.stdout.write(log.read_text(encoding="utf-8"))


def wait_until(condition: Callable[[], bool], *, within: float = 60) -> None:
    """Look until the condition holds, for so many seconds at most."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
