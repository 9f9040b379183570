"""A unit's yearly report: drafted, submitted under a document number, accepted."""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import rfc8785
from pydantic import Field
from sqlmodel import Session

from app import jobs
from app.domain.assignments.models import FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE
from app.domain.assignments.queries import holders
from app.domain.audit.service import audit
from app.domain.base import insert_once, new_id
from app.domain.cycles.queries import Cycle, Duty, get_cycle, roster
from app.domain.errors import DAY_IN_FUTURE, DomainError, Fault, Invalid, Text
from app.domain.fields import Day, LongText, Sha256, ShortText, WireModel
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.submissions.freeze import content_hash, covered_activity
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.queries import StoredSubmission, get_submission, submission_of


class NotOnRoster(DomainError):
    """The cycle asks this unit for no report."""

    text = Text(
        "not_on_roster",
        "Kỳ báo cáo {year} không yêu cầu đơn vị {unit} báo cáo.",
        "The {year} cycle asks the unit {unit} for no report.",
    )


class SubmissionNotYours(DomainError):
    """Only the unit itself drafts and submits."""

    text = Text(
        "submission_not_yours",
        "Chỉ {unit} mới được soạn và gửi báo cáo này.",
        "Only {unit} may draft and submit this submission.",
    )


class SubmissionExists(DomainError):
    """The unit's submission for this cycle exists already."""

    text = Text(
        "submission_exists",
        "Báo cáo của đơn vị cho kỳ này đã có: {submission}.",
        "The unit's submission for this cycle exists already: {submission}.",
    )


class ActionNotAllowed(DomainError):
    """The submission's state does not allow the action."""

    text = Text(
        "action_not_allowed",
        "Báo cáo đang ở trạng thái «{state}», không thể {action}; có thể: {allowed}.",
        "The submission is `{state}`; `{action}` is not possible, but: {allowed}.",
    )


class NotReviewer(DomainError):
    """Units' submissions are accepted by the focal unit, its own by the committee's office."""

    text = Text(
        "not_reviewer",
        "Chỉ {reviewer} mới được duyệt báo cáo này.",
        "Only {reviewer} may review this submission.",
    )


DATA_TO_RANGE = Text(
    "data_to_out_of_range",
    "Số liệu phải tính đến một ngày từ {first} đến {last}.",
    "The data must run to a day from {first} to {last}.",
)
NIL_WITH_ACTIVITY = Text(
    "nil_with_activity",
    "Đã có {count} hoạt động trong kỳ nên không thể báo cáo «không phát sinh».",
    "There are {count} activity reports in the period, so the report cannot be nil.",
)
REASON_WITHOUT_NIL = Text(
    "reason_without_nil",
    "Chỉ báo cáo «không phát sinh» mới có lý do không phát sinh.",
    "Only a nil report has a reason for being nil.",
)
NIL_NEEDS_REASON = Text(
    "nil_needs_reason",
    "Báo cáo «không phát sinh» cần nêu lý do.",
    "A nil report needs its reason.",
)

ALLOWED: Final = {"draft": ("draft", "submit"), "submitted": ("accept",), "accepted": ()}


class SubmissionDocument(WireModel):
    """The document under which a unit submits (văn bản của đơn vị)."""

    document_number: ShortText = Field(description="Number and symbol (số, ký hiệu văn bản).")
    document_on: Day = Field(description="The document's day (ngày ban hành).")
    signer_title: ShortText = Field(
        description="The signer's title (chức danh người ký); a title, never a name."
    )
    signed_file_sha256: Sha256 | None = Field(
        default=None, description="SHA-256 of the signed file (tệp ký số)."
    )
    data_to: Day = Field(
        description="The last day the report covers, inclusive (số liệu tính đến ngày)."
    )
    nil: Annotated[bool, Field(description="No activity in the period (không phát sinh).")] = False
    nil_reason: LongText | None = Field(
        default=None, description="Why there was none; needed where `nil`."
    )


def draft(
    session: Session,
    *,
    plan: str,
    year: int,
    narrative: Narrative,
    by: Principal,
    at: datetime,
) -> tuple[StoredSubmission, bool]:
    """Begin the caller's unit's submission for a cycle; return it, and whether it is new.

    The same draft again changes nothing. Raises NotFound for a cycle that is not open,
    NotOnRoster, SubmissionExists.
    """
    cycle = get_cycle(session, plan=plan, code=str(year))
    row = _row_of(session, cycle, by.unit)
    said = narrative.model_dump(mode="json")
    existing = submission_of(session, row_id=row.row_id)
    if existing is None:
        submission = Submission(id=new_id(at), roster_row_id=row.row_id, number=1, created_at=at)
        revision = SubmissionRevision(
            id=new_id(at),
            submission_id=submission.id,
            number=1,
            state="draft",
            narrative=said,
            drafted_at=at,
            drafted_by=by.key_id,
        )
        if insert_once(session, submission):
            session.add(revision)
            session.flush()
            begun = StoredSubmission(submission, revision, cycle, row)
            _audit(session, begun, "drafted", by, at, after=_drafted(begun))
            return begun, True
        existing = submission_of(session, row_id=row.row_id)  # begun at the same time
    if existing is None:
        raise RuntimeError("a submission that is in the way cannot be read")
    if existing.revision.state == "draft" and existing.revision.narrative == said:
        return existing, False
    raise SubmissionExists(submission=str(existing.submission.id))


