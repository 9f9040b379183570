"""`python -m app sandbox` as a real process: what it prints works, and nothing of it stays."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.sandbox import folder as folders
from app.settings import Settings
from tests.support.api import TLS
from tests.support.commands import ROOT

MARK = "SANDBOX_OF_A_TEST"
SHOWN = "Ctrl-C stops it"
TAKES_SECONDS = 90
FILE_SHA256 = "0" * 64


@dataclass
class Sandbox:
    """A sandbox that was started with a folder for temporary files of its own."""

    temporary: Path
    process: subprocess.Popen[str]
    mark: str
    out: str = ""

    @property
    def folder(self) -> Path:
        (found,) = self.temporary.glob(f"{folders.PREFIX}*")
        return found

    def read(self) -> None:
        """Read what it prints, to the end of the sheet."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.out += line
            if SHOWN in line:
                return
        raise AssertionError(self.process.communicate()[1])

    def printed(self, name: str) -> str:
        """Return a shell variable that it printed."""
        (found,) = re.findall(rf"^{name}=(\S+)$", self.out, re.MULTILINE)
        return str(found)

    def commands(self) -> str:
        """Return what is to be pasted, as it was printed."""
        start = self.out.index("# Dán")
        return self.out[start : self.out.index("Ctrl-C")]

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send it a signal; return its exit code, and what it said of errors."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=TAKES_SECONDS)
        return self.process.returncode, err

    def processes(self) -> list[int]:
        """Return the processes that it, or a child of it, started and that still run."""
        mark = f"{MARK}={self.mark}".encode()
        environments = Path("/proc").glob("[0-9]*/environ")
        return [int(file.parent.name) for file in environments if mark in _read(file)]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def _start(place: Path, *options: str) -> Sandbox:
    """Start one as a stranger would: no settings, and a HOME that nobody can write to."""
    temporary, mark = place / "tmp", uuid4().hex
    temporary.mkdir()
    inherited = {k: v for k, v in os.environ.items() if k.lower() not in Settings.model_fields}
    inherited.pop("PORT", None)
    own = {"PYTHONPATH": str(ROOT), "HOME": "/proc/nobody", "TMPDIR": str(temporary), MARK: mark}
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "sandbox", *options],
        env={**inherited, **own},
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Sandbox(temporary, process, mark)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = _start(tmp_path)
    yield made
    made.process.kill()
    made.process.communicate()


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_what_it_prints_can_be_pasted_and_nothing_of_it_stays(sandbox: Sandbox) -> None:
    sandbox.read()
    _posts_by_the_printed_command(sandbox)
    _tells_that_it_is_a_sandbox(sandbox)
    _lets_a_year_be_reported_and_pulled(sandbox)
    _writes_no_key_down(sandbox)
    assert len(sandbox.processes()) > 2
    assert sandbox.end(signal.SIGINT)[0] == 0
    assert sandbox.processes() == []
    assert list(sandbox.temporary.iterdir()) == []


def _posts_by_the_printed_command(sandbox: Sandbox) -> None:
    for outcome in ("created", "unchanged"):
        pasted = ["bash", "-euc", sandbox.commands()]
        said = subprocess.run(pasted, capture_output=True, text=True, check=True).stdout
        assert f'"outcome":"{outcome}"' in said.replace(" ", ""), said


def _tells_that_it_is_a_sandbox(sandbox: Sandbox) -> None:
    ready = httpx.get(f"{sandbox.printed('URL')}/readyz", verify=TLS).json()
    assert (ready["purpose"], ready["clock"]["simulated"]) == ("sandbox", True)
    assert ready["clock"]["now"].startswith("2021-11-22T02:")


@contextmanager
def _client(sandbox: Sandbox, name: str) -> Iterator[httpx.Client]:
    key = {"Authorization": f"Bearer {sandbox.printed(f'{name}_KEY')}"}
    url = sandbox.printed("URL")
    with httpx.Client(base_url=url, headers=key, timeout=30, verify=TLS) as http:
        yield http


