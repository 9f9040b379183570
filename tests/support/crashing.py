"""An API process that is killed and started again, and a client that does not give up."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.processes import start_api, stop
from tests.support.api import TLS

PATIENCE = 90.0  # seconds


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class MortalApi:
    """The API's server as a process, always at the same port."""

    log: Path
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, when it lives."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it and wait until it answers."""
        self.process = start_api(
            host="127.0.0.1", port=self.port, environment=environment, log=self.log
        )
        deadline = time.monotonic() + PATIENCE
        with httpx.Client(verify=TLS, base_url=self.url) as http:
            while not _ready(http):
                assert self.process.poll() is None, "the API ended by itself"
                assert time.monotonic() < deadline, "the API does not start"
                time.sleep(0.02)

    def kill(self) -> None:
        """Kill it as a power cut would: it learns nothing and says nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        assert self.process.wait(timeout=60) == -signal.SIGKILL, "it had ended before"

    def stop(self) -> None:
        """End it, if it lives."""
        if self.process is not None:
            stop(self.process)


@dataclass(frozen=True)
class Answer:
    """What came back in the end, and whether it took more than one try."""

    response: httpx.Response
    sent_again: bool

    def json(self) -> dict[str, Any]:
        """Return the body."""
        found: dict[str, Any] = self.response.json()
        return found


@dataclass(frozen=True)
class Line:
    """A bad line: a request is sent until there is an answer."""

    http: httpx.Client
    secret: str

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        """Send the same request until it is answered, and by more than `not available now`."""
        named = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        deadline, tries = time.monotonic() + PATIENCE, 0
        while True:
            assert time.monotonic() < deadline, f"no answer to {method} {path}"
            tries += 1
            try:
                response = self.http.request(method, path, headers=named, **options)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return Answer(response, sent_again=tries > 1)
            time.sleep(0.1)


def _ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
