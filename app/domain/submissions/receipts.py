"""Receipts: when each submitted revision came, what it was for, and to which day it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.cycles.models import RosterRow
from app.domain.submissions.models import Submission, SubmissionRevision


@dataclass(frozen=True)
class Receipt:
    """When a revision was received, what it was for, and whether from an incoming document."""

    number: int
    kind: str
    received_at: datetime
    incoming_on: date | None
    data_to: date | None


def first_receipt(receipts: Sequence[Receipt], kind: str) -> Receipt | None:
    """Return the first receipt of a kind, or None."""
    return next((one for one in receipts if one.kind == kind), None)


def reported_to(receipts: Sequence[Receipt]) -> date | None:
    """Return the last day to which a report runs; None where nothing, or a supplement, came.

    A supplement that came was owed, and goes on being shown.
    """
    if not receipts or first_receipt(receipts, "supplement") is not None:
        return None
    return receipts[-1].data_to


def receipts_of_cycle(
    session: Session, *, cycle_id: int, until: datetime | None = None
) -> dict[int, tuple[Receipt, ...]]:
    """Return by roster row the receipts of its submitted revisions, up to an instant, in order."""
    statement = (
        select(Submission.roster_row_id, SubmissionRevision)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(RosterRow.cycle_id == cycle_id, col(SubmissionRevision.received_at).is_not(None))
        .order_by(col(Submission.roster_row_id), col(SubmissionRevision.number))
    )
    if until is not None:
        statement = statement.where(col(SubmissionRevision.received_at) <= until)
    rows = session.exec(statement).all()
    return {
        row_id: tuple(_receipt(revision) for _, revision in group)
        for row_id, group in groupby(rows, key=lambda row: row[0])
    }


def receipts_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[Receipt, ...]]:
    """Return the receipts of some submissions by their ids, each in their order."""
    statement = (
        select(SubmissionRevision)
        .where(col(SubmissionRevision.submission_id).in_(ids))
        .where(col(SubmissionRevision.received_at).is_not(None))
        .order_by(col(SubmissionRevision.submission_id), col(SubmissionRevision.number))
    )
    rows = session.exec(statement).all()
    return {
        submission_id: tuple(_receipt(revision) for revision in group)
        for submission_id, group in groupby(rows, key=lambda row: row.submission_id)
    }


def _receipt(revision: SubmissionRevision) -> Receipt:
    if revision.received_at is None:
        raise RuntimeError("a draft has no receipt")
    return Receipt(
        revision.number,
        revision.kind,
        revision.received_at,
        revision.incoming_on,
        revision.data_to,
    )
