"""Reading submissions: which a key may see, and how timely they are."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.cycles.queries import Cycle, Duty, cycle_by_id, duty
from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision


@dataclass(frozen=True)
class StoredSubmission:
    """A submission with its current revision, its cycle and the roster row that it answers."""

    submission: Submission
    revision: SubmissionRevision
    cycle: Cycle
    row: Duty


def visible_submissions(by: Principal) -> Select[Submission, SubmissionRevision, RosterRow]:
    """Return the select of the submissions that a caller may see.

    Its own unit's; the focal unit and the committee's office see all but the drafts of others.
    """
    own = col(RosterRow.unit_key) == by.unit
    statement = _current()
    if by.province_wide:
        return statement.where(own | (col(SubmissionRevision.state) != "draft"))
    return statement.where(own)


def submissions(
    session: Session,
    *,
    by: Principal,
    plan: str | None = None,
    year: int | None = None,
    unit: str | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[StoredSubmission]:
    """Return visible submissions in the order in which they were begun, `limit` at most."""
    statement = visible_submissions(by).join(
        ReportingCycle, col(ReportingCycle.id) == RosterRow.cycle_id
    )
    if plan is not None:
        statement = statement.where(col(ReportingCycle.plan_slug) == plan)
    if year is not None:
        statement = statement.where(col(ReportingCycle.year) == year)
    if unit is not None:
        statement = statement.where(col(RosterRow.unit_key) == unit)
    if state is not None:
        statement = statement.where(col(SubmissionRevision.state) == state)
    if after is not None:
        statement = statement.where(col(Submission.id) > after)
    rows = session.exec(statement.order_by(col(Submission.id)).limit(limit)).all()
    return [_stored(session, *row) for row in rows]


def get_submission(session: Session, *, by: Principal, submission_id: UUID) -> StoredSubmission:
    """Return a submission. Raises NotFound, also for one that the caller may not see."""
    row = session.exec(visible_submissions(by).where(col(Submission.id) == submission_id)).first()
    if row is None:
        raise NotFound()
    return _stored(session, *row)


def submission_of(session: Session, *, row_id: int) -> StoredSubmission | None:
    """Return the submission that answers a roster row, whoever asks, or None."""
    row = session.exec(_current().where(col(Submission.roster_row_id) == row_id)).first()
    return None if row is None else _stored(session, *row)


def latest_revisions(session: Session, *, cycle_id: int) -> dict[int, SubmissionRevision]:
    """Return by roster row the revision that stands for it: the accepted one, else the last."""
    statement = (
        select(Submission.roster_row_id, SubmissionRevision)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(RosterRow.cycle_id == cycle_id)
        .order_by(col(SubmissionRevision.number))
    )
    standing: dict[int, SubmissionRevision] = {}
    for row_id, revision in session.exec(statement):
        before = standing.get(row_id)
        if before is None or before.state != "accepted" or revision.state == "accepted":
            standing[row_id] = revision
    return standing


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


def frozen_count(session: Session, *, revision_id: UUID) -> int:
    """Return how many activity reports a submitted revision holds."""
    counted = select(func.count()).where(col(FrozenActivity.submission_revision_id) == revision_id)
    return session.exec(counted).one()


def _current() -> Select[Submission, SubmissionRevision, RosterRow]:
    """Return the select of all submissions, each with its current revision and its roster row."""
    return (
        select(Submission, SubmissionRevision, RosterRow)
        .join(
            SubmissionRevision,
            (col(SubmissionRevision.submission_id) == Submission.id)
            & (col(SubmissionRevision.number) == Submission.number),
        )
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
    )


def _stored(
    session: Session, submission: Submission, revision: SubmissionRevision, row: RosterRow
) -> StoredSubmission:
    return StoredSubmission(
        submission=submission,
        revision=revision,
        cycle=cycle_by_id(session, row.cycle_id),
        row=duty(session, row_id=submission.roster_row_id),
    )
