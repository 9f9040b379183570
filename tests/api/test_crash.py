"""A power cut at any moment: what was acknowledged is there once, and nothing is half there."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

import httpx
from sqlalchemy import Engine
from sqlmodel import select

from app.db import make_engine, unit_of_work
from app.domain.activities.models import ActivityRevision
from app.domain.audit.seal import seal_outstanding
from app.domain.audit.verify import Verified, verify
from tests.conftest import Databases
from tests.support.api import A_WORKING_DAY, TLS
from tests.support.crash_portals import (
    ACTIVITIES,
    EXPENDITURE,
    MEASURES,
    SINGLY,
    UNDER_KEYS,
    Follower,
    Journal,
    Key,
    Sent,
    Writer,
    ended,
    one_at_a_time,
    under_keys,
    without_keys,
)
from tests.support.crashing import PATIENCE, Answer, Line, MortalApi
from tests.support.filing import Filing
from tests.support.makers import BINH_SON
from tests.support.problems import rows
from tests.support.processes import environment_of
from tests.support.wholeness import halves, numbers

KILLS = 6
PORTALS = (one_at_a_time, one_at_a_time, one_at_a_time, under_keys, without_keys)
ONE_TRY_LATER = timedelta(hours=1)  # no process is at a batch any more: its lease is over
OF_REQUESTS = ("batch", "batch_row", "idempotency_key")  # what a request itself is stored in


@dataclass
class Crashes:
    """The database, the API on it, and what was acknowledged of it."""

    url: str
    api: MortalApi
    line: Line
    engine: Engine
    journals: list[Journal] = field(default_factory=lambda: [Journal() for _ in PORTALS])
    follower: Follower = field(init=False)

    def __post_init__(self) -> None:
        self.follower = Follower(self.line)

    def acknowledged(self) -> dict[Key, int]:
        """Return the revision that each report was last acknowledged at."""
        return {key: n for one in self.journals for key, n in list(one.numbers.items())}

    def whole(self, *, placed: bool = False) -> None:
        """Assert that nothing is half there, and everything acknowledged is."""
        acknowledged = self.acknowledged()
        found = numbers(self.engine)
        assert {key: n for key, n in acknowledged.items() if found.get(key, 0) < n} == {}
        faults = halves(
            self.engine,
            measures=MEASURES,
            expenditure=EXPENDITURE,
            singly=[SINGLY, UNDER_KEYS],
            keyed=UNDER_KEYS,
            placed=placed,
        )
        assert faults == []

    def exactly(self) -> None:
        """Assert that what was acknowledged is there, whole, and nothing else."""
        assert numbers(self.engine) == self.acknowledged()
        self.whole(placed=True)


def test_what_was_acknowledged_survives_every_kill_once_and_whole(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.loaded() as url, crashing(url, tmp_path / "api.log") as crashes:
        write_through_kills(crashes)
        crashes.api.start(environment_of(url, at=A_WORKING_DAY + ONE_TRY_LATER))
        go_on_with_what_broke_off(crashes)
        crashes.follower.follow()
        crashes.exactly()
        before = rows(crashes.engine)
        assert before["activity_revision"] > before["activity_report"] > 200
        send_everything_again(crashes)
        after = rows(crashes.engine)
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= set(OF_REQUESTS), changed
        the_list_says_what_was_acknowledged(crashes)
        the_feed_tells_all(crashes)
        crashes.exactly()
        the_chain_holds(crashes)


@contextmanager
def crashing(url: str, log: Path) -> Iterator[Crashes]:
    engine = make_engine(url)
    secret = Filing(engine).key_of(BINH_SON)
    api = MortalApi(log)
    limits = httpx.Limits(max_connections=None)
    try:
        with httpx.Client(verify=TLS, base_url=api.url, timeout=PATIENCE, limits=limits) as http:
            yield Crashes(url, api, Line(http, secret), engine)
    finally:
        api.stop()
        engine.dispose()
        print(log.read_text(encoding="utf-8")[-4000:])  # noqa: T201 - shown where a test fails


def write_through_kills(crashes: Crashes) -> None:
    """Let portals write and one follow the changes, while the API is killed again and again."""
    stop, moment = Event(), random.Random(3)
    environment = {**environment_of(crashes.url), "LOG_LEVEL": "WARNING"}
    crashes.api.start(environment)
    with ThreadPoolExecutor(len(PORTALS) + 1) as threads:
        at_work = [
            threads.submit(portal, Writer(f"p{n}", crashes.line, journal, stop))
            for n, (portal, journal) in enumerate(zip(PORTALS, crashes.journals, strict=True))
        ]
        at_work.append(threads.submit(follow, crashes, stop))
        try:
            for kill in range(KILLS):
                wait_for_acknowledgements(crashes, at_work)
                look(crashes, seconds=moment.uniform(0, 1.5))
                crashes.api.kill()
                crashes.whole()
                if kill == KILLS - 1:
                    stop.set()  # each ends what it is at
                crashes.api.start(environment)
        finally:
            stop.set()
        for one in at_work:
            one.result()
    crashes.api.kill()


def look(crashes: Crashes, *, seconds: float) -> None:
    """Look at the database for a while: what is seen is what a kill would leave just then."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        crashes.whole()
        time.sleep(min(0.02, left))


