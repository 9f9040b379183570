"""Bulk requests: stored as batches, readable after a dropped line, gone on with where they broke.

In partial mode rows are stored a thousand at a time, each portion with its outcomes in one
transaction, so that other writers are not kept waiting and a broken batch can be resumed. An
atomic batch, and a dry run, is one transaction.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Final, Literal, Protocol
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport
from app.domain.activities.outdated import NOTHING, Outdated, outdated_by
from app.domain.activities.store import insert_rows
from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.batches.again import again_where_deadlocked
from app.domain.batches.models import Batch, BatchRow
from app.domain.batches.outcomes import RowOutcome, Spool, faults_of_refusal
from app.domain.batches.rows import RawRow
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.idempotency.service import Asked, KeyInProgress, keep, kept
from app.domain.principal import Principal
from app.domain.reference import Memory, Reference, current

PORTION: Final = 1000  # rows
LEASE: Final = timedelta(seconds=60)  # a batch that was not touched for so long is broken off
Work = Callable[[], AbstractContextManager[Session]]
Now = Callable[[], datetime]

EMPTY_FILE = Text("empty_file", "Tệp không có dòng nào.", "The file has no rows.")


class BatchRefused(DomainError):
    """An atomic batch with faults: nothing of it was stored."""

    text = Text(
        "batch_refused",
        "Gói có {rejected} dòng bị từ chối nên không dòng nào được lưu; xem {place}.",
        "{rejected} row(s) of the batch are refused, so none was stored; see {place}.",
    )


@dataclass(frozen=True)
class Order:
    """What a bulk request asks for."""

    kind: Literal["reports", "withdrawals"]
    mode: Literal["atomic", "partial"]
    update: bool
    dry_run: bool
    media_type: str
    body_sha256: str

    @property
    def whole(self) -> bool:
        """Whether it is one transaction."""
        return self.mode == "atomic" or self.dry_run


class TakeIn(Protocol):
    """What stores a portion of rows and tells what became of each."""

    def __call__(
        self,
        session: Session,
        reference: Reference,
        *,
        rows: Sequence[RawRow],
        update: bool,
        by: Principal,
        at: datetime,
    ) -> list[RowOutcome]: ...


@dataclass(frozen=True)
class Intake:
    """One bulk request as it is taken in."""

    work: Work
    memory: Memory
    now: Now
    take_in: TakeIn
    order: Order
    by: Principal
    at: datetime
    asked: Asked | None

    def run(self, read: Callable[[], Iterator[RawRow]]) -> UUID:
        """Take the rows in and return the batch's id; under a key used before, the first batch's.

        `read` reads the file from its beginning. Raises Invalid for an empty file, KeyReused,
        KeyInProgress.
        """
        if self.order.whole:
            return again_where_deadlocked(lambda: self._whole(_rows_of(read())))
        rows = _rows_of(read())
        with self.work() as session:
            batch, done = self._begun_before(session) or (self._open(session), 0)
            if batch.state != "running":
                return batch.id
        for portion in _portions(rows, skip=done):
            again_where_deadlocked(partial(self._portion, batch.id, portion, done))
            done += len(portion)
        with self.work() as session:
            batch = session.get_one(Batch, batch.id, with_for_update=True)
            if batch.state == "running":  # and no other process was as quick
                self._finish(session, batch, "finished")
        return batch.id

    def _whole(self, rows: Iterator[RawRow]) -> UUID:
        with self.work() as session, Spool() as spool:
            before = self._begun_before(session)
            if before is not None:
                return before[0].id
            batch = self._open(session)
            outdated = NOTHING
            savepoint = session.begin_nested()
            for portion in _portions(rows):
                outcomes = self._take_in(session, portion)
                outdated |= _outdated(session, outcomes)
                spool.add(outcomes)
                _count(batch, outcomes)
            refused = self.order.mode == "atomic" and batch.rejected > 0
            counts = {name: getattr(batch, name) for name in _COUNTS}
            if refused or self.order.dry_run:
                savepoint.rollback()
            else:
                savepoint.commit()
            batch = session.get_one(Batch, batch.id)
            for name, count in counts.items():
                setattr(batch, name, count)
            batch.outdated = outdated.as_json() if outdated and not refused else None
            for outcomes in spool.read():
                shown = [one for one in outcomes if one.outcome == "rejected" or not refused]
                self._store(session, batch.id, shown)
            if refused:
                batch.created = batch.updated = batch.unchanged = 0
            self._finish(session, batch, "refused" if refused else "finished")
            return batch.id

    def _portion(self, batch_id: UUID, portion: Sequence[RawRow], done: int) -> None:
        """Store a portion, if the batch stands where this process left it."""
        with self.work() as session:
            outcomes = self._take_in(session, portion)
            self._move_on(session, batch_id, outcomes, done)
            self._store(session, batch_id, outcomes)
            outdated = _outdated(session, outcomes)
            if outdated:
                batch = session.get_one(Batch, batch_id)
                before = Outdated.of(batch.outdated) if batch.outdated else NOTHING
                batch.outdated = (before | outdated).as_json()
                session.add(batch)

    def _move_on(
        self, session: Session, batch_id: UUID, outcomes: Sequence[RowOutcome], done: int
    ) -> None:
        counts = {name: sum(one.outcome == name for one in outcomes) for name in _OUTCOMES}
        counts["rows_done"] = len(outcomes)
        stands = (col(Batch.id) == batch_id) & (col(Batch.rows_done) == done)
        moved = session.connection().execute(
            update(Batch)
            .where(stands)
            .values(
                touched_at=self.now(),
                **{name: getattr(Batch, name) + count for name, count in counts.items()},
            )
            .returning(col(Batch.id))
        )
        if moved.first() is None:  # another process took the batch over
            raise KeyInProgress()

    def _take_in(self, session: Session, portion: Sequence[RawRow]) -> list[RowOutcome]:
        return self.take_in(
            session,
            current(session, self.memory),
            rows=portion,
            update=self.order.update,
            by=self.by,
            at=self.now(),
        )

    def _begun_before(self, session: Session) -> tuple[Batch, int] | None:
        """Return the batch that was begun under the same Idempotency-Key, and its rows done.

        Raises KeyReused, and KeyInProgress where a process may still be at it.
        """
        found = kept(session, self.asked) if self.asked is not None else None
        if found is None or found.batch_id is None:
            return None
        batch = session.get_one(Batch, found.batch_id)
        if batch.state == "running":
            if self.now() - batch.touched_at < LEASE:
                raise KeyInProgress()
            batch.touched_at = self.now()
            session.add(batch)
        return batch, batch.rows_done

    def _open(self, session: Session) -> Batch:
        batch = Batch(
            id=new_id(self.at),
            kind=self.order.kind,
            state="running",
            unit_key=self.by.unit,
            api_key_id=self.by.key_id,
            mode=self.order.mode,
            on_existing="update" if self.order.update else "reject",
            dry_run=self.order.dry_run,
            media_type=self.order.media_type,
            body_sha256=self.order.body_sha256,
            received_at=self.at,
            touched_at=self.now(),
        )
        session.add(batch)
        session.flush()
        if self.asked is not None:
            keep(session, self.asked, at=self.at, batch_id=batch.id)
        if not self.order.whole:
            self._record(session, batch)
        return batch

    def _store(self, session: Session, batch_id: UUID, outcomes: Sequence[RowOutcome]) -> None:
        told = {one.report_id for one in outcomes if one.report_id is not None}
        there = _there(session, told) if self.order.dry_run else told
        insert_rows(session, BatchRow, [one.columns(batch_id, there=there) for one in outcomes])

    def _finish(self, session: Session, batch: Batch, state: str) -> None:
        batch.state = state
        batch.finished_at = self.now()
        session.add(batch)
        session.flush()
        if self.order.whole:
            counts = {name: getattr(batch, name) for name in _COUNTS}
            self._record(session, batch, **counts)

    def _record(self, session: Session, batch: Batch, **counts: int) -> None:
        """Add the batch's one entry to the audit, in the transaction of its first rows or before.

        Of a batch in portions that is when it is opened: none of its rows is there without it.
        """
        audit(
            session,
            by=self.by,
            at=self.at,
            action=f"batch.{'received' if batch.state == 'running' else batch.state}",
            target=("batch", str(batch.id)),
            after={
                "kind": batch.kind,
                "mode": batch.mode,
                "dry_run": batch.dry_run,
                "body_sha256": batch.body_sha256,
                **counts,
            },
            refusal=BatchRefused.text.code if batch.state == "refused" else None,
        )


_OUTCOMES: Final = ("created", "updated", "unchanged", "rejected")
_COUNTS: Final = ("rows_done", *_OUTCOMES)


def _count(batch: Batch, outcomes: Sequence[RowOutcome]) -> None:
    batch.rows_done += len(outcomes)
    for name in _OUTCOMES:
        setattr(batch, name, getattr(batch, name) + sum(one.outcome == name for one in outcomes))


def _rows_of(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Return a file's rows. Raises Invalid where it has none, and for its headings."""
    first = next(rows, None)
    if first is None:
        raise Invalid(Fault("", EMPTY_FILE))
    return _to_the_damage(chain([first], rows))


def _to_the_damage(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Yield the rows; where the file turns out to be damaged, that is the fault of a last row."""
    number, line = 0, 0
    try:
        for row in rows:
            number, line = row.number, row.line
            yield row
    except DomainError as refusal:
        yield RawRow(number + 1, line + 1, None, tuple(faults_of_refusal(refusal, "")))


def _there(session: Session, ids: Set[UUID]) -> set[UUID]:
    """Return those ids that are of stored reports."""
    return set(session.exec(select(ActivityReport.id).where(col(ActivityReport.id).in_(ids))))


def _portions(rows: Iterator[RawRow], *, skip: int = 0) -> Iterator[list[RawRow]]:
    rows = islice(rows, skip, None)
    while portion := list(islice(rows, PORTION)):
        yield portion


def _outdated(session: Session, outcomes: Sequence[RowOutcome]) -> Outdated:
    """Tell what is out of date by rows that change a report, or did so when they came before."""
    changed = {one.report_id for one in outcomes if one.report_id and (one.revision or 1) > 1}
    return outdated_by(session, list(changed)) if changed else NOTHING
