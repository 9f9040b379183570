"""Whether activity is reported: held by a yearly report that was submitted."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision


def reported_revisions() -> SelectOfScalar[UUID]:
    """Return the select of the activity revisions that yearly reports hold, in hand or accepted.

    What was entered or corrected after a submission is not reported until a new revision of the
    submission takes it in. Extra cycles report nothing for the year.
    """
    return (
        select(FrozenActivity.activity_revision_id)
        .join(
            SubmissionRevision,
            col(SubmissionRevision.id) == FrozenActivity.submission_revision_id,
        )
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .join(ReportingCycle, col(ReportingCycle.id) == RosterRow.cycle_id)
        .where(
            ReportingCycle.kind == "yearly",
            col(SubmissionRevision.state).in_(("submitted", "accepted")),
        )
    )


def reported_among(session: Session, revisions: Collection[UUID]) -> set[UUID]:
    """Return those of some activity revisions that are reported."""
    held = col(FrozenActivity.activity_revision_id)
    return set(session.exec(reported_revisions().where(held.in_(revisions))))


def is_reported(revision_id: Any) -> Any:
    """Return the condition that a revision, given by a column, is reported."""
    return reported_revisions().where(FrozenActivity.activity_revision_id == revision_id).exists()
