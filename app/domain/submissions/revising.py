"""Further revisions of a report: after a return, as a correction, as the year-end supplement."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.domain.activities.body import OnBehalf
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.drafting import begin_revision, own
from app.domain.submissions.queries import StoredSubmission


def revise(
    session: Session,
    reference: Reference,
    *,
    submission_id: UUID,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Begin the revision that answers a return; it is of the kind of the returned one.

    Raises NotFound, SubmissionNotYours, StewardFiles, ActionNotAllowed, Invalid.
    """
    found = own(session, reference, submission_id=submission_id, action="revise", by=by, at=at)
    returned = found.revision
    return begin_revision(
        session,
        reference,
        found,
        kind=returned.kind,
        reason=returned.reason,
        on_behalf=on_behalf,
        by=by,
        at=at,
    )


def correct(
    session: Session,
    reference: Reference,
    *,
    submission_id: UUID,
    reason: str,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Begin a correction of what was accepted, which goes on counting meanwhile.

    Raises what `revise` raises.
    """
    found = own(session, reference, submission_id=submission_id, action="correct", by=by, at=at)
    return begin_revision(
        session,
        reference,
        found,
        kind="correction",
        reason=reason,
        on_behalf=on_behalf,
        by=by,
        at=at,
    )


def supplement(
    session: Session,
    reference: Reference,
    *,
    submission_id: UUID,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Begin the year-end supplement: a further revision with its own due instant.

    Raises what `revise` raises.
    """
    found = own(session, reference, submission_id=submission_id, action="supplement", by=by, at=at)
    return begin_revision(
        session, reference, found, kind="supplement", reason=None, on_behalf=on_behalf, by=by, at=at
    )
