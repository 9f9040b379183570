"""Verification: however the audit is tampered with, the first broken link is named."""

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.db import unit_of_work
from app.domain.audit.seal import chain_hash, seal_outstanding
from app.domain.audit.verify import Broken, Verified, parse_head, verify
from tests.support.auditing import AT, all_entries, forge, note, noted

LETTERS = "abcdef"
CHANGED = "UPDATE audit_entry SET {change} WHERE id = :third"


@pytest.fixture
def chained(engine: Engine) -> Engine:
    """Return a database with six sealed entries."""
    noted(engine, *(f"thing.{letter}" for letter in LETTERS))
    assert seal_outstanding(engine) == 6
    return engine


def _verify(engine: Engine, expected: tuple[int, str] | None = None) -> Verified | Broken:
    with unit_of_work(engine, write=False) as session:
        return verify(session, expected=expected)


def _holds(engine: Engine) -> Verified:
    found = _verify(engine)
    assert isinstance(found, Verified), found
    return found


def _broken(engine: Engine, expected: tuple[int, str] | None = None) -> Broken:
    found = _verify(engine, expected)
    assert isinstance(found, Broken), found
    return found


def _third(engine: Engine) -> int:
    return all_entries(engine)[2].id


def test_an_untouched_chain_holds(chained: Engine) -> None:
    found = _holds(chained)
    assert (found.count, found.unsealed) == (6, 0)
    assert parse_head(found.head)[0] == 6
    assert _verify(chained, parse_head(found.head)) == found


@pytest.mark.parametrize(
    "change",
    [
        "at = '2021-06-01 02:03:04.000006+00'",
        "request_id = 'another'",
        "api_key_id = NULL",
        "unit_key = 'gso-528'",
        "action = 'thing.undone'",
        "target_kind = 'things'",
        "target_id = '2'",
        "before = '{\"n\": 1}'",
        "after = '{\"n\": 9007199254740993}'",
        "refusal = 'not_found'",
        "txid = 1",
        "unit_key = NULL",
    ],
)
def test_a_changed_entry_is_named(chained: Engine, change: str) -> None:
    third = _third(chained)
    forge(chained, CHANGED.format(change=change), third=third)
    found = _broken(chained)
    assert (found.seq, found.entry_id) == (3, third)
    assert found.why == "the entry is not what was sealed"
    assert (found.action in {"thing.c", "thing.undone"}, found.at is not None) == (True, True)
    assert f"link 3, entry {third} (thing." in str(found)


def test_of_several_the_first_is_named(chained: Engine) -> None:
    forge(chained, "UPDATE audit_entry SET request_id = 'x' WHERE action IN ('thing.e', 'thing.b')")
    assert _broken(chained).seq == 2


def test_a_changed_chain_hash_is_named(chained: Engine) -> None:
    forge(chained, "UPDATE audit_seal SET chain_sha256 = :other WHERE seq = 3", other="ab" * 32)
    found = _broken(chained)
    assert (found.seq, found.why) == (3, "the seal does not follow from the one before")


def test_an_entry_changed_with_its_hash_is_named(chained: Engine) -> None:
    """Whoever computes the entry's hash anew must compute the whole chain anew."""
    with unit_of_work(chained, write=False) as session:
        row = session.connection().execute(
            sa.text("SELECT chain_sha256 FROM audit_seal WHERE seq = 2")
        )
        before = row.scalar_one()
    forged = "cd" * 32
    forge(
        chained,
        "UPDATE audit_seal SET entry_sha256 = :entry, chain_sha256 = :chain WHERE seq = 3",
        entry=forged,
        chain=chain_hash(before, forged),
    )
    assert _broken(chained).seq == 3


def test_a_missing_entry_is_named(chained: Engine) -> None:
    third = _third(chained)
    forge(chained, "DELETE FROM audit_entry WHERE id = :third", third=third)
    found = _broken(chained)
    assert (found.seq, found.entry_id, found.why) == (3, third, "the entry is missing")


def test_a_missing_seal_is_named(chained: Engine) -> None:
    forge(chained, "DELETE FROM audit_seal WHERE seq IN (3, 4)")
    found = _broken(chained)
    assert (found.seq, found.why) == (3, "the seal is missing; the next one is 5")


def test_a_missing_beginning_is_named(chained: Engine) -> None:
    forge(
        chained,
        "DELETE FROM audit_entry WHERE id < :third",
        "DELETE FROM audit_seal WHERE seq < 3",
        third=_third(chained),
    )
    assert _broken(chained).seq == 1


