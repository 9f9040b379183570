"""The handover (bàn giao) of an ended unit: who may have it, and how it is made and vouched for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import IO, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.db import unit_of_work
from app.domain.audit.models import AuditEntry, AuditSeal
from app.domain.audit.service import audit
from app.domain.cycles.stewardships import stewards
from app.domain.errors import DomainError, NotFound, Text
from app.domain.handover.writing import Handover, write
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.units.models import UnitVersion
from app.domain.units.queries import find

EXPORTED: Final = "unit.handover_exported"


class UnitNotEnded(DomainError):
    """Only a unit that has ended is handed over."""

    text = Text(
        "unit_not_ended",
        "Đơn vị {unit} chưa kết thúc hoạt động nên chưa có hồ sơ bàn giao.",
        "The unit {unit} has not ended, so there is no handover of it yet.",
    )


def export(
    engine: Engine,
    *,
    unit: str,
    named_on: date | None = None,
    by: Principal | None,
    at: datetime,
    into: IO[bytes],
) -> Handover:
    """Write the handover of an ended unit into an empty file, and its seal into the audit.

    `unit` is a key, or the code that it bears on the day `named_on` (today if None). The same
    rows give the same bytes, whenever and on whichever database. It is read in one snapshot, a
    chunk at a time, so that memory does not grow with the records, and nobody who writes waits
    for it. The audit's entry is committed when the archive is whole, in a transaction of its own.
    `by` is None for the operator. Raises NotFound, UnitNotEnded.
    """
    today = local_day(at)
    with _snapshot(engine) as session:
        found = ended_unit(session, unit=unit, named_on=named_on or today, by=by, on=today)
        steward = stewards(session, on=today).get(found.unit_key)
        made = write(session, unit=found, made_for=steward, into=into)
    with unit_of_work(engine) as session:
        after = {"seal": made.seal, "sha256": made.sha256, "size": made.size, **made.counts}
        target = ("unit", made.unit)
        audit(session, by=by, at=at, action=EXPORTED, target=target, after=after)
    return made


def ended_unit(
    session: Session, *, unit: str, named_on: date, by: Principal | None, on: date
) -> UnitVersion:
    """Return a unit that has ended by a day and whose handover the caller may have.

    Its own keys may, its steward, and who sees the province. Raises NotFound, UnitNotEnded.
    """
    found = find(session, unit, on=named_on)
    if by is not None and not (by.province_wide or found.unit_key in by.acts_for):
        raise NotFound()
    if found.valid_to is None or found.valid_to > on:
        raise UnitNotEnded(unit=found.unit_key)
    return found


def vouched(session: Session, *, unit: str, seal: str) -> int | None:
    """Return the place in the audit's chain at which a handover's seal stands, or None.

    That the chain itself holds is another question: see `app.domain.audit.verify`.
    """
    statement = (
        select(AuditSeal.seq, AuditEntry)
        .join(AuditEntry, col(AuditEntry.id) == AuditSeal.entry_id)
        .where(AuditEntry.target_id == unit, AuditEntry.action == EXPORTED)
        .order_by(col(AuditSeal.seq))
    )
    for seq, entry in session.exec(statement):
        if (entry.after or {}).get("seal") == seal:
            return seq
    return None


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Session]:
    """Open a unit of work that reads, whose statements all see the same; SQLite's always do."""
    with unit_of_work(engine, write=False) as session:
        if engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