def wait_for_acknowledgements(crashes: Crashes, at_work: list[Future[None]]) -> None:
    """Wait until each portal goes on writing."""
    before = [len(one.sent) + len(one.waiting) for one in crashes.journals]
    deadline = time.monotonic() + PATIENCE
    while True:
        now = [len(one.sent) + len(one.waiting) for one in crashes.journals]
        if sum(now) > sum(before) + 10:
            return
        for one in at_work:
            if one.done():
                one.result()
        assert time.monotonic() < deadline, (before, now)
        time.sleep(0.01)


def follow(crashes: Crashes, stop: Event) -> None:
    while not stop.is_set():
        crashes.follower.follow()
        stop.wait(0.2)


def go_on_with_what_broke_off(crashes: Crashes) -> None:
    """Send again, under their keys, the files that broke off: they go on where they broke."""
    for journal in crashes.journals:
        for sent in journal.waiting:
            ended(journal, sent, again(crashes, sent))


def send_everything_again(crashes: Crashes) -> None:
    for journal in crashes.journals:
        for sent in journal.sent:
            answer = again(crashes, sent)
            assert answer.response.status_code in (200, 201, 412), answer.response.text
            said, replayed = answer.json(), "idempotency-replayed" in answer.response.headers
            if answer.response.status_code == 412:  # it was for a revision that is past
                assert "If-Match" in sent.headers
                assert sent.method != "PUT", "a body that was stored once"
            elif "counts" in said:
                assert said["counts"]["rejected"] == 0, said
                keyed = "Idempotency-Key" in sent.headers  # the batch of the first time
                assert keyed or said["counts"]["unchanged"] == said["counts"]["rows"], said
            else:
                assert replayed or said["outcome"] == "unchanged", (sent, said)


def again(crashes: Crashes, sent: Sent) -> Answer:
    return crashes.line.send(sent.method, sent.path, headers=sent.headers, content=sent.content)


def the_feed_tells_all(crashes: Crashes) -> None:
    """Assert that the follower met every revision once and in order, and that it is repeatable."""
    crashes.follower.follow()
    met = crashes.follower.met
    with unit_of_work(crashes.engine, write=False) as session:
        stored = session.exec(select(ActivityRevision.report_id, ActivityRevision.number)).all()
    assert sorted(met) == sorted((str(report_id), number) for report_id, number in stored)
    last: dict[str, int] = {}
    for report_id, number in met:
        assert number == last.get(report_id, 0) + 1
        last[report_id] = number
    anew = Follower(crashes.line)
    anew.follow()
    assert anew.met == met


def the_list_says_what_was_acknowledged(crashes: Crashes) -> None:
    titles = {key: title for one in crashes.journals for key, title in one.titles.items()}
    found: dict[Key, str] = {}
    cursor: str | None = None
    while not found or cursor:
        params = {"limit": "500"} | ({"cursor": cursor} if cursor else {})
        page = crashes.line.send("GET", ACTIVITIES, params=params).json()
        found |= {(row["source_system"], row["external_id"]): row["title"] for row in page["items"]}
        cursor = page["next"]
    assert found == titles


def the_chain_holds(crashes: Crashes) -> None:
    seal_outstanding(crashes.engine)
    with unit_of_work(crashes.engine, write=False) as session:
        verified = verify(session)
    assert isinstance(verified, Verified), verified
    assert verified.unsealed == 0