def test_links_closed_up_after_a_deletion_are_named(chained: Engine) -> None:
    forge(
        chained,
        "DELETE FROM audit_entry WHERE action = 'thing.c'",
        "DELETE FROM audit_seal WHERE seq = 3",
        "UPDATE audit_seal SET seq = 3 WHERE seq = 4",
        "UPDATE audit_seal SET seq = 4 WHERE seq = 5",
        "UPDATE audit_seal SET seq = 5 WHERE seq = 6",
    )
    found = _broken(chained)
    assert (found.seq, found.action, found.at) == (3, "thing.d", AT)


def test_a_seal_before_the_first_is_named(chained: Engine) -> None:
    forge(
        chained,
        "INSERT INTO audit_seal (seq, entry_id, entry_sha256, chain_sha256)"
        " SELECT 0, -1, entry_sha256, chain_sha256 FROM audit_seal WHERE seq = 6",
    )
    assert _broken(chained).seq == 0


def test_two_entries_in_each_others_place_are_named(chained: Engine) -> None:
    third = _third(chained)
    forge(
        chained,
        "UPDATE audit_seal SET entry_id = -1 WHERE entry_id = :third",
        "UPDATE audit_seal SET entry_id = :third WHERE entry_id = :fourth",
        "UPDATE audit_seal SET entry_id = :fourth WHERE entry_id = -1",
        third=third,
        fourth=third + 1,
    )
    assert _broken(chained).seq == 3


@pytest.mark.parametrize("txid", [1, None, 10**12])
def test_an_entry_inserted_behind_is_named(chained: Engine, txid: int | None) -> None:
    forge(
        chained,
        "INSERT INTO audit_entry (id, at, request_id, action, target_kind, target_id, txid)"
        " SELECT -5, at, request_id, 'thing.forged', target_kind, target_id, :txid"
        " FROM audit_entry WHERE action = 'thing.c'",
        txid=txid,
    )
    seal_outstanding(chained)
    found = _broken(chained)
    assert (found.seq, found.entry_id, found.action) == (None, -5, "thing.forged")
    assert "inserted behind" in str(found)


def test_seals_cut_off_are_seen_or_computed_to_the_same(chained: Engine) -> None:
    head = _holds(chained).head
    forge(chained, "DELETE FROM audit_seal WHERE seq > 4")
    seal_outstanding(chained)
    if chained.dialect.name == "postgresql":
        assert _broken(chained).action == "thing.e"
    else:
        assert _holds(chained).head == head


def test_an_end_cut_off_is_seen_by_whoever_wrote_the_head_down(chained: Engine) -> None:
    written = parse_head(_holds(chained).head)
    forge(
        chained,
        "DELETE FROM audit_entry WHERE action IN ('thing.e', 'thing.f')",
        "DELETE FROM audit_seal WHERE seq > 4",
    )
    assert _holds(chained).count == 4, "nothing in the database shows it"
    found = _broken(chained, written)
    assert (found.seq, found.entry_id) == (6, None)
    assert "cut off" in found.why
    noted(chained, "thing.g", "thing.h")
    seal_outstanding(chained)
    assert _broken(chained, written).why == "the chain does not have the expected hash here"


def test_entries_that_wait_for_their_place_are_counted(chained: Engine) -> None:
    noted(chained, "thing.g")
    assert _holds(chained).unsealed == 1


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ],
)
def test_the_database_refuses_to_change_or_delete(
    chained: Engine, table: str, statement: str
) -> None:
    sqlite = chained.dialect.name == "sqlite"
    if ("TRUNCATE" in statement and sqlite) or ("OR REPLACE" in statement and not sqlite):
        pytest.skip("this database has no such statement")
    column = "action" if table == "audit_entry" else "chain_sha256"
    with pytest.raises(DBAPIError, match="append-only"), chained.begin() as connection:
        connection.execute(sa.text(statement.format(table=table, column=column)))
    with unit_of_work(chained) as session:
        note(session)
    seal_outstanding(chained)
    assert _holds(chained).count == 7


@pytest.mark.parametrize("written", ["", "3", "3:abc", f"x:{'0' * 64}", f"3:{'G' * 64}"])
def test_a_head_is_read_as_it_was_printed_or_not_at_all(written: str) -> None:
    with pytest.raises(ValueError, match="SEQ:HASH"):
        parse_head(written)
