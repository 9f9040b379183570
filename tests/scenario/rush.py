"""A deadline: four API processes, two workers, and 201 units with activity and a draft each."""

import csv
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import TypeAdapter
from sqlalchemy import Engine

from app.db import make_engine, unit_of_work
from app.domain.access.service import authenticate, create_key
from app.domain.activities.body import ActivityBody
from app.domain.activities.service import accept
from app.domain.cycles.queries import get_cycle
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from app.domain.reference import Memory
from app.domain.submissions.contents import SubmissionContent
from app.domain.submissions.drafting import draft
from app.domain.submissions.narrative import Narrative
from app.processes import start_api, start_worker, stop
from app.setup import REFERENCE
from tests.support.api import A_WORKING_DAY, TLS, Portal
from tests.support.filing import DEPARTMENTS, DISTRICTS, some_activities
from tests.support.makers import FOCAL_UNIT, PLAN
from tests.support.processes import environment_of, wait_until

STARTED_AT: Final = datetime(2021, 11, 29, 20, 0, tzinfo=LOCAL_TIME)
CODE: Final = "nhanh-11-thang"
CYCLE: Final = f"/v1/reporting-cycles/{PLAN}.{CODE}"
APIS: Final = 4
EACH: Final = 2  # activity reports of each unit, beside what a district enters for a commune
STRAGGLER: Final = DEPARTMENTS[-1]


def _communes() -> dict[str, list[str]]:
    """Return the commune-level units of Quảng Ngãi in 2021 by their districts: 173 in 12."""
    with (REFERENCE / "register" / "units.csv").open(encoding="utf-8") as register:
        rows = [row for row in csv.DictReader(register) if not row["valid_from"]]
    return {
        district: [f"gso-{row['code']}" for row in rows if f"gso-{row['parent_code']}" == district]
        for district in DISTRICTS
    }


COMMUNES: Final = _communes()
UNITS: Final = (*(one for some in COMMUNES.values() for one in some), *DISTRICTS, *DEPARTMENTS[:14])


