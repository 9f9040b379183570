"""Submitting a draft: what it covers is frozen, and the receipt says when it came."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app import jobs
from app.domain.errors import Fault, Invalid
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.checks import (
    DATA_GOES_BACK,
    DAYS_LOST,
    check_answers,
    check_document,
    check_nil,
)
from app.domain.submissions.contents import SubmissionDocument
from app.domain.submissions.drafting import NotOnRoster
from app.domain.submissions.filing import own, record_action
from app.domain.submissions.freeze import content_hash, covered_activity, freeze
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.queries import (
    StoredSubmission,
    get_submission,
    revisions,
    to_be_answered,
)
from app.domain.submissions.rights import filing_as


def submit(
    session: Session,
    reference: Reference,
    *,
    submission_id: UUID,
    document: SubmissionDocument,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Submit a draft: freeze the exact activity revisions it covers, and give it its hash.

    `at` is the server's receipt, by which timeliness is decided. In the same transaction the
    rollup is asked for. Raises NotFound, SubmissionNotYours, StewardFiles, ActionNotAllowed,
    NotOnRoster, Invalid.
    """
    found = own(session, reference, submission_id=submission_id, action="submit", by=by, at=at)
    if found.row.basis == "not_required":  # it was exempted after it began its draft
        raise NotOnRoster(cycle=found.cycle.key, unit=found.row.unit.unit_key)
    check_document(found.row, document, at=at)
    _check_days_reported(session, found, document)
    revision = found.revision
    answered = [row["comment"] for row in revision.answers or ()]
    check_answers(to_be_answered(session, found), answered)
    activity = covered_activity(session, cycle=found.cycle, row=found.row, data_to=document.data_to)
    nil_items = [row["plan_item"] for row in revision.nil_items or ()]
    check_nil(document, nil_items=nil_items, activity=activity)
    _take(found, document, by=by, at=at)
    revision.filed_as = filing_as(
        reference,
        found.row,
        by=by,
        at=at,
        plan=found.cycle.plan,
        on_behalf=revision.incoming_on is not None,
    )
    revision.sha256 = content_hash(
        cycle=found.cycle,
        unit=found.row.unit.unit_key,
        revision=revision,
        activity=[sha256 for _, _, sha256, _ in activity],
    )
    found.submission.submitted_number = revision.number
    session.add_all((revision, found.submission))
    session.flush()
    freeze(session, revision_id=revision.id, activity=activity)
    jobs.enqueue_rollup(session, revision_id=revision.id)
    submitted = {
        "state": "submitted",
        "revision": revision.number,
        "content": revision.content,
        "sha256": revision.sha256,
        "activities": len(activity),
        "document_number": document.document_number,
        "document_on": str(document.document_on),
        "data_to": str(document.data_to),
        "filed_as": revision.filed_as,
    }
    record_action(session, found, "submitted", by, at, before={"state": "draft"}, after=submitted)
    return get_submission(session, by=by, submission_id=submission_id)


def _take(
    found: StoredSubmission, document: SubmissionDocument, *, by: Principal, at: datetime
) -> None:
    revision = found.revision
    revision.state = "submitted"
    revision.content = "nil" if document.nil else "report"
    revision.nil_reason = document.nil_reason
    for field in ("document_number", "document_on", "signer_title", "signed_file_sha256"):
        setattr(revision, field, getattr(document, field))
    revision.data_to = document.data_to
    revision.received_at = at
    revision.submitted_by = by.key_id
    revision.filed_by = by.unit


def _check_days_reported(
    session: Session, found: StoredSubmission, document: SubmissionDocument
) -> None:
    """Check that a supplement brings days behind those accepted, and that no day is lost.

    A correction to an earlier day would drop activity that counts, without a word. Raises Invalid.
    """
    counting = accepted_revision(session, found)
    reported = counting.data_to if counting is not None else None
    if reported is None:
        return
    if found.revision.kind == "supplement" and document.data_to <= reported:
        raise Invalid(Fault("/data_to", DATA_GOES_BACK, {"day": str(reported)}))
    if document.data_to < reported:
        raise Invalid(Fault("/data_to", DAYS_LOST, {"day": str(reported)}))


def accepted_revision(session: Session, found: StoredSubmission) -> SubmissionRevision | None:
    """Return the revision of a submission that counts, or None."""
    for revision in revisions(session, submission_id=found.submission.id):
        if revision.state == "accepted":
            return revision
    return None
