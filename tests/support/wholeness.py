"""Whether anything in a database is half there: what one transaction has to hold together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Engine, func
from sqlmodel import Session, SQLModel, col, select

from app.db import unit_of_work
from app.domain.activities.models import (
    ActivityChange,
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.audit.models import AuditEntry
from app.domain.batches.models import Batch, BatchRow
from app.domain.idempotency.models import IdempotencyKey

Revision = tuple[UUID, int]


def halves(
    engine: Engine,
    *,
    measures: int,
    expenditure: int,
    singly: Sequence[str],
    keyed: str,
    placed: bool,
) -> list[str]:
    """Return what is half there, in words; nothing where all is whole.

    Every revision is known to have been sent with so many measures and expenditures; those of
    the source systems `singly` by requests of their own, and of `keyed` the first one under an
    Idempotency-Key that is the external id. `placed`: the changes feed was read.
    What is seen while others write is what would be left if they were killed in that moment.
    """
    with unit_of_work(engine, write=False) as session:
        if engine.dialect.name == "postgresql":  # of one moment, though somebody writes
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return [
            *_reports(session),
            *_hanging(session, ActivityMeasure, measures),
            *_hanging(session, ActivityExpenditure, expenditure),
            *(_places(session) if placed or engine.dialect.name == "sqlite" else ()),
            *_audited(session, set(singly)),
            *_batches(session),
            *_keys(session, keyed),
        ]


def numbers(engine: Engine) -> dict[tuple[str, str], int]:
    """Return each report's current revision, by source system and external id."""
    with unit_of_work(engine, write=False) as session:
        rows = session.exec(
            select(ActivityReport.source_system, ActivityReport.external_id, ActivityReport.number)
        ).all()
    assert len({(system, name) for system, name, _ in rows}) == len(rows), "one is there twice"
    return {(system, name): number for system, name, number in rows}


def _reports(session: Session) -> Iterable[str]:
    kinds: dict[UUID, dict[int, str]] = {}
    revision = ActivityRevision
    for report_id, number, kind in session.exec(
        select(revision.report_id, revision.number, revision.kind)
    ):
        kinds.setdefault(report_id, {})[number] = kind
    for report_id, current, withdrawn_at in session.exec(
        select(ActivityReport.id, ActivityReport.number, ActivityReport.withdrawn_at)
    ):
        found = kinds.pop(report_id, {})
        if sorted(found) != list(range(1, current + 1)):
            yield f"report {report_id} is at {current} and has revisions {sorted(found)}"
        elif (found[current] == "withdrawn") != (withdrawn_at is not None):
            yield f"report {report_id} is half withdrawn"
        elif [number for number, kind in found.items() if kind == "created"] != [1]:
            yield f"report {report_id} was created twice: {found}"
    yield from (f"revisions {found} of no report" for found in kinds.values())


def _hanging(session: Session, table: type[SQLModel], wanted: int) -> Iterable[str]:
    column = table.__table__.c.revision_id  # type: ignore[attr-defined]
    found = Counter(session.exec(select(column)))
    for revision_id in session.exec(select(ActivityRevision.id)):
        if found[revision_id] != wanted:
            yield f"revision {revision_id} has {found[revision_id]} rows of {table.__name__}"


def _places(session: Session) -> Iterable[str]:
    placed = set(session.exec(select(ActivityChange.revision_id)))
    for revision_id in session.exec(select(ActivityRevision.id)):
        if revision_id not in placed:
            yield f"revision {revision_id} has no place in the feed"


def _audited(session: Session, singly: set[str]) -> Iterable[str]:
    entries: Counter[tuple[str, str, int]] = Counter()
    for entry in session.exec(
        select(AuditEntry).where(AuditEntry.target_kind == "activity_report")
    ):
        if entry.refusal is None and entry.after is not None:
            entries[entry.action, entry.target_id, entry.after["revision"]] += 1
    for report_id, system, number, kind in session.exec(
        select(
            ActivityRevision.report_id,
            ActivityReport.source_system,
            ActivityRevision.number,
            ActivityRevision.kind,
        ).join(ActivityReport)
    ):
        told = entries.pop((f"activity_report.{kind}", str(report_id), number), 0)
        if system in singly and told != 1:
            yield f"revision {number} of {report_id} has {told} audit entries"
    yield from (f"an audit entry of what is not there: {one}" for one in entries)


def _batches(session: Session) -> Iterable[str]:
    rows = dict(
        session.exec(select(BatchRow.batch_id, func.count()).group_by(col(BatchRow.batch_id))).all()
    )
    audited = Counter(
        session.exec(select(AuditEntry.target_id).where(AuditEntry.target_kind == "batch"))
    )
    numbers = dict(session.exec(select(ActivityReport.id, ActivityReport.number)).all())
    for batch in session.exec(select(Batch)):
        counted = batch.created + batch.updated + batch.unchanged + batch.rejected
        if not rows.get(batch.id, 0) == counted == batch.rows_done:
            yield f"batch {batch.id} says {batch.rows_done}, {counted}, {rows.get(batch.id, 0)}"
        if audited[str(batch.id)] != 1:
            yield f"batch {batch.id} is {batch.state}, audited {audited[str(batch.id)]} times"
    for row in session.exec(select(BatchRow).where(BatchRow.outcome != "rejected")):
        if row.report_id is None or numbers.get(row.report_id, 0) < (row.revision or 1):
            yield f"row {row.number} of batch {row.batch_id} tells of what is not there"


def _keys(session: Session, keyed: str) -> Iterable[str]:
    kept = {
        key.key: (key.headers or {}).get("location", "").rpartition("/")[2]
        for key in session.exec(
            select(IdempotencyKey).where(col(IdempotencyKey.batch_id).is_(None))
        )
    }
    for report_id, name in session.exec(
        select(ActivityReport.id, ActivityReport.external_id).where(
            ActivityReport.source_system == keyed
        )
    ):
        if kept.pop(name, None) != str(report_id):
            yield f"of report {name} there is no answer kept"
    yield from (f"an answer is kept of what is not there: {name}" for name in kept)
