"""Reading submissions: which a key may see, with their cycles, rows and receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from app.domain.base import where_given
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.cycles.queries import Cycle, Duty, cycle_by_id, duties, outages
from app.domain.cycles.timeliness import Outage
from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.submissions.models import (
    FrozenActivity,
    Submission,
    SubmissionComment,
    SubmissionRevision,
)
from app.domain.submissions.receipts import Receipt, first_receipt, receipts_of


@dataclass(frozen=True)
class StoredSubmission:
    """A submission with a revision of it, its cycle, and the roster row that it answers.

    `revision` is the current one, or for those who see no draft the last that was submitted.
    `receipts` are those of all submitted revisions, in their order.
    """

    submission: Submission
    revision: SubmissionRevision
    cycle: Cycle
    row: Duty
    receipts: tuple[Receipt, ...] = ()
    outages: tuple[Outage, ...] = ()

    def first_receipt(self, kind: str) -> Receipt | None:
        """Return the first receipt of a kind: by it the report's timeliness is decided."""
        return first_receipt(self.receipts, kind)


def visible_submissions(by: Principal) -> Select[Submission, SubmissionRevision, RosterRow]:
    """Return the select of the submissions that a caller may see, each with one revision.

    Its own unit's and those that it answers for as a steward, with their drafts. The focal unit
    and the committee's office see all others as they were last submitted, and the drafts that are
    entered from incoming documents.
    """
    own = col(RosterRow.unit_key).in_([by.unit, *sorted(by.answers_for)])
    number, current = col(SubmissionRevision.number), col(Submission.number)
    if not by.province_wide:
        return _with_revision(number == current).where(own)
    from_document = col(SubmissionRevision.incoming_on).is_not(None)
    entered = (number == current) & from_document
    draft_elsewhere = (
        select(SubmissionRevision.id)
        .where(
            SubmissionRevision.submission_id == Submission.id,
            SubmissionRevision.number == current,
            col(SubmissionRevision.incoming_on).is_not(None),
        )
        .correlate(Submission)
        .exists()
    )
    submitted = (number == col(Submission.submitted_number)) & ~draft_elsewhere
    return _with_revision((own & (number == current)) | (~own & (entered | submitted)))


