"""Pulling the issued report, against a bare route with the same key check and the same bytes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

import httpx
from sqlalchemy import make_url

from app.db import make_engine
from tests.bench.measured import Measured, middle_round, say
from tests.bench.served import PRODUCT, ROOT, served
from tests.support.api import A_WORKING_DAY, Portal
from tests.support.consolidating import consolidate
from tests.support.filing import DEPARTMENTS, DISTRICTS, Filing, some_activities
from tests.support.makers import FOCAL_UNIT, OFFICE, PLAN, a_document, a_draft

FLOOR: Final = "tests.bench.pull_floor:app"
CONNECTIONS: Final = (1, 8)
ROUNDS: Final = 9
ROUND: Final = 1.2  # seconds; many short ones, so that both meet the same moments
WARM_UP: Final = 1.5
TARGET: Final = 0.8
LEAST: Final = 100_000  # bytes
ACTIVITIES: Final = 12  # of each unit
NARRATIVE: Final = dict.fromkeys(
    ("direction", "results", "difficulties", "lessons"),
    "Ủy ban nhân dân huyện chỉ đạo các xã tuyên truyền trên hệ thống truyền thanh. " * 4,
)
DOCUMENT: Final = {
    "document_number": "312/BC-UBND",
    "document_on": "2021-11-22",
    "signatory_title": "Phó Chủ tịch UBND tỉnh",
}


@dataclass(frozen=True)
class Issued:
    """An issued report, and the key that pulls it."""

    path: str
    etag: str
    size: int
    secret: str


@dataclass(frozen=True)
class Endpoint:
    """What is asked for, where."""

    port: int
    path: str
    secret: str
    etag: str | None

    def rate(self, connections: int, duration: float) -> float:
        """Return how many requests a second it answers."""
        arguments = [self.port, connections, duration, 304 if self.etag else 200]
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.pull_client", *map(str, arguments)],
            cwd=ROOT,
            input=self._request(),
            stdout=subprocess.PIPE,
            check=True,
        )
        counted = json.loads(done.stdout)
        return float(counted["answered"] / counted["seconds"])

    def _request(self) -> bytes:
        head = (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.secret}\r\n"
        )
        if self.etag:
            head += f"If-None-Match: {self.etag}\r\n"
        return f"{head}\r\n".encode()


def run(url: str) -> Iterator[Measured]:
    """Measure both servers in turns: whole answers, then 304, at each number of connections."""
    issued = _issue(url)
    assert issued.size >= LEAST, issued.size
    database = make_url(url).get_backend_name()
    for status, etag in ((200, None), (304, issued.etag)):
        for connections in CONNECTIONS:
            variant = f"{database}, {status}, {connections} connection{'s' * (connections > 1)}"
            pair = _measure(url, issued, etag, connections, f"pull, {variant}")
            yield Measured(
                variant=variant,
                unit="GET/s",
                ours=round(pair[0], 1),
                floor=round(pair[1], 1),
                target=TARGET,
            )


def _measure(
    url: str, issued: Issued, etag: str | None, connections: int, name: str
) -> tuple[float, float]:
    with (
        TemporaryDirectory() as folder,
        served(PRODUCT, url, log=Path(folder) / "ours") as our_server,
        served(FLOOR, url, log=Path(folder) / "floor") as floor_server,
    ):
        ours = Endpoint(our_server.port, issued.path, issued.secret, etag)
        bare = Endpoint(floor_server.port, "/report", issued.secret, etag)
        for endpoint in (ours, bare):
            endpoint.rate(connections, WARM_UP)
        rounds = []
        for number in range(ROUNDS):
            rounds.append((ours.rate(connections, ROUND), bare.rate(connections, ROUND)))
            told = f"{rounds[-1][0]:.0f} / {rounds[-1][1]:.0f}"
            say(f"{name}: round {number + 1} of {ROUNDS}: {told}")
    return middle_round(rounds)


def _issue(url: str) -> Issued:
    """Have every ordered unit report, and the report of 2021 issued; return who pulls what."""
    engine = make_engine(url)
    filing = Filing(engine)
    with (
        TemporaryDirectory() as folder,
        served(PRODUCT, url, log=Path(folder) / "log") as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as http,
    ):
        focal, office = (Portal(http, filing.key_of(unit)) for unit in (FOCAL_UNIT, OFFICE))
        for unit in DISTRICTS + DEPARTMENTS:
            _hand_in(filing, Portal(http, filing.key_of(unit)), unit, focal, office)
        asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021}).json()
        consolidate(engine, UUID(asked["id"]), at=A_WORKING_DAY + timedelta(hours=1))
        place = f"/v1/consolidated-reports/{asked['id']}"
        _done(focal.put(f"{place}/assessment", {"text": "Các đơn vị báo cáo đầy đủ."}))
        _done(focal.post(f"{place}/propose"))
        _done(office.post(f"{place}/approve"))
        _done(office.post(f"{place}/issue", DOCUMENT))
        pulled = office.request("GET", place, headers={"Accept-Encoding": "identity"})
    engine.dispose()
    return Issued(place, pulled.headers["ETag"], len(pulled.content), office.secret)


def _hand_in(filing: Filing, portal: Portal, unit: str, focal: Portal, office: Portal) -> None:
    """Have a unit report, submit with words of ordinary length, and be accepted."""
    filing.report(portal.secret, some_activities(unit, ACTIVITIES))
    place = _done(portal.post("/v1/submissions", a_draft(narrative=NARRATIVE))).headers["Location"]
    _done(portal.post(f"{place}/submit", a_document()))
    _done((office if unit == FOCAL_UNIT else focal).post(f"{place}/accept"))


def _done(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer
