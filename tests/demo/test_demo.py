"""`python -m app demo` as a real process: what it leaves, and that it leaves no process."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.demo.activity import activities
from app.demo.people import reporters
from app.demo.play import SENT_AGAIN
from app.settings import Settings

ROOT = Path(__file__).parents[2]
MARK = "DEMO_OF_A_TEST"


@dataclass
class Demo:
    """A demo that was started in a folder of its own, as on a fresh checkout."""

    cwd: Path
    process: subprocess.Popen[str]
    mark: str
    out: str = ""
    err: str = ""

    @property
    def folder(self) -> Path:
        return self.cwd / "demo"

    def end(self) -> int:
        """Wait for its end; return its exit code."""
        self.out, self.err = self.process.communicate(timeout=240)
        return self.process.returncode

    def processes(self) -> list[int]:
        """Return the processes that it, or a child of it, started and that still run."""
        mark = f"{MARK}={self.mark}".encode()
        return [int(file.parent.name) for file in _environments() if mark in _read(file)]

    def logged(self) -> list[dict[str, Any]]:
        """Return the API's log of requests."""
        lines = (self.folder / "api.log").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["event"] == "request"]

    def report(self) -> dict[str, Any]:
        """Return the consolidated report that it wrote."""
        found: dict[str, Any] = json.loads(self._bytes())
        return found

    def sha256(self) -> str:
        return hashlib.sha256(self._bytes()).hexdigest()

    def _bytes(self) -> bytes:
        return (self.folder / "consolidated-report-2021.json").read_bytes()


def start(cwd: Path, *options: str) -> Demo:
    """Start a demo as on a fresh checkout, without any setting of this process."""
    mark = uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "demo", "--folder", "demo", *options],
        env={**_plain_environment(), MARK: mark},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Demo(cwd, process, mark)


def _plain_environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k.lower() not in Settings.model_fields}
    return {**inherited, "PYTHONPATH": str(ROOT)}


def _environments() -> list[Path]:
    return list(Path("/proc").glob("[0-9]*/environ"))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def test_the_demo_plays_2021_end_to_end(tmp_path: Path) -> None:
    played = start(tmp_path)
    assert (played.end(), played.err) == (0, ""), played.out
    assert played.processes() == []
    _covers_who_reported_who_is_missing_and_who_was_late(played.report())
    _stored_each_activity_once_and_was_refused_nothing(played)
    _reports_what_was_posted_by_who_submitted(played.report())
    _says_so_in_80_columns(played)
    _lets_the_other_commands_work_on_its_data(played)


def _covers_who_reported_who_is_missing_and_who_was_late(report: dict[str, Any]) -> None:
    ordered, others = report["coverage"]["ordered"], report["coverage"]["others"]
    due = {"required": 33, "accepted": 31, "missing": 2, "on_time": 30, "late": 1, "nil": 0}
    assert {name: ordered[name] for name in due} == due
    due = {"required": 5, "accepted": 4, "missing": 1, "on_time": 4, "late": 0, "nil": 1}
    assert {name: others[name] for name in due} == due
    assert len(report["coverage"]["roster"]) == 38


def _stored_each_activity_once_and_was_refused_nothing(played: Demo) -> None:
    answers = Counter((line["path"], line["status"]) for line in played.logged())
    posted = sum(map(len, activities().values()))
    assert answers["/v1/activity-reports", 201] == posted
    assert answers["/v1/activity-reports", 200] == SENT_AGAIN
    assert max(status for _, status in answers) < 400
    database = sqlite3.connect(played.folder / "baocao.sqlite3")
    for count in ("activity_report", "activity_revision"):
        assert database.execute(f"SELECT count(*) FROM {count}").fetchone() == (posted,)  # noqa: S608
    database.close()


def _reports_what_was_posted_by_who_submitted(report: dict[str, Any]) -> None:
    silent = {line["unit"] for line in report["missing"]}
    accepted = [one for one in reporters() if one.key not in silent]
    posted = sum(len(activities()[one.code]) for one in accepted)
    assert sum(line["activities"] for line in report["counts"]) == posted


def _says_so_in_80_columns(played: Demo) -> None:
    for said in (
        "Sở Ngoại vụ; UBND huyện Lý Sơn",
        "UBND huyện Minh Long (nhận 09:00 ngày 30/11/2021)",
        "demo/consolidated-report-2021.json",
        played.sha256(),
        "make serve",
        "http://127.0.0.1:8000/docs",
    ):
        assert said in played.out
    tables = played.out.partition("Tệp JSON")[0]
    assert max(map(len, tables.splitlines())) <= 80


def _lets_the_other_commands_work_on_its_data(played: Demo) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "keys", "create", "--unit", "body-so-tttt", "--days", "1"],
        env=_plain_environment(),
        cwd=played.cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("baocao_")
    assert "until 2021-12-01 09:0" in done.stderr  # by the demo's clock


def test_ctrl_c_ends_it_with_one_line_and_no_process(tmp_path: Path) -> None:
    demo = start(tmp_path)
    deadline = time.monotonic() + 60
    while not (demo.folder / "api.log").exists() or not demo.logged():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(demo.processes()) == 3
    demo.process.send_signal(signal.SIGINT)
    assert demo.end() == 130
    assert demo.err.splitlines() == ["demo stopped (logs: demo/*.log)"]
    assert demo.processes() == []
    assert not (tmp_path / "var" / "settings.env").exists()


def test_a_database_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine.sqlite3"
    with sqlite3.connect(mine) as database:
        database.execute("CREATE TABLE mine (id integer)")
    database.close()
    demo = start(tmp_path, "--database-url", f"sqlite:///{mine}")
    assert demo.end() == 1
    assert demo.err == (
        "demo failed: the database is not empty; the demo wants a fresh one (logs: demo/*.log)\n"
    )