def activities() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield what each key enters: its unit's own, and each district's one for its first commune.

    All of it is of days before November.
    """
    for unit in (*UNITS, STRAGGLER):
        bodies = list(some_activities(unit, EACH))
        for commune in COMMUNES.get(unit, ())[:1]:
            (extra,) = some_activities(commune, 1)
            bodies.append(extra | {"external_id": f"{unit}.for-{commune}"})
        yield unit, bodies


@dataclass
class Rush:
    """The running processes, the units' keys and drafts, and the clock that all of them share."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    engine: Engine
    https: list[httpx.Client] = field(default_factory=list)
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    _memory: Memory = field(default_factory=Memory)

    def now(self) -> datetime:
        """Return the instant at which the processes are."""
        offset = TypeAdapter(timedelta).validate_python(self.environment["CLOCK_OFFSET"])
        return datetime.now(UTC) + offset

    def portal(self, unit: str, *, api: int) -> Portal:
        """Return a unit's portal that talks to one of the API processes."""
        return Portal(self.https[api % APIS], self.keys[unit])

    def log(self, name: str) -> Path:
        """Return the log of a process."""
        return self.folder / f"{name}.log"

    def start_worker(self, name: str) -> None:
        """Start a worker."""
        environment = {**self.environment, "WORKER_ID": name}
        self.workers[name] = start_worker(environment=environment, log=self.log(name))

    def kill_worker(self, name: str) -> None:
        """Kill a worker as a power cut would; another one starts in its place."""
        self.workers[name].send_signal(signal.SIGKILL)
        assert self.workers[name].wait(timeout=60) == -signal.SIGKILL, "it had ended before"
        self.start_worker(f"{name}-heir")

    def store_activity(self) -> None:
        """Make the units' keys, and store their activity, each unit's in one transaction."""
        for unit, bodies in activities():
            with unit_of_work(self.engine) as session:
                _, self.keys[unit] = create_key(
                    session,
                    unit=unit,
                    scopes=tuple(Scope),
                    label="rush",
                    at=A_WORKING_DAY,
                    expires_at=A_WORKING_DAY + timedelta(days=365),
                )
            with unit_of_work(self.engine) as session:
                by, reference = authenticate(
                    session, self._memory, secret=self.keys[unit], at=A_WORKING_DAY
                )
                for body in bodies:
                    checked = ActivityBody.model_validate(body)
                    accept(session, reference, body=checked, by=by, at=A_WORKING_DAY)

    def open_cycle(self) -> None:
        """Ask all of them for a report: communes, their districts, and provincial bodies."""
        body = self._cycle(STARTED_AT + timedelta(days=30))
        asked = {"code": CODE, "kind": "on_request", "plan": PLAN, "units": [*UNITS, STRAGGLER]}
        opened = self.portal(FOCAL_UNIT, api=0).post("/v1/reporting-cycles", body | asked)
        assert opened.status_code == 201, opened.text

    def begin_drafts(self) -> None:
        """Have every unit begin its report."""
        for unit in (*UNITS, STRAGGLER):
            with unit_of_work(self.engine) as session:
                by, reference = authenticate(
                    session, self._memory, secret=self.keys[unit], at=self.now()
                )
                begun, _ = draft(
                    session,
                    reference,
                    cycle=get_cycle(session, plan=PLAN, code=CODE),
                    unit=unit,
                    content=SubmissionContent(narrative=Narrative(results="Đã triển khai.")),
                    prefill=False,
                    on_behalf=None,
                    by=by,
                    at=self.now(),
                )
                self.drafts[unit] = f"/v1/submissions/{begun.submission.id}"

    def set_due(self, due_at: datetime) -> None:
        """Have the province set the due instant, which all API processes heed from now on."""
        focal = self.portal(FOCAL_UNIT, api=1)
        tag = focal.get(CYCLE).headers["ETag"]
        changed = focal.put(CYCLE, self._cycle(due_at), If_Match=tag)
        assert changed.status_code == 200, changed.text

    @staticmethod
    def _cycle(due_at: datetime) -> dict[str, Any]:
        return {
            "name": "Báo cáo nhanh 11 tháng",
            "window_from": "2021-01-01",
            "window_to": str(date(2021, 11, 22)),
            "due_at": due_at.isoformat(),
            "reason": "UBND tỉnh yêu cầu.",
        }


@contextmanager
def rushing(url: str, folder: Path) -> Iterator[Rush]:
    """Start four API processes and two workers; store activity while they come up."""
    with ExitStack() as stack:
        engine = make_engine(url)
        stack.callback(engine.dispose)
        rush = Rush(url, folder, environment_of(url, at=STARTED_AT), engine)
        stack.callback(_show, rush)
        processes = [_api(rush, number) for number in range(APIS)]
        stack.callback(lambda: stop(*processes, *rush.workers.values()))
        for name in ("worker-1", "worker-2"):
            rush.start_worker(name)
        for http in rush.https:
            stack.callback(http.close)
        rush.store_activity()
        for http in rush.https:
            wait_until(partial(_answers, http))
        for name in rush.workers:
            wait_until(partial(_is_ready, rush.log(name)))
        yield rush


def _api(rush: Rush, number: int) -> subprocess.Popen[bytes]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    rush.https.append(httpx.Client(verify=TLS, base_url=f"http://127.0.0.1:{port}", timeout=60))
    log = rush.log(f"api-{number}")
    return start_api(host="127.0.0.1", port=port, environment=rush.environment, log=log)


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _is_ready(log: Path) -> bool:
    return "worker ready" in log.read_text(encoding="utf-8")


def _show(rush: Rush) -> None:
    for log in sorted(rush.folder.glob("*.log")):
        sys.stdout.write(f"--- {log.name}\n{log.read_text(encoding='utf-8')}")
