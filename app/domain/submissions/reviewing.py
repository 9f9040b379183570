"""Reviewing what was submitted: accepting it, one or many at a time, or returning it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityRevision
from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.contents import CommentIn, ReturnIn
from app.domain.submissions.filing import record_action
from app.domain.submissions.freeze import said_by
from app.domain.submissions.models import FrozenActivity, SubmissionComment, SubmissionRevision
from app.domain.submissions.queries import StoredSubmission, get_submission, revisions
from app.domain.submissions.rights import Action, NotReviewer, check_action, reviewers
from app.domain.webhooks.events import Event
from app.domain.webhooks.telling import tell_reviewed

COMMENT_TARGET = Text(
    "comment_target_twice",
    "Một ý kiến chỉ nói về một hoạt động hoặc một trường.",
    "A comment is about one record or one field, not both.",
)
COMMENT_RECORD = Text(
    "comment_record_not_held",
    "Báo cáo này không gồm hoạt động có mã đó.",
    "The revision holds no activity report with this id.",
)
COMMENT_FIELD = Text(
    "comment_field_unknown",
    "Báo cáo không có trường này.",
    "The submission has no such field.",
)


@dataclass(frozen=True)
class ToAccept:
    """A revision of a submission that is to be accepted."""

    submission_id: UUID
    revision: int


@dataclass(frozen=True)
class Acceptance:
    """What became of one of many: accepted, unchanged (it was before), or why not."""

    asked: ToAccept
    outcome: str
    refusal: DomainError | None = None


class AnotherRevision(DomainError):
    """Another revision than the one named is the last that was submitted."""

    text = Text(
        "another_revision",
        "Bản đã gửi gần nhất là lần {current}, không phải lần {named}.",
        "The last submitted revision is {current}, not {named}.",
    )


def accept(
    session: Session, reference: Reference, *, submission_id: UUID, by: Principal, at: datetime
) -> StoredSubmission:
    """Accept a submitted revision, which never changes afterwards.

    What was accepted before is superseded by it. The focal unit accepts units' submissions, but
    not its own: the People's Committee's office does that. Raises NotFound, ActionNotAllowed,
    NotReviewer.
    """
    found = _to_review(session, reference, submission_id, "accept", by, at)
    _accept(session, found, by=by, at=at)
    accepted = {"state": "accepted", **_kept(found)}
    record_action(session, found, "accepted", by, at, before={"state": "submitted"}, after=accepted)
    return get_submission(session, by=by, submission_id=submission_id)


def accept_many(
    session: Session,
    reference: Reference,
    *,
    asked: Sequence[ToAccept],
    by: Principal,
    at: datetime,
) -> list[Acceptance]:
    """Accept what can be accepted of some revisions; each has its own outcome.

    All that are accepted are so in one transaction, with one entry in the audit. They are locked
    in the order of their ids, so that two who accept at once do not wait for each other.
    """
    in_order = sorted(enumerate(asked), key=lambda row: (row[1].submission_id, row[1].revision))
    done = {place: _accept_one(session, reference, one, by, at) for place, one in in_order}
    outcomes = [done[place] for place in range(len(asked))]  # who is named twice is so twice
    after: dict[str, Any] = {
        "accepted": [
            {"submission": str(one.asked.submission_id), "revision": one.asked.revision}
            for one in outcomes
            if one.outcome == "accepted"
        ],
        "refused": sum(1 for one in outcomes if one.refusal is not None),
    }
    target = ("submissions", str(len(outcomes)))
    audit(session, by=by, at=at, action="submission.accepted_in_bulk", target=target, after=after)
    return outcomes


def _accept_one(
    session: Session, reference: Reference, asked: ToAccept, by: Principal, at: datetime
) -> Acceptance:
    try:
        found = get_submission(session, by=by, submission_id=asked.submission_id, lock=True)
        _must_be_reviewer(reference, found, by, at)
        if found.revision.number != asked.revision:
            raise AnotherRevision(current=found.revision.number, named=asked.revision)
        if found.revision.state == "accepted":
            return Acceptance(asked, "unchanged")
        check_action(reference, found, "accept", by=by, at=at)
    except DomainError as refusal:
        return Acceptance(asked, "refused", refusal)
    _accept(session, found, by=by, at=at)
    return Acceptance(asked, "accepted")


def return_(
    session: Session,
    reference: Reference,
    *,
    submission_id: UUID,
    returned: ReturnIn,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Return a submitted revision with comments on records, fields, or the whole.

    What was accepted before goes on counting. Raises NotFound, ActionNotAllowed, NotReviewer,
    Invalid.
    """
    found = _to_review(session, reference, submission_id, "return", by, at)
    _check_comments(session, found, returned.comments)
    revision = found.revision
    revision.state = "returned"
    revision.returned_at = at
    session.add(revision)
    session.add_all(
        SubmissionComment(
            id=new_id(at),
            submission_revision_id=revision.id,
            ordinal=ordinal,
            activity_report_id=comment.activity_report,
            pointer=comment.field,
            text=comment.text,
            created_at=at,
            created_by=by.key_id,
            unit_key=by.unit,
        )
        for ordinal, comment in enumerate(returned.comments, 1)
    )
    session.flush()
    after = {"state": "returned", "comments": len(returned.comments), **_kept(found)}
    record_action(session, found, "returned", by, at, before={"state": "submitted"}, after=after)
    _tell(session, "submission.returned", found, at=at)
    return get_submission(session, by=by, submission_id=submission_id)


