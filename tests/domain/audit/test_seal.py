"""The chain: every entry gets one place, behind the writers, whoever commits when."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from app.db import make_engine, unit_of_work
from app.domain.audit.models import AuditEntry, AuditSeal
from app.domain.audit.seal import (
    GENESIS,
    chain_hash,
    entry_hash,
    head,
    outstanding,
    seal,
    seal_outstanding,
)
from app.domain.audit.verify import Verified, verify
from tests.support.auditing import AT, all_entries, forge, note, noted
from tests.support.databases import PostgresDatabases


@pytest.fixture
def postgres(postgresql_databases: PostgresDatabases) -> Iterator[Engine]:
    with postgresql_databases.loaded() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def _sealed(engine: Engine) -> list[str]:
    """Return the actions of the sealed entries, in the order of the chain."""
    with unit_of_work(engine, write=False) as session:
        statement = select(AuditEntry.action).join(
            AuditSeal, col(AuditSeal.entry_id) == AuditEntry.id
        )
        return list(session.exec(statement.order_by(col(AuditSeal.seq))))


def _holds(engine: Engine) -> Verified:
    with unit_of_work(engine, write=False) as session:
        found = verify(session)
    assert isinstance(found, Verified), found
    return found


def _note_and_fail(engine: Engine) -> None:
    def attempt() -> None:
        with unit_of_work(engine) as session:
            note(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attempt()


def test_an_entry_says_who_did_what_to_what_and_when(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        note(session, before={"state": "draft"}, after={"n": 1, "name": "Bình Sơn"})
        note(session, "thing.refused", by=None, refusal="not_found")
    done, refused = all_entries(engine)
    assert done.unit_key == "gso-524"
    assert (done.request_id, done.before) == ("a-request", {"state": "draft"})
    assert (done.target_kind, done.target_id, done.refusal) == ("thing", "1", None)
    assert (refused.api_key_id, refused.unit_key, refused.request_id) == (None, None, "")
    assert refused.refusal == "not_found"


def test_an_entry_goes_with_its_transaction(engine: Engine) -> None:
    _note_and_fail(engine)
    assert all_entries(engine) == []


def test_what_cannot_be_hashed_is_refused_before_it_is_stored(session: Session) -> None:
    with pytest.raises(ValueError, match="safe integer"):
        note(session, after={"n": 2**53})


def test_an_entry_is_written_by_one_statement(engine: Engine) -> None:
    said: list[str] = []
    with unit_of_work(engine) as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        note(session)
    assert len(said) == 1
    assert "RETURNING" not in said[0]


def test_entries_are_chained_in_the_order_of_their_commits(engine: Engine) -> None:
    noted(engine, "thing.a", "thing.b", "thing.c")
    assert seal_outstanding(engine) == 3
    assert _sealed(engine) == ["thing.a", "thing.b", "thing.c"]
    chain = GENESIS
    for entry in all_entries(engine):
        chain = chain_hash(chain, entry_hash(entry))
    assert _holds(engine) == Verified(3, f"3:{chain}", 0)


def test_nothing_is_sealed_twice_and_the_chain_goes_on(engine: Engine) -> None:
    assert seal_outstanding(engine) == 0
    noted(engine, "thing.a")
    assert [seal_outstanding(engine), seal_outstanding(engine)] == [1, 0]
    noted(engine, "thing.b")
    assert seal_outstanding(engine) == 1
    assert _holds(engine).count == 2


def test_a_batch_may_end_in_the_middle_of_a_transaction(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        for number in range(7):
            note(session, f"thing.a{number}")
    noted(engine, "thing.b")
    counts = []
    for _ in range(4):
        with unit_of_work(engine) as session:
            counts.append(seal(session, limit=3))
    assert counts == [3, 3, 2, 0]
    assert _sealed(engine) == [*(f"thing.a{number}" for number in range(7)), "thing.b"]
    _holds(engine)


def test_looking_for_something_to_seal_takes_no_write_lock(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("readers of PostgreSQL never wait")
    with engine.begin():  # holds the only write lock
        assert seal_outstanding(engine) == 0


def test_two_sealers_at_once_do_no_harm(engine: Engine) -> None:
    noted(engine, *(f"thing.n{number}" for number in range(60)))
    barrier = threading.Barrier(4)

    def go() -> int:
        barrier.wait()
        count = 0
        for _ in range(20):
            with unit_of_work(engine) as session:
                count += seal(session, limit=7)
        return count

    with ThreadPoolExecutor(4) as pool:
        counts = [future.result() for future in [pool.submit(go) for _ in range(4)]]
    assert sum(counts) == 60
    assert _holds(engine).count == 60


def test_writers_and_sealers_at_once_lose_nothing(engine: Engine) -> None:
    writing = threading.Event()

    def sealer() -> None:
        while not writing.is_set():
            seal_outstanding(engine)

    def writer(name: str) -> None:
        for number in range(25):
            noted(engine, f"thing.{name}{number}")

    with ThreadPoolExecutor(6) as pool:
        sealers = [pool.submit(sealer) for _ in range(2)]
        for future in [pool.submit(writer, name) for name in "abcd"]:
            future.result()
        writing.set()
        for future in sealers:
            future.result()
    seal_outstanding(engine)
    assert _holds(engine).count == 100
    order = _sealed(engine)
    for name in "abcd":  # what one did after the other stays in that order
        own = [action for action in order if action.startswith(f"thing.{name}")]
        assert own == [f"thing.{name}{number}" for number in range(25)]


def test_what_began_earlier_and_commits_later_is_never_skipped(postgres: Engine) -> None:
    with unit_of_work(postgres) as early:
        note(early, "thing.early")
        noted(postgres, "thing.late")
        assert seal_outstanding(postgres) == 0, "sealed before its place was settled"
        with unit_of_work(postgres, write=False) as session:
            assert verify(session) == Verified(0, f"0:{GENESIS}", 1)
    assert seal_outstanding(postgres) == 2
    assert _sealed(postgres) == ["thing.early", "thing.late"]


def test_a_number_given_out_early_and_used_late_is_never_skipped(postgres: Engine) -> None:
    noted(postgres, "thing.zero")  # the server logs 32 numbers at once, in a transaction
    with unit_of_work(postgres) as early:
        taken = early.connection().execute(sa.text("SELECT nextval('audit_entry_id_seq')"))
        number = taken.scalar_one()  # but no transaction yet
        noted(postgres, "thing.first")
        assert seal_outstanding(postgres) == 2
        row = AuditEntry(
            id=number,
            at=AT,
            request_id="",
            action="thing.second",
            target_kind="thing",
            target_id="1",
        )
        early.add(row)
    assert seal_outstanding(postgres) == 1
    assert [row.action for row in all_entries(postgres)][1] == "thing.second"
    assert _sealed(postgres) == ["thing.zero", "thing.first", "thing.second"]


def test_a_transaction_rolled_back_leaves_no_gap(postgres: Engine) -> None:
    _note_and_fail(postgres)
    noted(postgres, "thing.a")
    seal_outstanding(postgres)
    assert _holds(postgres).count == 1


def test_a_database_restored_on_a_younger_server_goes_on(postgres: Engine) -> None:
    noted(postgres, "thing.a", "thing.b")
    seal_outstanding(postgres)
    noted(postgres, "thing.c")
    far = 10**12  # the numbers that the server before had come to
    forge(
        postgres,
        "UPDATE audit_entry SET txid = txid + :far WHERE action = 'thing.c'",
        "UPDATE sealer SET horizon = :far WHERE name = 'audit'",
        far=far,
    )
    noted(postgres, "thing.d")
    with unit_of_work(postgres) as early:
        note(early, "thing.e")
        noted(postgres, "thing.f")
        assert seal_outstanding(postgres) == 2
    assert seal_outstanding(postgres) == 2
    assert _sealed(postgres) == [f"thing.{letter}" for letter in "abcdef"]
    assert _holds(postgres).count == 6


def test_the_head_of_an_empty_chain_is_the_genesis(session: Session) -> None:
    assert head(session) == (0, 0, GENESIS)
    assert not outstanding(session)
