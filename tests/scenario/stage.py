"""The service that is stopped and started again on one database, and those who use it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from app.db import make_engine, unit_of_work
from app.domain.consolidation.models import ConsolidationRequest
from app.domain.period import LOCAL_TIME
from tests.scenario.deeds import BODIES, Paper
from tests.scenario.units import UNITS
from tests.support.api import Api, Portal, running_api
from tests.support.consolidating import consolidate
from tests.support.makers import PLAN
from tests.support.processes import running_worker, wait_until

ACTIVITIES = "/v1/activity-reports"
Answer = dict[str, Any]


def local(instant: str) -> datetime:
    """Return an instant that is given in local time."""
    return datetime.fromisoformat(instant).replace(tzinfo=LOCAL_TIME)


def ok(response: httpx.Response) -> Answer:
    """Return what was answered, which is no refusal."""
    assert response.status_code in (200, 201, 202), response.text
    said: Answer = response.json()
    return said


@dataclass
class Stage:
    """One database through the years; `pulled` are the consolidated reports, byte for byte."""

    url: str
    folder: Path
    api: Api
    restarts: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    pulled: dict[tuple[int, int], bytes] = field(default_factory=dict)
    paths: dict[tuple[int, int], str] = field(default_factory=dict)
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def now(self) -> datetime:
        """The instant that the clock was put to."""
        return self.api.now()

    def at(self, instant: str) -> None:
        """Put the clock to an instant in local time."""
        self.api.set_clock(local(instant))

    def key(self, name: str) -> Portal:
        """Return a unit's portal: one key for all years, whatever API answers it."""
        if name not in self.keys:
            self.keys[name] = self.api.portal(UNITS[name]).secret
        return Portal(self.api.http, self.keys[name])

    def restart(self) -> None:
        """Stop the API, and start it again on the same database."""
        now = self.now
        self.stop()
        self.start(now)
        self.restarts += 1

    def stop(self) -> None:
        """Stop the API."""
        self._running.close()

    def start(self, now: datetime) -> None:
        """Start the API, where it is that instant."""
        self.api = self._running.enter_context(running_api(self.url))
        self.api.set_clock(now)

    def consolidate(self, by: str, year: int, *, by_worker: bool = False) -> None:
        """Ask for a year's report, which is made while no API runs; pull it afterwards.

        A worker's process takes seconds to start, so most are made in this one, step by step.
        """
        asked = ok(self.key(by).post("/v1/consolidated-reports", {"plan": PLAN, "year": year}))
        now = self.now
        self.stop()
        make = self._work if by_worker else self._make
        make(UUID(asked["id"]), now)
        self.start(now)
        self.restarts += 1
        answer = self.key(by).get(f"/v1/plans/{PLAN}/cycles/{year}/consolidated-report")
        ok(answer)
        version = int(answer.headers["X-Report-Version"])
        self.pulled[year, version] = answer.content
        self.paths[year, version] = answer.headers["Content-Location"]

    def _make(self, request: UUID, now: datetime) -> None:
        engine = make_engine(self.url)
        consolidate(engine, request, at=now)
        engine.dispose()

    def _work(self, request: UUID, now: datetime) -> None:
        engine = make_engine(self.url)

        def done() -> bool:
            with unit_of_work(engine, write=False) as session:
                return session.get_one(ConsolidationRequest, request).state == "succeeded"

        with running_worker(self.url, self.folder / "worker.log", at=now):
            wait_until(done)
        engine.dispose()

    def did(self, by: str, *deeds: str, paper: Paper | None = None) -> None:
        """Have a unit's key post activity reports; with a paper on behalf of their unit."""
        for deed in deeds:
            body = BODIES[deed] | ({"on_behalf": paper.told()} if paper else {})
            ok(self.key(by).post(ACTIVITIES, body))

    def draft(
        self, by: str, year: int, *, of: str | None = None, paper: Paper | None = None
    ) -> str:
        """Begin a report, with a narrative made from the activity; return its path."""
        body: Answer = {"plan": PLAN, "year": year}
        body |= {"unit": UNITS[of]} if of else {}
        body |= {"on_behalf": paper.told()} if paper else {}
        return f"/v1/submissions/{ok(self.key(by).post('/v1/submissions', body))['id']}"

    def send(self, by: str, place: str, *, data_to: str, **document: Any) -> Answer:
        """Submit a draft under a document of the day."""
        body = {
            "document_number": "1/BC",
            "document_on": str(self.now.date()),
            "signer_title": "Phó Giám đốc",
            "data_to": data_to,
        }
        return ok(self.key(by).post(f"{place}/submit", body | document))

    def report(
        self, by: str, year: int, *deeds: str, data_to: str, of: str | None = None, **document: Any
    ) -> str:
        """Have a unit post what it did, draft its report and submit it; return its path."""
        self.did(by, *deeds)
        place = self.draft(by, year, of=of)
        self.send(by, place, data_to=data_to, **document)
        return place

    def further(
        self, by: str, place: str, how: str, *, data_to: str, **why: Any
    ) -> tuple[Answer, Answer]:
        """Begin a further revision (revise, correct, supplement) and submit it; return both."""
        begun = ok(self.key(by).post(f"{place}/{how}", why))
        if begun["comments"] and how == "revise":
            said = [{"comment": one["id"], "text": "Đã rà soát."} for one in begun["comments"]]
            ok(self.key(by).put(f"{place}/draft", {"answers": said}))
        return begun, self.send(by, place, data_to=data_to)

    def accept(self, by: str, *places: str) -> None:
        """Accept reports, all or none."""
        numbers = [self.key(by).get(place).json() for place in places]
        asked = [{"submission": one["id"], "revision": one["revision"]} for one in numbers]
        said = ok(self.key(by).post("/v1/submissions/acceptances", {"submissions": asked}))
        assert said["accepted"] == len(places), said

    def amend(self, by: str, deed: str, **changes: Any) -> Answer:
        """Correct an activity report, as it was last revised."""
        found = self._found(by, deed)
        change = {**changes, "reason": "Ghi nhầm số"}
        return ok(self.key(by).patch(found.headers["Location"], change, If_Match=_tag(found)))

    def withdraw(self, by: str, deed: str) -> None:
        """Withdraw an activity report."""
        found = self._found(by, deed)
        place = f"{found.headers['Location']}/withdraw"
        ok(self.key(by).post(place, {"reason": "Nhập trùng"}, If_Match=_tag(found)))

    def _found(self, by: str, deed: str) -> httpx.Response:
        again = self.key(by).post(ACTIVITIES, BODIES[deed])
        assert ok(again)["outcome"] == "unchanged"
        return again


def _tag(response: httpx.Response) -> str:
    return response.headers["ETag"]


@contextmanager
def staged(url: str, folder: Path) -> Iterator[Stage]:
    """Start the service on a database; stop it when the block ends."""
    with ExitStack() as running:
        yield Stage(url, folder, running.enter_context(running_api(url)), _running=running)


def measures(indicator: str, value: str) -> Sequence[Answer]:
    """Return the measures of a correction."""
    return [{"indicator": indicator, "value": value, "origin": "original"}]
