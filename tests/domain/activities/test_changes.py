"""The changes feed, with real transactions that overlap: complete, in order, repeatable."""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from app.db import make_engine, unit_of_work
from app.domain.activities import changes as feed
from app.domain.activities.changes import (
    changes,
    seal_changes,
    seal_outstanding_changes,
    unsealed,
)
from app.domain.principal import Principal
from tests.support.databases import PostgresDatabases
from tests.support.makers import FOCAL_UNIT
from tests.support.revisions import a_key, correct, report

EVERYONE = Principal(uuid4(), FOCAL_UNIT, frozenset(), province_wide=True)
Seen = list[tuple[UUID, int]]


@pytest.fixture
def postgres(postgresql_databases: PostgresDatabases) -> Iterator[Engine]:
    """Return an engine of a fresh PostgreSQL: on SQLite two writers cannot be open at once."""
    with postgresql_databases.loaded() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@dataclass
class Reader:
    """Follows the feed from the beginning, and keeps every cursor with what it brought."""

    engine: Engine
    limit: int = 100
    place: int = 0
    seen: Seen = field(default_factory=list)
    steps: list[tuple[int, Seen]] = field(default_factory=list)

    def read(self) -> Seen:
        """Seal, then read on to the end; return what is new."""
        seal_outstanding_changes(self.engine)
        new: Seen = []
        more = True
        while more:
            brought, more = self.step(self.place)
            new += brought
        self.seen += new
        return new

    def step(self, place: int) -> tuple[Seen, bool]:
        with unit_of_work(self.engine, write=False) as session:
            found = changes(session, by=EVERYONE, after=place, limit=self.limit)
        assert found is not None
        brought = [(row.report.id, row.revision.number) for row in found.rows]
        self.steps.append((place, brought))
        self.place = found.upto
        return brought, found.more


def _writing(engine: Engine) -> tuple[Session, int]:
    """Begin a transaction that has its number, which is in the order of these calls."""
    session = Session(engine)
    number = session.connection().execute(text("SELECT pg_current_xact_id()::text::bigint"))
    return session, number.scalar_one()


@pytest.fixture
def key(engine: Engine) -> UUID:
    with unit_of_work(engine) as session:
        return a_key(session)


@pytest.fixture
def postgres_key(postgres: Engine) -> UUID:
    with unit_of_work(postgres) as session:
        return a_key(session)


def test_what_is_committed_is_in_the_feed_at_once(engine: Engine, key: UUID) -> None:
    reader = Reader(engine)
    assert reader.read() == []
    for _ in range(3):
        with unit_of_work(engine) as session:
            first, second = report(session, key), report(session, key)
            correct(session, key, second)
        new = reader.read()
        assert sorted(new) == sorted([(first, 1), (second, 1), (second, 2)])
        assert new.index((second, 1)) < new.index((second, 2))
        assert reader.read() == []


def test_what_is_rolled_back_is_never_in_it(engine: Engine, key: UUID) -> None:
    with unit_of_work(engine, write=False) as session:
        report(session, key)
    assert Reader(engine).read() == []
    with unit_of_work(engine) as session:
        kept = report(session, key)
    assert Reader(engine).read() == [(kept, 1)]


def test_the_cost_of_sealing_nothing_is_no_write(postgres: Engine, postgres_key: UUID) -> None:
    with unit_of_work(postgres) as session:
        report(session, postgres_key)
    with unit_of_work(postgres) as session:
        assert unsealed(session)
        assert seal_changes(session) == 1
        assert not unsealed(session)
    with unit_of_work(postgres) as session:
        assert seal_changes(session) == 0
        written = session.connection().execute(text("SELECT pg_current_xact_id_if_assigned()"))
        assert written.scalar_one() is None


def test_one_that_began_earlier_and_commits_later_is_neither_lost_nor_passed(
    postgres: Engine, postgres_key: UUID
) -> None:
    reader = Reader(postgres)
    slow, slow_number = _writing(postgres)
    quick, quick_number = _writing(postgres)
    assert slow_number < quick_number
    written_quickly = report(quick, postgres_key)
    quick.commit()
    assert reader.read() == [], "an older transaction may still bring what comes before"
    written_slowly = report(slow, postgres_key)
    assert reader.read() == []
    slow.commit()
    assert reader.read() == [(written_slowly, 1), (written_quickly, 1)]
    assert Reader(postgres).read() == reader.seen


def test_one_that_is_given_up_holds_nothing_back(postgres: Engine, postgres_key: UUID) -> None:
    reader = Reader(postgres)
    slow, _ = _writing(postgres)
    with unit_of_work(postgres) as session:
        written = report(session, postgres_key)
    assert reader.read() == []
    slow.rollback()
    assert reader.read() == [(written, 1)]


def test_a_correction_waits_for_what_it_corrects(postgres: Engine, postgres_key: UUID) -> None:
    """The correction's transaction is the older one, and one in between is still at work."""
    reader = Reader(postgres)
    correcting, low = _writing(postgres)
    between, middle = _writing(postgres)
    creating, high = _writing(postgres)
    assert low < middle < high
    made = report(creating, postgres_key)
    creating.commit()
    correct(correcting, postgres_key, made)
    correcting.commit()
    assert reader.read() == [], "revision 2 is below the horizon, revision 1 is not"
    other = report(between, postgres_key)
    between.commit()
    assert reader.read() == [(other, 1), (made, 1), (made, 2)]
    with unit_of_work(postgres) as session:
        correct(session, postgres_key, made)
    assert reader.read() == [(made, 3)]


