"""One submission as it is answered, with all that an officer looks for."""

from app.api.deps import Caller
from app.api.submissions.schemas import CommentOut, SubmissionOut, submission_fields
from app.domain.submissions.queries import (
    StoredSubmission,
    comments,
    frozen_counts,
    revisions,
)
from app.domain.submissions.rights import actions
from app.domain.submissions.standing import affected_reports, not_yet_reported


def one(caller: Caller, stored: StoredSubmission) -> SubmissionOut:
    """Return a submission, with the comments of its last return and what is not yet in it."""
    held = frozen_counts(caller.session, revision_ids=[stored.revision.id])
    return submission_fields(
        stored,
        at=caller.at,
        activities=held.get(stored.revision.id, 0),
        actions=[*actions(caller.reference, stored, by=caller.by, at=caller.at)],
        comments=_comments(caller, stored),
        pending=not_yet_reported(caller.session, stored, at=caller.at),
        affected=affected_reports(caller.session, stored),
    )


def many(caller: Caller, rows: list[StoredSubmission]) -> list[SubmissionOut]:
    """Return submissions as a list shows them."""
    held = frozen_counts(caller.session, revision_ids=[row.revision.id for row in rows])
    return [
        submission_fields(
            row,
            at=caller.at,
            activities=held.get(row.revision.id, 0),
            actions=[*actions(caller.reference, row, by=caller.by, at=caller.at)],
        )
        for row in rows
    ]


def _comments(caller: Caller, stored: StoredSubmission) -> list[CommentOut]:
    for revision in reversed(revisions(caller.session, submission_id=stored.submission.id)):
        if revision.number <= stored.revision.number and revision.returned_at is not None:
            return [
                CommentOut.of(row, revision=revision.number)
                for row in comments(caller.session, revision_id=revision.id)
            ]
    return []
