"""Further revisions of a report: after a return, as a correction, as the year-end supplement."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.domain.activities.body import OnBehalf
from app.domain.base import new_id
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.filing import (
    check_incoming,
    drafted,
    may_file,
    own,
    record_action,
)
from app.domain.submissions.models import SubmissionRevision
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
    return _begin(
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
    return _begin(
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
    return _begin(
        session, reference, found, kind="supplement", reason=None, on_behalf=on_behalf, by=by, at=at
    )


def _begin(
    session: Session,
    reference: Reference,
    found: StoredSubmission,
    *,
    kind: str,
    reason: str | None,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Begin a further revision as a draft that says what the one before says.

    Raises SubmissionNotYours, StewardFiles, Invalid.
    """
    check_incoming(on_behalf, found.cycle, at)
    may_file(
        session, reference, found.row, plan=found.cycle.plan, on_behalf=on_behalf, by=by, at=at
    )
    before, submission = found.revision, found.submission
    revision = SubmissionRevision(
        id=new_id(at),
        submission_id=submission.id,
        number=submission.number + 1,
        state="draft",
        kind=kind,
        reason=reason,
        narrative=before.narrative,
        deliverables=before.deliverables,
        expectations=before.expectations,
        nil_items=before.nil_items,
        incoming_number=on_behalf.incoming_number if on_behalf else None,
        incoming_on=on_behalf.incoming_on if on_behalf else None,
        drafted_at=at,
        drafted_by=by.key_id,
    )
    submission.number = revision.number
    session.add_all((submission, revision))
    session.flush()
    begun = StoredSubmission(
        submission, revision, found.cycle, found.row, found.receipts, found.outages
    )
    verb = {"report": "revision_begun", "correction": "correction_begun"}
    record_action(
        session,
        begun,
        verb.get(kind, "supplement_begun"),
        by,
        at,
        before={"state": before.state, "revision": before.number},
        after=drafted(begun),
    )
    return begun