def test_sealers_wait_for_each_other(postgres: Engine, postgres_key: UUID) -> None:
    with unit_of_work(postgres) as session:
        made = report(session, postgres_key)
    sealed: list[int] = []

    def seal() -> None:
        with unit_of_work(postgres) as session:
            sealed.append(seal_changes(session))

    with unit_of_work(postgres) as session:
        assert seal_changes(session) == 1
        other = threading.Thread(target=seal)
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(20)
    assert sealed == [0]
    assert Reader(postgres).read() == [(made, 1)]


@pytest.mark.parametrize("sealed_before", [True, False])
def test_a_database_restored_on_another_server_goes_on(
    postgres: Engine, postgres_key: UUID, *, sealed_before: bool
) -> None:
    """Its rows bear numbers that the new server has not come to yet, or never will."""
    with unit_of_work(postgres) as session:
        old = [report(session, postgres_key) for _ in range(3)]
    before = Reader(postgres).read() if sealed_before else []
    with unit_of_work(postgres) as session:
        correct(session, postgres_key, old[0])
    with unit_of_work(postgres) as session:
        later = text("UPDATE activity_revision SET txid = txid + 1000000")
        session.connection().execute(later)
        if sealed_before:
            session.connection().execute(text("UPDATE sealer SET horizon = horizon + 1000000"))
    with unit_of_work(postgres) as session:
        correct(session, postgres_key, old[0])
        new = report(session, postgres_key)
    reader = Reader(postgres)
    reader.read()
    expected = [(old[0], 2), (old[0], 3), (new, 1), *((made, 1) for made in old)]
    assert sorted(reader.seen) == sorted(expected)
    assert reader.seen[: len(before)] == before
    assert [number for made, number in reader.seen if made == old[0]] == [1, 2, 3]
    with unit_of_work(postgres) as session:
        correct(session, postgres_key, new)
    assert reader.read() == [(new, 2)]


@dataclass
class Writers:
    """Threads that make reports and correct each other's, as chance will have it."""

    engine: Engine
    key: UUID
    committed: Seen = field(default_factory=list)
    reports: list[UUID] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def write(self, seed: int) -> None:
        chance = random.Random(seed)
        try:
            for times in range(500):
                if times >= 25 and self.enough.is_set():
                    break
                self._write_once(chance)
        except BaseException as fault:
            self.faults.append(fault)
            raise

    def _write_once(self, chance: random.Random) -> None:
        pause = 0.004 if self.engine.dialect.name == "postgresql" else 0.0005
        written: Seen = []
        with Session(self.engine) as session:
            if self.engine.dialect.name == "postgresql" and chance.random() < 0.5:
                session.connection().execute(text("SELECT pg_current_xact_id()"))
                time.sleep(chance.random() * pause)
            if self.reports and chance.random() < 0.6:
                made = chance.choice(self.reports[-5:])
                written.append((made, correct(session, self.key, made)))
            else:
                written += [(report(session, self.key), 1) for _ in range(chance.randint(1, 3))]
            time.sleep(chance.random() * pause)
            if chance.random() < 0.2:
                return
            session.commit()
        self.committed += written
        self.reports += [made for made, number in written if number == 1]


@pytest.mark.parametrize("seed", range(3))
def test_readers_that_poll_all_the_time_see_each_revision_once_and_alike(
    engine: Engine, key: UUID, seed: int
) -> None:
    writers = Writers(engine, key)
    threads = [threading.Thread(target=writers.write, args=(seed * 100 + n,)) for n in range(5)]
    reader = Reader(engine, limit=7)
    for thread in threads:
        thread.start()
    polls = 0
    while any(thread.is_alive() for thread in threads):
        polls += bool(reader.read())
        if polls > 5:  # it did read while the writers wrote
            writers.enough.set()
    reader.read()
    assert writers.faults == []
    assert writers.enough.is_set()
    assert sorted(reader.seen) == sorted(writers.committed)
    numbers: dict[UUID, list[int]] = {}
    for made, number in reader.seen:
        numbers.setdefault(made, []).append(number)
    assert all(found == [*range(1, len(found) + 1)] for found in numbers.values())
    assert max(map(len, numbers.values())) > 2
    again = Reader(engine, limit=11)
    assert again.read() == reader.seen
    for place, brought in [*reader.steps]:
        assert reader.step(place)[0][: len(brought)] == brought


def test_a_request_looks_at_so_many_places_and_says_that_there_is_more(
    engine: Engine, key: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SCANNED", 4)
    with unit_of_work(engine) as session:
        for _ in range(10):
            report(session, key)
    Reader(engine).read()
    elsewhere = Principal(uuid4(), "body-so-y-te", frozenset())
    places, after, more = [], 0, True
    while more:
        with unit_of_work(engine, write=False) as session:
            found = changes(session, by=elsewhere, after=after, limit=100)
        assert found is not None
        assert found.rows == []
        after, more = found.upto, found.more
        places.append(after)
    assert places == [4, 8, 10]