def rewrite_draft(
    session: Session, *, submission_id: UUID, narrative: Narrative, by: Principal, at: datetime
) -> StoredSubmission:
    """Replace a draft's narrative. Raises NotFound, ActionNotAllowed."""
    found = _own(session, submission_id, by, action="draft")
    before = _drafted(found)
    found.revision.narrative = narrative.model_dump(mode="json")
    found.revision.drafted_at = at
    found.revision.drafted_by = by.key_id
    session.add(found.revision)
    session.flush()
    _audit(session, found, "redrafted", by, at, before=before, after=_drafted(found))
    return found


def submit(
    session: Session,
    *,
    submission_id: UUID,
    document: SubmissionDocument,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Submit a draft: freeze the exact activity revisions it covers, and give it its hash.

    `at` is the server's receipt, by which timeliness is decided. In the same transaction the
    rollup is asked for. Raises NotFound, ActionNotAllowed, Invalid.
    """
    found = _own(session, submission_id, by, action="submit")
    _check_days(found, document, at)
    frozen = covered_activity(session, found, document.data_to)
    _check_nil(document, len(frozen))
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
    revision.sha256 = content_hash(found, [sha256 for _, sha256 in frozen])
    session.add(revision)
    session.add_all(
        FrozenActivity(submission_revision_id=revision.id, activity_revision_id=activity)
        for activity, _ in frozen
    )
    session.flush()
    jobs.enqueue_rollup(session, revision_id=revision.id)
    submitted = {
        "state": "submitted",
        "revision": revision.number,
        "content": revision.content,
        "sha256": revision.sha256,
        "activities": len(frozen),
        "document_number": document.document_number,
        "document_on": str(document.document_on),
        "data_to": str(document.data_to),
    }
    _audit(session, found, "submitted", by, at, before={"state": "draft"}, after=submitted)
    return found


def accept(
    session: Session, *, submission_id: UUID, by: Principal, at: datetime
) -> StoredSubmission:
    """Accept a submitted revision, which never changes afterwards.

    The focal unit accepts units' submissions, but not its own: the People's Committee's office
    does that. Raises NotFound, ActionNotAllowed, NotReviewer.
    """
    found = get_submission(session, by=by, submission_id=submission_id)
    _check_reviewer(session, found, by, at)
    _check_action(session, found, "accept")
    found.revision.state = "accepted"
    found.revision.accepted_at = at
    found.revision.accepted_by = by.key_id
    session.add(found.revision)
    session.flush()
    accepted = {"state": "accepted", "revision": found.revision.number}
    accepted["sha256"] = found.revision.sha256
    _audit(session, found, "accepted", by, at, before={"state": "submitted"}, after=accepted)
    return found


def _audit(
    session: Session,
    found: StoredSubmission,
    verb: str,
    by: Principal,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any],
) -> None:
    target = ("submission", str(found.submission.id))
    action = f"submission.{verb}"
    audit(session, by=by, at=at, action=action, target=target, before=before, after=after)


def _drafted(found: StoredSubmission) -> dict[str, Any]:
    """Return what the audit keeps of a draft."""
    narrative = hashlib.sha256(rfc8785.dumps(found.revision.narrative)).hexdigest()
    number = found.revision.number
    return {"state": "draft", "revision": number, "narrative_sha256": narrative}


def _row_of(session: Session, cycle: Cycle, unit: str) -> Duty:
    for row in roster(session, cycle_id=cycle.id):
        if row.unit.unit_key == unit:
            return row
    raise NotOnRoster(year=cycle.year, unit=unit)


def _own(session: Session, submission_id: UUID, by: Principal, *, action: str) -> StoredSubmission:
    """Return the caller's own submission where its state allows the action."""
    found = get_submission(session, by=by, submission_id=submission_id)
    if found.row.unit.unit_key != by.unit:
        raise SubmissionNotYours(unit=found.row.unit.unit_key)
    _check_action(session, found, action)
    return found


def _check_action(session: Session, found: StoredSubmission, action: str) -> None:
    # The row's lock: of two that act at the same time the second sees what the first did.
    session.refresh(found.revision, with_for_update=True)
    state = found.revision.state
    allowed = ALLOWED.get(state, ())
    if action not in allowed:
        raise ActionNotAllowed(state=state, action=action, allowed=", ".join(allowed) or "—")


def _check_reviewer(session: Session, found: StoredSubmission, by: Principal, at: datetime) -> None:
    on = local_day(at)
    focal = holders(session, role=FOCAL_UNIT, on=on, plan=found.cycle.plan)
    reviewers = focal
    if found.row.unit.unit_key in focal:
        reviewers = holders(session, role=PEOPLES_COMMITTEE_OFFICE, on=on, plan=found.cycle.plan)
    if by.unit not in reviewers:
        raise NotReviewer(reviewer=", ".join(sorted(reviewers)) or "—")


def _check_days(found: StoredSubmission, document: SubmissionDocument, at: datetime) -> None:
    first, end = found.row.covers.bounds
    today = local_day(at)
    last = min(end - timedelta(days=1), today)
    faults = []
    if not first <= document.data_to <= last:
        params = {"first": str(first), "last": str(last)}
        faults.append(Fault("/data_to", DATA_TO_RANGE, params))
    if document.document_on > today:
        faults.append(Fault("/document_on", DAY_IN_FUTURE, {"today": str(today)}))
    if faults:
        raise Invalid(*faults)


def _check_nil(document: SubmissionDocument, count: int) -> None:
    if document.nil and count:
        raise Invalid(Fault("/nil", NIL_WITH_ACTIVITY, {"count": count}))
    if document.nil and document.nil_reason is None:
        raise Invalid(Fault("/nil_reason", NIL_NEEDS_REASON))
    if document.nil_reason is not None and not document.nil:
        raise Invalid(Fault("/nil_reason", REASON_WITHOUT_NIL))
