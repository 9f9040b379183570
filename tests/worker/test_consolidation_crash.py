"""Consolidation by real processes: a killed worker's report is the report of one that lived."""

import hashlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, func, select

from app.db import make_engine, unit_of_work
from app.domain.consolidation.models import ConsolidatedReport, StoredRollup
from tests.conftest import Databases
from tests.support.api import Portal
from tests.support.filing import DEPARTMENTS, DISTRICTS, Filing
from tests.support.makers import PLAN
from tests.support.processes import Worker, running_api_process, running_worker, wait_until

LATEST = f"/v1/plans/{PLAN}/cycles/2021/consolidated-report"
UNITS = (*DISTRICTS, *DEPARTMENTS[:12])
EACH = 5  # activity reports of each unit


def test_a_worker_killed_amid_a_consolidation_leaves_the_next_one_exactly_one_whole_report(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.loaded() as url:
        with running_api_process(url, tmp_path / "api.log") as http:
            focal = handed_in(url, http, UNITS, activities=EACH)
            place = asked_for(focal).headers["Location"]
            assert state(focal, place)["state"] == "queued"
        with databases.copy_of(url) as twin:
            undisturbed = done_by_one_worker(twin, tmp_path)
        with running_api_process(url, tmp_path / "api.log") as http:
            focal = Portal(http, focal.secret)
            with running_worker(url, tmp_path / "worker.log") as doomed:
                killed_at = kill_in_the_middle(doomed, focal, place)
            assert 0 < killed_at < len(UNITS)
            assert focal.get(LATEST).status_code == 404
            left = state(focal, place)
            assert (left["state"], left["progress"]["done"]) == ("running", killed_at)
            with running_worker(url, tmp_path / "worker.log") as heir:
                assert heir.process.pid != doomed.process.pid
                finished(focal, place)
            only_one_report(focal, url)
            assert focal.get(LATEST).content == undisturbed
            whole(focal.get(LATEST).json())


def test_what_was_asked_for_without_a_worker_is_done_once_one_starts(
    databases: Databases, tmp_path: Path
) -> None:
    units = DISTRICTS[:3]
    with databases.loaded() as url, running_api_process(url, tmp_path / "api.log") as http:
        focal = handed_in(url, http, units, activities=3)
        engine = make_engine(url)
        with unit_of_work(engine, write=False) as session:
            assert session.exec(select(func.count()).select_from(StoredRollup)).one() == 0
        with ThreadPoolExecutor(2) as both:  # two requests at once are one version under way
            answers = list(both.map(lambda _: asked_for(focal), range(2)))
        first, second = (answer.json() for answer in answers)
        assert first == second
        assert (first["version"], first["state"]) == (1, "queued")
        place = answers[0].headers["Location"]
        assert answers[1].headers["Location"] == place
        log = tmp_path / "worker.log"
        with running_worker(url, log):
            finished(focal, place)
            with unit_of_work(engine, write=False) as session:
                assert session.exec(select(func.count()).select_from(StoredRollup)).one() == 3
            one = focal.get(state(focal, place)["report"])
            portal = Portal(http, Filing(engine).key_of(DISTRICTS[5]))
            portal.post("/v1/submissions", {"plan": PLAN, "year": 2021})
            again = asked_for(focal)
            assert again.headers["Location"] != place
            assert again.json()["version"] == 2
            finished(focal, again.headers["Location"])
        engine.dispose()
        assert focal.get(state(focal, place)["report"]).content == one.content
        two = focal.get(LATEST)
        assert two.headers["X-Report-Version"] == "2"
        assert two.json()["totals"] == one.json()["totals"]
        assert two.json()["manifest"]["known_at"] > one.json()["manifest"]["known_at"]
        listed = focal.get("/v1/consolidated-reports", plan=PLAN, year=2021).json()["items"]
        assert [(row["version"], row["sha256"]) for row in listed] == [
            (number, hashlib.sha256(body.content).hexdigest())
            for number, body in ((1, one), (2, two))
        ]


def handed_in(url: str, http: httpx.Client, units: tuple[str, ...], *, activities: int) -> Portal:
    engine = make_engine(url)
    try:
        return Filing(engine).hand_in(http, units, activities=activities)
    finally:
        engine.dispose()


def asked_for(focal: Portal) -> httpx.Response:
    asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021})
    assert asked.status_code == 202, asked.text
    return asked


def state(focal: Portal, place: str) -> dict[str, Any]:
    answer = focal.get(place)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def finished(focal: Portal, place: str) -> None:
    wait_until(lambda: state(focal, place)["state"] not in ("queued", "running"))
    ended = state(focal, place)
    assert ended["state"] == "succeeded", ended
    assert ended["progress"]["done"] == ended["progress"]["total"]


def done_by_one_worker(url: str, folder: Path) -> bytes:
    engine = make_engine(url)

    def content() -> bytes | None:
        with unit_of_work(engine, write=False) as session:
            return session.exec(select(ConsolidatedReport.content)).first()

    with running_worker(url, folder / "twin.log"):
        wait_until(lambda: content() is not None)
    found = content()
    engine.dispose()
    assert found is not None
    return found


def kill_in_the_middle(worker: Worker, focal: Portal, place: str) -> int:
    """Kill a worker while its consolidation is neither at its beginning nor at its end.

    From its start on it runs in short turns, and stands still while the status is read.
    """
    wait_until(lambda: worker.log.exists() and "worker ready" in worker.log.read_text())
    deadline = time.monotonic() + 60
    progress = {"done": 0, "total": 0}
    while progress["done"] == 0:
        assert time.monotonic() < deadline, "it did not begin"
        os.kill(worker.process.pid, signal.SIGCONT)
        time.sleep(0.01)
        os.kill(worker.process.pid, signal.SIGSTOP)
        progress = state(focal, place)["progress"]
    os.kill(worker.process.pid, signal.SIGKILL)
    assert worker.process.wait(timeout=60) == -signal.SIGKILL
    assert progress["total"] == len(UNITS)
    return progress["done"]


def only_one_report(focal: Portal, url: str) -> None:
    (row,) = focal.get("/v1/consolidated-reports", plan=PLAN, year=2021).json()["items"]
    latest = focal.get(LATEST)
    assert row["version"] == 1
    assert row["sha256"] == hashlib.sha256(latest.content).hexdigest()
    engine = make_engine(url)
    with unit_of_work(engine, write=False) as session:
        assert session.exec(select(col(ConsolidatedReport.sha256))).all() == [row["sha256"]]
        assert session.exec(select(func.count()).select_from(StoredRollup)).one() == len(UNITS)
    engine.dispose()


def whole(report: dict[str, Any]) -> None:
    assert [part["unit"] for part in report["by_unit"]] == sorted(UNITS)
    assert sum(row["activities"] for row in report["counts"]) == len(UNITS) * EACH
    assert {count["activities"] for part in report["by_unit"] for count in part["counts"]} == {EACH}
    assert len(report["manifest"]["inputs"]) == len(UNITS)
    assert report["manifest"]["purpose"] == "sandbox"