def _lets_a_year_be_reported_and_pulled(sandbox: Sandbox) -> None:
    with (
        _client(sandbox, "DISTRICT") as district,
        _client(sandbox, "DEPARTMENT") as department,
        _client(sandbox, "FOCAL") as focal,
        _receiver() as (url, received),
    ):
        body = {"url": url, "events": ["submission.accepted"]}
        registered = district.post("/v1/webhooks", json=body)
        assert registered.status_code == 201, registered.text
        _report_and_pull(district, department, focal)
        told = json.loads(received.get(timeout=TAKES_SECONDS))
        assert (told["type"], told["data"]["unit"]) == ("submission.accepted", "gso-524")


@contextmanager
def _receiver() -> Iterator[tuple[str, Queue[bytes]]]:
    """Listen for webhooks on this machine, as the program of an integrator would."""
    received: Queue[bytes] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", received
        finally:
            server.shutdown()
            thread.join()


def _report_and_pull(district: httpx.Client, department: httpx.Client, focal: httpx.Client) -> None:
    states = {one["unit"]: one["review"] for one in _items(focal, "/v1/submissions")}
    assert sorted(states.values()) == ["accepted", "returned", "submitted"], "drafts are its own's"
    (draft,) = _items(district, "/v1/submissions")
    assert draft["review"] == "draft"
    document = {
        "document_number": "512/BC-UBND",
        "document_on": "2021-11-22",
        "signer_title": "Phó Chủ tịch UBND huyện",
        "signed_file_sha256": FILE_SHA256,
        "data_to": "2021-11-21",
    }
    path = f"/v1/submissions/{draft['id']}"
    assert department.post(f"{path}/submit", json=document).status_code == 403
    receipt = district.post(f"{path}/submit", json=document)
    assert (receipt.status_code, receipt.json()["activities"]) == (200, 25), receipt.text
    assert focal.post(f"{path}/accept").status_code == 200
    report = _pulled(focal)
    standing = {line["unit"]: line["review"] for line in report["coverage"]["roster"]}
    assert standing["gso-524"] == "accepted"
    assert report["manifest"]["purpose"] == "sandbox"


def _items(http: httpx.Client, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = http.get(path).json()["items"]
    return items


def _pulled(focal: httpx.Client) -> dict[str, Any]:
    asked = focal.post(
        "/v1/consolidated-reports",
        json={"plan": "tuyen-truyen-2021-2025", "year": 2021},
        headers={"Idempotency-Key": uuid4().hex},
    )
    assert asked.status_code == 202, asked.text
    deadline = time.monotonic() + TAKES_SECONDS
    while (state := focal.get(asked.headers["Location"]).json())["state"] != "succeeded":
        assert state["state"] != "failed" and time.monotonic() < deadline, state  # noqa: PT018
        time.sleep(0.2)
    report = focal.get("/v1/plans/tuyen-truyen-2021-2025/cycles/2021/consolidated-report")
    found: dict[str, Any] = report.json()
    return found


def _writes_no_key_down(sandbox: Sandbox) -> None:
    secrets = [sandbox.printed(f"{name}_KEY") for name in ("DISTRICT", "DEPARTMENT", "FOCAL")]
    held = {file.name: file.read_bytes() for file in sandbox.folder.iterdir()}
    assert {"api.log", "worker.log", "baocao.sqlite3"} <= held.keys()
    for name, content in held.items():
        assert not [one for one in secrets if one.encode() in content], name
    assert sandbox.folder.stat().st_mode & 0o077 == 0, "nobody else may look into it"


def test_one_that_is_killed_leaves_no_process_and_its_folder_goes_later(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline = time.monotonic() + TAKES_SECONDS
    while not list(sandbox.temporary.glob("*/worker.log")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    left = sandbox.folder
    monkeypatch.setattr(tempfile, "tempdir", str(sandbox.temporary))
    os.utime(left / "lock", (0, 0))
    folders.sweep()
    assert left.exists(), "one that runs stays"
    sandbox.end(signal.SIGKILL)
    while sandbox.processes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    folders.sweep()
    assert not left.exists()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = _start(tmp_path, "--port", str(port))
        _, err = started.process.communicate(timeout=TAKES_SECONDS)
    assert started.process.returncode == 1
    assert err.startswith(f"sandbox failed: port {port} cannot be used")
    assert list(started.temporary.iterdir()) == []
