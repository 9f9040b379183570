"""The end of the year: units submit, the reviewers accept, the province pulls its report."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

import httpx

from app.demo import papers
from app.demo.activity import activities
from app.demo.people import FOCAL, LATE, NEVER, Reporter, Secrets, reporters
from app.demo.portal import Line, at_once
from app.demo.progress import Course, Tick
from app.demo.stage import YEAR, DemoFailed, Stage
from app.setup import PLAN

LOOK_AGAIN: Final = 0.2  # seconds
CONSOLIDATION_SECONDS: Final = 60
LATEST: Final = f"/v1/plans/{PLAN}/cycles/{YEAR}/consolidated-report"


@dataclass(frozen=True)
class Pulled:
    """The consolidated report as the province pulled it, and the code lists it speaks in."""

    report: dict[str, Any]
    size: int
    sha256: str
    codes: list[dict[str, Any]]


def punctual() -> list[Reporter]:
    """Return who submits before the deadline."""
    return [one for one in reporters() if one.code != LATE and one.code not in NEVER]


def late() -> list[Reporter]:
    """Return who submits after it."""
    return [one for one in reporters() if one.code == LATE]


def submit(
    stage: Stage,
    secrets: Secrets,
    tick: Tick,
    *,
    who: Iterable[Reporter],
    on: date,
    data_to: date,
) -> None:
    """Let units draft by their portal's key, and submit by their officer's."""

    def one(reporter: Reporter) -> None:
        until = data_to.isoformat()
        posted = activities()[reporter.code]
        last_days = [str(body.get("ended_on", body["occurred_on"])) for body in posted]
        count = sum(day <= until for day in last_days)
        narrative = papers.narrative(reporter, data_to=data_to, count=count)
        draft = Line(stage.http, secrets.portals[reporter.code]).post(
            "/v1/submissions", {"plan": PLAN, "year": YEAR, "narrative": narrative}, due=201
        )
        document = papers.document(reporter, on=on, data_to=data_to)
        path = f"/v1/submissions/{draft.json()['id']}/submit"
        receipt = Line(stage.http, secrets.officers[reporter.code]).post(path, document, due=200)
        if receipt.json()["activities"] != count:
            held = receipt.json()["activities"]
            raise DemoFailed(f"{reporter.name} posted {count} activities; its receipt holds {held}")

    at_once((partial(one, reporter) for reporter in who), tick)


def accept(stage: Stage, secrets: Secrets, course: Course) -> None:
    """Let the focal unit accept what was submitted, and the committee's office the focal unit's."""
    focal = Line(stage.http, secrets.consolidator)
    office = Line(stage.http, secrets.reviewer)
    waiting = focal.items("/v1/submissions", plan=PLAN, year=YEAR, review="submitted")
    own = {one.key for one in reporters() if one.code == FOCAL}
    with course.step("Duyệt · accepting", total=len(waiting)) as tick:
        for submission in waiting:
            reviewer = office if submission["unit"] in own else focal
            reviewer.post(f"/v1/submissions/{submission['id']}/accept", due=200)
            tick()


def consolidate(stage: Stage, secrets: Secrets, course: Course) -> Pulled:
    """Ask for the consolidated report, watch its progress, pull and check it."""
    line = Line(stage.http, secrets.consolidator)
    asked = line.post("/v1/consolidated-reports", {"plan": PLAN, "year": YEAR}, due=202)
    status = asked.headers["Location"]
    total = int(asked.json()["progress"]["total"])
    with course.step("Tổng hợp · consolidating", total=total) as tick:
        _watch(stage, line, status, tick)
    pulled = line.get(LATEST)
    digest = _checked(pulled)
    stage.report.write_bytes(pulled.content)
    return Pulled(
        report=pulled.json(),
        size=len(pulled.content),
        sha256=digest,
        codes=line.items("/v1/codes"),
    )


def _watch(stage: Stage, line: Line, status: str, tick: Tick) -> None:
    shown = 0
    deadline = time.monotonic() + CONSOLIDATION_SECONDS
    while True:
        state = line.get(status).json()
        for _ in range(int(state["progress"]["done"]) - shown):
            shown += 1
            tick()
        if state["state"] == "succeeded":
            return
        if state["state"] == "failed":
            raise DemoFailed(f"the consolidation failed: {state['failure']}")
        stage.check()
        if time.monotonic() > deadline:
            raise DemoFailed(f"the consolidation took over {CONSOLIDATION_SECONDS} s")
        time.sleep(LOOK_AGAIN)


def _checked(pulled: httpx.Response) -> str:
    """Return the SHA-256 of what was pulled. Raises DemoFailed where the header says another."""
    digest = hashlib.sha256(pulled.content).hexdigest()
    if pulled.headers["X-Report-SHA256"] != digest:
        raise DemoFailed(f"{LATEST}: the bytes are not those that X-Report-SHA256 names")
    return digest