def submissions(
    session: Session,
    *,
    by: Principal,
    plan: str | None = None,
    year: int | None = None,
    cycle: str | None = None,
    unit: str | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[StoredSubmission]:
    """Return visible submissions in the order in which they were begun, `limit` at most."""
    statement = visible_submissions(by).join(
        ReportingCycle, col(ReportingCycle.id) == RosterRow.cycle_id
    )
    narrowed = {
        ReportingCycle.plan_slug: plan,
        ReportingCycle.year: year,
        ReportingCycle.code: cycle,
        RosterRow.unit_key: unit,
        SubmissionRevision.state: state,
    }
    statement = statement.where(*where_given(narrowed))
    if after is not None:
        statement = statement.where(col(Submission.id) > after)
    rows = session.exec(statement.order_by(col(Submission.id)).limit(limit)).all()
    return stored(session, rows)


def get_submission(
    session: Session, *, by: Principal, submission_id: UUID, lock: bool = False
) -> StoredSubmission:
    """Return a submission; with `lock` of two that act at once the second sees the first's.

    Raises NotFound, also for one that the caller may not see.
    """
    if lock:
        locked = select(Submission.id).where(Submission.id == submission_id).with_for_update()
        session.exec(locked).first()
    statement = visible_submissions(by).where(col(Submission.id) == submission_id)
    row = session.exec(statement.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound()
    return stored(session, [row])[0]


def submission_of(session: Session, *, row_id: int) -> StoredSubmission | None:
    """Return the submission that answers a roster row, whoever asks, or None."""
    current = col(SubmissionRevision.number) == col(Submission.number)
    statement = _with_revision(current).where(col(Submission.roster_row_id) == row_id)
    row = session.exec(statement).first()
    return None if row is None else stored(session, [row])[0]


def revisions(session: Session, *, submission_id: UUID) -> Sequence[SubmissionRevision]:
    """Return all revisions of a submission, in order."""
    statement = select(SubmissionRevision).where(SubmissionRevision.submission_id == submission_id)
    return session.exec(statement.order_by(col(SubmissionRevision.number))).all()


def get_revision(session: Session, found: StoredSubmission, *, number: int) -> SubmissionRevision:
    """Return a revision of a submission that the caller sees; drafts as far as it sees them.

    Raises NotFound.
    """
    for revision in revisions(session, submission_id=found.submission.id):
        if revision.number == number and number <= found.revision.number:
            return revision
    raise NotFound()


def comments(session: Session, *, revision_id: UUID) -> Sequence[SubmissionComment]:
    """Return the comments with which a revision was returned, in order."""
    statement = select(SubmissionComment).where(
        SubmissionComment.submission_revision_id == revision_id
    )
    return session.exec(statement.order_by(col(SubmissionComment.ordinal))).all()


def to_be_answered(session: Session, found: StoredSubmission) -> Sequence[SubmissionComment]:
    """Return the comments that a draft has to answer: those of the return that it follows."""
    for revision in reversed(revisions(session, submission_id=found.submission.id)):
        if revision.number < found.revision.number:
            returned = revision.state == "returned"
            return comments(session, revision_id=revision.id) if returned else ()
    return ()


@dataclass(frozen=True)
class Standing:
    """The revision that stands for a roster row, and its review as it was at the instant."""

    revision: SubmissionRevision
    state: str


def standing_revisions(
    session: Session, *, cycle_id: int, at: datetime | None = None, preview: bool = False
) -> dict[int, Standing]:
    """Return by roster row the revision that stands for it, or stood for it at an instant.

    The accepted one, also while a correction of it is in progress; else the last that was
    submitted. In a preview one that is in review stands before one that was accepted. A draft
    stands for nothing.
    """
    statement = (
        select(Submission.roster_row_id, SubmissionRevision)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(RosterRow.cycle_id == cycle_id, SubmissionRevision.state != "draft")
        .order_by(col(SubmissionRevision.number))
    )
    if at is not None:
        statement = statement.where(col(SubmissionRevision.received_at) <= at)
    stands = ("accepted", "submitted") if preview else ("accepted",)
    standing: dict[int, Standing] = {}
    for row_id, revision in session.exec(statement):
        before, state = standing.get(row_id), _state_at(revision, at)
        if before is None or before.state != "accepted" or state in stands:
            standing[row_id] = Standing(revision, state)
    return standing


def _state_at(revision: SubmissionRevision, at: datetime | None) -> str:
    """Return the review of a received revision at an instant; superseded ones were accepted."""
    decided = {"accepted": revision.accepted_at, "returned": revision.returned_at}
    for state, decided_at in decided.items():
        if decided_at is not None and (at is None or decided_at <= at):
            return state
    return "submitted"


def plan_of_revision(session: Session, revision_id: UUID) -> str:
    """Return the slug of the plan that a submission revision reports on. Raises NotFound."""
    plan = session.exec(
        select(ReportingCycle.plan_slug)
        .join(RosterRow, col(RosterRow.cycle_id) == ReportingCycle.id)
        .join(Submission, col(Submission.roster_row_id) == RosterRow.id)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .where(SubmissionRevision.id == revision_id)
    ).first()
    if plan is None:
        raise NotFound()
    return plan


def frozen_counts(session: Session, *, revision_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many activity reports each of some submitted revisions holds."""
    if not revision_ids:
        return {}
    holder = col(FrozenActivity.submission_revision_id)
    statement = select(holder, func.count()).where(holder.in_(revision_ids)).group_by(holder)
    return dict(session.exec(statement).all())


def stored(
    session: Session, rows: Sequence[tuple[Submission, SubmissionRevision, RosterRow]]
) -> list[StoredSubmission]:
    """Return submissions with all that they stand on, in a few statements however many."""
    if not rows:
        return []
    found = dict.fromkeys({row.cycle_id for _, _, row in rows})
    cycles = {cycle_id: cycle_by_id(session, cycle_id) for cycle_id in found}
    failed = {cycle_id: tuple(outages(session, cycle_id=cycle_id)) for cycle_id in found}
    rows_by_id = duties(session, row_ids=[submission.roster_row_id for submission, _, _ in rows])
    received = receipts_of(session, [submission.id for submission, _, _ in rows])
    return [
        StoredSubmission(
            submission=submission,
            revision=revision,
            cycle=cycles[row.cycle_id],
            row=rows_by_id[submission.roster_row_id],
            receipts=received.get(submission.id, ()),
            outages=failed[row.cycle_id],
        )
        for submission, revision, row in rows
    ]


def _with_revision(condition: object) -> Select[Submission, SubmissionRevision, RosterRow]:
    """Return the select of submissions with the revisions that meet a condition, and their rows."""
    same = col(SubmissionRevision.submission_id) == Submission.id
    return (
        select(Submission, SubmissionRevision, RosterRow)
        .join(SubmissionRevision, same)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(condition)  # type: ignore[arg-type]
    )
