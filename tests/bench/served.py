"""One server process at a time: the product's, as an operator runs it, or the floor's."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.processes import stop
from tests.support.processes import environment_of

PRODUCT: Final = "app.main:app"
FLOOR: Final = "tests.bench.floor:app"
ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int
    pid: int

    def post(
        self, path: str, body: bytes, *, content_type: str, secret: str, **headers: str
    ) -> tuple[int, bytes]:
        """Send one request; return status and body of its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        head = {"Content-Type": content_type, "Authorization": f"Bearer {secret}", **headers}
        connection.request("POST", path, body, head)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def peak_memory(self) -> float:
        """Return the most memory that the process ever held at once, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None, "no VmHWM in /proc"
        return int(found[1]) / 1024


@contextmanager
def served(application: str, url: str, *, log: Path) -> Iterator[Served]:
    """Serve an application on a database until the block ends.

    Both applications get the same server with the same options, and write one line a request
    into a file: the product its own, the floor uvicorn's.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--factory"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(url), stdout=stream, stderr=stream
        )
    try:
        _wait(process, port, log)
        yield Served(port, process.pid)
    finally:
        stop(process)


def _environment(url: str) -> Mapping[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "CLOCK_OFFSET": environment_of(url)["CLOCK_OFFSET"],  # 2021: the district is in being
        "RATE_LIMIT": "100000000/minute",  # the limiter counts, and never refuses
        "LOG_LEVEL": "INFO",
    }


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
