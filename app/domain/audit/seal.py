"""The chain over the audit: each entry gets its place behind the writers, once, for good.

entry_sha256 = SHA-256 of the entry as canonical JSON (RFC 8785), see `entry_hash`;
chain_sha256 = SHA-256(chain_sha256 of the seal before ‖ entry_sha256), both as 32 bytes; before
the first seal stand 32 zero bytes.

On SQLite the ids are in the order of the commits. PostgreSQL gives out ids and transaction
numbers before it commits; so only what is older than every running transaction is sealed, in the
order (txid, id). What is sealed once is below a horizon, under which nothing can come any more.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import rfc8785
from sqlalchemy import ColumnElement, Engine, insert, text, update
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from app.db import unit_of_work
from app.domain.audit.models import AuditEntry, AuditSeal
from app.domain.instance import Sealer
from app.domain.period import instant_text

Entries: TypeAlias = SelectOfScalar[AuditEntry]
GENESIS: Final = "00" * 32
BATCH: Final = 500
SEALER: Final = "audit"
_LOCK: Final = int.from_bytes(
    hashlib.sha256(b"baocao audit sealer").digest()[:8], "big", signed=True
)


class Head(NamedTuple):
    """The end of the chain: the last seal's place, entry and hash."""

    seq: int
    entry_id: int
    chain_sha256: str


class Snapshot(NamedTuple):
    """Transactions: below `oldest` all have ended, from `next` on none has begun."""

    oldest: int
    next: int


def seal(session: Session, *, limit: int = BATCH) -> int:
    """Seal up to `limit` entries whose place is settled; return how many. It needs to write.

    Of several at once one seals, and the others wait for it.
    """
    if _is_sqlite(session):
        return _append(session, session.exec(_candidates_on_sqlite().limit(limit)).all())
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    horizon, snapshot = sealed_below(session), transactions(session)
    if snapshot.next < horizon:
        return _seal_after_restore(session, snapshot, limit)
    rows = session.exec(_candidates(horizon, snapshot).limit(limit)).all()
    # A batch may end within a transaction: the rest of it must stay above the horizon.
    whole = len(rows) < limit
    _advance(session, snapshot.oldest if whole else rows[-1].txid or horizon)
    return _append(session, rows)


def outstanding(session: Session) -> bool:
    """Tell whether there is something to seal. It only reads."""
    if _is_sqlite(session):
        return session.exec(_candidates_on_sqlite().limit(1)).first() is not None
    horizon, snapshot = sealed_below(session), transactions(session)
    if snapshot.next < horizon:
        return True
    return session.exec(_candidates(horizon, snapshot).limit(1)).first() is not None


def seal_outstanding(engine: Engine) -> int:
    """Seal all that can be sealed, in transactions of its own; return how many entries.

    Takes no write lock where there is nothing to seal.
    """
    count = 0
    while True:
        with unit_of_work(engine, write=False) as session:
            if not outstanding(session):
                return count
        with unit_of_work(engine) as session:
            count += seal(session)


def sealed_below(session: Session) -> int:
    """Return the horizon: PostgreSQL's transactions below it are sealed."""
    return session.exec(select(Sealer.horizon).where(Sealer.name == SEALER)).one()


def transactions(session: Session) -> Snapshot:
    """Return how far PostgreSQL's transactions are."""
    asked = text(
        "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint "
        "FROM pg_current_snapshot() AS s"
    )
    return Snapshot(*session.connection().execute(asked).one())


def head(session: Session) -> Head:
    """Return the end of the chain; before the first seal it is 0 and GENESIS."""
    last = session.exec(select(AuditSeal).order_by(col(AuditSeal.seq).desc()).limit(1)).first()
    return Head(last.seq, last.entry_id, last.chain_sha256) if last else Head(0, 0, GENESIS)


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 of everything that an entry says, as canonical JSON (RFC 8785)."""
    said: dict[str, Any] = {
        "id": entry.id,
        "at": instant_text(entry.at),
        "request_id": entry.request_id,
        "api_key_id": str(entry.api_key_id) if entry.api_key_id else None,
        "unit_key": entry.unit_key,
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "before": entry.before,
        "after": entry.after,
        "refusal": entry.refusal,
        "txid": entry.txid,
    }
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def chain_hash(before: str, entry_sha256: str) -> str:
    """Return the hash of a link from the link before it and its entry."""
    return hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(entry_sha256)).hexdigest()


def unsealed() -> ColumnElement[bool]:
    """Return the condition that keeps the entries without a seal."""
    return ~select(AuditSeal.seq).where(AuditSeal.entry_id == AuditEntry.id).exists()


def _append(session: Session, rows: Sequence[AuditEntry]) -> int:
    seq, _, chain = head(session)
    links = []
    for entry in rows:
        sha256 = entry_hash(entry)
        seq, chain = seq + 1, chain_hash(chain, sha256)
        links.append(
            {"seq": seq, "entry_id": entry.id, "entry_sha256": sha256, "chain_sha256": chain}
        )
    if links:
        session.connection().execute(insert(AuditSeal), links)
    return len(links)


def _candidates_on_sqlite() -> Entries:
    last = select(AuditSeal.entry_id).order_by(col(AuditSeal.seq).desc()).limit(1)
    behind = func.coalesce(last.scalar_subquery(), 0)
    return select(AuditEntry).where(col(AuditEntry.id) > behind).order_by(col(AuditEntry.id))


def _candidates(horizon: int, snapshot: Snapshot) -> Entries:
    txid = col(AuditEntry.txid)
    settled = select(AuditEntry).where(txid >= horizon, txid < snapshot.oldest, unsealed())
    return settled.order_by(txid, col(AuditEntry.id))


def _seal_after_restore(session: Session, snapshot: Snapshot, limit: int) -> int:
    """Seal what came along, which bears numbers of another server's transactions; begin anew."""
    txid, own = col(AuditEntry.txid), col(AuditEntry.txid) < snapshot.next
    left = select(AuditEntry).where(unsealed(), ~own | (txid < snapshot.oldest))
    rows = session.exec(left.order_by(own, txid, col(AuditEntry.id)).limit(limit)).all()
    if len(rows) < limit:
        _advance(session, snapshot.oldest)
    return _append(session, rows)


def _advance(session: Session, horizon: int) -> None:
    moved = update(Sealer).where(col(Sealer.name) == SEALER).values(horizon=horizon)
    session.connection().execute(moved)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