def _to_review(
    session: Session,
    reference: Reference,
    submission_id: UUID,
    action: Action,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    found = get_submission(session, by=by, submission_id=submission_id, lock=True)
    _review(reference, found, action, by, at)
    return found


def _review(
    reference: Reference, found: StoredSubmission, action: Action, by: Principal, at: datetime
) -> None:
    _must_be_reviewer(reference, found, by, at)
    check_action(reference, found, action, by=by, at=at)


def _must_be_reviewer(
    reference: Reference, found: StoredSubmission, by: Principal, at: datetime
) -> None:
    allowed = reviewers(reference, found, on=local_day(at))
    if by.unit not in allowed:
        raise NotReviewer(reviewer=", ".join(sorted(allowed)) or "—")


def _accept(session: Session, found: StoredSubmission, *, by: Principal, at: datetime) -> None:
    for before in revisions(session, submission_id=found.submission.id):
        if before.state == "accepted":
            before.state = "superseded"
            session.add(before)
    session.flush()  # the index lets only one be accepted at a time
    revision = found.revision
    revision.state = "accepted"
    revision.accepted_at, revision.accepted_by = at, by.key_id
    session.add(revision)
    session.flush()
    _tell(session, "submission.accepted", found, at=at)


def _tell(session: Session, event: Event, found: StoredSubmission, *, at: datetime) -> None:
    unit, cycle = found.row.unit, found.cycle
    tell_reviewed(session, event, revision=found.revision, cycle=cycle, unit=unit, at=at)


def _kept(found: StoredSubmission) -> dict[str, Any]:
    return {"revision": found.revision.number, "sha256": found.revision.sha256}


def _check_comments(session: Session, found: StoredSubmission, rows: Sequence[CommentIn]) -> None:
    held = _records_held(session, found.revision, rows)
    fields = said_by(cycle=found.cycle, unit=found.row.unit.unit_key, revision=found.revision)
    faults = []
    for place, row in enumerate(rows):
        at = f"/comments/{place}"
        if row.activity_report is not None and row.field is not None:
            faults.append(Fault(at, COMMENT_TARGET))
        elif row.activity_report is not None and row.activity_report not in held:
            faults.append(Fault(f"{at}/activity_report", COMMENT_RECORD))
        elif row.field is not None and not _is_there(fields, row.field):
            permitted = sorted(f"/{name}" for name in fields)
            faults.append(Fault(f"{at}/field", COMMENT_FIELD, permitted=permitted))
    if faults:
        raise Invalid(*faults)


def _records_held(
    session: Session, revision: SubmissionRevision, rows: Sequence[CommentIn]
) -> set[UUID]:
    named = [row.activity_report for row in rows if row.activity_report is not None]
    if not named:
        return set()
    statement = (
        select(ActivityRevision.report_id)
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .where(FrozenActivity.submission_revision_id == revision.id)
        .where(col(ActivityRevision.report_id).in_(named))
    )
    return set(session.exec(statement))


def _is_there(said: Any, pointer: str) -> bool:
    """Tell whether a JSON Pointer names something in what a revision says; a null is there."""
    for part in pointer.removeprefix("/").split("/"):
        if isinstance(said, list) and part.isdecimal() and int(part) < len(said):
            said = said[int(part)]
        elif isinstance(said, dict) and part in said:
            said = said[part]
        else:
            return False
    return True
