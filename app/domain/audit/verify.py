"""Verifying the chain: from the first link on, until one is broken."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import ColumnClause, ColumnElement, literal_column, or_
from sqlmodel import Session, col, func, select

from app.domain.audit import seal
from app.domain.audit.models import AuditEntry, AuditSeal
from app.domain.period import instant_text

_BATCH: Final = 1000
Link: TypeAlias = tuple[AuditSeal, AuditEntry | None]


@dataclass(frozen=True)
class Verified:
    """Every link holds: so many; `unsealed` entries have no place yet.

    `head` is the last place and its chain hash, `SEQ:HASH`.
    """

    count: int
    head: str
    unsealed: int


@dataclass(frozen=True)
class Broken:
    """The first link that does not hold, and what is known of its entry."""

    seq: int | None
    entry_id: int | None
    why: str
    action: str | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        link = "" if self.seq is None else f"link {self.seq}, "
        entry = "no entry" if self.entry_id is None else f"entry {self.entry_id}"
        done = "" if self.at is None else f" ({self.action}, {instant_text(self.at)})"
        return f"{link}{entry}{done}: {self.why}"


def parse_head(written: str) -> tuple[int, str]:
    """Return the place and the hash of a head as it is printed. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,15}:[0-9a-f]{64}", written, re.ASCII):
        raise ValueError("a head is written SEQ:HASH, the hash as 64 hexadecimal digits")
    seq, _, chain = written.partition(":")
    return int(seq), chain


def verify(session: Session, *, expected: tuple[int, str] | None = None) -> Verified | Broken:
    """Follow the chain and compare every entry with its seal; memory stays small.

    `expected` is a place and its chain hash, as they were written down elsewhere: nothing else
    can show that the end of the chain was cut off, or that all of it was computed anew.
    """
    seq, chain = 0, seal.GENESIS
    for found in _links(session):
        seq += 1
        broken = _broken(found, seq, chain)
        if broken is not None:
            return broken
        chain = found[0].chain_sha256
        if expected is not None and expected[0] == seq and expected[1] != chain:
            return _named(found, "the chain does not have the expected hash here")
    if expected is not None and expected[0] > seq:
        return Broken(expected[0], None, f"the chain ends before, at {seq}: its end was cut off")
    behind = _inserted_behind(session)
    if behind is not None:
        why = "the entry has no seal, though later ones have: it was inserted behind"
        return Broken(None, behind.id, why, behind.action, behind.at)
    left = session.exec(select(func.count()).select_from(AuditEntry).where(seal.unsealed())).one()
    return Verified(seq, f"{seq}:{chain}", left)


def _links(session: Session) -> Iterator[Link]:
    """Yield the seals in their order, each with its entry if there is one."""
    joined = select(AuditSeal, AuditEntry).join(
        AuditEntry, col(AuditEntry.id) == AuditSeal.entry_id, isouter=True
    )
    after: int | None = None
    while True:
        batch: Sequence[Link] = session.exec(
            joined.where(*([] if after is None else [col(AuditSeal.seq) > after]))
            .order_by(col(AuditSeal.seq))
            .limit(_BATCH)
        ).all()
        if not batch:
            return
        yield from batch
        after = batch[-1][0].seq


def _broken(found: Link, seq: int, chain: str) -> Broken | None:
    """Return what is wrong with the link that should be number `seq`, behind `chain`."""
    stored, entry = found
    if stored.seq > seq:
        return Broken(seq, None, f"the seal is missing; the next one is {stored.seq}")
    if stored.seq < seq:
        return _named(found, "the seal's number is below 1")
    if entry is None:
        return _named(found, "the entry is missing")
    if not _matches(entry, stored):
        return _named(found, "the entry is not what was sealed")
    if stored.chain_sha256 != seal.chain_hash(chain, stored.entry_sha256):
        return _named(found, "the seal does not follow from the one before")
    return None


def _matches(entry: AuditEntry, stored: AuditSeal) -> bool:
    try:
        return seal.entry_hash(entry) == stored.entry_sha256
    except ValueError:  # it says what cannot be hashed: nothing that we ever stored
        return False


def _named(found: Link, why: str) -> Broken:
    stored, entry = found
    if entry is None:
        return Broken(stored.seq, stored.entry_id, why)
    return Broken(stored.seq, entry.id, why, entry.action, entry.at)


def _inserted_behind(session: Session) -> AuditEntry | None:
    """Return the first entry that should have a seal and has none, and never will."""
    places: list[ColumnElement[bool]]
    if session.get_bind().dialect.name == "sqlite":
        last = select(func.max(AuditSeal.entry_id)).scalar_subquery()
        places = [col(AuditEntry.id) < last]
    else:
        txid = col(AuditEntry.txid)
        # Within the same statement: another's entry may come between two.
        begun: ColumnClause[int] = literal_column(
            "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        places = [txid < seal.sealed_below(session), txid >= begun, txid.is_(None)]
    behind = select(AuditEntry).where(seal.unsealed(), or_(*places))
    return session.exec(behind.order_by(col(AuditEntry.id)).limit(1)).first()
